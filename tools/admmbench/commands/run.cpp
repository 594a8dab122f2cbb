#include "tools/admmbench/commands/run.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "experiments/harness/run/scheduler.hpp"
#include "tools/admmbench/commands/experiment_options.hpp"
#include "tools/admmbench/progress_display.hpp"

namespace admmbench {

namespace {

struct RunOptions {
  ExperimentOptions experiment;
  long jobs = 1;
  long threads = 0;  ///< 0: the experiment's, else cores / jobs
  bool dry_run = false;
  bool skip_unavailable = false;
};

long threads_per_run(const RunOptions& options, const Experiment& experiment) {
  if (options.threads > 0) return options.threads;
  return experiment.threads.value_or(std::max(1L, available_cores() / options.jobs));
}

void print_header(const ChosenRuns& chosen, const RunOptions& options, long threads,
                  const Environment& environment) {
  const Experiment& experiment = chosen.experiment;
  const auto cached = std::count(chosen.cached.begin(), chosen.cached.end(), true);
  const auto total = static_cast<std::ptrdiff_t>(chosen.runs.size());
  fmt::print("{}{}: {} runs, {} cached, {} to run; {} at a time, BLAS threads each: {}\n", experiment.name,
             experiment.profile.empty() ? "" : fmt::format(" (profile {})", experiment.profile), total,
             cached, total - cached, options.jobs, threads);
  if (!experiment.note.empty()) fmt::print("note: {}\n", experiment.note);
  fmt::print("results: {}\nBLAS: {}\n", (options.experiment.out / experiment.name).string(),
             environment.blas);
  std::fflush(stdout);
}

void print_summary(const ScheduleSummary& summary, std::size_t cached, double seconds) {
  std::string text;
  for (const auto& [status, count] : summary.count) text += fmt::format("{} {}, ", count, to_string(status));
  fmt::print("{}{} cached, in {}\n", text, cached, duration_text(seconds));
}

std::vector<Run> not_cached(const std::vector<Run>& runs, const std::vector<bool>& cached) {
  std::vector<Run> todo;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!cached[i]) todo.push_back(runs[i]);
  }
  return todo;
}

/// Says how to go on, if the runs were interrupted, and ends.
void require_uninterrupted(const ScheduleSummary& summary, const Console& console) {
  if (!summary.interrupted) return;
  const auto partial = summary.count.find(RunStatus::interrupted);
  spdlog::warn(
      "interrupted; {} runs unfinished. Complete results are kept, interrupted runs start over. This "
      "resumes:\n  {}",
      summary.not_started + (partial == summary.count.end() ? 0 : partial->second), console.command_line);
  throw CLI::RuntimeError(130);
}

ScheduleSummary execute(const Experiment& experiment, const std::vector<Run>& todo, const RunOptions& options,
                        const Console& console, const Environment& environment, long threads) {
  ProgressDisplay display(experiment, todo.size(), console.quiet,
                          probe_terminal(STDOUT_FILENO, console.color));
  return execute_plan(experiment, todo, environment, {options.jobs, threads}, display);
}

/// "point 7 of 12, learning_rate 0.0013, momentum 0.9: val_accuracy 0.9312".
std::string choice_text(const TuningChoice& choice, const Experiment& untuned) {
  const Search& search = *untuned.solvers[choice.solver].search;
  std::string text = fmt::format("point {} of {}", choice.point + 1, search.points.size());
  if (search.exhausted) text += " (there are no others)";
  for (const auto& [key, value] : search.points[choice.point].values)
    text += fmt::format(", {} {}", key, to_flow(value));
  return text + (choice.score ? fmt::format(": {} {:.4g}", untuned.tune->select, *choice.score)
                              : ": no point has a result, each diverged or failed");
}

/// Executes the tuning runs and gives `chosen` their outcome. A run that fails is a point that is not chosen, no error.
void tune(ChosenRuns& chosen, const RunOptions& options, const Console& console,
          const Environment& environment, long threads) {
  if (chosen.tuning.runs.empty()) return;
  const std::vector<Run> todo = not_cached(chosen.tuning.runs, chosen.tuning_cached);
  if (!console.quiet) {
    fmt::print("tuning: {} runs, {} cached, {} to run\n", chosen.tuning.runs.size(),
               chosen.tuning.runs.size() - todo.size(), todo.size());
    std::fflush(stdout);
  }
  const ScheduleSummary summary =
      execute(chosen.tuning.experiment, todo, options, console, environment, threads);
  for (const std::string& failure : summary.failures) spdlog::warn("tuning run failed: {}", failure);
  require_uninterrupted(summary, console);
  apply_tuning(chosen, options.experiment, true);
  for (const TuningChoice& choice : chosen.choices) {
    std::filesystem::create_directories(choice.trace_file.parent_path());
    const bool written =
        std::filesystem::exists(choice.trace_file) && read_text_file(choice.trace_file) == choice.trace;
    if (!written) write_text_file(choice.trace_file, choice.trace);
    const std::string text =
        fmt::format("tuned: {} / {}: {}", chosen.untuned.datasets[choice.dataset].request.label,
                    chosen.untuned.solvers[choice.solver].label, choice_text(choice, chosen.untuned));
    if (!choice.score) {
      spdlog::warn("{}", text);
    } else if (!console.quiet) {
      fmt::print("{}\n", text);
    }
  }
  std::fflush(stdout);
}

void run(const RunOptions& options, const Console& console) {
  const MissingData missing = options.dry_run            ? MissingData::leave
                              : options.skip_unavailable ? MissingData::skip
                                                         : MissingData::fetch;
  ChosenRuns chosen = choose_runs(options.experiment, missing);
  if (options.dry_run) {
    print_plan(chosen);
    return;
  }
  for (const std::string& line : chosen.unavailable) spdlog::warn("skipped: {}", line);

  const Environment environment = probe_environment(share_folder().string());
  const long threads = threads_per_run(options, chosen.experiment);
  if (!console.quiet) print_header(chosen, options, threads, environment);
  if (environment.reference_blas) {
    spdlog::warn(
        "the BLAS in use is the slow reference implementation; times mean little. Install "
        "libopenblas0-pthread, or choose it with update-alternatives");
  }
  for (std::size_t i = 0; i < chosen.runs.size(); ++i) {
    if (i < chosen.cached.size() && chosen.cached[i])
      spdlog::debug("cached: {}", chosen.runs[i].result.string());
  }
  const auto begin = std::chrono::steady_clock::now();
  tune(chosen, options, console, environment, threads);
  const std::vector<Run> todo = not_cached(chosen.runs, chosen.cached);
  const ScheduleSummary summary = execute(chosen.experiment, todo, options, console, environment, threads);
  if (!console.quiet) {
    print_summary(summary, chosen.runs.size() - todo.size(),
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  std::fflush(stdout);
  for (const std::string& failure : summary.failures) spdlog::error("failed: {}", failure);
  require_uninterrupted(summary, console);
  if (!summary.failures.empty()) throw CLI::RuntimeError(1);
}

}  // namespace

void add_run_command(CLI::App& app, const Console& console) {
  CLI::App* command = app.add_subcommand("run", "run an experiment; complete results are reused");
  const auto options = std::make_shared<RunOptions>();
  add_experiment_options(*command, options->experiment);
  command->add_option("--jobs", options->jobs, "runs at once")
      ->type_name("N")
      ->check(CLI::Range(1L, 4096L))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "BLAS threads of each run [cores / jobs]")
      ->type_name("T")
      ->check(CLI::Range(1L, 4096L));
  command->add_flag("--dry-run", options->dry_run, "show the runs and do nothing");
  command->add_flag("--skip-unavailable", options->skip_unavailable,
                    "leave out data sets that cannot be had, instead of failing");
  command->footer(
      "Examples:\n  admmbench run first-run\n  admmbench run mine.yaml --jobs 2 --only seed=0 --set "
      "iterations=10");
  command->callback([options, &console] { run(*options, console); });
}

}  // namespace admmbench
