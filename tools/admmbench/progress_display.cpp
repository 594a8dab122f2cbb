#include "tools/admmbench/progress_display.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "experiments/harness/run/scheduler.hpp"
#include "tools/admmbench/console.hpp"

namespace admmbench {

namespace {

constexpr auto line_interval = std::chrono::seconds(10);

template <class TimePoint>
double seconds_since(TimePoint start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void print_line(const std::string& text) { tell(text + "\n"); }

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

/// "point 7 of 12, learning_rate 0.0013 (the lowest tried), momentum 0.9: val_accuracy 0.9312".
std::string choice_text(const TuningChoice& choice, const Experiment& untuned) {
  const Search& search = *untuned.solvers[choice.solver].search;
  std::string text = fmt::format("point {} of {}", choice.point + 1, search.points.size());
  if (search.exhausted) text += " (there are no others)";
  for (const auto& [key, value] : search.points[choice.point].values) {
    text += fmt::format(", {} {}", key, to_flow(value));
    for (const SearchEdge& edge : choice.edges) {
      if (edge.key == key) text += edge.highest ? " (the highest tried)" : " (the lowest tried)";
    }
  }
  return text + (choice.score ? fmt::format(": {} {:.4g}", untuned.tune->select, *choice.score)
                              : ": no point has a result, each diverged or failed");
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const long whole = std::lround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string expected_text(const ExpectedTime& expected) {
  if (expected.seconds == 0 && expected.unknown > 0)
    return fmt::format("time not known, no such runs are committed ({} runs)", expected.unknown);
  const std::string unknown =
      expected.unknown > 0 ? fmt::format(" and {} runs whose time is not known", expected.unknown) : "";
  return duration_text(expected.seconds) + unknown + ", by the committed runs";
}

void ProgressDisplay::begin(Stage stage, const Experiment& experiment, std::size_t todo, std::size_t cached,
                            double later) {
  experiment_ = &experiment;
  stage_ = stage;
  total_ = todo;
  later_ = later;
  active_.clear();
  finished_ = 0;
  started_ = Clock::now();
  if (stage == Stage::tuning && !quiet_)
    print_line(fmt::format("tuning: {} runs, {} cached, {} to run", todo + cached, cached, todo));
}

void ProgressDisplay::end(Stage stage, const ScheduleSummary& summary) {
  if (stage != Stage::tuning) return;  // those of the experiment itself end the command
  for (const std::string& failure : summary.failures) spdlog::warn("tuning run failed: {}", failure);
}

void ProgressDisplay::tuned(const Experiment& untuned, const TuningChoice& choice) {
  const std::string text = fmt::format("tuned: {} / {}: {}", untuned.datasets[choice.dataset].request.label,
                                       untuned.solvers[choice.solver].label, choice_text(choice, untuned));
  clear();
  if (!choice.score) {
    spdlog::warn("{}", text);
  } else if (!quiet_) {
    print_line(text);
  }
}

void ProgressDisplay::interrupted(std::size_t active) {
  clear();
  if (active > 0)
    spdlog::warn("interrupted: what runs ends after its iteration and is saved; Ctrl-C again ends at once");
}

void ProgressDisplay::waiting(std::size_t runs) {
  if (quiet_) return;
  clear();
  print_line(
      fmt::format("waiting for {} {} that other processes are making", runs, runs == 1 ? "run" : "runs"));
}

std::string ProgressDisplay::title(std::size_t number) const {
  return fmt::format("[{}/{}] {}", number, total_, active_.at(number).name);
}

void ProgressDisplay::start(std::size_t number, const Run& run) {
  const auto now = Clock::now();
  const DatasetEntry& dataset = experiment_->datasets[run.dataset];
  active_[number] = {fmt::format("{} / {} / seed {}", dataset.request.label,
                                 experiment_->solvers[run.solver].label, run.seed),
                     0, experiment_->iterations_of(dataset, experiment_->solvers[run.solver]), now, now};
  spdlog::trace("{}: started", title(number));
  if (names_runs() && !terminal_.live) print_line(title(number) + ": started");
  tick();
}

void ProgressDisplay::update(std::size_t number, long iteration) { active_.at(number).iteration = iteration; }

void ProgressDisplay::finish(std::size_t number, const RunOutcome& outcome) {
  std::string text;
  if (outcome.accuracy) text += fmt::format(", {} accuracy {:.4f}", outcome.accuracy_of, *outcome.accuracy);
  text +=
      fmt::format(", {} iterations in {} of solver time", outcome.iterations, duration_text(outcome.seconds));
  if (outcome.status != RunStatus::completed) text += fmt::format(" ({})", outcome.message);
  if (outcome.elsewhere) text += ", by another process";
  const std::string head = title(number);
  active_.erase(number);
  ++finished_;
  spdlog::trace("{}: {}{}", head, to_string(outcome.status), text);
  if (names_runs()) {
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
  const double left = seconds_since(started_) * (static_cast<double>(total_) + later_ - done) / done;
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
  std::string line = fmt::format("{}{}/{} runs{}", stage_ == Stage::tuning ? "tuning: " : "", finished_,
                                 total_, remaining());
  for (const auto& [number, run] : active_) {
    line += fmt::format(" | {} {}/{}", run.name, run.iteration, run.iterations);
  }
  const std::size_t columns = terminal_columns(STDOUT_FILENO);
  if (line.size() >= columns && columns > 3) line = line.substr(0, columns - 3) + "..";
  tell("\r\033[K" + line);
  drawn_ = true;
}

void ProgressDisplay::clear() {
  if (!drawn_) return;
  tell("\r\033[K");
  drawn_ = false;
}

}  // namespace admmbench
