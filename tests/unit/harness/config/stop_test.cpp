/// Stop rules, iteration by iteration.

#include <boost/test/unit_test.hpp>

#include "experiments/harness/config/stop_rules.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(stop_test)

namespace {

Progress evaluated(long iteration, double loss, std::optional<double> validation = {},
                   std::optional<double> test = {}) {
  Progress progress;
  progress.iteration = iteration;
  progress.evaluated = Progress::Evaluated{loss, 0.99, validation, test};
  return progress;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_stops_without_rules) {
  StopMonitor monitor(StopRules{});
  BOOST_TEST(!monitor.check({5, 1e9, 0.0, Progress::Evaluated{0, 1, 1, 1}}).has_value());
}

BOOST_AUTO_TEST_CASE(residual) {
  StopRules rules;
  rules.residual = 1e-9;
  StopMonitor monitor(rules);
  BOOST_TEST(!monitor.check({0, 0, 0.0, {}}).has_value());  // the initial point never stops a run
  BOOST_TEST(!monitor.check({1, 0, 1.1e-9, {}}).has_value());
  BOOST_TEST(!monitor.check({2, 0, {}, {}}).has_value());
  const auto reason = monitor.check({143, 0, 8.1e-10, {}});
  BOOST_REQUIRE(reason.has_value());
  BOOST_TEST(*reason == "residual 8.1e-10 <= 1e-9 after 143 iterations");
}

BOOST_AUTO_TEST_CASE(time_limit) {
  StopRules rules;
  rules.time_limit = 2.0;
  StopMonitor monitor(rules);
  BOOST_TEST(!monitor.check({1, 1.99, {}, {}}).has_value());
  BOOST_TEST(monitor.check({2, 2.0, {}, {}}).value().starts_with("time_limit"));
}

BOOST_AUTO_TEST_CASE(patience_by_validation_accuracy) {
  StopRules rules;
  rules.patience = 3;
  StopMonitor monitor(rules);
  BOOST_TEST(!monitor.check(evaluated(0, 9, 0.5)).has_value());
  BOOST_TEST(!monitor.check(evaluated(2, 1, 0.5)).has_value());
  BOOST_TEST(!monitor.check(evaluated(4, 0.1, 0.6)).has_value());  // new best
  BOOST_TEST(!monitor.check(evaluated(6, 0.01, 0.6)).has_value());
  BOOST_TEST(!monitor.check({7, 0, {}, {}}).has_value());  // not recorded, not looked at
  BOOST_TEST(monitor.check(evaluated(8, 0.001, 0.55))
                 .value()
                 .starts_with("patience: no better validation accuracy"));
}

BOOST_AUTO_TEST_CASE(patience_by_training_loss_without_validation) {
  StopRules rules;
  rules.patience = 2;
  StopMonitor monitor(rules);
  BOOST_TEST(!monitor.check(evaluated(0, 9)).has_value());
  BOOST_TEST(!monitor.check(evaluated(1, 8)).has_value());
  BOOST_TEST(!monitor.check(evaluated(2, 8.5)).has_value());
  BOOST_TEST(monitor.check(evaluated(3, 8)).value().find("training loss than 8 ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(target_accuracy_of_the_right_split) {
  StopRules rules;
  rules.target_accuracy = 0.8;
  StopMonitor monitor(rules);
  BOOST_TEST(!monitor.check(evaluated(1, 1, 0.7, 0.9)).has_value());  // validation decides
  BOOST_TEST(monitor.check(evaluated(2, 1, 0.8, 0.1)).value().find("validation") != std::string::npos);
  BOOST_TEST(monitor.check(evaluated(3, 1, {}, 0.9)).value().find("test") != std::string::npos);
  BOOST_TEST(!monitor.check(evaluated(4, 1, {}, 0.7)).has_value());
  BOOST_TEST(monitor.check(evaluated(5, 1)).value().find("training") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
