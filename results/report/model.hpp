#pragma once
/// Everything the report page shows, as plain values: result files -> Report -> JSON -> page.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/comparison/cost_to_target.hpp"
#include "results/comparison/published.hpp"
#include "results/comparison/ranking.hpp"
#include "results/comparison/rates.hpp"
#include "results/comparison/table.hpp"
#include "results/comparison/verdict.hpp"
#include "results/record/run_config.hpp"
#include "results/record/run_record.hpp"
#include "results/report/curves.hpp"
#include "results/report/timing_history.hpp"

namespace admmbench {

/// One machine and set-up that runs were made on.
struct ReportEnvironment {
  std::string host, cpu, blas, git_commit;
  std::int64_t threads = 1;
  std::size_t runs = 0;
  bool operator==(const ReportEnvironment&) const = default;
};

/// One method on one data set.
struct ReportCell {
  Curves curves;  ///< of the finished runs
  std::vector<std::int64_t> seeds;
  std::size_t not_finished = 0;
  Curves distances;       ///< of the recorded iterates, see iterate_distances
  WrittenConfig written;  ///< of the first run, finished or not
};

struct ReportDataset {
  std::string label;
  std::string name;                   ///< in the registry; empty for a data file
  std::optional<double> chance;       ///< 1 / classes; empty for regression
  SampleCounts samples;               ///< 0: not recorded
  std::vector<std::uint64_t> widths;  ///< of the layers, the inputs first; empty: not known
};

/// Table of one metric, and the value of every run behind it.
struct ReportTable {
  Table table;
  /// values[row][data set]: of the finished runs with a finite value, in the order of their seeds.
  std::vector<std::vector<std::vector<double>>> values;
  bool tested = false;  ///< whether what is best of it is said: of the main quantities, not of costs
};

/// Variants of one method that differ in a few parameters.
struct ReportSensitivity {
  std::string name;               ///< common part of the labels, or the solver
  std::vector<std::string> keys;  ///< parameters that vary
  struct Point {
    std::string label;
    std::vector<std::string> values;  ///< of the keys, as text
  };
  std::vector<Point> points;
};

/// The search that chose a method's parameters (docs/reference/experiments.md, Tuning); `trace` is the attribute `tuned`.
struct ReportTuning {
  std::string dataset, label;
  std::string trace;  ///< JSON
};

struct ReportRun {
  RunRecord run;                              ///< without its trajectory
  std::size_t dataset = 0, method = 0;        ///< in the experiment's lists
  std::vector<std::optional<double>> finals;  ///< of the experiment's table metrics, in their order
  std::size_t environment = 0;                ///< in Report::environments
  std::string experiment;                     ///< a file that `admmbench run` takes: this run alone
  std::string command;                        ///< makes that file and runs it
};

/// One experiment with one profile.
struct ReportExperiment {
  std::string name, profile, note;
  std::vector<std::string> quantities;  ///< of the curves, the main metric first
  std::vector<ReportDataset> datasets;
  std::vector<std::pair<std::string, std::string>> methods;  ///< label, solver; best first
  std::vector<std::vector<ReportCell>> cells;                ///< [method][data set]
  std::vector<ReportTable> tables;
  std::string sentence, basis;           ///< of the first table's verdict; empty: no table
  std::optional<MethodRanking> ranking;  ///< in the first table's metric
  std::size_t kept = 0;                  ///< runs of which only points of the curves are at hand
  std::vector<Targets> targets;
  std::vector<std::pair<RateMeasure, std::vector<RateGroup>>> rates;
  std::vector<ReportSensitivity> sensitivities;
  std::vector<ReportTuning> tunings;
  std::vector<ReportRun> runs;
};

/// A page that is written again while runs are being made.
struct FollowedPage {
  double seconds = 2;      ///< between two looks at whether there is a newer one
  std::string stamp;       ///< of this page; the file `follow_file` beside it has that of the newest
  std::string written_at;  ///< time of day
};
/// JavaScript that calls followed(stamp): what a page read from a file may load.
inline constexpr const char* follow_file = "follow.js";

struct Report {
  std::vector<ReportEnvironment> environments;
  std::vector<ReportExperiment> experiments;
  std::vector<TimingHistory> timings;
  std::optional<FollowedPage> follow;
};

struct ReportOptions {
  std::string metric = "test_accuracy";  ///< shown first
  double remaining = 0.1;                ///< of the way to the best value, for the shared target; in (0, 1)
  std::filesystem::path solution;        ///< a known solution for the distances; empty: none
  /// Numbers in all curves together: with many methods each is drawn with fewer points.
  std::size_t curve_numbers = 600000;
};

/// Throws as make_table and iterate_distances do.
Report build_report(std::vector<RunRecord> runs, const std::vector<PublishedFigure>& published,
                    std::vector<TimingHistory> timings, const ReportOptions& options = {});

}  // namespace admmbench
