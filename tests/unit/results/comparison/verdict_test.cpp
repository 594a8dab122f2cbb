#include "results/comparison/verdict.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/report_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(verdict_test)

namespace {

/// A finished run whose only record has this value.
RunRecord run_with(const std::string& dataset, const std::string& label, std::int64_t seed, double value,
                   const std::string& column = "test_accuracy") {
  return testing::made_run(dataset, label, seed, {{column, [=](double) { return value; }}}, 0);
}

using Runs = std::vector<RunRecord>;

/// Five seeds around `mean`; those of methods of another `shape` differ by what varies.
Runs five(const std::string& dataset, const std::string& label, double mean, double shape = 1) {
  const std::vector<double> noise{0.001, -0.002, 0.0005, 0.0015, -0.001};
  Runs runs;
  for (std::int64_t seed = 0; seed < 5; ++seed)
    runs.push_back(run_with(dataset, label, seed, mean + shape * noise[static_cast<std::size_t>(seed)]));
  return runs;
}

Runs together(const std::vector<Runs>& parts) {
  Runs all;
  for (const Runs& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Table table_of(const Runs& runs, const std::string& metric = "test_accuracy") {
  std::vector<const RunRecord*> pointers;
  for (const RunRecord& run : runs) pointers.push_back(&run);
  return make_table(pointers, metric, {});
}

std::string sentence_of(const Runs& runs, const std::string& metric = "test_accuracy") {
  return verdict_sentence(table_of(runs, metric));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_clear_difference_is_said) {
  const Table table =
      table_of(together({five("a", "good", 0.9), five("a", "middling", 0.8, -1), five("a", "bad", 0.7, 2)}));
  BOOST_TEST(verdict_sentence(table) == "In test accuracy, good is best on a.");
  BOOST_TEST(verdict_basis(table).starts_with("Bold: the best mean"), verdict_basis(table));
  BOOST_TEST(verdict_basis(table).find("n = 5") != std::string::npos, verdict_basis(table));
  BOOST_TEST(verdict_basis(table).find("smallest difference") != std::string::npos, verdict_basis(table));
  BOOST_TEST(to_string(standings(table, 0)[0]) == "best");
  BOOST_TEST(to_string(standings(table, 0)[2]) == "worse");
}

/// The control: the same rule says of methods that differ by less than their noise that it does not know.
BOOST_AUTO_TEST_CASE(noise_is_undecided) {
  BOOST_TEST(sentence_of(together(
                 {five("a", "one", 0.8, 3), five("a", "other", 0.8001, -3), five("a", "bad", 0.5)})) ==
             "In test accuracy, other leads on a, undecided against one.");
  BOOST_TEST(sentence_of(together(
                 {five("a", "one", 0.8, 3), five("a", "two", 0.8001, -3), five("a", "three", 0.8, 2)})) ==
             "In test accuracy, two leads on a, undecided against all 2 others.");
}

BOOST_AUTO_TEST_CASE(one_seed_says_nothing) {
  const Runs runs{run_with("a", "good", 0, 0.9), run_with("a", "bad", 0, 0.1)};
  BOOST_TEST(
      sentence_of(runs) ==
      "With one seed nothing can be said about which method is better; highest test accuracy: good on a "
      "(0.9000).");
  BOOST_TEST(verdict_basis(table_of(runs)).empty());
}

BOOST_AUTO_TEST_CASE(seeds_that_are_not_the_same_say_nothing) {
  BOOST_TEST(sentence_of({run_with("a", "good", 0, 0.9), run_with("a", "good", 1, 0.91),
                          run_with("a", "bad", 2, 0.1), run_with("a", "bad", 3, 0.2)})
                 .starts_with("No two methods have two seeds in common"));
}

BOOST_AUTO_TEST_CASE(one_method_is_not_compared) {
  BOOST_TEST(sentence_of(five("a", "alone", 0.5, 0)) ==
             "One method alone, so nothing is compared; test accuracy: alone on a (0.5000).");
}

/// Whoever has a run that did not finish is better than nobody, and is not called worse by the others' mean alone.
BOOST_AUTO_TEST_CASE(a_missing_run_cannot_win) {
  Runs runs = together({five("a", "whole", 0.7), five("a", "broken", 0.9, -1)});
  runs.back().attributes.status = RunStatus::diverged;
  BOOST_TEST(sentence_of(runs) == "In test accuracy, broken leads on a, undecided against whole.");
  runs = together({five("a", "whole", 0.9), five("a", "broken", 0.7, -1)});
  runs.back().attributes.status = RunStatus::diverged;
  BOOST_TEST(sentence_of(runs) == "In test accuracy, whole leads on a, undecided against broken.");
}

BOOST_AUTO_TEST_CASE(equal_means_lead_together) {
  BOOST_TEST(
      sentence_of(together({five("a", "one", 0.8), five("a", "same", 0.8), five("a", "bad", 0.5, -1)})) ==
      "In test accuracy, one and same lead equally on a.");
}

BOOST_AUTO_TEST_CASE(many_data_sets_are_counted) {
  Runs runs;
  const auto add = [&](const Runs& more) { runs.insert(runs.end(), more.begin(), more.end()); };
  for (int d = 0; d < 6; ++d) {
    const std::string name = "set-" + std::to_string(d);
    add(together({five(name, d < 4 ? "one" : "two", 0.9, 1), five(name, d < 4 ? "two" : "one", 0.5, -1),
                  five(name, "three", d == 1 ? 0.8999 : 0.4, d == 1 ? -3 : 2)}));
  }
  BOOST_TEST(sentence_of(runs) ==
             "In test accuracy, one is best on set-0, set-2 and set-3; one leads on set-1, undecided against "
             "three; two "
             "is best on set-4 and set-5.");
  for (int d = 6; d < 9; ++d) {
    const std::string name = "set-" + std::to_string(d);
    add(together(
        {five(name, "one", 0.5001, 1), five(name, "two", 0.5, -1 - d), five(name, "three", 0.5, d)}));
  }
  BOOST_TEST(sentence_of(runs) ==
             "In test accuracy, best of 9 data sets: one on 3, two on 2; on the other 4 the leading method "
             "is undecided "
             "against one or more: one on 4.");
}

/// Losses: the lowest leads.
BOOST_AUTO_TEST_CASE(lower_is_better_for_losses) {
  Runs runs;
  for (std::int64_t seed = 0; seed < 5; ++seed) {
    const double noise = 0.001 * static_cast<double>(seed * seed);
    runs.push_back(run_with("a", "low", seed, 0.1 + noise, "train_loss"));
    runs.push_back(run_with("a", "high", seed, 0.9 - noise, "train_loss"));
  }
  BOOST_TEST(sentence_of(runs, "train_loss") == "In train loss, low is best on a.");
  BOOST_TEST(sentence_of(runs) == "No run came to an end with a value of test accuracy.");
}

BOOST_AUTO_TEST_SUITE_END()
