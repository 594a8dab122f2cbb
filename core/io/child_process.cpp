#include "core/io/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string_view>

extern char** environ;

namespace admmbench {

namespace {

std::vector<char*> clean_environment() {
  std::vector<char*> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
    const bool misleading = variable.starts_with("GIT_") || variable.starts_with("PYTHON") ||
                            variable.starts_with("PERL") || variable == "ENV" || variable == "BASH_ENV" ||
                            variable == "CDPATH";
    if (!misleading) kept.push_back(*entry);
  }
  kept.push_back(nullptr);
  return kept;
}

std::vector<char*> words(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  return argv;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void limit(pid_t child, const ChildLimits& limits) {
  if (limits.seconds > 0) {
    const rlimit seconds{static_cast<rlim_t>(limits.seconds), static_cast<rlim_t>(limits.seconds) + 5};
    prlimit(child, RLIMIT_CPU, &seconds, nullptr);
  }
  if (limits.bytes > 0) {
    const rlimit bytes{limits.bytes, limits.bytes};
    prlimit(child, RLIMIT_AS, &bytes, nullptr);
  }
}

}  // namespace

ChildResult run_child(const std::vector<std::string>& arguments, const ChildLimits& limits) {
  std::array<int, 2> ends{};
  // Close-on-exec: a child that another thread starts must not hold this pipe open.
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::runtime_error(fmt::format("pipe: {}", std::strerror(errno)));

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> argv = words(arguments);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), clean_environment().data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return {127, fmt::format("{}: {}", arguments[0], std::strerror(error))};
  }

  limit(child, limits);

  ChildResult result;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size = read(ends[0], buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    result.output.append(buffer.data(), static_cast<std::size_t>(size));
  }
  close(ends[0]);
  result.status = wait_for(child);
  while (!result.output.empty() && result.output.back() == '\n') result.output.pop_back();
  return result;
}

int run_child_here(const std::vector<std::string>& arguments) {
  // As system() does: the keyboard's signals are ignored here, and not there.
  sigset_t keyboard;
  sigemptyset(&keyboard);
  sigaddset(&keyboard, SIGINT);
  sigaddset(&keyboard, SIGQUIT);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &keyboard);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const auto interrupt = std::signal(SIGINT, SIG_IGN);
  const auto quit = std::signal(SIGQUIT, SIG_IGN);
  std::vector<char*> argv = words(arguments);
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, argv[0], nullptr, &attributes, argv.data(), clean_environment().data());
  posix_spawnattr_destroy(&attributes);
  const int status = error == 0 ? wait_for(child) : 127;
  std::signal(SIGINT, interrupt);
  std::signal(SIGQUIT, quit);
  return status;
}

}  // namespace admmbench
