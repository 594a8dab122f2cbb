#pragma once
/// Memory that another process of the same user can map, by a name that is gone with this process.

#include <cstddef>
#include <string>

namespace admmbench {

class SharedMemory {
 public:
  /// `size` bytes, all zero. Throws std::runtime_error if the machine does not have them.
  explicit SharedMemory(std::size_t size);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  void* data() { return data_; }
  const void* data() const { return data_; }
  /// A file to map, or to read and write, as long as this object lives.
  std::string path() const;

 private:
  std::size_t size_;
  int descriptor_ = -1;
  void* data_ = nullptr;
};

}  // namespace admmbench
