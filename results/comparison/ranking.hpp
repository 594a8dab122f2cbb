#pragma once
/// Methods against each other on all data sets of an experiment: means, one method tested against each other one, ranks with
/// a critical difference, costs to one shared target, performance profiles. docs/reference/results.md says how to read them.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/comparison/cost_to_target.hpp"
#include "results/comparison/paired.hpp"
#include "results/record/run_record.hpp"
#include "results/statistics/tests.hpp"

namespace admmbench {

struct RankingOptions {
  std::string metric = "test_accuracy";  ///< trajectory column; its last entry is compared
  std::string reference;         ///< label of the method tested against all others; empty: the first in rank
  std::optional<double> target;  ///< of `metric`, on every data set
  std::map<std::string, double> targets;  ///< per data set label, before `target`
  double remaining = 0.1;                 ///< see shared_target; where no target is given
  PairedTest test = PairedTest::t;        ///< whose p-values are adjusted and decide
  double alpha = 0.05;
};

/// One method on one data set.
struct RankedCell {
  Summary summary;               ///< over the runs with a finite value
  std::size_t without = 0;       ///< runs that did not finish, or whose value is not finite
  std::optional<double> median;  ///< median over all runs, those without a value the worst; empty: no runs
};

/// The reference against another method on one data set, over the seeds that both have. Here `interval` is the bootstrap's, 95 %.
struct PairedResult : PairedComparison {
  std::size_t method = 0, dataset = 0;
  std::optional<double>
      adjusted;  ///< p_value() by Holm, over all data sets and methods; empty: no seed of both
  std::optional<double>
      could_show;  ///< detectable() at alpha over their number; empty: nothing, however large
  PairOutcome outcome = PairOutcome::undecided;  ///< of the reference; a side with missing runs cannot win
};

/// The reference against another method over the data sets.
struct OverDatasets {
  std::size_t better = 0, undecided = 0, worse = 0;  ///< data sets, by PairedResult::outcome
  std::size_t datasets = 0;                          ///< that both have runs on
  std::optional<double> p_value;   ///< signed-rank test of the medians; from two data sets on
  std::optional<double> adjusted;  ///< Holm, over the methods
};

struct MethodRanking {
  std::string experiment, profile, metric;
  std::vector<std::string> datasets;
  std::vector<std::string> methods;  ///< best mean rank first; those without runs on every data set last
  std::vector<std::vector<RankedCell>> cells;  ///< [method][data set]
  std::size_t ranked = 0;                      ///< so many of `methods`, the first ones, are in the ranking
  std::optional<Ranking> ranking;   ///< of `ranked` methods; empty for fewer than two, or one data set
  std::size_t reference = 0;        ///< in `methods`
  std::vector<PairedResult> pairs;  ///< method by method
  std::vector<OverDatasets> over;   ///< per method; the reference's own is empty
  std::optional<Targets> targets;   ///< empty if no run has its trajectory
  PairedTest test = PairedTest::t;
  double alpha = 0.05;
};

/// Runs of one experiment and profile, those that distinct_runs() counts. Throws as that, and std::runtime_error for an unknown
/// reference or data set of a target, saying what there is.
MethodRanking rank_runs(const std::vector<RunRecord>& all, const RankingOptions& options);

std::string to_markdown(const MethodRanking& ranking);
/// Two booktabs tabulars, means and ranks, what is to be said of them as comments.
std::string to_latex(const MethodRanking& ranking);
/// One line per method and data set, with a header.
std::string to_csv(const MethodRanking& ranking);
/// One line per method: its rank, the tests over data sets, its profiles.
std::string ranks_csv(const MethodRanking& ranking);

/// Writes <experiment>-ranking.md, .csv, .tex and <experiment>-ranks.csv (with several profiles of one experiment:
/// <experiment>-<profile>-...) into `folder`; returns the paths.
std::vector<std::filesystem::path> write_rankings(const std::vector<MethodRanking>& rankings,
                                                  const std::filesystem::path& folder);

}  // namespace admmbench
