#include "core/io/temporary.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace admmbench {

namespace {

constexpr std::size_t boot_length = 8;
constexpr std::size_t random_length = 16;
constexpr std::time_t a_day = 86400;

bool is_hexadecimal(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Whether `name` is that of a temporary made under this kernel.
bool is_of_this_boot(std::string_view name) {
  const std::string_view end = ".part";
  const std::size_t length = boot_length + 1 + random_length + end.size();
  return name.ends_with(end) && name.size() > length &&
         name.substr(name.size() - length).starts_with(boot_id());
}

bool same_file(int descriptor, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return fstat(descriptor, &opened) == 0 && lstat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/// Removes `path` if the process that made it has ended, as far as can be told: under its lock, so that who has just made it and is about
/// to lock it waits, and sees that it is gone.
void remove_if_dead(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return;
  struct stat state {};
  const bool dead = is_of_this_boot(path.filename().string())
                        ? flock(descriptor, LOCK_EX | LOCK_NB) == 0
                        : fstat(descriptor, &state) == 0 && std::time(nullptr) - state.st_mtime > a_day;
  std::error_code ignored;
  if (dead) std::filesystem::remove_all(path, ignored);
  close(descriptor);
}

[[noreturn]] void cannot_write(const std::filesystem::path& path, int error) {
  throw std::runtime_error(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(error)));
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  constexpr std::size_t longest = 32;
  std::string host;
  for (const char c : std::string_view(name.data()).substr(0, longest))
    host += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ? c : '_';
  return host.empty() ? "unknown" : host;
}

const std::string& boot_id() {
  static const std::string id = [] {
    std::string text;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
    std::string digits;
    for (const char c : text) {
      if (c != '-') digits += c;
    }
    digits.resize(boot_length, '0');
    return is_hexadecimal(digits) ? digits : std::string("00000000");
  }();
  return id;
}

std::string random_id() {
  std::uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits))
    throw std::runtime_error(fmt::format("no random numbers: {}", std::strerror(errno)));
  return fmt::format("{:016x}", bits);
}

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  return path.parent_path() /
         fmt::format(".{}.{}-{}-{}.part", path.filename().string(), host_name(), boot_id(), random_id());
}

void remove_leftovers(const std::filesystem::path& path, Leftovers which) {
  const std::string begin = fmt::format(".{}.", path.filename().string());
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code ignored;
  std::vector<std::filesystem::path> found;
  for (auto entry = std::filesystem::directory_iterator(folder, ignored);
       !ignored && entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(begin) && name.ends_with(".part")) found.push_back(entry->path());
  }
  for (const auto& leftover : found) {
    if (which == Leftovers::all) {
      std::filesystem::remove_all(leftover, ignored);
    } else {
      remove_if_dead(leftover);
    }
  }
}

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

void check_writable(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) cannot_write(folder, error.value());
  const Temporary probe(folder / "probe");
  const std::vector<char> block(std::size_t{1} << 16, 'x');
  const ssize_t written = write(probe.descriptor(), block.data(), block.size());
  if (written != static_cast<ssize_t>(block.size())) cannot_write(folder, written < 0 ? errno : ENOSPC);
  if (fsync(probe.descriptor()) != 0 && errno != EINVAL) cannot_write(folder, errno);
}

Temporary::Temporary(std::filesystem::path path, Kind kind) : path_(std::move(path)) {
  remove_leftovers(path_, Leftovers::of_the_dead);
  for (;;) {
    temporary_ = temporary_name(path_);
    if (kind == Kind::folder) {
      if (mkdir(temporary_.c_str(), 0777) != 0) cannot_write(path_, errno);
      descriptor_ = open(temporary_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    } else {
      descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    }
    if (descriptor_ < 0) {
      if (kind == Kind::folder && errno == ENOENT) continue;
      cannot_write(path_, errno);
    }
    while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
    if (same_file(descriptor_, temporary_)) return;
    close(descriptor_);  // taken for a leftover before it was locked
  }
}

Temporary::~Temporary() {
  if (descriptor_ < 0) return;
  std::error_code ignored;
  std::filesystem::remove_all(temporary_, ignored);
  close(descriptor_);
}

void Temporary::publish() {
  struct stat old {};
  if (stat(path_.c_str(), &old) == 0 && S_ISREG(old.st_mode)) fchmod(descriptor_, old.st_mode & 07777);
  if (fsync(descriptor_) != 0) cannot_write(path_, errno);
  if (rename(temporary_.c_str(), path_.c_str()) != 0) cannot_write(path_, errno);
  close(descriptor_);
  descriptor_ = -1;
  sync_folder(path_.parent_path());
}

}  // namespace admmbench
