#pragma once
/// Who watches runs being made. The command line draws them; a program that runs an experiment from the library need not.

#include <cstddef>
#include <string>

#include "experiments/harness/plan/plan.hpp"
#include "experiments/harness/run/runner.hpp"

namespace admmbench {

/// All are called from the thread that called execute_plan(). Runs are numbered from 1, in the order of the plan.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void start(std::size_t /*number*/, const Run& /*run*/) {}
  virtual void update(std::size_t /*number*/, long /*iteration*/) {}
  virtual void finish(std::size_t /*number*/, const RunOutcome& /*outcome*/) {}
  virtual void warn(std::size_t /*number*/, const std::string& /*text*/) {}
  /// A few times a second.
  virtual void tick() {}
  /// Something else is about to be printed.
  virtual void clear() {}
};

}  // namespace admmbench
