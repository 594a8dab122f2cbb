#include "experiments/harness/run/worker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include "core/io/temporary.hpp"
#include "experiments/harness/run/claim.hpp"
#include "experiments/harness/run/interrupt.hpp"

namespace admmbench {

// The pipe carries lines: `I iteration`, `W warning`, and at the end
// `E status recorded iterations seconds checkpoints checkpoint_seconds accuracy_of accuracy message` (`- 0` where there is no accuracy).

namespace {

constexpr auto report_interval = std::chrono::milliseconds(200);

void send(int pipe, std::string line) {
  std::replace(line.begin(), line.end(), '\n', ' ');
  line += '\n';
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t n = write(pipe, line.data() + sent, line.size() - sent);
    if (n < 0 && errno != EINTR) return;  // the parent is gone; the result file is what counts
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
}

RunHooks reporting_hooks(int pipe) {
  RunHooks hooks;
  hooks.progress = [pipe, last = std::chrono::steady_clock::time_point{}](long iteration) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (now - last < report_interval) return;
    last = now;
    send(pipe, fmt::format("I {}", iteration));
  };
  hooks.warn = [pipe](const std::string& text) { send(pipe, "W " + text); };
  hooks.interrupted = interrupted;
  return hooks;
}

}  // namespace

Lifeline::Lifeline() {
  if (pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
}

Lifeline::~Lifeline() {
  for (const int end : ends_) {
    if (end >= 0) close(end);
  }
}

void Lifeline::leave() { close(std::exchange(ends_[1], -1)); }

namespace {

/// Ends this process when the parent is gone. PR_SET_PDEATHSIG does that too, but not where the parent is in another container, or
/// a method has set it otherwise.
void watch_parent(int line, const std::function<void()>& beat) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the thread that makes the run
  std::thread([line, beat] {
    const auto interval = std::chrono::duration_cast<std::chrono::milliseconds>(RunClaim::beat_interval);
    for (;;) {
      pollfd end{line, POLLIN, 0};
      if (poll(&end, 1, static_cast<int>(interval.count())) > 0) ::kill(getpid(), SIGKILL);
      beat();
    }
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// A method that calls exit(): the parent's buffers and statics are not the child's to finish. Registered last, called first.
void leave_the_parents_statics_alone() {
  on_exit([](int code, void*) { _exit(code); }, nullptr);
}

}  // namespace

Worker Worker::start(const std::function<RunOutcome(const RunHooks&)>& body, Lifeline& line,
                     const std::function<void()>& beat) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t parent = getpid();
  const auto started = std::chrono::steady_clock::now();
  const pid_t process = fork();
  if (process < 0) {
    const int error = errno;
    close(ends[0]);
    close(ends[1]);
    throw std::system_error(error, std::generic_category(), "cannot start a worker process");
  }
  if (process > 0) {
    close(ends[1]);
    return {process, ends[0], started};
  }
  close(ends[0]);
  line.leave();
  std::signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  catch_interrupts();
  leave_the_parents_statics_alone();
  watch_parent(line.descriptor(), beat);
  RunHooks hooks = reporting_hooks(ends[1]);
  hooks.started = started;
  const RunOutcome outcome = body(hooks);
  send(ends[1], fmt::format("E {} {:d} {} {} {} {} {} {} {}", static_cast<int>(outcome.status),
                            outcome.recorded, outcome.iterations, outcome.seconds, outcome.checkpoints,
                            outcome.checkpoint_seconds, outcome.accuracy ? outcome.accuracy_of : "-",
                            outcome.accuracy.value_or(0), outcome.message));
  _exit(0);  // not exit(), see leave_the_parents_statics_alone()
}

Worker::Worker(Worker&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      pipe_(std::exchange(other.pipe_, -1)),
      started_(other.started_),
      buffer_(std::move(other.buffer_)),
      iteration_(other.iteration_),
      outcome_(std::move(other.outcome_)) {}

Worker::~Worker() {
  if (pipe_ >= 0) close(pipe_);
  if (process_ > 0) {
    ::kill(process_, SIGKILL);  // by an exception: nobody waits for a result
    waitpid(process_, nullptr, 0);
  }
}

bool Worker::read(std::vector<std::string>& warnings) {
  std::array<char, 4096> block{};
  const ssize_t n = ::read(pipe_, block.data(), block.size());
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  if (n == 0) return false;
  buffer_.append(block.data(), static_cast<std::size_t>(n));
  for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n')) {
    understand(buffer_.substr(0, end), warnings);
    buffer_.erase(0, end + 1);
  }
  return true;
}

void Worker::understand(const std::string& line, std::vector<std::string>& warnings) {
  const std::string rest = line.substr(std::min<std::size_t>(2, line.size()));
  if (line.starts_with("I ")) {
    iteration_ = std::stol(rest);
  } else if (line.starts_with("W ")) {
    warnings.push_back(rest);
  } else if (line.starts_with("E ")) {
    std::istringstream fields(rest);
    int status = 0;
    RunOutcome outcome;
    double accuracy = 0;
    fields >> status >> outcome.recorded >> outcome.iterations >> outcome.seconds >> outcome.checkpoints >>
        outcome.checkpoint_seconds >> outcome.accuracy_of >> accuracy;
    outcome.status = static_cast<RunStatus>(status);
    if (outcome.accuracy_of != "-") outcome.accuracy = accuracy;
    std::getline(fields >> std::ws, outcome.message);
    outcome_ = std::move(outcome);
  }
}

RunOutcome Worker::finish(const std::filesystem::path& result) {
  int state = 0;
  while (waitpid(process_, &state, 0) < 0 && errno == EINTR) {
  }
  if (outcome_) {
    process_ = -1;
    return *outcome_;
  }
  process_ = -1;
  remove_leftovers(result, Leftovers::all);
  RunOutcome outcome;
  outcome.status = RunStatus::failed;
  outcome.iterations = iteration_;
  if (WIFSIGNALED(state)) {
    outcome.message = fmt::format("crashed: {} (signal {}{})", strsignal(WTERMSIG(state)), WTERMSIG(state),
                                  WTERMSIG(state) == SIGKILL ? "; out of memory?" : "");
  } else {
    outcome.message = fmt::format("ended without a result, exit code {}", WEXITSTATUS(state));
  }
  return outcome;
}

void Worker::kill() const {
  if (process_ > 0) ::kill(process_, SIGKILL);
}

void Worker::abandon(const std::filesystem::path& result) {
  if (process_ <= 0) return;
  kill();
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  remove_leftovers(result, Leftovers::all);
}

void Worker::interrupt() const {
  if (process_ > 0) ::kill(process_, SIGTERM);
}

}  // namespace admmbench
