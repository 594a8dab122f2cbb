#pragma once
/// What `run` and `plan` share: which experiment, which of its runs, and where the results go.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/harness/plan/plan.hpp"
#include "experiments/harness/plan/tuning.hpp"

namespace admmbench {

struct ExperimentOptions {
  std::string experiment;  ///< path, or name of one under experiments/
  std::string profile;
  std::vector<std::string> only;
  std::vector<std::string> settings;
  std::filesystem::path out = "results/runs";
  bool force = false;
};

/// Adds the arguments to `command`.
void add_experiment_options(CLI::App& command, ExperimentOptions& options);

/// An experiment with its chosen runs.
struct ChosenRuns {
  Experiment experiment;
  std::vector<Run> runs;
  std::vector<bool> cached;              ///< of `runs`; all false with --force
  std::vector<std::string> unavailable;  ///< one line per data set (of a chosen run) that is not at hand

  std::vector<std::string> identities;  ///< of the experiment's data sets; empty: not at hand
  Experiment untuned;  ///< as read; `experiment` has the parameters that tuning chose, where it has
  Tuning tuning;       ///< what `runs` need to be tuned
  std::vector<bool> tuning_cached;  ///< of tuning.runs; all false with --force
  std::vector<TuningChoice> choices;
};

enum class MissingData {
  fetch,  ///< get it; throw DataUnavailable if that fails
  skip,   ///< get it; leave the runs of sets that cannot be had out
  leave,  ///< do not go to the network; keep the runs
};

ChosenRuns choose_runs(const ExperimentOptions& options, MissingData missing);

/// Chooses parameters from the tuning runs and gives the runs that need them theirs. `all`: every tuning run has been
/// executed; else the cells with runs still to come are left waiting.
void apply_tuning(ChosenRuns& chosen, const ExperimentOptions& options, bool all);

/// One line per run: data set, solver, seed, content hash, cached or new.
void print_plan(const ChosenRuns& chosen);
/// The same as JSON: {experiment, profile, tuning: [run], runs: [run], unavailable: [text]}, with the result file and the
/// parameters of every run.
void print_plan_json(const ChosenRuns& chosen);

}  // namespace admmbench
