#include "core/io/line_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <thread>

extern char** environ;

namespace admmbench {
namespace {

constexpr std::size_t longest_answer = 1 << 20;  // bytes: what is longer is no answer
constexpr std::size_t kept_errors = 2048;        // bytes of standard error

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  // Close-on-exec: a child that another thread starts must not hold this pipe open.
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw LineProcessError(fmt::format("pipe: {}", std::strerror(errno)));
  return {ends[0], ends[1]};
}

void close_and_forget(int& descriptor) {
  if (descriptor >= 0) close(descriptor);
  descriptor = -1;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& variables) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(variables.begin(), variables.end(),
                                      [&](const auto& variable) { return variable.first == name; });
    if (!replaced) result.emplace_back(text);
  }
  for (const auto& [name, value] : variables) result.push_back(fmt::format("{}={}", name, value));
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// What the child does between fork() and its program; nothing that allocates. Writes errno to `report` if it comes back.
[[noreturn]] void become(char* const* argv, char* const* environment, const Pipe& in, const Pipe& out,
                         const Pipe& error, int report, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  dup2(in.read_end, STDIN_FILENO);
  dup2(out.write_end, STDOUT_FILENO);
  dup2(error.write_end, STDERR_FILENO);
  for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGXFSZ}) std::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(argv[0], argv, environment);
  const int why = errno;
  [[maybe_unused]] const ssize_t told = write(report, &why, sizeof why);
  _exit(127);
}

/// The last lines of `text`, of which the first may be cut.
std::string last_lines(std::string text, std::size_t lines) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::size_t begin = text.size();
  while (lines-- > 0 && begin != 0 && begin != std::string::npos)
    begin = begin == 0 ? 0 : text.rfind('\n', begin - 1);
  text = begin == std::string::npos ? text : text.substr(begin == 0 ? 0 : begin + 1);
  std::replace(text.begin(), text.end(), '\n', '|');
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return text;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("ended with exit status {}", WEXITSTATUS(status));
}

/// Blocks SIGPIPE while it lives, and swallows one that came in between: writing to a program that is gone is an error, not an end.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    const timespec now{0, 0};
    if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

}  // namespace

LineProcess::LineProcess(const std::vector<std::string>& arguments,
                         const std::vector<std::pair<std::string, std::string>>& variables)
    : name_(fmt::format("{}", fmt::join(arguments, " "))) {
  if (arguments.empty()) throw LineProcessError("no program is named");
  std::vector<std::string> words = arguments;
  std::vector<std::string> environment = environment_with(variables);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(environment);
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe error = make_pipe();
  Pipe report = make_pipe();
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ == 0) become(argv.data(), envp.data(), in, out, error, report.write_end, parent);
  const int fork_error = errno;
  if (process_ > 0) setpgid(process_, process_);  // whoever of the two comes first
  close(in.read_end);
  close(out.write_end);
  close(error.write_end);
  close(report.write_end);
  to_ = in.write_end;
  from_ = out.read_end;
  errors_ = error.read_end;
  int why = 0;
  ssize_t told = 0;
  if (process_ > 0) {
    while ((told = read(report.read_end, &why, sizeof why)) < 0 && errno == EINTR) {
    }
  }
  close(report.read_end);
  if (process_ > 0 && told == 0) return;
  if (process_ > 0) {
    waitpid(process_, nullptr, 0);
    process_ = -1;
  } else {
    why = fork_error;
  }
  for (int* const descriptor : {&to_, &from_, &errors_}) close_and_forget(*descriptor);
  throw LineProcessError(fmt::format("cannot start '{}': {}", arguments[0], std::strerror(why)));
}

LineProcess::~LineProcess() {
  kill_group();
  for (int* const descriptor : {&to_, &from_, &errors_}) close_and_forget(*descriptor);
}

std::string LineProcess::ask(std::string_view line, Seconds limit) {
  send(line);
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(limit);
  for (;;) {
    if (const auto end = received_.find('\n'); end != std::string::npos) {
      std::string answer = received_.substr(0, end);
      received_.erase(0, end + 1);
      return answer;
    }
    if (received_.size() > longest_answer) fail("answers with a line of more than a megabyte");
    const Seconds left = deadline - Clock::now();
    if (left.count() <= 0) {
      kill_group();
      throw LineProcessError(fmt::format("'{}' gave no answer within {:g} s", name_, limit.count()));
    }
    if (!read_some(left)) fail("");
  }
}

void LineProcess::end(std::string_view line, Seconds grace) {
  if (process_ < 0) return;
  try {
    send(line);
  } catch (const LineProcessError&) {  // it is gone already
  }
  close_and_forget(to_);
  wait_until_dead(grace);
  kill_group();
}

void LineProcess::send(std::string_view line) {
  const NoPipeSignal guard;
  std::string text(line);
  text += '\n';
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t size = write(to_, text.data() + sent, text.size() - sent);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail("");
    sent += static_cast<std::size_t>(size);
  }
}

/// Waits for output and takes it; false if there will be no more.
bool LineProcess::read_some(Seconds limit) {
  std::array<pollfd, 2> watched{pollfd{from_, POLLIN, 0}, pollfd{errors_, POLLIN, 0}};
  const double milliseconds = std::clamp(1000 * limit.count() + 1, 1.0, 1e9);
  if (poll(watched.data(), watched.size(), static_cast<int>(milliseconds)) < 0) return errno == EINTR;
  if (watched[1].revents != 0) take_errors();
  if (watched[0].revents == 0) return true;
  std::array<char, 4096> buffer{};
  const ssize_t size = read(from_, buffer.data(), buffer.size());
  if (size < 0) return errno == EINTR;
  received_.append(buffer.data(), static_cast<std::size_t>(size));
  return size > 0;
}

void LineProcess::take_errors() {
  std::array<char, 4096> buffer{};
  const ssize_t size = read(errors_, buffer.data(), buffer.size());
  if (size < 0 && errno == EINTR) return;
  if (size <= 0) {
    close_and_forget(errors_);  // poll() passes over what is negative
    return;
  }
  last_words_.append(buffer.data(), static_cast<std::size_t>(size));
  if (last_words_.size() > kept_errors) last_words_.erase(0, last_words_.size() - kept_errors);
}

bool LineProcess::wait_until_dead(Seconds grace) {
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(grace);
  while (process_ > 0) {
    const pid_t ended = waitpid(process_, &status_, WNOHANG);
    if (ended == process_) {
      killpg(process_, SIGKILL);  // whatever it has started
      process_ = -1;
    } else if (Clock::now() >= deadline) {
      return false;
    } else {
      pollfd errors{errors_, POLLIN, 0};  // one that fills its standard error must not wait for us for ever
      if (poll(&errors, 1, 5) > 0) take_errors();
    }
  }
  return true;
}

void LineProcess::kill_group() {
  if (process_ <= 0) return;
  killpg(process_, SIGKILL);
  while (waitpid(process_, &status_, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

void LineProcess::fail(const std::string& what) {
  constexpr Seconds to_end{2};  // its streams are closed, so it is on its way
  const bool ended = what.empty() && wait_until_dead(to_end);
  while (errors_ >= 0) {
    pollfd errors{errors_, POLLIN, 0};
    if (poll(&errors, 1, 0) <= 0) break;
    take_errors();
  }
  std::string message = fmt::format("'{}' {}", name_,
                                    !what.empty() ? what
                                    : ended       ? how_it_ended(status_)
                                                  : "closed its standard output");
  kill_group();
  const std::string words = last_lines(last_words_, 3);
  if (!words.empty()) message += fmt::format("; its last words: {}", words);
  throw LineProcessError(message);
}

}  // namespace admmbench
