#include "core/io/shared_memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace admmbench {
namespace {

[[noreturn]] void refuse(std::size_t size, std::string_view why) {
  throw std::runtime_error(fmt::format("{} bytes of shared memory: {}", size, why));
}

/// Of this machine, in bytes.
std::size_t physical_memory() {
  return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

SharedMemory::SharedMemory(std::size_t size) : size_(size) {
  // Such memory has no limit of its own: claiming more than there is would end other processes.
  if (size > physical_memory()) refuse(size, fmt::format("the machine has {}", physical_memory()));
  descriptor_ = memfd_create("admmbench", MFD_CLOEXEC);
  if (descriptor_ < 0) refuse(size, std::strerror(errno));
  if (ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
    const int error = errno;
    close(descriptor_);
    refuse(size, std::strerror(error));
  }
  data_ = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  if (data_ == MAP_FAILED) {
    const int error = errno;
    close(descriptor_);
    refuse(size, std::strerror(error));
  }
}

SharedMemory::~SharedMemory() {
  munmap(data_, size_);
  close(descriptor_);
}

std::string SharedMemory::path() const { return fmt::format("/proc/{}/fd/{}", getpid(), descriptor_); }

}  // namespace admmbench
