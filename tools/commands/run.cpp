#include "tools/commands/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "core/io/share_folder.hpp"
#include "experiments/harness/progress_display.hpp"
#include "experiments/harness/scheduler.hpp"
#include "tools/commands/experiment_options.hpp"

namespace admmbench {

namespace {

struct RunOptions {
  ExperimentOptions experiment;
  long jobs = 1;
  long threads = 0;  ///< 0: the experiment's, else cores / jobs
  bool dry_run = false;
  bool quiet = false;
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

void run(const RunOptions& options) {
  const MissingData missing = options.dry_run            ? MissingData::leave
                              : options.skip_unavailable ? MissingData::skip
                                                         : MissingData::fetch;
  const ChosenRuns chosen = choose_runs(options.experiment, missing);
  if (options.dry_run) {
    print_plan(chosen);
    return;
  }
  for (const std::string& line : chosen.unavailable) fmt::print(stderr, "admmbench: skipped: {}\n", line);

  const Environment environment = probe_environment(share_folder().string());
  const long threads = threads_per_run(options, chosen.experiment);
  if (!options.quiet) print_header(chosen, options, threads, environment);
  if (environment.reference_blas) {
    fmt::print(stderr,
               "admmbench: warning: the BLAS in use is the slow reference implementation; times mean little. "
               "Install "
               "libopenblas0-pthread, or choose it with update-alternatives\n");
  }
  std::vector<Run> todo;
  for (std::size_t i = 0; i < chosen.runs.size(); ++i) {
    if (!chosen.cached[i]) todo.push_back(chosen.runs[i]);
  }
  const auto begin = std::chrono::steady_clock::now();
  const ScheduleSummary summary =
      execute_plan(chosen.experiment, todo, environment, {options.jobs, threads, options.quiet});
  if (!options.quiet) {
    print_summary(summary, chosen.runs.size() - todo.size(),
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  std::fflush(stdout);
  for (const std::string& failure : summary.failures)
    fmt::print(stderr, "admmbench: error: failed: {}\n", failure);
  if (summary.interrupted) {
    const auto partial = summary.count.find(RunStatus::interrupted);
    fmt::print(stderr,
               "admmbench: interrupted; {} runs unfinished. The same command again resumes: complete results "
               "are kept, "
               "interrupted runs start over\n",
               summary.not_started + (partial == summary.count.end() ? 0 : partial->second));
    throw CLI::RuntimeError(130);
  }
  if (!summary.failures.empty()) throw CLI::RuntimeError(1);
}

}  // namespace

void add_run_command(CLI::App& app) {
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
  command->add_flag("--quiet", options->quiet, "errors and warnings only");
  command->add_flag("--skip-unavailable", options->skip_unavailable,
                    "leave out data sets that cannot be had, instead of failing");
  command->callback([options] { run(*options); });
}

}  // namespace admmbench
