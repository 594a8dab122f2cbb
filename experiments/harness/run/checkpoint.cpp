#include "experiments/harness/run/checkpoint.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace admmbench {

namespace {

constexpr const char* magic = "admmbench checkpoint 1";
constexpr double slow_disk = 1e8;    ///< bytes a second, with the two passes for digest and checksum
constexpr double time_share = 0.01;  ///< of a run's time that checkpoints may take

/// FNV-1a on words of 8 bytes: finds damage and difference, at the speed of the memory.
class Hash {
 public:
  void add(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (; size >= sizeof(std::uint64_t); size -= sizeof(std::uint64_t), bytes += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes, sizeof word);
      mix(word);
    }
    std::uint64_t rest = size;
    for (std::size_t i = 0; i < size; ++i) rest = rest << 8U | bytes[i];
    mix(rest);
  }
  std::uint64_t value() const { return value_; }

 private:
  void mix(std::uint64_t word) {
    value_ = (value_ ^ word) * 0x100000001b3U;
    value_ ^= value_ >> 32U;
  }
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

class DigestArchive final : public StateArchive {
 public:
  bool restores() const override { return false; }
  std::optional<std::uint64_t> value() const {
    return size_ > 0 ? std::optional(hash_.value()) : std::nullopt;
  }

 protected:
  void bytes(void* data, std::size_t size) override {
    hash_.add(data, size);
    size_ += size;
  }

 private:
  Hash hash_;
  std::size_t size_ = 0;
};

class CountingArchive final : public StateArchive {
 public:
  bool restores() const override { return false; }
  std::uint64_t size() const { return size_; }

 protected:
  void bytes(void* /*data*/, std::size_t size) override { size_ += size; }

 private:
  std::uint64_t size_ = 0;
};

class SavingArchive final : public StateArchive {
 public:
  SavingArchive(int descriptor, const std::filesystem::path& path) : descriptor_(descriptor), path_(path) {}
  bool restores() const override { return false; }

  /// Everything is in the file.
  void finish() { flush(); }

 protected:
  void bytes(void* data, std::size_t size) override {
    const char* from = static_cast<const char*>(data);
    if (buffer_.size() + size > most_buffered) flush();
    if (size > most_buffered) {
      write_all(from, size);
    } else {
      buffer_.insert(buffer_.end(), from, from + size);
    }
  }

 private:
  static constexpr std::size_t most_buffered = std::size_t{1} << 16;

  void flush() {
    write_all(buffer_.data(), buffer_.size());
    buffer_.clear();
  }
  void write_all(const char* data, std::size_t size) {
    while (size > 0) {
      const ssize_t n = write(descriptor_, data, size);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0)
        throw std::runtime_error(
            fmt::format("{}: cannot be written: {}", path_.string(), std::strerror(errno)));
      data += n;
      size -= static_cast<std::size_t>(n);
    }
  }

  int descriptor_;
  const std::filesystem::path& path_;
  std::vector<char> buffer_;
};

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File open_file(const std::filesystem::path& path) { return {std::fopen(path.c_str(), "rbe"), std::fclose}; }

class RestoringArchive final : public StateArchive {
 public:
  explicit RestoringArchive(std::FILE* file) : file_(file) {}
  bool restores() const override { return true; }

 protected:
  void bytes(void* data, std::size_t size) override {
    if (size > 0 && std::fread(data, 1, size, file_) != size)
      throw std::runtime_error("the checkpoint ends early");
  }

 private:
  std::FILE* file_;
};

std::string header(const std::string& content_hash, std::uint64_t digest, std::uint64_t checksum) {
  return fmt::format("{} {} {:016x} {:016x}\n", magic, content_hash, digest, checksum);
}

struct Header {
  std::string content_hash;
  std::uint64_t digest = 0, checksum = 0;
};

/// Leaves the file at the first byte after it.
std::optional<Header> read_header(std::FILE* file) {
  std::array<char, 256> line{};
  if (std::fgets(line.data(), static_cast<int>(line.size()), file) == nullptr) return std::nullopt;
  const std::string text = line.data();
  if (!text.starts_with(magic) || !text.ends_with('\n')) return std::nullopt;
  std::istringstream words(text.substr(std::strlen(magic)));
  Header header;
  words >> header.content_hash >> std::hex >> header.digest >> header.checksum;
  return words ? std::optional(header) : std::nullopt;
}

/// Of the bytes from here on.
std::uint64_t hash_rest(std::FILE* file) {
  Hash hash;
  std::vector<char> block(std::size_t{1} << 16);
  for (;;) {
    const std::size_t n = std::fread(block.data(), 1, block.size(), file);
    if (n == 0) return hash.value();
    hash.add(block.data(), n);
  }
}

}  // namespace

std::filesystem::path checkpoint_file(const std::filesystem::path& result) {
  return result.parent_path() / fmt::format(".{}.checkpoint", result.filename().string());
}

std::string checkpoint_hash(const std::filesystem::path& file) {
  const File opened = open_file(file);
  if (!opened) return {};
  const std::optional<Header> header = read_header(opened.get());
  return header ? header->content_hash : std::string();
}

std::optional<std::uint64_t> digest_of(const std::function<void(StateArchive&)>& archived) {
  DigestArchive digest;
  archived(digest);
  return digest.value();
}

std::uint64_t archived_bytes(const std::function<void(StateArchive&)>& archived) {
  CountingArchive counting;
  archived(counting);
  return counting.size();
}

UnfinishedCheckpoint::UnfinishedCheckpoint(const std::filesystem::path& file, const std::string& content_hash,
                                           const std::function<void(StateArchive&)>& archived)
    : file_(file), content_hash_(content_hash) {
  const std::string room = header(content_hash, 0, 0);
  if (write(file_.descriptor(), room.data(), room.size()) != static_cast<ssize_t>(room.size()))
    throw std::runtime_error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
  SavingArchive saving(file_.descriptor(), file);
  archived(saving);
  saving.finish();
  const File written = open_file(file_.path());
  if (!written || !read_header(written.get()))
    throw std::runtime_error(fmt::format("{}: cannot be read back", file.string()));
  checksum_ = hash_rest(written.get());
}

void UnfinishedCheckpoint::commit(std::uint64_t digest) {
  const std::string text = header(content_hash_, digest, checksum_);
  if (pwrite(file_.descriptor(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error(
        fmt::format("{}: cannot be written: {}", file_.path().string(), std::strerror(errno)));
  file_.publish();
}

std::optional<SavedCheckpoint> SavedCheckpoint::open(const std::filesystem::path& file,
                                                     const std::string& content_hash) {
  if (content_hash.empty()) return std::nullopt;
  const File opened = open_file(file);
  if (!opened) return std::nullopt;
  const std::optional<Header> header = read_header(opened.get());
  if (!header || header->content_hash != content_hash || hash_rest(opened.get()) != header->checksum)
    return std::nullopt;
  return SavedCheckpoint(file, header->digest);
}

void SavedCheckpoint::restore(const std::function<void(StateArchive&)>& archived) const {
  const File opened = open_file(file_);
  if (!opened || !read_header(opened.get())) throw std::runtime_error("the checkpoint is gone");
  RestoringArchive restoring(opened.get());
  archived(restoring);
  if (std::fgetc(opened.get()) != EOF) throw std::runtime_error("the checkpoint holds more than the run has");
}

bool CheckpointTimer::due(long k) const {
  if (interval_.iterations) return k > 0 && k % *interval_.iterations == 0;
  return interval_.seconds && age() >= std::max(*interval_.seconds, cost_ / time_share);
}

void CheckpointTimer::expect(std::uint64_t bytes) { cost_ = static_cast<double>(bytes) / slow_disk; }

void CheckpointTimer::written(double seconds) {
  last_ = std::chrono::steady_clock::now();
  cost_ = seconds;
}

double CheckpointTimer::age() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - last_).count();
}

}  // namespace admmbench
