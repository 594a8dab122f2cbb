#include "core/io/guarded_read.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <new>
#include <system_error>

namespace admmbench {
namespace {

/// A limit must not be raised above the one that the user set.
void lower_limit(decltype(RLIMIT_AS) resource, rlim_t soft) {
  rlimit limit{};
  getrlimit(resource, &limit);
  limit.rlim_cur = std::min(soft, limit.rlim_max);
  setrlimit(resource, &limit);
}

/// The address space that this process has already.
std::uint64_t mapped_bytes() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void allow_seconds(long seconds) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  lower_limit(RLIMIT_CPU, static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1 + seconds));
}

bool write_all(int descriptor, const void* from, std::size_t size) {
  const char* at = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t written = write(descriptor, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool read_all(int descriptor, void* to, std::size_t size) {
  char* at = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t got = read(descriptor, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

using Files = std::vector<std::filesystem::path>;
using Examine = std::function<void(const std::filesystem::path&)>;

/// More than any message has: what a child that has lost its senses may send.
constexpr std::uint32_t longest_message = 1 << 20;

std::string reason(const Examine& examine, const std::filesystem::path& file, const ReadLimits& limits) {
  std::string anonymous = file.string() + ": refused without a reason";
  try {
    examine(file);
    return {};
  } catch (const std::bad_alloc&) {
    return fmt::format("{}: damaged: reading it takes more than {} MiB of memory", file.string(),
                       limits.bytes >> 20);
  } catch (const std::exception& error) {
    return *error.what() == '\0' ? anonymous : error.what();
  } catch (...) {
    return anonymous;
  }
}

/// The child's side: a length and as many characters for each file.
[[noreturn]] void work(const Files& files, std::size_t begin, const Examine& examine,
                       const ReadLimits& limits, int pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU, SIGPIPE, SIGTERM, SIGHUP})
    signal(number, SIG_DFL);
  signal(SIGINT, SIG_IGN);  // the caller decides what an interrupt means
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  lower_limit(RLIMIT_CORE, 0);
  lower_limit(RLIMIT_AS, mapped_bytes() + limits.bytes);
  for (std::size_t i = begin; i < files.size(); ++i) {
    allow_seconds(limits.seconds);
    const std::string text = reason(examine, files[i], limits).substr(0, longest_message);
    const auto size = static_cast<std::uint32_t>(text.size());
    if (!write_all(pipe, &size, sizeof size) || !write_all(pipe, text.data(), size)) break;
  }
  _exit(0);
}

/// What the end of the child says about the file that it did not finish.
std::string crash(int status, const ReadLimits& limits) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
    return fmt::format("reading it does not end within {} s", limits.seconds);
  if (WIFSIGNALED(status)) return fmt::format("reading it crashes ({})", strsignal(WTERMSIG(status)));
  return fmt::format("reading it ends the process (exit code {})", WEXITSTATUS(status));
}

[[noreturn]] void no_child(const char* what) { throw std::system_error(errno, std::system_category(), what); }

}  // namespace

std::vector<std::string> examine_guarded(const Files& files, const Examine& examine,
                                         const ReadLimits& limits) {
  std::vector<std::string> reasons;
  reasons.reserve(files.size());
  while (reasons.size() < files.size()) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) no_child("pipe");
    const pid_t child = fork();
    if (child < 0) {
      close(ends[0]);
      close(ends[1]);
      no_child("cannot start a process to read files in");
    }
    if (child == 0) {
      close(ends[0]);
      work(files, reasons.size(), examine, limits, ends[1]);
    }
    close(ends[1]);
    while (reasons.size() < files.size()) {
      std::uint32_t size = 0;
      if (!read_all(ends[0], &size, sizeof size) || size > longest_message) break;
      std::string text(size, '\0');
      if (!read_all(ends[0], text.data(), size)) break;
      reasons.push_back(std::move(text));
    }
    close(ends[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (reasons.size() == files.size()) break;
    const std::string& name = files[reasons.size()].string();
    reasons.push_back(fmt::format("{}: damaged: {}", name, crash(status, limits)));
  }
  return reasons;
}

}  // namespace admmbench
