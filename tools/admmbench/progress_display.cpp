#include "tools/admmbench/progress_display.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
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

fmt::terminal_color color_of(RunStatus status) {
  switch (status) {
    case RunStatus::completed:
    case RunStatus::stopped:
      return fmt::terminal_color::green;
    case RunStatus::interrupted:
    case RunStatus::diverged:
      return fmt::terminal_color::yellow;
    case RunStatus::failed:
      break;
  }
  return fmt::terminal_color::red;
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const long whole = std::lround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

ProgressDisplay::ProgressDisplay(const Experiment& experiment, std::size_t total, bool quiet,
                                 Terminal terminal)
    : experiment_(experiment), total_(total), quiet_(quiet), terminal_(terminal) {}

std::string ProgressDisplay::title(std::size_t number) const {
  return fmt::format("[{}/{}] {}", number, total_, active_.at(number).name);
}

void ProgressDisplay::start(std::size_t number, const Run& run) {
  const auto now = Clock::now();
  const DatasetEntry& dataset = experiment_.datasets[run.dataset];
  active_[number] = {fmt::format("{} / {} / seed {}", dataset.request.label,
                                 experiment_.solvers[run.solver].label, run.seed),
                     0, experiment_.iterations_on(dataset), now, now};
  spdlog::trace("{}: started", title(number));
  if (!quiet_ && !terminal_.live) print_line(title(number) + ": started");
  tick();
}

void ProgressDisplay::update(std::size_t number, long iteration) { active_.at(number).iteration = iteration; }

void ProgressDisplay::finish(std::size_t number, const RunOutcome& outcome) {
  std::string text;
  if (outcome.accuracy) text += fmt::format(", {} accuracy {:.4f}", outcome.accuracy_of, *outcome.accuracy);
  text +=
      fmt::format(", {} iterations in {} of solver time", outcome.iterations, duration_text(outcome.seconds));
  if (outcome.status != RunStatus::completed) text += fmt::format(" ({})", outcome.message);
  const std::string head = title(number);
  active_.erase(number);
  ++finished_;
  spdlog::trace("{}: {}{}", head, to_string(outcome.status), text);
  if (!quiet_) {
    if (!terminal_.live && finished_ < total_) text += remaining();
    clear();
    print_line(fmt::format("{}: {}{}", head,
                           painted(to_string(outcome.status), color_of(outcome.status), terminal_.color),
                           text));
  }
  tick();
}

void ProgressDisplay::warn(std::size_t number, const std::string& text) {
  clear();
  spdlog::warn("{}: {}", title(number), text);
}

std::string ProgressDisplay::remaining() const {
  double done = static_cast<double>(finished_);
  for (const auto& [number, run] : active_)
    done += static_cast<double>(run.iteration) / static_cast<double>(std::max(run.iterations, 1L));
  if (done <= 0) return "";
  const double left = seconds_since(started_) * (static_cast<double>(total_) - done) / done;
  return fmt::format(", about {} left for all", duration_text(left));
}

void ProgressDisplay::tick() {
  if (quiet_ || active_.empty()) return;
  if (terminal_.live) {
    draw_status_line();
    return;
  }
  for (auto& [number, run] : active_) {
    if (Clock::now() - run.printed < line_interval) continue;
    run.printed = Clock::now();
    print_line(
        fmt::format("{}: iteration {}/{}{}", title(number), run.iteration, run.iterations, remaining()));
  }
}

/// What matters most comes first: a narrow terminal cuts the rest off.
void ProgressDisplay::draw_status_line() {
  std::string line = fmt::format("{}/{} runs{}", finished_, total_, remaining());
  for (const auto& [number, run] : active_) {
    line += fmt::format(" | {} {}/{}", run.name, run.iteration, run.iterations);
  }
  const std::size_t columns = terminal_columns(STDOUT_FILENO);
  if (line.size() >= columns && columns > 3) line = line.substr(0, columns - 3) + "..";
  fmt::print("\r\033[K{}", line);
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
