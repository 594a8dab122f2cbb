#pragma once
/// What a run saves of itself while it is made, `.seed-0.h5.checkpoint` beside the result, so that a killed one goes on from there
/// with the same bits.
///
/// A checkpoint of iteration k also says what the state was after iteration k + 1, as a digest: whoever goes on from k compares, so
/// that a method that does not archive all of its state is found out, and so is another machine with other bits. It therefore
/// appears after iteration k + 1, written whole under a temporary name, synchronised and renamed.
///
/// The file: a line of text `admmbench checkpoint 1 CONTENT_HASH DIGEST CHECKSUM`, then the bytes of the archive. It is used by a run
/// of the same content hash only (configuration, data, code), and removed when the run is complete.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/io/temporary.hpp"
#include "core/problem/state_archive.hpp"
#include "experiments/harness/config/duration.hpp"

namespace admmbench {

std::filesystem::path checkpoint_file(const std::filesystem::path& result);

/// The content hash of the run whose checkpoint `file` is; empty if it is none.
std::string checkpoint_hash(const std::filesystem::path& file);

/// 64 bits of what `archived` hands to an archive; empty if that is nothing.
std::optional<std::uint64_t> digest_of(const std::function<void(StateArchive&)>& archived);

/// How many bytes `archived` hands to an archive.
std::uint64_t archived_bytes(const std::function<void(StateArchive&)>& archived);

/// A checkpoint that is not valid yet. Throws std::runtime_error, naming the file, if it cannot be written.
class UnfinishedCheckpoint {
 public:
  UnfinishedCheckpoint(const std::filesystem::path& file, const std::string& content_hash,
                       const std::function<void(StateArchive&)>& archived);

  /// `digest`: of the state one iteration later.
  void commit(std::uint64_t digest);

 private:
  Temporary file_;
  std::string content_hash_;
  std::uint64_t checksum_ = 0;
};

/// A checkpoint to go on from.
class SavedCheckpoint {
 public:
  /// Empty if `file` is no undamaged checkpoint of a run with this hash.
  static std::optional<SavedCheckpoint> open(const std::filesystem::path& file,
                                             const std::string& content_hash);

  /// Throws std::runtime_error if the archive is not what `archived` expects.
  void restore(const std::function<void(StateArchive&)>& archived) const;
  std::uint64_t digest() const { return digest_; }  ///< of the state one iteration later

 private:
  SavedCheckpoint(std::filesystem::path file, std::uint64_t digest)
      : file_(std::move(file)), digest_(digest) {}

  std::filesystem::path file_;
  std::uint64_t digest_;
};

/// When the next checkpoint is due. By the clock they take a hundredth of the run at most, however long one takes.
class CheckpointTimer {
 public:
  explicit CheckpointTimer(const Every& interval) : interval_(interval) {}

  /// After iteration k.
  bool due(long k) const;
  /// Before the first one, whose time nobody knows: it will be of so many bytes, and the disk may be slow.
  void expect(std::uint64_t bytes);
  /// A checkpoint that took `seconds`, without the iteration between its halves, is written now.
  void written(double seconds);
  /// Seconds since the last one, or since the run began.
  double age() const;

 private:
  Every interval_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  double cost_ = 0;  ///< seconds of the last one, or that are expected of the first
};

}  // namespace admmbench
