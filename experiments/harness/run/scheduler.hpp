#pragma once
/// Executes a plan: several runs at once, each in its own process, every data set loaded once.

#include <exception>
#include <map>
#include <string>
#include <vector>

#include "experiments/harness/plan/plan.hpp"
#include "experiments/harness/run/environment.hpp"
#include "experiments/harness/run/observer.hpp"
#include "results/record/run_record.hpp"

namespace admmbench {

class Team;  // experiments/harness/team/team.hpp

struct ScheduleOptions {
  long jobs = 1;       ///< runs at once
  long threads = 1;    ///< of each
  bool again = false;  ///< also runs that had a complete result when the schedule began
  /// Where in the list of runs this process begins, from 0 to 1: those of a sweep in different places, so that they rarely want the
  /// same run, and load few data sets each.
  double begin = 0;
  /// Other processes make runs of the same plan: one that finds no memory for its next run waits for them.
  bool shares = false;
  Team* team =
      nullptr;  ///< makes every run together, one after the other, in this process and those that it leads
};

/// What became of the runs.
struct ScheduleSummary {
  std::map<RunStatus, long> count;
  std::vector<std::string> failures;  ///< one line per failed run
  long not_started = 0;               ///< because of an interruption
  bool interrupted = false;
  std::exception_ptr unusable_data;  ///< what was wrong with the first data set that failed its runs
};

/// Runs all of `runs` (grouped by data set) and tells `observer`. Runs that other processes are making (claim.hpp) are waited for, and
/// counted as they ended; those that ended without a complete or failed result are made here. Ctrl-C lets the running ones finish their iteration and save. A data set
/// that cannot be loaded fails its own runs; throws ConfigError if the loss does not fit it. Every run that was begun leaves a result file.
ScheduleSummary execute_plan(const Experiment& experiment, const std::vector<Run>& runs,
                             const Environment& environment, const ScheduleOptions& options,
                             RunObserver& observer);

}  // namespace admmbench
