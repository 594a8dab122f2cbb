#include "datasets/cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "core/io/temporary.hpp"

namespace admmbench {
namespace {

const char* non_empty(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

std::filesystem::path cache_folder() {
  if (const char* folder = non_empty("ADMMBENCH_CACHE")) return folder;
  if (const char* folder = non_empty("XDG_CACHE_HOME")) return std::filesystem::path(folder) / "admmbench";
  if (const char* folder = non_empty("HOME")) return std::filesystem::path(folder) / ".cache" / "admmbench";
  throw std::runtime_error(
      "no place for the data cache: set ADMMBENCH_CACHE to a folder (HOME is not set either)");
}

CacheLock::CacheLock(const std::string& name) {
  const std::filesystem::path folder = cache_folder();
  const std::filesystem::path lock = folder / "locks" / (name + ".lock");
  std::error_code error;
  for (const auto& needed : {lock.parent_path(), folder / "raw" / name, folder / "converted"}) {
    std::filesystem::create_directories(needed, error);
    if (error) break;
  }
  if (!error) descriptor_ = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    throw std::runtime_error(
        fmt::format("cannot write to the data cache {} ({}): set ADMMBENCH_CACHE to another folder",
                    folder.string(), error ? error.message() : std::strerror(errno)));
  }
  while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

CacheLock::~CacheLock() { close(descriptor_); }

TemporaryFile::TemporaryFile(std::filesystem::path path) : path_(std::move(path)) {
  remove_leftovers(path_, Leftovers::of_the_dead);
  temporary_ = temporary_name(path_);
}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void TemporaryFile::publish() {
  std::filesystem::rename(temporary_, path_);
  sync_folder(path_.parent_path());
}

}  // namespace admmbench
