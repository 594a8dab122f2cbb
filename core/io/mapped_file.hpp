#pragma once
/// A file as memory, read-only: its pages are read when they are looked at, and the system drops them when it needs the room.

#include <cstddef>
#include <filesystem>

namespace admmbench {

class MappedFile {
 public:
  /// Throws std::runtime_error naming the file.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace admmbench
