#pragma once
/// One run: from a loaded data set to a result file.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "datasets/dataset.hpp"
#include "experiments/harness/config/experiment.hpp"
#include "experiments/harness/plan/plan.hpp"
#include "experiments/harness/run/environment.hpp"
#include "results/record/run_record.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

/// How a run talks to whoever started it. All are called between iterations, outside the solver's clock.
struct RunHooks {
  std::function<void(long iteration)> progress = [](long) {};
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  std::function<bool()> interrupted = [] { return false; };
  /// False: another process makes the run by now, and its result is not ours to write.
  std::function<bool()> owned = [] { return true; };
  long processes = 1;  ///< that make the run together
  /// Whether going on from a checkpoint must give the bits of the run that saved it: not where samples are shared by another number
  /// of processes, whose sums are rounded otherwise.
  bool same_bits = true;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();  ///< of stop.wall_limit
};

/// What everybody wants to know of a finished run.
struct RunOutcome {
  RunStatus status = RunStatus::completed;
  std::string message;
  long iterations = 0;
  double seconds = 0;  ///< solver time
  std::optional<double> accuracy;
  std::string accuracy_of;        ///< test, validation or training
  long checkpoints = 0;           ///< written
  double checkpoint_seconds = 0;  ///< that they took, outside the solver's time
  bool recorded = false;          ///< the result file says so, or holds a complete result that stays
  bool elsewhere = false;         ///< another process made the run
};

/// What of `experiment` a run of it is recorded with, beside its own.
struct RunSurroundings {
  const Experiment& experiment;
  const Environment& environment;
  std::string data_sha256;  ///< empty: the data could not be read
  long threads = 1;         ///< of a run
};

/// Checks that the loss fits the data; throws ConfigError naming the experiment file.
template <class T>
void check_loss(const Experiment& experiment, const DatasetEntry& entry, const Dataset<T>& data);

/// Checks that no `validation:` takes the place of the validation samples that a generator makes; throws ConfigError.
template <class T>
void check_own_split(const Experiment& experiment, const DatasetEntry& entry, const Dataset<T>& data);

/// Checks, if `experiment` is tuned, that runs on the data have what `tune.select` names; throws ConfigError.
template <class T>
void check_selection(const Experiment& experiment, const DatasetEntry& entry, const Dataset<T>& data);

/// Makes the solver of a run where it is not as its entry alone says.
template <class T>
using MakeSolver = std::function<std::unique_ptr<Solver<T>>()>;

/// Runs `run` on `data` (the loaded data set number run.dataset) and writes run.result. The clock runs during step()
/// only; evaluation reads the solver's state and never changes it. Errors of the method or the file system end in
/// status `failed`; a complete file, whatever its settings, is never replaced by a failed or interrupted one.
template <class T>
RunOutcome execute_run(const Experiment& experiment, const Run& run, const Dataset<T>& data,
                       const Environment& environment, long threads, const RunHooks& hooks,
                       const MakeSolver<T>& make_solver = {});

/// How a run ends that took longer than stop.wall_limit, in seconds.
std::string wall_limit_message(double limit, long iteration, long iterations);

/// Writes run.result for a run that ended without a word: status and message of `outcome`, no trajectory. A complete file stays.
/// Throws std::exception if it cannot be written.
void record_failure(const Run& run, const RunOutcome& outcome, const RunSurroundings& around);

}  // namespace admmbench
