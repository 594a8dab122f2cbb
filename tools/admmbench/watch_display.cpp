#include "tools/admmbench/watch_display.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "results/record/run_file.hpp"
#include "tools/admmbench/console.hpp"
#include "tools/admmbench/run_ending.hpp"

namespace admmbench {

namespace {

constexpr auto table_interval = std::chrono::seconds(10);

/// Known before the first run has ended where the experiment says it; else what most have.
std::string watched_metric(const Session& session) {
  const std::string& said = session.untuned.table.metric;
  if (!said.empty()) return said;
  for (const Run& run : session.runs) {
    if (!std::filesystem::exists(run.result)) continue;
    try {
      return shown_metric(session.untuned, {read_run(run.result)});
    } catch (const std::exception&) {
      continue;  // damaged: it is made again
    }
  }
  return {};
}

}  // namespace

WatchDisplay::WatchDisplay(const Session& session, Terminal terminal)
    : session_(session),
      terminal_(terminal),
      lines_(false, terminal, ProgressDisplay::Lines::few),
      table_(watched_metric(session)) {}

void WatchDisplay::fill(const Experiment& experiment) {
  table_ = LiveTable(table_.metric());
  for (const Run& run : session_.runs)
    table_.plan(experiment.solvers[run.solver].label, experiment.datasets[run.dataset].request.label);
  for (std::size_t i = 0; i < session_.runs.size(); ++i) {
    const Run& run = session_.runs[i];
    if (session_.cached[i])
      add(experiment.solvers[run.solver].label, experiment.datasets[run.dataset].request.label, run.result);
  }
}

void WatchDisplay::add(const std::string& method, const std::string& dataset,
                       const std::filesystem::path& result) {
  try {
    const RunRecord run = read_run(result);
    if (table_.metric().empty() && run.finished()) {
      table_ = LiveTable(shown_metric(session_.experiment, {run}));
      fill(*experiment_);
      return add(method, dataset, result);
    }
    table_.add(method, dataset, run);
  } catch (const std::exception&) {
    table_.add(method, dataset, {});  // it left no result: one of those that are lost
  }
  changed_ = true;
}

void WatchDisplay::begin(Stage stage, const Experiment& experiment, std::size_t todo, std::size_t cached,
                         double later) {
  lines_.begin(stage, experiment, todo, cached, later);
  stage_ = stage;
  experiment_ = &experiment;
  if (stage == Stage::runs) fill(experiment);
}

void WatchDisplay::end(Stage stage, const ScheduleSummary& summary) {
  clear();
  if (stage == Stage::runs) {
    printed_ = {};
    draw();
    height_ = 0;  // it stays
  }
  lines_.end(stage, summary);
}

void WatchDisplay::tuned(const Experiment& untuned, const TuningChoice& choice) {
  clear();
  lines_.tuned(untuned, choice);
}

void WatchDisplay::start(std::size_t number, const Run& run) {
  clear();
  active_[number] = {experiment_->solvers[run.solver].label, experiment_->datasets[run.dataset].request.label,
                     run.result};
  lines_.start(number, run);
}

void WatchDisplay::update(std::size_t number, long iteration) { lines_.update(number, iteration); }

void WatchDisplay::finish(std::size_t number, const RunOutcome& outcome) {
  clear();
  lines_.finish(number, outcome);
  const auto ended = active_.find(number);
  if (ended == active_.end()) return;
  if (stage_ == Stage::runs && outcome.status != RunStatus::interrupted)
    add(ended->second.method, ended->second.dataset, ended->second.result);
  active_.erase(ended);
  draw();
}

void WatchDisplay::warn(std::size_t number, const std::string& text) {
  clear();
  lines_.warn(number, text);
}

void WatchDisplay::waiting(std::size_t runs) {
  clear();
  lines_.waiting(runs);
}

void WatchDisplay::interrupted(std::size_t active) {
  clear();
  lines_.interrupted(active);
}

void WatchDisplay::tick() {
  clear();
  draw();
  lines_.tick();
}

void WatchDisplay::clear() {
  lines_.clear();
  if (height_ > 0) tell(fmt::format("\033[{}A\033[J", height_));
  height_ = 0;
}

void WatchDisplay::draw() {
  if (stage_ != Stage::runs || table_.metric().empty()) return;
  if (!terminal_.live) {
    if (!changed_ || Clock::now() - printed_ < table_interval) return;
    printed_ = Clock::now();
  }
  changed_ = false;
  std::string text = table_.text(terminal_columns(STDOUT_FILENO));
  if (terminal_.live) {
    // What has left the screen cannot be drawn again; a line is left for the status.
    const std::size_t rows = std::max<std::size_t>(terminal_rows(STDOUT_FILENO), 4) - 2;
    std::size_t end = 0;
    for (height_ = 0; height_ < rows && end < text.size(); ++height_) end = text.find('\n', end) + 1;
    text.resize(end);
  }
  tell(text);
}

}  // namespace admmbench
