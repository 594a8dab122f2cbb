#pragma once
/// A run in a process of its own, so that a crash takes nothing else with it. The data set is loaded by the parent
/// and shared by fork().

#include <sys/types.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiments/harness/run/runner.hpp"

namespace admmbench {

/// A pipe whose writing end only the parent has: its reading end tells a child that the parent is gone.
class Lifeline {
 public:
  Lifeline();
  ~Lifeline();
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;

  int descriptor() const { return ends_[0]; }
  /// In a child: it shall not keep its own line alive.
  void leave();

 private:
  std::array<int, 2> ends_{-1, -1};
};

/// A running child and what it has said so far.
class Worker {
 public:
  /// Forks; the child calls `body` with hooks that report through a pipe, and ends, killed by the kernel or by a thread that watches
  /// `line` if the parent ends before it. That thread calls `beat` every RunClaim::beat_interval; it must not allocate.
  static Worker start(const std::function<RunOutcome(const RunHooks&)>& body, Lifeline& line,
                      const std::function<void()>& beat);

  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  int pipe() const { return pipe_; }
  long iteration() const { return iteration_; }
  std::chrono::steady_clock::time_point started() const { return started_; }
  /// Reads what has arrived; false once the child has ended. Warnings are moved to `warnings`.
  bool read(std::vector<std::string>& warnings);
  /// To be called after read() returned false: how it ended. A crash is an outcome with status failed, that is not recorded; what
  /// the child had written of `result` is removed.
  RunOutcome finish(const std::filesystem::path& result);
  /// Asks the child to finish its iteration and save.
  void interrupt() const;
  /// Ends it at once, without saving.
  void kill() const;
  /// The same; waits for it, and removes what it has written of `result`.
  void abandon(const std::filesystem::path& result);

 private:
  Worker(pid_t process, int pipe, std::chrono::steady_clock::time_point started)
      : process_(process), pipe_(pipe), started_(started) {}
  void understand(const std::string& line, std::vector<std::string>& warnings);

  pid_t process_ = -1;
  int pipe_ = -1;
  std::chrono::steady_clock::time_point started_;
  std::string buffer_;
  long iteration_ = 0;
  std::optional<RunOutcome> outcome_;
};

}  // namespace admmbench
