#pragma once
/// Tuning (docs/reference/experiments.md): the runs that try parameters, and the experiment with the parameters they chose. A cell
/// is a solver on a data set; each is tuned by itself, with the same number of runs, on the validation split.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/harness/plan/plan.hpp"

namespace admmbench {

/// The tuning runs of an experiment; none if nothing is tuned.
struct Tuning {
  struct Point {
    std::size_t solver = 0;  ///< index into the solvers of the experiment that is tuned
    std::size_t point = 0;   ///< index into their search points
  };
  Experiment experiment;      ///< its solvers are the points
  std::vector<Point> points;  ///< of experiment.solvers
  std::vector<Run> runs;      ///< results: <out>/<experiment>/<data set>/<label>/tuning/point-<p>-seed-<s>.h5
};

/// The tuning runs that the runs `wanted` of `experiment` depend on, grouped by data set.
Tuning plan_tuning(const Experiment& experiment, const std::vector<Run>& wanted,
                   const std::filesystem::path& out, const std::vector<std::string>& identities);

/// A searched parameter whose chosen value is the lowest or the highest that was tried: the best may lie beyond it.
struct SearchEdge {
  std::string key;
  bool highest = false;
};

/// The edges at which `points[chosen]` is, among the first `count` points. Numbers of which fewer than three were tried have none.
std::vector<SearchEdge> search_edges(const std::vector<SearchPoint>& points, std::size_t count,
                                     std::size_t chosen);

/// What tuning found for a solver on a data set.
struct TuningChoice {
  std::size_t dataset = 0;
  std::size_t solver = 0;       ///< index into the solvers of the experiment that is tuned
  std::size_t point = 0;        ///< index into its search points
  std::optional<double> score;  ///< empty: no point has one, each has a run that diverged or failed
  std::vector<SearchEdge> edges;
  std::string trace;  ///< JSON: every point tried
  std::filesystem::path trace_file;
};

/// The choices of all cells whose runs are there; with `all`, a run without a result counts as failed, so every cell has a
/// choice. The score of a point is the mean over the seeds; diverged and failed runs, and values that are not finite,
/// make it the worst; of equal scores the earlier point's counts.
std::vector<TuningChoice> choose_points(const Experiment& experiment, const Tuning& tuning, bool all);

/// `experiment` with the chosen parameters: solvers that are tuned become one variant per data set. What has no choice
/// yet keeps its search, and its runs have no content hash.
Experiment apply_choices(const Experiment& experiment, const std::vector<TuningChoice>& choices);

}  // namespace admmbench
