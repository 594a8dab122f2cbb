/// Measures of synthetic trajectories.

#include "results/claims/measures.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/unit/results/claims/claim_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(measures_test)

namespace {

RunRecord record(std::vector<std::pair<std::string, std::vector<double>>> columns) {
  RunRecord result;
  for (std::size_t i = 0; i < columns.front().second.size(); ++i) {
    result.trajectory.iteration.push_back(static_cast<std::int64_t>(10 * i));
  }
  result.trajectory.columns = std::move(columns);
  result.attributes.experiment = "e";
  return result;
}

double measured(const std::string& text, const RunRecord& run) {
  const auto value = evaluate(parse_measure(text), run);
  BOOST_REQUIRE(value);
  return *value;
}

}  // namespace

BOOST_AUTO_TEST_CASE(measures_of_a_trajectory) {
  const RunRecord run = record({{"objective", {4, 2, 3, 1, 1}},
                                {"test_accuracy", {0.1, 0.5, 0.8, 0.9, 0.7}},
                                {"seconds", {0, 1, 2, 3, 4}},
                                {"weight_change_1", {0, 0, 0, 0, 0.25}},
                                {"weight_change_2", {0, 0, 0, 0, 0.5}},
                                {"weight_change_3", {0, 0, 0, 0, 3}}});
  BOOST_TEST(measured("objective", run) == 1);
  BOOST_TEST(measured("best(test_accuracy)", run) == 0.9);
  BOOST_TEST(measured("best(objective)", run) == 1);
  BOOST_TEST(measured("rises(objective)", run) == 1);
  BOOST_TEST(measured("reach(test_accuracy, 0.8)", run) == 20);
  BOOST_TEST(measured("reach(objective, 2)", run) == 10);
  BOOST_TEST(std::isinf(measured("reach(test_accuracy, 0.95)", run)));
  BOOST_TEST(measured("at(test_accuracy, 15)", run) == 0.5);
  BOOST_TEST(measured("per_iteration(seconds)", run) == 0.1);
  BOOST_TEST(measured("weights(hidden)", run) == 0.5);
  BOOST_TEST(measured("weights(output)", run) == 3);
  BOOST_TEST(!evaluate(parse_measure("none"), run));
  BOOST_TEST(!evaluate(parse_measure("rises(none)"), run));
}

BOOST_AUTO_TEST_CASE(rounding_is_no_rise_and_nan_is_one) {
  BOOST_TEST(measured("rises(objective)", record({{"objective", {2, 1, 1 + 1e-9}}})) == 0);
  BOOST_TEST(measured("rises(objective)", record({{"objective", {2, 1, std::nan("")}}})) == 1);
}

BOOST_AUTO_TEST_CASE(k_times_tells_small_o_from_big) {
  const auto series = [](auto value) {
    std::vector<double> values{0};  // a feasible start
    for (int k = 1; k <= 200; ++k) values.push_back(value(static_cast<double>(k)));
    return record({{"residual", values}});
  };
  const auto of = [&](auto value) { return measured("k_times(residual)", series(value)); };
  const auto power = [&](double p) { return of([=](double k) { return std::pow(k, -p); }); };
  BOOST_TEST(power(2) == 0.5, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(power(1) == 1, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(power(0.5) > 1);
  // A sequence that has converged to rounding is not refuted by its standing still there.
  BOOST_TEST(of([](double k) { return std::max(std::pow(0.5, k), 1e-30); }) < 1e-3);
  BOOST_TEST(of([](double k) { return k < 3 ? 1 : 1e-30; }) == 0);  // at once
  // One that stands still above rounding is.
  BOOST_TEST(of([](double k) { return std::max(std::pow(0.5, k), 1e-6); }) == 2);
  // A last lucky step does not make it: the first half counts, too.
  BOOST_TEST(of([](double k) { return k > 190 ? 1e-3 / k : 1 / k; }) == 1,
             boost::test_tools::tolerance(1e-12));
  // The step to the initial point is none, and a record that ends in NaN is none.
  RunRecord steps = series([](double k) { return std::pow(k, -2); });
  steps.trajectory.columns[0].second[0] = std::nan("");
  BOOST_TEST(measured("k_times(residual)", steps) == 0.5, boost::test_tools::tolerance(1e-12));
  steps.trajectory.columns[0].second.back() = std::nan("");
  BOOST_TEST(!evaluate(parse_measure("k_times(residual)"), steps));
}

/// The rule with its margin: 1/k^2 and what converges linearly hold, 1/k is refuted, 1/(k log k), which is o(1/k) all the same, undecided.
BOOST_AUTO_TEST_CASE(small_o_holds_with_a_margin_and_is_refuted_without_one) {
  Check check = bound_check("k_times(residual)", {}, 0.8, Over::mean);
  check.refuted_above = 0.97;
  const auto outcome = [&](auto value) {
    std::vector<RunRecord> runs;
    for (int seed = 0; seed < 6; ++seed) {
      std::vector<double> values{0};
      for (int k = 1; k <= 400; ++k) values.push_back(value(static_cast<double>(k)) * (1 + 0.1 * seed));
      RunRecord one = record({{"residual", values}});
      one.attributes.dataset = "a";
      one.attributes.label = "mine";
      one.attributes.seed = seed;
      runs.push_back(summarize_run(one, {check.measure}));
    }
    return only(check, runs);
  };
  BOOST_TEST((outcome([](double k) { return 1 / (k * k); }) == Outcome::holds));
  BOOST_TEST((outcome([](double k) { return std::max(std::pow(0.5, k), 1e-30); }) == Outcome::holds));
  BOOST_TEST((outcome([](double k) { return 1 / k; }) == Outcome::fails));
  BOOST_TEST((outcome([](double k) { return 1 / std::sqrt(k); }) == Outcome::fails));
  BOOST_TEST((outcome([](double k) { return 1 / (k * std::log(k + 1)); }) == Outcome::undecided));
  // At the bound itself, without a margin, exactly 1/k does not hold either.
  check.at_most = 1;
  check.refuted_above.reset();
  BOOST_TEST((outcome([](double k) { return 1 / k; }) == Outcome::undecided));
}

BOOST_AUTO_TEST_CASE(the_model_of_a_tail) {
  const auto series = [](auto value) {
    std::vector<double> values;
    for (int k = 0; k < 200; ++k) values.push_back(value(k));
    return record({{"residual", values}});
  };
  const RunRecord linear = series([](int k) { return std::pow(0.9, k); });
  BOOST_TEST(measured("tail(residual)", linear) == 0);
  BOOST_TEST(measured("rate(residual)", linear) == std::pow(0.9, 0.1), boost::test_tools::tolerance(1e-6));
  const RunRecord sublinear = series([](int k) { return 1 / (1.0 + k); });
  BOOST_TEST(measured("tail(residual)", sublinear) == 1);
  const RunRecord flat = series([](int) { return 1.0; });
  BOOST_TEST(measured("tail(residual)", flat) == 3);
  BOOST_TEST(!evaluate(parse_measure("rate(residual)"), flat));
}

BOOST_AUTO_TEST_CASE(mistakes_in_measures_are_named) {
  for (const char* wrong : {"", "rises(objective", "grows(objective)", "reach(objective)",
                            "reach(objective, x)", "rises(objective, 3)", "weights(all)", "rises()"}) {
    BOOST_CHECK_THROW(parse_measure(wrong), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(a_summary_has_the_measures_that_are_asked_for) {
  const RunRecord run = record({{"objective", {4, 2, 3}}});
  const RunRecord summary =
      summarize_run(run, {parse_measure("rises(objective)"), parse_measure("objective")});
  BOOST_TEST(summary.last("rises(objective)").value() == 1);
  BOOST_TEST(summary.end.last.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
