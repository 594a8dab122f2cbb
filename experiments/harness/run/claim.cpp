#include "experiments/harness/run/claim.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/io/temporary.hpp"
#include "experiments/harness/run/checkpoint.hpp"

namespace admmbench {

namespace {

/// A file descriptor with an end.
class Open {
 public:
  explicit Open(int descriptor) : descriptor_(descriptor) {}
  ~Open() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  operator int() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

std::filesystem::path claim_file(const std::filesystem::path& result) {
  return result.parent_path() / fmt::format(".{}.claim", result.filename().string());
}

/// What a claim says; all empty while its owner has not written it yet.
struct Owner {
  std::string host, boot, process, id;
  bool locked = false;  ///< the owner could lock the file
};

Owner owner_of(int descriptor) {
  std::array<char, 512> text{};
  const ssize_t n = pread(descriptor, text.data(), text.size() - 1, 0);
  Owner owner;
  std::string lock;
  std::istringstream words(n > 0 ? std::string(text.data(), static_cast<std::size_t>(n)) : "");
  words >> owner.host >> owner.boot >> owner.process >> owner.id >> lock;
  owner.locked = lock == "locked";
  return lock.empty() ? Owner{} : owner;
}

/// Creates a claim, locked, with its owner in it; -1 if there is one.
int create(const std::filesystem::path& file, const std::string& id) {
  Open claim(open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (claim < 0) {
    if (errno == EEXIST) return -1;
    throw std::runtime_error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
  }
  const bool locked =
      flock(claim, LOCK_EX | LOCK_NB) == 0;  // before the text: who reads it may trust the lock
  const std::string text =
      fmt::format("{} {} {} {} {}\n", host_name(), boot_id(), getpid(), id, locked ? "locked" : "not-locked");
  if (write(claim, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    const int error = errno;
    unlink(file.c_str());
    throw std::runtime_error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(error)));
  }
  return claim.release();
}

bool same_file(int descriptor, const std::filesystem::path& file) {
  struct stat open {};
  struct stat named {};
  return fstat(descriptor, &open) == 0 && stat(file.c_str(), &named) == 0 && open.st_ino == named.st_ino &&
         open.st_dev == named.st_dev;
}

/// Hidden files in the folder of `result`.
std::vector<std::filesystem::path> files_beside(const std::filesystem::path& result) {
  std::vector<std::filesystem::path> found;
  std::error_code ignored;
  for (auto entry = std::filesystem::directory_iterator(result.parent_path(), ignored);
       !ignored && entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
    if (entry->path().filename().string().starts_with('.')) found.push_back(entry->path());
  }
  return found;
}

enum class State { gone, alive, dead, silent };

/// Whose claim `descriptor` is. After `dead` this process has the lock: nobody else on this kernel removes the file.
State look_at(int descriptor, const std::filesystem::path& file, const Owner& owner, ClaimWatch& watch) {
  struct stat state {};
  if (fstat(descriptor, &state) != 0) return State::gone;
  const std::string look = fmt::format("{} {}.{:09}", owner.id, state.st_mtim.tv_sec, state.st_mtim.tv_nsec);
  if (owner.locked && owner.boot == boot_id()) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) return State::alive;
    return same_file(descriptor, file) ? State::dead : State::gone;
  }
  return watch.is_stale(file, look) ? State::silent : State::alive;
}

/// Removes the claim of `owner`, who cannot be asked: only who has created the file named after it may, so that nobody removes the
/// claim of the next owner.
void remove_silent(const std::filesystem::path& file, const Owner& owner, ClaimWatch& watch) {
  const std::filesystem::path right = file.string() + "." + (owner.id.empty() ? "unwritten" : owner.id);
  const Open mine(create(right, random_id()));
  if (mine < 0) {
    const Open other(open(right.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (other < 0) return;
    const State state = look_at(other, right, owner_of(other), watch);
    if (state == State::dead || state == State::silent) unlink(right.c_str());
    return;
  }
  {
    const Open now(open(file.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (now >= 0 && owner_of(now).id == owner.id) unlink(file.c_str());
  }
  unlink(right.c_str());
}

}  // namespace

bool ClaimWatch::is_stale(const std::filesystem::path& claim, const std::string& look) {
  const auto now = std::chrono::steady_clock::now();
  Seen& seen = seen_[claim];
  if (seen.look != look) seen = {look, now};
  return now - seen.since >= stale_after_;
}

std::optional<RunClaim> RunClaim::take(const std::filesystem::path& result, ClaimWatch& watch) {
  const std::filesystem::path file = claim_file(result);
  std::filesystem::create_directories(file.parent_path());
  const std::string id = random_id();
  constexpr int most_attempts = 4;  // each but the first because another process was quicker
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const int created = create(file, id);
    if (created >= 0) return RunClaim(result, file, id, created);
    const Open found(open(file.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (found < 0) {
      if (errno == ENOENT) continue;
      throw std::runtime_error(fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno)));
    }
    const Owner owner = owner_of(found);
    switch (look_at(found, file, owner, watch)) {
      case State::alive:
        return std::nullopt;
      case State::gone:
        break;
      case State::dead:
        unlink(file.c_str());
        break;
      case State::silent:
        remove_silent(file, owner, watch);
        break;
    }
  }
  return std::nullopt;
}

bool RunClaim::is_free(const std::filesystem::path& result, ClaimWatch& watch) {
  const std::filesystem::path file = claim_file(result);
  const Open found(open(file.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  return found < 0 || look_at(found, file, owner_of(found), watch) != State::alive;
}

RunClaim::RunClaim(RunClaim&& other) noexcept
    : result_(std::move(other.result_)),
      file_(std::move(other.file_)),
      id_(std::move(other.id_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

RunClaim::~RunClaim() {
  if (descriptor_ < 0) return;
  // Who takes over a claim on this kernel has its lock, which we have; on others, the right to remove it.
  try {
    const std::filesystem::path right = file_.string() + "." + id_;
    const Open mine(create(right, id_));
    if (mine >= 0) {
      if (held()) unlink(file_.c_str());
      unlink(right.c_str());
    }
  } catch (const std::exception&) {
    // A folder that cannot be written any more: the claim ends with the lock.
  }
  close(descriptor_);
}

void RunClaim::clear_leftovers() const {
  remove_leftovers(result_, Leftovers::all);
  remove_leftovers(checkpoint_file(result_), Leftovers::all);
  const std::string rights = file_.filename().string() + ".";
  for (const auto& path : files_beside(result_)) {
    if (!path.filename().string().starts_with(rights)) continue;
    const Open right(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (right < 0) continue;
    ClaimWatch never(std::chrono::hours(1));
    const Owner owner = owner_of(right);
    // Killed before it could write its name: nobody has the lock. A living one would lose a right to a claim that is gone.
    const bool unwritten = owner.id.empty() && flock(right, LOCK_EX | LOCK_NB) == 0;
    if (unwritten || look_at(right, path, owner, never) == State::dead) unlink(path.c_str());
  }
}

void clear_leftovers(const std::set<std::filesystem::path>& results) {
  std::map<std::filesystem::path, std::vector<std::string>> hidden;  // of the folders
  ClaimWatch watch;
  for (const auto& result : results) {
    const auto [folder, fresh] = hidden.try_emplace(result.parent_path());
    if (fresh) {
      for (const auto& path : files_beside(result)) folder->second.push_back(path.filename().string());
    }
    const std::string begin = fmt::format(".{}.", result.filename().string());
    const std::string checkpoint = checkpoint_file(result).filename().string();
    const bool any = std::any_of(folder->second.begin(), folder->second.end(), [&](const std::string& name) {
      return (name.starts_with(begin) && name != checkpoint) || name.starts_with("." + checkpoint);
    });
    if (!any) continue;
    const std::optional<RunClaim> claim = RunClaim::take(result, watch);
    if (claim) claim->clear_leftovers();
  }
}

void RunClaim::beat() const { futimens(descriptor_, nullptr); }

bool RunClaim::held() const { return same_file(descriptor_, file_); }

}  // namespace admmbench
