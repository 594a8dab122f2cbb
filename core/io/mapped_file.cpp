#include "core/io/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace admmbench {

namespace {

/// A file that is closed at the end of the scope: a mapping does not need it.
class OpenedToRead {
 public:
  explicit OpenedToRead(const std::filesystem::path& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenedToRead() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenedToRead(const OpenedToRead&) = delete;
  OpenedToRead& operator=(const OpenedToRead&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  const auto refuse = [&path] {
    throw std::runtime_error(
        fmt::format("{}: cannot be mapped into memory: {}", path.string(), std::strerror(errno)));
  };
  const OpenedToRead file(path);
  struct stat state {};
  if (file.descriptor() < 0 || fstat(file.descriptor(), &state) != 0) refuse();
  size_ = static_cast<std::size_t>(state.st_size);
  if (size_ == 0) return;
  void* memory = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.descriptor(), 0);
  if (memory == MAP_FAILED) refuse();
  data_ = static_cast<const std::byte*>(memory);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace admmbench
