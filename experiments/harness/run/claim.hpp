#pragma once
/// Who makes a run. Several processes may work on one folder of results, on several hosts and in containers: before a run is
/// made its result is claimed, by a file `.seed-0.h5.claim` beside it that only one process can create (O_EXCL).
///
/// The file says who made it (host, boot, process, random id). Its owner holds a lock on it, and sets its time again and again.
/// Who finds the claim of another asks whether the owner lives: on the same kernel by the lock, which ends with the process,
/// whatever container it was in; else by the time of the file, which must not have changed while we watched for a minute by our own
/// clock, so that clocks need not agree. A claim whose owner is dead is removed, and claimed anew.

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace admmbench {

/// What was seen of the claims of processes that cannot be asked.
class ClaimWatch {
 public:
  explicit ClaimWatch(std::chrono::steady_clock::duration stale_after = std::chrono::minutes(1))
      : stale_after_(stale_after) {}

  /// Notes what a claim looks like now; true if it has looked so for too long.
  bool is_stale(const std::filesystem::path& claim, const std::string& look);

 private:
  struct Seen {
    std::string look;
    std::chrono::steady_clock::time_point since;
  };
  std::chrono::steady_clock::duration stale_after_;
  std::map<std::filesystem::path, Seen> seen_;
};

/// The right to make a run, and to write and remove what belongs to its result.
class RunClaim {
 public:
  static constexpr auto beat_interval = std::chrono::seconds(10);

  /// Claims the result file `result`, whose folder is created. Empty: another process has it. Throws std::runtime_error
  /// if no claim can be written.
  static std::optional<RunClaim> take(const std::filesystem::path& result, ClaimWatch& watch);
  /// Whether take() might succeed, without trying: for who has something costly to do before.
  static bool is_free(const std::filesystem::path& result, ClaimWatch& watch);

  RunClaim(RunClaim&& other) noexcept;
  RunClaim& operator=(RunClaim&&) = delete;
  /// Removes the file, unless another process has taken it over.
  ~RunClaim();

  /// Removes what killed owners left: unfinished files, and rights to remove their claims.
  void clear_leftovers() const;
  /// Tells the others that the owner lives; to be called every beat_interval. Allocates nothing, for it is called in a thread of
  /// a forked process.
  void beat() const;
  /// False if another process took the run over, because this one seemed dead.
  bool held() const;

 private:
  RunClaim(std::filesystem::path result, std::filesystem::path file, std::string id, int descriptor)
      : result_(std::move(result)), file_(std::move(file)), id_(std::move(id)), descriptor_(descriptor) {}

  std::filesystem::path result_;
  std::filesystem::path file_;
  std::string id_;
  int descriptor_ = -1;
};

/// Clears what killed processes left beside the result files `results`, except where they are being made.
void clear_leftovers(const std::set<std::filesystem::path>& results);

}  // namespace admmbench
