#pragma once
/// An experiment from beginning to end: which of its runs are wanted, which are there already, what tuning chose, and the
/// execution of the rest. Without a command line:
///
///     Downloads downloads;
///     Session session = open_session(load_experiment("mine.yaml"), {}, downloads);
///     RunObserver nobody;
///     const SessionSummary summary = run_session(session, {.jobs = 2}, probe_environment(), nobody);
///
/// The results are files: results/record/run_file.hpp reads them.

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/fetch.hpp"
#include "experiments/harness/config/experiment.hpp"
#include "experiments/harness/plan/plan.hpp"
#include "experiments/harness/plan/tuning.hpp"
#include "experiments/harness/run/scheduler.hpp"

namespace admmbench {

/// What is done about a data set of a chosen run that only a download could bring.
enum class MissingData {
  fetch,  ///< get it; throw DataUnavailable if that fails
  skip,   ///< get it; leave the runs of sets that cannot be had out
  leave,  ///< do not go to the network; keep the runs, which are only looked at
};

struct SessionOptions {
  std::vector<std::string> only = {};          ///< see select_runs(); empty: all runs
  std::filesystem::path out = "results/runs";  ///< folder of the result files
  bool force = false;                          ///< run again what has a complete result
  MissingData missing = MissingData::fetch;
};

/// A data set whose runs were left out.
struct MissingSet {
  std::string name;
  std::string reason;  ///< one line that begins with the name
};

/// An experiment with its chosen runs.
struct Session {
  Experiment experiment;     ///< with the parameters that tuning chose, where it has
  std::vector<Run> runs;     ///< wanted; grouped by data set
  std::vector<bool> cached;  ///< of `runs`; all false with `force`
  std::vector<MissingSet> missing;

  Experiment untuned;               ///< as read
  Tuning tuning;                    ///< what `runs` need to be tuned
  std::vector<bool> tuning_cached;  ///< of tuning.runs; all false with `force`
  std::vector<TuningChoice> choices;

  std::vector<std::string> identities;  ///< of the experiment's data sets; empty: not at hand
  std::filesystem::path out;
  bool force = false;

  /// Runs still to be executed, those of the tuning included.
  std::size_t pending() const;
};

/// Chooses runs of `experiment` and looks which have results; fetches what they need from the network, if anything, so that
/// it is known before the first run. Throws ConfigError, DataError, and DataUnavailable as SessionOptions::missing says.
Session open_session(Experiment experiment, const SessionOptions& options, Downloads& downloads);

struct SessionSummary {
  ScheduleSummary tuning;  ///< a failed run is a point that is not chosen, no failure of the experiment
  ScheduleSummary runs;    ///< nothing if the tuning was interrupted
  std::size_t cached = 0;  ///< of the experiment's own runs

  bool interrupted() const { return tuning.interrupted || runs.interrupted; }
};

/// Executes what is pending, the tuning first, as `asked` but one run at a time if the experiment is to be alone, and tells
/// `observer`; `session` then has what tuning chose, and its tuning.json are written. After an interruption the rest is left
/// undone: a second session resumes. Throws as execute_plan(), and std::runtime_error, before anything is computed, if no results can
/// be written.
SessionSummary run_session(Session& session, const ScheduleOptions& asked, const Environment& environment,
                           RunObserver& observer);

}  // namespace admmbench
