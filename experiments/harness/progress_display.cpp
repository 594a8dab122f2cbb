#include "experiments/harness/progress_display.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace admmbench {

namespace {

constexpr auto line_interval = std::chrono::seconds(10);

template <class TimePoint>
double seconds_since(TimePoint start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void print_line(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const long whole = std::lround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

ProgressDisplay::ProgressDisplay(const Experiment& experiment, std::size_t total, bool quiet)
    : experiment_(experiment), total_(total), quiet_(quiet), terminal_(isatty(STDOUT_FILENO) == 1) {}

std::string ProgressDisplay::title(std::size_t number) const {
  return fmt::format("[{}/{}] {}", number, total_, active_.at(number).name);
}

void ProgressDisplay::start(std::size_t number, const Run& run) {
  const auto now = Clock::now();
  active_[number] = {fmt::format("{} / {} / seed {}", experiment_.datasets[run.dataset].request.label,
                                 experiment_.solvers[run.solver].label, run.seed),
                     0, now, now};
  if (!quiet_ && !terminal_) print_line(title(number) + ": started");
  tick();
}

void ProgressDisplay::update(std::size_t number, long iteration) { active_.at(number).iteration = iteration; }

void ProgressDisplay::finish(std::size_t number, const RunOutcome& outcome) {
  std::string text = fmt::format("{}: {}", title(number), to_string(outcome.status));
  if (outcome.accuracy) text += fmt::format(", {} accuracy {:.4f}", outcome.accuracy_of, *outcome.accuracy);
  text +=
      fmt::format(", {} iterations in {} of solver time", outcome.iterations, duration_text(outcome.seconds));
  if (outcome.status != RunStatus::completed) text += fmt::format(" ({})", outcome.message);
  if (!quiet_) {
    clear();
    print_line(text);
  }
  active_.erase(number);
  ++finished_;
  tick();
}

void ProgressDisplay::warn(std::size_t number, const std::string& text) {
  clear();
  fmt::print(stderr, "admmbench: warning: {}: {}\n", title(number), text);
}

std::string ProgressDisplay::remaining() const {
  const auto per_run = static_cast<double>(std::max(experiment_.iterations, 1L));
  double done = static_cast<double>(finished_);
  for (const auto& [number, run] : active_)
    done += std::min(1.0, static_cast<double>(run.iteration) / per_run);
  if (done <= 0) return "";
  const double left = seconds_since(started_) * (static_cast<double>(total_) - done) / done;
  return fmt::format(", about {} left for all", duration_text(left));
}

void ProgressDisplay::tick() {
  if (quiet_ || active_.empty()) return;
  if (!terminal_) {
    for (auto& [number, run] : active_) {
      if (Clock::now() - run.printed < line_interval) continue;
      run.printed = Clock::now();
      print_line(fmt::format("{}: iteration {}/{}{}", title(number), run.iteration, experiment_.iterations,
                             remaining()));
    }
    return;
  }
  std::string line = fmt::format("{}/{} done", finished_, total_);
  for (const auto& [number, run] : active_) {
    line += fmt::format(" | {} {}/{}", run.name, run.iteration, experiment_.iterations);
  }
  line += remaining();
  constexpr std::size_t columns = 118;
  fmt::print("\r\033[K{}", line.size() <= columns ? line : line.substr(0, columns) + "..");
  std::fflush(stdout);
  drawn_ = true;
}

void ProgressDisplay::clear() {
  if (!drawn_) return;
  fmt::print("\r\033[K");
  std::fflush(stdout);
  drawn_ = false;
}

}  // namespace admmbench
