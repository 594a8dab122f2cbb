#pragma once
/// Executes a plan: several runs at once, each in its own process, every data set loaded once.

#include <map>
#include <string>
#include <vector>

#include "experiments/harness/plan/plan.hpp"
#include "experiments/harness/run/environment.hpp"
#include "experiments/harness/run/observer.hpp"
#include "results/record/run_record.hpp"

namespace admmbench {

struct ScheduleOptions {
  long jobs = 1;     ///< runs at once
  long threads = 1;  ///< of each
};

/// What became of the runs.
struct ScheduleSummary {
  std::map<RunStatus, long> count;
  std::vector<std::string> failures;  ///< one line per failed run
  long not_started = 0;               ///< because of an interruption
  bool interrupted = false;
};

/// Runs all of `runs` (grouped by data set) and tells `observer`. Ctrl-C lets the running ones finish their iteration and save. Throws
/// DataUnavailable or DataError if a data set cannot be loaded, ConfigError if the loss does not fit it.
ScheduleSummary execute_plan(const Experiment& experiment, const std::vector<Run>& runs,
                             const Environment& environment, const ScheduleOptions& options,
                             RunObserver& observer);

}  // namespace admmbench
