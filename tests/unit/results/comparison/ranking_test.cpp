/// Methods against each other over data sets.

#include "results/comparison/ranking.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/compute/rng.hpp"
#include "results/record/run_summary.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/rising_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(ranking_test)
using admmbench::testing::contains;
using admmbench::testing::ranked_sets;
using admmbench::testing::rising_run;

namespace {

/// Six seeds of each (label, accuracy) on every data set, with a little noise.
std::vector<RunRecord> runs_of(const std::vector<std::pair<std::string, double>>& methods) {
  std::vector<RunRecord> runs;
  Rng rng(1);
  for (const std::string& dataset : ranked_sets) {
    for (const auto& [label, accuracy] : methods) {
      for (std::int64_t seed = 0; seed < 6; ++seed)
        runs.push_back(rising_run(dataset, label, seed, accuracy + 0.01 * rng.normal()));
    }
  }
  return runs;
}

}  // namespace

/// Negative control: two methods of the same accuracy are not told apart.
BOOST_AUTO_TEST_CASE(a_difference_is_told_from_noise) {
  for (const PairedTest test : {PairedTest::t, PairedTest::wilcoxon}) {
    RankingOptions options;
    options.reference = "good";
    options.test = test;
    options.alpha = 0.1;  // six pairs give a signed-rank p of at least 1/32, times three comparisons
    const MethodRanking clear = rank_runs(runs_of({{"poor", 0.5}, {"good", 0.9}}), options);
    BOOST_TEST(clear.methods.front() == "good");
    BOOST_TEST(clear.over[1].better == 3U);
    BOOST_TEST(clear.pairs.front().interval->lower > 0.3);
    BOOST_TEST(clear.pairs.front().cliffs_delta == 1);
    const MethodRanking equal = rank_runs(runs_of({{"same", 0.9}, {"good", 0.9}}), options);
    BOOST_TEST(equal.over[0].undecided + equal.over[1].undecided == 3U);
  }
}

/// The smallest of k p-values is multiplied by k: all data sets and methods are one family.
BOOST_AUTO_TEST_CASE(all_comparisons_are_one_family) {
  RankingOptions options;
  options.reference = "x";
  const MethodRanking r = rank_runs(runs_of({{"x", 0.9}, {"y", 0.5}, {"z", 0.6}}), options);
  BOOST_REQUIRE(r.pairs.size() == 6U);
  double least = 1;
  double adjusted = 1;
  for (const PairedResult& pair : r.pairs) {
    least = std::min(least, pair.p_value());
    adjusted = std::min(adjusted, *pair.adjusted);
  }
  BOOST_TEST(adjusted == 6 * least, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(ranks_are_over_the_data_sets) {
  const MethodRanking r = rank_runs(runs_of({{"y", 0.5}, {"x", 0.9}, {"z", 0.7}}), {});
  BOOST_TEST(r.methods == (std::vector<std::string>{"x", "z", "y"}), boost::test_tools::per_element());
  BOOST_TEST(r.ranking->mean_ranks == (std::vector<double>{1, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(r.reference == 0U);  // the first, where none is named
  RankingOptions loss;
  loss.metric = "train_loss";  // 1 - accuracy here: the same order, and lower is better
  const MethodRanking lower = rank_runs(runs_of({{"y", 0.5}, {"x", 0.9}, {"z", 0.7}}), loss);
  BOOST_TEST(lower.methods.front() == "x");
  BOOST_TEST(lower.over[2].better == 3U);
}

/// A method that was not run everywhere has no rank, and is tested where it was run.
BOOST_AUTO_TEST_CASE(gaps_are_not_ranked) {
  std::vector<RunRecord> runs = runs_of({{"x", 0.9}, {"y", 0.5}});
  for (std::int64_t seed = 0; seed < 6; ++seed) {
    const double noise = 0.001 * static_cast<double>(seed * seed);
    runs.push_back(rising_run("b", "some", seed, 0.99 + noise));
  }
  RankingOptions options;
  options.reference = "x";
  const MethodRanking r = rank_runs(runs, options);
  BOOST_TEST(r.ranked == 2U);
  BOOST_TEST(r.methods.back() == "some");
  BOOST_TEST(r.over.back().worse == 1U);
  BOOST_TEST(!r.cells.back()[0].median.has_value());
}

/// One diverged run: in no mean, the worst of the ranks' medians, and its side cannot be called better. Control: with all
/// six runs finished it is.
BOOST_AUTO_TEST_CASE(a_side_with_a_missing_run_cannot_win) {
  RankingOptions options;
  options.reference = "x";
  std::vector<RunRecord> runs = runs_of({{"x", 0.9}, {"y", 0.5}});
  BOOST_TEST(rank_runs(runs, options).over[1].better == 3U);
  for (RunRecord& run : runs) {
    RunAttributes& a = run.attributes;
    if (a.label == "x" && a.seed == 3) a.status = RunStatus::diverged;
  }
  const MethodRanking r = rank_runs(runs, options);
  BOOST_TEST(r.cells[0][0].without == 1U);
  BOOST_TEST(r.cells[0][0].summary.count == 5U);
  BOOST_TEST(r.pairs.front().without == 1U);
  BOOST_TEST(r.over[1].better == 0U);
  options.reference = "y";
  BOOST_TEST(rank_runs(runs, options).over[0].worse == 0U);
}

/// The p that is printed and adjusted is that of the test that decides: with a run without a value of all six by signed ranks, in
/// which it is the worst, not of the five t that went well.
BOOST_AUTO_TEST_CASE(the_printed_p_knows_the_runs_without_a_value) {
  RankingOptions options;
  options.reference = "x";
  std::vector<RunRecord> runs = runs_of({{"x", 0.9}, {"y", 0.5}});
  BOOST_TEST(contains(to_markdown(rank_runs(runs, options)),
                      ": paired t-test, Holm's correction over 3 comparisons"));
  for (RunRecord& run : runs) {
    if (run.attributes.label == "x" && run.attributes.seed == 3 && run.attributes.dataset == "a")
      run.attributes.status = RunStatus::diverged;
  }
  const MethodRanking r = rank_runs(runs, options);
  const PairedResult& pair = r.pairs.front();
  BOOST_TEST(!pair.t_p);
  BOOST_TEST(pair.count() == 6U);
  BOOST_TEST(pair.p_value() == 28.0 / 64);  // 14 of 64 patterns have a sum of at most 6
  const std::string page = to_markdown(r);
  BOOST_TEST(
      contains(page, "paired t-test (signed ranks of 1, whose differences do not vary or lack a value)"));
  BOOST_TEST(contains(page, "| a | y | 5 of 6 |"));
  BOOST_TEST(contains(page, "| 0.25 (n = 3) |"));
}

/// Eight accuracies of 10,000, seven 5 ahead and one 5 behind: 18/256, and the interval's end where they cancel is 0, not an ulp.
BOOST_AUTO_TEST_CASE(accuracies_are_counts_in_ranks_and_intervals) {
  const int correct[] = {9000, 8712, 9121, 9222, 9428, 9533, 9041, 9899};
  for (const std::int64_t recorded : {10000, 0}) {
    std::vector<RunRecord> runs;
    for (std::int64_t seed = 0; seed < 8; ++seed) {
      const int k = correct[seed];
      for (const auto& [label, right] : {std::pair("x", seed == 3 ? k - 5 : k + 5), std::pair("y", k)}) {
        const double accuracy = right / 10000.0;
        runs.push_back(
            testing::made_run("a", label, seed, {{"test_accuracy", [=](double) { return accuracy; }}}, 1));
        runs.back().attributes.samples.test = recorded;
      }
    }
    RankingOptions options;
    options.reference = "x";
    options.test = PairedTest::wilcoxon;
    const MethodRanking r = rank_runs(runs, options);
    BOOST_TEST(r.pairs.front().p_value() == 18.0 / 256);
    BOOST_TEST(r.pairs.front().interval->lower == 0.0);
  }
}

/// Three pairs show nothing by signed ranks; a t of three has a difference that it could have shown.
BOOST_AUTO_TEST_CASE(what_could_have_been_shown_is_said) {
  std::vector<RunRecord> runs = runs_of({{"x", 0.9}, {"y", 0.5}});
  std::erase_if(runs, [](const RunRecord& run) { return run.attributes.seed > 2; });
  RankingOptions options;
  options.reference = "x";
  BOOST_TEST(*rank_runs(runs, options).pairs.front().could_show > 0);
  options.test = PairedTest::wilcoxon;
  const MethodRanking ranks = rank_runs(runs, options);
  BOOST_TEST(!ranks.pairs.front().could_show);
  BOOST_TEST(contains(to_markdown(ranks), "| nothing |"));
}

/// x gains .1 per iteration and reaches .75 at the eighth; y ends at .5.
BOOST_AUTO_TEST_CASE(targets_are_given_or_shared) {
  std::vector<RunRecord> runs;
  for (const std::string& dataset : ranked_sets) {
    runs.push_back(rising_run(dataset, "x", 0, 1));
    runs.push_back(rising_run(dataset, "y", 0, 0.5));
  }
  RankingOptions options;
  options.target = 0.75;
  options.targets["b"] = 0.5;
  const MethodRanking r = rank_runs(runs, options);
  const auto cost = [&](std::size_t which) { return r.targets->costs[which].reached; };
  BOOST_TEST(cost(0)[0][0].median == 8);
  BOOST_TEST(cost(1)[0][0].median == 4);
  BOOST_TEST(cost(2)[0][0].median == 800);
  BOOST_TEST(cost(0)[0][1].median == 5);
  BOOST_TEST(std::isinf(cost(0)[1][0].median));
  BOOST_TEST(cost(0)[1][1].median == 10);
  // Iterations of y on b are twice those of x; elsewhere it misses.
  const PerformanceProfile& profile = *r.targets->costs[0].profile;
  BOOST_TEST(profile.fraction[0].front() == 1);
  BOOST_TEST(profile.fraction[1].front() == 0);
  BOOST_TEST(profile.fraction[1].back() == 1.0 / 3, boost::test_tools::tolerance(1e-12));
  // Without a target: 90 % of the way to the best.
  BOOST_TEST(*rank_runs(runs, {}).targets->targets[0] == 0.9, boost::test_tools::tolerance(1e-12));
}

/// Runs made elsewhere have no seconds of ours: they are neither misses nor free, and stand in no comparison of seconds.
BOOST_AUTO_TEST_CASE(a_cost_that_is_not_known_is_not_compared) {
  std::vector<RunRecord> runs = runs_of({{"x", 0.9}, {"y", 0.9}, {"theirs", 0.9}});
  for (RunRecord& run : runs) {
    if (run.attributes.label == "theirs")
      std::erase_if(run.trajectory.columns, [](const auto& column) { return column.first == "seconds"; });
  }
  RankingOptions options;
  options.reference = "x";
  options.remaining = 0.5;
  const MethodRanking r = rank_runs(runs, options);
  const auto theirs =
      static_cast<std::size_t>(std::find(r.methods.begin(), r.methods.end(), "theirs") - r.methods.begin());
  BOOST_REQUIRE(r.targets.has_value());
  for (const Targets::Cost& cost : r.targets->costs) {
    const bool known = cost.name != "seconds";
    for (const ToTarget& reached : cost.reached[theirs])
      BOOST_TEST((reached.runs == (known ? 6U : 0U)), cost.name);
    const auto& profiled = cost.profiled;
    BOOST_TEST((std::find(profiled.begin(), profiled.end(), theirs) != profiled.end()) == known, cost.name);
  }
  const std::string page = to_markdown(r);
  const auto row_after = [&](const std::string& heading) {
    const std::size_t begin = page.find("| theirs |", page.find(heading));
    return page.substr(begin, page.find('\n', begin) - begin);
  };
  BOOST_TEST(contains(row_after("Seconds in the solver to the target"), "| – |"));
  BOOST_TEST(!contains(row_after("Iterations (passes over the data) to the target"), "–"));
  const std::string shares = row_after("Performance profiles");
  BOOST_TEST(contains(shares, "| – |"), shares);
  BOOST_TEST(contains(shares, "| 1.00 |"), shares);
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  const auto says = [](const std::string& what) {
    return [what](const std::runtime_error& error) { return contains(error.what(), what); };
  };
  std::vector<RunRecord> runs = runs_of({{"x", 0.9}, {"y", 0.5}});
  RankingOptions reference;
  reference.reference = "nobody";
  BOOST_CHECK_EXCEPTION(rank_runs(runs, reference), std::runtime_error, says("there are: x, y"));
  RankingOptions target;
  target.targets["nowhere"] = 1;
  BOOST_CHECK_EXCEPTION(rank_runs(runs, target), std::runtime_error, says("there are: a, b, c"));
  runs.push_back(runs.front());  // the same run twice: once
  BOOST_TEST(rank_runs(runs, {}).cells[0][0].summary.count == 6U);
  runs.back().attributes.content_hash = "another";
  BOOST_CHECK_EXCEPTION(rank_runs(runs, {}), std::runtime_error, says("two different runs of x on a"));
}

/// As in a table: interrupted in one folder, finished in another.
BOOST_AUTO_TEST_CASE(an_interrupted_copy_of_a_finished_run_does_not_count) {
  std::vector<RunRecord> runs = runs_of({{"x", 0.9}, {"y", 0.5}});
  const MethodRanking expected = rank_runs(runs, {});
  RunRecord interrupted = rising_run("a", "x", 2, 0.9);
  interrupted.attributes.status = RunStatus::interrupted;
  interrupted.trajectory.iteration.resize(5);
  for (auto& column : interrupted.trajectory.columns) column.second.resize(5);
  for (const auto place : {runs.begin(), runs.end()}) {
    std::vector<RunRecord> both = runs;
    both.insert(both.begin() + (place - runs.begin()), interrupted);
    BOOST_TEST(to_csv(rank_runs(both, {})) == to_csv(expected));
  }
  // Control: alone, it is a run without a value.
  for (RunRecord& run : runs) {
    if (run.attributes.content_hash == interrupted.attributes.content_hash) run = interrupted;
  }
  BOOST_TEST(rank_runs(runs, {}).cells[0][0].without == 1U);
}

/// A summary of a run knows no way to a target; beside the run itself it adds nothing and takes nothing away.
BOOST_AUTO_TEST_CASE(a_run_comes_before_its_summary) {
  std::vector<RunRecord> runs = runs_of({{"x", 0.9}, {"y", 0.5}});
  const MethodRanking expected = rank_runs(runs, {});
  std::vector<RunRecord> both;
  for (const RunRecord& run : runs) both.push_back(summarize_run(run));
  both.insert(both.end(), runs.begin(), runs.end());
  BOOST_TEST(to_csv(rank_runs(both, {})) == to_csv(expected));
  BOOST_TEST(expected.targets.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
