#include "tools/admmbench/commands/run.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>

#include "core/mpi/mpi.hpp"
#include "experiments/harness/run/sweep_rank.hpp"
#include "experiments/harness/team/led_solver.hpp"
#include "experiments/harness/team/team.hpp"
#include "tools/admmbench/commands/experiment_options.hpp"
#include "tools/admmbench/console.hpp"
#include "tools/admmbench/progress_display.hpp"
#include "tools/admmbench/run_ending.hpp"
#include "tools/admmbench/watch_display.hpp"

namespace admmbench {

namespace {

struct RunOptions {
  std::vector<std::string> experiments;
  ExperimentOptions experiment;
  long jobs = 1;
  long threads = 0;  ///< 0: the experiment's, else cores / jobs
  bool dry_run = false;
  bool skip_unavailable = false;
  bool watch = false;
  bool sweep = false;
};

long threads_of(const Experiment& experiment, const RunOptions& options, long jobs) {
  if (options.threads > 0) return options.threads;
  if (experiment.threads) return *experiment.threads;
  const std::optional<WantedThreads> wanted = threads_of_environment();
  return wanted && wanted->count ? *wanted->count : std::max(1L, cores_of(sweep_rank()) / jobs);
}

ScheduleOptions schedule_of(const Experiment& experiment, const RunOptions& options, const SweepRank& rank) {
  const long jobs = experiment.alone ? 1 : options.jobs;
  ScheduleOptions schedule{jobs, threads_of(experiment, options, jobs)};
  schedule.begin = static_cast<double>(rank.rank) / static_cast<double>(rank.size);
  schedule.shares = rank.shares();
  return schedule;
}

/// What the user's environment says about threads is followed, or it is said that it is not.
void say_overruled_threads(const ScheduleOptions& schedule) {
  const std::optional<WantedThreads> wanted = threads_of_environment();
  if (!wanted || wanted->count == schedule.threads) return;
  spdlog::warn("{}={} is {}: threads of each run: {}", wanted->variable, wanted->text,
               wanted->count ? "overruled" : "no number of threads", schedule.threads);
}

std::vector<Session> open_sessions(const RunOptions& options, MissingData missing, Downloads& downloads) {
  std::vector<Experiment> experiments;
  std::set<std::string> names;
  for (const std::string& given : options.experiments) {  // all mistakes before any download
    experiments.push_back(load_chosen(given, options.experiment));
    const std::string& name = experiments.back().name;
    if (!names.insert(name).second) {
      throw CLI::ValidationError(
          "experiment", fmt::format("two of them are called '{}': their results would mix; run one", name));
    }
  }
  std::vector<Session> sessions;
  for (Experiment& experiment : experiments)
    sessions.push_back(
        open_session(std::move(experiment), session_options(options.experiment, missing), downloads));
  return sessions;
}

/// Each set once, whichever experiments miss it, and once what can be done.
void print_missing(const std::vector<Session>& sessions, const Downloads& downloads) {
  std::set<std::string> said;
  for (const Session& session : sessions) {
    for (const MissingSet& set : session.missing) {
      if (said.insert(set.name).second) spdlog::warn("skipped: {}", set.reason);
    }
  }
  if (said.empty()) return;
  spdlog::warn("{}`admmbench data info NAME` says what else can be done",
               downloads.no_network() ? fmt::format("no network, none of {} hosts could be reached; ",
                                                    downloads.unreachable.size())
                                      : "");
}

/// "mnist, kmnist", once each.
std::string names_of(const std::vector<MissingSet>& sets) {
  std::vector<std::string> names;
  for (const MissingSet& set : sets) {
    if (std::find(names.begin(), names.end(), set.name) == names.end()) names.push_back(set.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// One line if there is nothing to do. `number`: "[2/11] ", or empty.
void print_header(const Session& session, const std::string& number, const ScheduleOptions& schedule,
                  const SweepRank& rank, const Environment& environment) {
  const Experiment& experiment = session.experiment;
  const auto cached = std::count(session.cached.begin(), session.cached.end(), true);
  const auto total = static_cast<std::ptrdiff_t>(session.runs.size());
  const std::string without =
      session.missing.empty() ? "" : fmt::format("; without {}", names_of(session.missing));
  const std::string folder = (session.out / experiment.name).string();
  std::string text =
      fmt::format("{}{}{}: ", number, experiment.name,
                  experiment.profile.empty() ? "" : fmt::format(" (profile {})", experiment.profile));
  if (session.runs.empty()) {
    text += fmt::format("nothing to run{}\n", without);
  } else if (session.pending() == 0) {
    text += fmt::format("{} runs, {} cached, 0 to run{}{}; results: {}\n", total, cached,
                        rank.shares() ? fmt::format("; {} processes", rank.size) : "", without, folder);
  } else {
    text += fmt::format("{} runs, {} cached, {} to run; {}{} at a time, threads each: {}{}\n", total, cached,
                        total - cached, rank.shares() ? fmt::format("{} processes, each ", rank.size) : "",
                        schedule.jobs, schedule.threads, without);
    if (!experiment.note.empty()) text += fmt::format("note: {}\n", experiment.note);
    text +=
        fmt::format("results: {}\nBLAS: {}\nvectors: {}\n", folder, environment.blas, environment.vectors);
  }
  tell(text);
}

void print_summary(const SessionSummary& summary, double seconds) {
  std::string text;
  for (const auto& [status, count] : summary.runs.count)
    text += fmt::format("{} {}, ", count, to_string(status));
  tell(fmt::format("{}{} cached, in {}\n", text, summary.cached, duration_text(seconds)));
}

/// Says how to go on after an interruption, and ends. `later`: runs of experiments that have not begun.
[[noreturn]] void end_interrupted(const SessionSummary& summary, std::size_t later, const SweepRank& rank,
                                  const Console& console) {
  if (!rank.first()) throw CLI::RuntimeError(130);
  const ScheduleSummary& broken = summary.tuning.interrupted ? summary.tuning : summary.runs;
  const auto partial = broken.count.find(RunStatus::interrupted);
  spdlog::warn(
      "interrupted; {} runs unfinished. Complete results are kept, interrupted runs go on from their "
      "checkpoints. This resumes:\n  {}{}",
      broken.not_started + (partial == broken.count.end() ? 0 : partial->second) + static_cast<long>(later),
      rank.shares() ? rank.command + " " : "", console.command_line);
  throw CLI::RuntimeError(130);
}

/// What surrounds the experiments of one call.
struct Surroundings {
  const RunOptions& options;
  const Console& console;
  SweepRank rank;
  Environment environment;
  Team* team = nullptr;

  /// Of the processes of a sweep the first speaks for all; the others have warnings of their own runs at most.
  bool quiet() const { return console.quiet || !rank.first(); }
};

std::unique_ptr<RunObserver> display_of(const Session& session, const Surroundings& around) {
  const Terminal terminal = probe_terminal(STDOUT_FILENO, around.console.color);
  if (around.options.watch && !around.quiet()) return std::make_unique<WatchDisplay>(session, terminal);
  return std::make_unique<ProgressDisplay>(around.quiet(), terminal);
}

/// False if a run failed, in any process of a sweep: its first one says so. `later`: see end_interrupted().
bool run_experiment(Session& session, const std::string& number, std::size_t later,
                    const Surroundings& around) {
  ScheduleOptions schedule = schedule_of(session.experiment, around.options, around.rank);
  schedule.team = around.team;
  const bool quiet = around.quiet();
  if (session.pending() > 0 && around.rank.first()) say_overruled_threads(schedule);
  if (!quiet) print_header(session, number, schedule, around.rank, around.environment);
  if (session.runs.empty()) return true;
  // The others of a sweep may have made everything before this one looked.
  const bool something_to_do = session.pending() > 0 || around.rank.shares();
  const auto begin = std::chrono::steady_clock::now();
  const SessionSummary summary =
      run_session(session, schedule, around.environment, *display_of(session, around));
  if (something_to_do && !quiet && !summary.tuning.interrupted) {
    print_summary(summary, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  if (something_to_do && !quiet && !summary.interrupted()) {
    tell(ending_table(session, terminal_columns(STDOUT_FILENO)));
    if (around.options.experiments.size() == 1) tell(next_commands(session));
  }
  if (around.rank.first()) {
    for (const std::string& failure : summary.runs.failures) spdlog::error("failed: {}", failure);
  }
  if (summary.interrupted()) end_interrupted(summary, later, around.rank, around.console);
  // mpirun ends the others when one process ends with an exit code; the first has waited for all.
  if (!around.rank.first()) return true;
  if (summary.runs.unusable_data) std::rethrow_exception(summary.runs.unusable_data);
  return summary.runs.failures.empty();
}

/// Runs that are timed have their machine to themselves.
void require_host(const SweepRank& rank, const std::vector<Session>& sessions) {
  if (rank.on_host == 1) return;
  for (const Session& session : sessions) {
    if (!session.experiment.alone) continue;
    throw CLI::ValidationError(
        "--sweep",
        fmt::format("the runs of '{}' are timed (`alone: true`), but {} processes are on this host; start "
                    "one on each (mpirun --map-by ppr:1:node, srun --ntasks-per-node 1)",
                    session.experiment.name, rank.on_host));
  }
}

/// Of processes that mpirun or srun started together: the leader goes on, the others have done their part when this returns.
struct Together {
  std::optional<MpiSession> mpi;
  std::optional<Team> team;

  explicit Together(bool sweep) {
    if (sweep) return;
    const std::optional<LaunchedRank> place = launched_rank();
    if (!place || place->size == 1) return;
    mpi.emplace();
    team.emplace(*mpi);
    if (!team->leads()) follow(*team);
  }
  bool leads() const { return !team || team->leads(); }
};

void run(const RunOptions& options, const Console& console) {
  Together together(options.sweep);
  if (!together.leads()) return;
  const SweepRank rank = options.sweep ? sweep_rank() : SweepRank{};
  if (options.sweep && rank.command.empty())
    spdlog::info("--sweep: neither mpirun nor srun has started this process: it makes all runs");
  const MissingData missing = options.dry_run            ? MissingData::leave
                              : options.skip_unavailable ? MissingData::skip
                                                         : MissingData::fetch;
  Downloads downloads;
  show_downloads(downloads);
  std::vector<Session> sessions = open_sessions(options, missing, downloads);
  require_host(rank, sessions);
  if (options.dry_run) {
    if (!rank.first()) return;
    for (const Session& session : sessions) {
      if (&session != &sessions.front()) fmt::print("\n");
      if (sessions.size() > 1) fmt::print("{}:\n", session.experiment.name);
      print_plan(session);
    }
    return;
  }
  if (rank.first()) print_missing(sessions, downloads);
  if (together.team) {
    for (const Session& session : sessions)
      check_sharing(session.experiment, session.runs, together.team->size());
  }
  const Surroundings around{options, console, rank, probe_environment(),
                            together.team ? &*together.team : nullptr};
  std::size_t later = 0;
  for (const Session& session : sessions) later += session.pending();
  if (!around.environment.slow_blas.empty() && later > 0 && rank.first()) {
    spdlog::warn("{}; until then times mean little", around.environment.slow_blas);
  }
  std::vector<std::string> failed;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const std::string number = sessions.size() > 1 ? fmt::format("[{}/{}] ", i + 1, sessions.size()) : "";
    const std::string name = sessions[i].experiment.name;
    later -= sessions[i].pending();
    try {
      if (!run_experiment(sessions[i], number, later, around)) failed.push_back(name);
    } catch (const CLI::Error&) {
      throw;  // interrupted
    } catch (const std::exception& error) {
      if (sessions.size() == 1) throw;
      std::fflush(stdout);
      spdlog::error("{}: {}", name, error.what());  // the other experiments can do without it
      failed.push_back(name);
    }
  }
  if (failed.empty()) return;
  if (sessions.size() > 1) spdlog::error("failed runs in: {}", fmt::join(failed, ", "));
  throw CLI::RuntimeError(1);
}

}  // namespace

void add_run_command(CLI::App& app, const Console& console) {
  CLI::App* command = app.add_subcommand("run", "run experiments; complete results are reused");
  const auto options = std::make_shared<RunOptions>();
  command
      ->add_option("experiments", options->experiments,
                   "experiment files, or names of some under experiments/")
      ->required()
      ->type_name("EXPERIMENT");
  add_experiment_options(*command, options->experiment);
  command->add_option("--jobs", options->jobs, "runs at once; one where the experiment says `alone`")
      ->type_name("N")
      ->check(CLI::Range(1L, 4096L))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "threads of each run [cores / jobs]")
      ->type_name("T")
      ->check(CLI::Range(1L, 4096L));
  command->add_flag("--dry-run", options->dry_run, "show the runs and do nothing");
  command->add_flag("--skip-unavailable", options->skip_unavailable,
                    "leave out data sets that cannot be had, instead of failing");
  command->add_flag("--watch", options->watch, "a table of means and curves that grows with the runs");
  command->add_flag("--sweep", options->sweep, "share the runs with the others that mpirun or srun started")
      ->excludes("--force");
  command->footer(
      "Examples:\n  admmbench run mine.yaml --jobs 2 --only seed=0 --set "
      "iterations=10\n  admmbench run dladmm-accuracy mdlam-rho --profile quick --skip-unavailable");
  command->callback([options, &console] { run(*options, console); });
}

}  // namespace admmbench
