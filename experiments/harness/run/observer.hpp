#pragma once
/// Who watches runs being made. The command line draws them; a program that runs an experiment from the library need not.

#include <cstddef>
#include <string>

#include "experiments/harness/plan/plan.hpp"
#include "experiments/harness/plan/tuning.hpp"
#include "experiments/harness/run/runner.hpp"

namespace admmbench {

struct ScheduleSummary;

/// All are called from the thread that called run_session() or execute_plan(); the latter calls those from start() on.
class RunObserver {
 public:
  enum class Stage { tuning, runs };

  virtual ~RunObserver() = default;
  /// `todo` runs of `experiment`, which lives until end(), are about to be executed; `cached` more have results. With tuning
  /// this comes twice: for its runs, then for the experiment's own. `later`: the iterations of the stage that follows, in runs of this one.
  virtual void begin(Stage /*stage*/, const Experiment& /*experiment*/, std::size_t /*todo*/,
                     std::size_t /*cached*/, double /*later*/) {}
  virtual void end(Stage /*stage*/, const ScheduleSummary& /*summary*/) {}
  /// What tuning found for one solver on one data set of the experiment as it was read; as soon as that is known.
  virtual void tuned(const Experiment& /*untuned*/, const TuningChoice& /*choice*/) {}

  /// Runs are numbered from 1, in the order of the plan.
  virtual void start(std::size_t /*number*/, const Run& /*run*/) {}
  virtual void update(std::size_t /*number*/, long /*iteration*/) {}
  virtual void finish(std::size_t /*number*/, const RunOutcome& /*outcome*/) {}
  virtual void warn(std::size_t /*number*/, const std::string& /*text*/) {}
  /// Nothing is left to do but `runs` that other processes are making.
  virtual void waiting(std::size_t /*runs*/) {}
  /// Ctrl-C; `active` runs go on to the end of their iteration.
  virtual void interrupted(std::size_t /*active*/) {}
  /// A few times a second.
  virtual void tick() {}
  /// Something else is about to be printed.
  virtual void clear() {}
};

}  // namespace admmbench
