#pragma once
/// The folder where raw and converted files are kept: raw/<set>/<file>, converted/<set>-<key>.h5. It may be deleted
/// at any time. Files appear in it whole, by renaming; processes that work on one set take turns.

#include <filesystem>
#include <string>

namespace admmbench {

/// $ADMMBENCH_CACHE, else $XDG_CACHE_HOME/admmbench, else ~/.cache/admmbench.
std::filesystem::path cache_folder();

/// Holds the cache's lock on `name` (flock: between processes and threads) during its lifetime.
class CacheLock {
 public:
  /// Waits. Creates the folders it needs; throws std::runtime_error naming the cache folder if it cannot.
  explicit CacheLock(const std::string& name);
  ~CacheLock();
  CacheLock(const CacheLock&) = delete;
  CacheLock& operator=(const CacheLock&) = delete;

 private:
  int descriptor_ = -1;
};

/// A name beside `path` that no other process or thread uses, removed at the end of the scope unless published.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::filesystem::path path);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::filesystem::path& path() const { return temporary_; }
  /// Renames it to its real name.
  void publish();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
};

}  // namespace admmbench
