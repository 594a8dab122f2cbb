/// Two sets of results: identical, better, worse, or not to be told; and the files they are read from.

#include "results/comparison/compare.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <sstream>

#include "core/compute/rng.hpp"
#include "core/io/csv.hpp"
#include "results/record/run_summary.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(compare_test)

namespace {

/// A run that ends with `accuracy`.
RunRecord run(const std::string& label, std::int64_t seed, double accuracy,
              RunStatus status = RunStatus::completed) {
  RunRecord result;
  result.path = label + "-" + std::to_string(seed);
  result.attributes.experiment = "demo";
  result.attributes.dataset = "blobs";
  result.attributes.label = label;
  result.attributes.seed = seed;
  result.attributes.status = status;
  result.attributes.config_sha256 = "config";
  result.end = {10, {{"test_accuracy", accuracy}}, csv_number(accuracy)};
  return result;
}

/// Runs of "m" with seeds from `first` on.
ResultSet set_of(const std::vector<double>& accuracies, std::int64_t first = 0) {
  ResultSet set;
  for (std::size_t i = 0; i < accuracies.size(); ++i)
    set.runs.push_back(run("m", first + static_cast<std::int64_t>(i), accuracies[i]));
  return set;
}

Comparison only(const ResultSet& a, const ResultSet& b,
                const CompareOptions& options = {{"test_accuracy"}, 0.05, 1e-6}) {
  const CompareResult result = compare(a, b, options);
  BOOST_REQUIRE(result.comparisons.size() == 1);
  return result.comparisons.front();
}

std::vector<double> normal(std::uint64_t seed, std::size_t count, double mean) {
  Rng rng(seed);
  std::vector<double> values(count);
  for (double& value : values) value = mean + 0.01 * rng.normal();
  return values;
}

std::vector<double> shifted(std::vector<double> values, double by) {
  for (double& value : values) value += by;
  return values;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_same_bits_are_identical) {
  const ResultSet a = set_of(normal(1, 8, 0.8));
  ResultSet b = a;
  CompareResult result = compare(a, b);
  BOOST_REQUIRE(result.identical.size() == 1);
  BOOST_TEST(result.identical[0].runs == 8);
  BOOST_TEST(result.identical[0].same_config);
  BOOST_TEST(result.comparisons.empty());
  BOOST_TEST(!result.worse());
  b.runs[3].attributes.config_sha256 = "renamed";
  result = compare(a, b);
  BOOST_TEST(!result.identical.at(0).same_config);
  // Negative control: one bit of one run.
  b.runs[3].end.trajectory_sha256 = "other";
  BOOST_TEST(compare(a, b).identical.empty());
}

BOOST_AUTO_TEST_CASE(paired_differences_show_what_means_hide) {
  // The seeds differ far more than the methods: only pairs tell.
  std::vector<double> a;
  for (int i = 0; i < 10; ++i) a.push_back(0.5 + 0.04 * i);
  const Comparison worse = only(set_of(a), set_of(shifted(a, -0.001)));
  BOOST_TEST((worse.verdict == Verdict::worse));
  BOOST_TEST(worse.test == "Wilcoxon");
  BOOST_TEST(worse.count == 10);
  BOOST_TEST(*worse.p_value == std::pow(2.0, -9));
  BOOST_TEST(*worse.effect == -1);
  BOOST_TEST(std::abs(*worse.difference + 0.001) < 1e-12);
  BOOST_TEST((only(set_of(a), set_of(shifted(a, 0.001))).verdict == Verdict::better));
  // The same values under other seeds are not pairs, and the difference drowns.
  const Comparison unpaired = only(set_of(a), set_of(shifted(a, -0.001), 100));
  BOOST_TEST(unpaired.test == "Mann-Whitney");
  BOOST_TEST((unpaired.verdict == Verdict::undecided));
  // What so few could have shown: by pairs next to nothing is enough, unpaired it takes more than the spread.
  BOOST_TEST(*worse.could_show < 1e-12);
  BOOST_TEST(*unpaired.could_show > 0.1);
}

BOOST_AUTO_TEST_CASE(losses_are_better_when_lower) {
  ResultSet a = set_of(normal(1, 8, 0.8));
  ResultSet b = set_of(shifted(normal(1, 8, 0.8), 0.1));
  for (ResultSet* side : {&a, &b}) {
    for (RunRecord& one : side->runs) one.end.last.front().first = "train_loss";
  }
  BOOST_TEST((only(a, b, {{"train_loss"}, 0.05, 1e-6}).verdict == Verdict::worse));
}

/// Five pairs cannot give a p-value below 1/16, however clear they are.
BOOST_AUTO_TEST_CASE(few_seeds_are_said_to_be_few) {
  const std::vector<double> a = normal(3, 5, 0.8);
  const Comparison five = only(set_of(a), set_of(shifted(a, -0.5)));
  BOOST_TEST((five.verdict == Verdict::too_few));
  BOOST_TEST(five.least_p == 1.0 / 16);
  BOOST_TEST(!compare(set_of(a), set_of(shifted(a, -0.5))).worse());
  const std::vector<double> six = normal(3, 6, 0.8);
  BOOST_TEST((only(set_of(six), set_of(shifted(six, -0.5))).verdict == Verdict::worse));
  BOOST_TEST((only(set_of({0.8}), set_of({0.2})).verdict == Verdict::too_few));
  // Unpaired, 5 and 5 are enough: 2 / binomial(10, 5).
  const Comparison unpaired = only(set_of(a), set_of(shifted(a, -0.5), 100));
  BOOST_TEST(std::abs(*unpaired.p_value - 2.0 / 252) < 1e-12);
  BOOST_TEST((unpaired.verdict == Verdict::worse));
}

BOOST_AUTO_TEST_CASE(rounding_is_no_difference) {
  const std::vector<double> a = normal(1, 10, 0.8);
  BOOST_TEST((only(set_of(a), set_of(shifted(a, -1e-9))).verdict == Verdict::unchanged));
  BOOST_TEST(
      (only(set_of(a), set_of(shifted(a, -1e-9)), {{"test_accuracy"}, 0.05, 0}).verdict == Verdict::worse));
}

BOOST_AUTO_TEST_CASE(a_run_that_no_longer_finishes_is_worse) {
  const ResultSet a = set_of(normal(1, 8, 0.8));
  ResultSet b = a;
  for (RunRecord& one : b.runs) one.attributes.status = RunStatus::diverged;
  const Comparison worse = only(a, b);
  BOOST_TEST((worse.verdict == Verdict::worse));
  BOOST_TEST(worse.without_b == 8);
  BOOST_TEST(!worse.difference.has_value());
  BOOST_TEST((only(b, a).verdict == Verdict::better));
  // A single one of them may be chance.
  b = a;
  b.runs[0].attributes.status = RunStatus::failed;
  BOOST_TEST((only(a, b).verdict == Verdict::too_few));
}

/// Twenty methods, none of which changed: of unadjusted tests at 0.05 some are "worse"; adjusted, none here.
BOOST_AUTO_TEST_CASE(many_comparisons_are_adjusted) {
  ResultSet a;
  ResultSet b;
  for (std::uint64_t m = 0; m < 40; ++m) {
    const auto x = normal(100 + m, 10, 0.8);
    const auto y = normal(900 + m, 10, 0.8);
    for (std::size_t s = 0; s < 10; ++s) {
      a.runs.push_back(run("m" + std::to_string(m), static_cast<std::int64_t>(s), x[s]));
      b.runs.push_back(run("m" + std::to_string(m), static_cast<std::int64_t>(s), y[s]));
    }
  }
  const CompareResult result = compare(a, b, {{"test_accuracy"}, 0.05, 1e-6});
  BOOST_TEST(result.comparisons.size() == 40);
  BOOST_TEST(!result.worse());
  double smallest = 1;
  for (const Comparison& one : result.comparisons) {
    smallest = std::min(smallest, *one.p_value);
    BOOST_TEST(*one.adjusted >= *one.p_value);
  }
  BOOST_TEST(smallest < 0.05);  // without the adjustment there would be one
}

BOOST_AUTO_TEST_CASE(new_and_missing_cells) {
  ResultSet a = set_of({0.1, 0.2});
  ResultSet b = a;
  a.runs.push_back(run("old", 0, 0.5));
  b.runs.push_back(run("young", 0, 0.5));
  const CompareResult result = compare(a, b);
  BOOST_TEST(result.only_a.at(0).label == "old");
  BOOST_TEST(result.only_b.at(0).label == "young");
  BOOST_TEST(!result.worse());
}

/// A side that lost seeds is not equal, though all that is left is; and it says which.
BOOST_AUTO_TEST_CASE(missing_seeds_are_listed_and_are_no_equality) {
  const ResultSet a = set_of(normal(1, 8, 0.8));
  ResultSet b = a;
  BOOST_TEST(compare(a, b).incomplete.empty());  // control
  std::erase_if(b.runs, [](const RunRecord& one) { return one.attributes.seed > 4; });
  for (const bool swapped : {false, true}) {
    const CompareResult result = swapped ? compare(b, a) : compare(a, b);
    BOOST_TEST(result.identical.empty());
    BOOST_REQUIRE(result.incomplete.size() == 1);
    const IncompleteCell& one = result.incomplete.front();
    BOOST_TEST(one.shared == 5U);
    BOOST_TEST(one.identical);
    BOOST_TEST((swapped ? one.only_b : one.only_a) == (std::vector<std::int64_t>{5, 6, 7}),
               boost::test_tools::per_element());
    BOOST_TEST((swapped ? one.only_a : one.only_b).empty());
    BOOST_TEST(result.comparisons.empty());
  }
  // What differs is compared, and the missing seeds are said all the same.
  b.runs[0].end.trajectory_sha256 = "other";
  const CompareResult differs = compare(a, b);
  BOOST_TEST(!differs.incomplete.at(0).identical);
  BOOST_TEST(!differs.comparisons.empty());
}

BOOST_AUTO_TEST_CASE(other_data_are_said) {
  ResultSet a = set_of(normal(1, 8, 0.8));
  ResultSet b = a;
  for (RunRecord& one : a.runs) one.attributes.data_sha256 = "old";
  for (RunRecord& one : b.runs) one.attributes.data_sha256 = "old";
  BOOST_TEST(compare(a, b).other.empty());
  for (RunRecord& one : b.runs) one.attributes.data_sha256 = "new";
  const CompareResult result = compare(a, b);  // also where the trajectories are the same
  BOOST_REQUIRE(result.other.size() == 1);
  BOOST_TEST(result.other[0].differing.at(0) == "data_sha256: old and new");
}

/// One of a side's seeds was run with another setting: neither side's mean is one.
BOOST_AUTO_TEST_CASE(a_mixed_side_is_refused) {
  const ResultSet a = set_of(normal(1, 8, 0.8));
  ResultSet b = a;
  for (RunRecord& one : b.runs) one.attributes.precision = one.attributes.seed == 2 ? "float32" : "float64";
  BOOST_CHECK_THROW(compare(a, b), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(objectives_of_other_configurations_are_not_compared) {
  ResultSet a = set_of(normal(1, 8, 0.8));
  ResultSet b = set_of(normal(2, 8, 0.8));
  const auto has_objective = [&] {
    const CompareResult result = compare(a, b);
    return std::any_of(result.comparisons.begin(), result.comparisons.end(),
                       [](const Comparison& one) { return one.metric == "objective"; });
  };
  for (ResultSet* side : {&a, &b}) {
    for (RunRecord& one : side->runs) one.end.last.emplace_back("objective", one.end.last.front().second);
  }
  BOOST_TEST(has_objective());
  for (RunRecord& one : b.runs) one.attributes.config_sha256 = "another penalty";
  BOOST_TEST(!has_objective());
  BOOST_TEST(compare(a, b).other.size() == 1);
}

BOOST_AUTO_TEST_CASE(times_have_no_say_unless_asked_for) {
  ResultSet a = set_of(normal(1, 8, 0.8));
  ResultSet b = set_of(normal(1, 8, 0.8));
  for (std::size_t i = 0; i < 8; ++i) {
    a.runs[i].end.last.emplace_back("seconds_to_target", 1 + 0.01 * static_cast<double>(i));
    b.runs[i].end.last.emplace_back("seconds_to_target", 3 + 0.01 * static_cast<double>(i));
    b.runs[i].end.trajectory_sha256 += "other";
  }
  BOOST_TEST(!compare(a, b).worse());
  BOOST_TEST(compare(a, b, {{"seconds_to_target"}, 0.05, 1e-6}).worse());
}

BOOST_AUTO_TEST_CASE(tables_are_compared_by_their_means) {
  const std::string header =
      "experiment,profile,dataset,label,solver,metric,n,mean,sd,best,not_finished,not_finite,published,"
      "difference,"
      "published_key,provenance,citation,source\n";
  const auto table = [&](const std::string& mean) {
    ResultSet set;
    set.figures = read_table_figures(
        header + "demo,,blobs,\"a, b\",sgd,test_accuracy,8," + mean + ",0.01,1,0,0,,,,,,\n", "t.csv");
    return set;
  };
  const Comparison one = only(table("0.8"), table("0.7"));
  BOOST_TEST((one.verdict == Verdict::worse));
  BOOST_TEST(one.test == "Welch");
  BOOST_TEST(one.cell.label == "a, b");
  // Equal deviations and counts: t = -0.1 / sqrt(2 * 0.0001 / 8) = -20 with 14 degrees of freedom.
  BOOST_TEST(*one.p_value < 1e-10);
  BOOST_TEST((only(table("0.8"), table("0.8")).verdict == Verdict::unchanged));
  BOOST_TEST((only(table("0.8"), table("0.799")).verdict == Verdict::undecided));
  // No run with a value on either side: no difference; on one side: not to be told.
  const auto empty = [&](const std::string& unfinished) {
    ResultSet set;
    set.figures = read_table_figures(
        header + "demo,,blobs,\"a, b\",sgd,test_accuracy,0,,,0," + unfinished + ",0,,,,,,\n", "t.csv");
    return set;
  };
  BOOST_TEST((only(empty("1"), empty("1")).verdict == Verdict::unchanged));
  BOOST_TEST((only(empty("1"), empty("2")).verdict == Verdict::too_few));
  BOOST_TEST((only(table("0.8"), empty("8")).verdict == Verdict::too_few));
  BOOST_CHECK_THROW(read_table_figures("a,b\n1,2\n", "x.csv"), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(csv_is_read_as_it_was_written) {
  RunRecord one = run("m, \"quoted\"", 3, 1.0 / 3);
  one.attributes.message = "two\nlines";
  one.config.grid = {{"rho", "1e-3"}};
  one.end.last.emplace_back("residual", std::nan(""));
  one.end.last.emplace_back("objective", -std::numeric_limits<double>::infinity());
  std::ostringstream out;
  write_summaries(out, {one, run("n", 0, 0.5)});
  const std::vector<RunRecord> back = read_summaries(out.str(), "x.csv");
  BOOST_REQUIRE(back.size() == 2);
  BOOST_TEST(back[0].attributes.label == one.attributes.label);
  BOOST_TEST(back[0].attributes.message == one.attributes.message);
  BOOST_TEST(back[0].attributes.seed == 3);
  BOOST_TEST(*back[0].last("test_accuracy") == 1.0 / 3);
  BOOST_TEST(std::isnan(*back[0].last("residual")));
  BOOST_TEST(*back[0].last("objective") == -std::numeric_limits<double>::infinity());
  BOOST_TEST(back[0].config.grid.at(0).second == "1e-3");
  BOOST_TEST(back[1].config.grid.empty());
  BOOST_TEST(!back[1].last("residual").has_value());
  BOOST_CHECK_THROW(parse_csv("a,b\n1\n", "x.csv"), std::runtime_error);
  BOOST_CHECK_THROW(parse_csv("a,\"b\n1,2\n", "x.csv"), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(runs_are_compared_as_runs_and_the_rest_by_tables) {
  ResultSet a = set_of(normal(1, 8, 0.8)), b = set_of(normal(2, 8, 0.7));
  a.runs.push_back(run("only-runs", 0, 0.8));
  const auto figure = [](const std::string& label, double mean) {
    return TableFigure{"demo", "", "blobs", label, "test_accuracy", Summary{8, mean, 0.01}, 0};
  };
  a.figures = {figure("m", 0.1), figure("t", 0.8)};
  b.figures = {figure("m", 0.9), figure("t", 0.9), figure("only-table", 0.5)};
  const CompareResult result = compare(a, b, {{"test_accuracy"}, 0.05, 1e-6});
  BOOST_REQUIRE(result.comparisons.size() == 2);
  BOOST_TEST(result.comparisons[0].cell.label == "m");
  BOOST_TEST(result.comparisons[0].test == "Wilcoxon");
  BOOST_TEST((result.comparisons[0].verdict == Verdict::worse));  // by its runs; its figures say the contrary
  BOOST_TEST(result.comparisons[1].cell.label == "t");
  BOOST_TEST((result.comparisons[1].verdict == Verdict::better));
  BOOST_REQUIRE(result.only_a.size() == 1);
  BOOST_TEST(result.only_a[0].label == "only-runs");
  BOOST_REQUIRE(result.only_b.size() == 1);
  BOOST_TEST(result.only_b[0].label == "only-table");
}

BOOST_AUTO_TEST_SUITE_END()
