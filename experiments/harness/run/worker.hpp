#pragma once
/// A run in a process of its own, so that a crash takes nothing else with it. The data set is loaded by the parent
/// and shared by fork().

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiments/harness/run/runner.hpp"

namespace admmbench {

/// A running child and what it has said so far.
class Worker {
 public:
  /// Forks; the child calls `body` with hooks that report through a pipe, and ends.
  static Worker start(const std::function<RunOutcome(const RunHooks&)>& body);

  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  int pipe() const { return pipe_; }
  long iteration() const { return iteration_; }
  /// Reads what has arrived; false once the child has ended. Warnings are moved to `warnings`.
  bool read(std::vector<std::string>& warnings);
  /// To be called after read() returned false: how it ended. A crash is an outcome with status failed, that is not recorded; what
  /// the child had written of `result` is removed.
  RunOutcome finish(const std::filesystem::path& result);
  /// Asks the child to finish its iteration and save.
  void interrupt() const;
  /// Ends it at once, without saving, and removes what it has written of `result`.
  void abandon(const std::filesystem::path& result);

 private:
  Worker(pid_t process, int pipe) : process_(process), pipe_(pipe) {}
  /// Of the child, which has ended.
  void remove_partial(const std::filesystem::path& result);
  void understand(const std::string& line, std::vector<std::string>& warnings);

  pid_t process_ = -1;
  int pipe_ = -1;
  std::string buffer_;
  long iteration_ = 0;
  std::optional<RunOutcome> outcome_;
};

}  // namespace admmbench
