#pragma once
/// How long runs will take, by the seconds of runs of the same kind that were made before.

#include <functional>
#include <optional>
#include <vector>

#include "experiments/harness/session.hpp"
#include "results/record/run_record.hpp"

namespace admmbench {

struct ExpectedTime {
  double seconds = 0;
  std::size_t unknown = 0;  ///< runs of a kind that was not made before

  ExpectedTime& operator+=(const ExpectedTime& other);
};

/// Of the runs of `session` that are not cached, so many at once, by the summaries `committed`: the run of the same experiment,
/// profile, data set, label and seed, or of another seed; in proportion to the iterations, also of tuning runs.
ExpectedTime expected_time(const Session& session, const std::vector<RunRecord>& committed, long jobs);

/// Seconds of each of session.runs, cached or not, with those of the tuning that it waits for; empty where `seconds_per_iteration` is,
/// which is asked of runs of a kind that was not made before.
std::vector<std::optional<double>> expected_seconds(
    const Session& session, const std::vector<RunRecord>& committed,
    const std::function<std::optional<double>(std::size_t run)>& seconds_per_iteration);

}  // namespace admmbench
