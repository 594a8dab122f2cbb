#pragma once
/// Rates of many runs: one estimate per run, one summary per method and data set. docs/reference/rates.md says how to read them.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/record/run_record.hpp"
#include "results/statistics/rate_estimate.hpp"

namespace admmbench {

/// What is fitted: the gap of a trajectory column to its optimum where that is known, else its approach to a limit that
/// is not known (estimate_rate_to_unknown_limit()).
struct RateMeasure {
  std::string column;
  std::optional<double> optimum;
  double confidence = 0.95;  ///< of the intervals
};

std::string to_string(const RateMeasure& measure);

/// 0 for residuals; empty for all else.
std::optional<double> known_optimum(const std::string& column);

struct RunRate {
  std::int64_t seed = 0;
  RateEstimate estimate;
};

struct GroupRate {
  double median = 0;  ///< of r, p or q over the runs of the group's model
  Interval hull;      ///< of their intervals
};

/// The runs of one label on one data set.
struct RateGroup {
  std::string experiment, profile, dataset, label;
  std::vector<RunRate> runs;
  std::size_t not_finished = 0;  ///< diverged, failed or interrupted: without a tail to speak of

  std::size_t count(RateModel wanted) const;
  /// The model of most runs; undetermined if two share the first place.
  RateModel model() const;
  /// Empty if the model is undetermined.
  std::optional<GroupRate> rate() const;
  /// First and last iteration of the windows of the runs of the group's model.
  std::optional<std::pair<std::int64_t, std::int64_t>> window() const;
  /// Median of the fits of the runs of the group's model.
  std::optional<double> r_squared() const;
  /// Why a run is undetermined, and how many did not finish.
  std::string remark() const;
};

/// The parameter of `model` (factor, exponent or order) and its interval.
std::pair<double, Interval> rate_parameter(const RateEstimate& estimate, RateModel model);

/// What a finished run that has the column says; empty of any other.
std::optional<RateEstimate> rate_of(const RunRecord& run, const RateMeasure& measure);

/// Of the runs that distinct_runs() counts; those without the column are left out. Throws as that.
std::vector<RateGroup> rate_groups(const std::vector<RunRecord>& all, const RateMeasure& measure);

}  // namespace admmbench
