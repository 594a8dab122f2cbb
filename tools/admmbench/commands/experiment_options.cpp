#include "tools/admmbench/commands/experiment_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/program/installed_files.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/shipped_experiments.hpp"
#include "tools/admmbench/json_text.hpp"

namespace admmbench {

namespace {

std::string state_of(const Experiment& experiment, const Run& run, bool cached,
                     const std::vector<std::string>& identities) {
  if (identities[run.dataset].empty()) return "data not at hand";
  if (experiment.solvers[run.solver].search) return "after tuning";
  return cached ? "cached" : "new";
}

nlohmann::ordered_json runs_as_json(const Experiment& experiment, const std::vector<Run>& runs,
                                    const std::vector<bool>& cached,
                                    const std::vector<std::string>& identities) {
  auto list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Run& run = runs[i];
    const SolverVariant& solver = experiment.solvers[run.solver];
    list.push_back({{"dataset", experiment.datasets[run.dataset].request.label},
                    {"solver", solver.name},
                    {"label", solver.label},
                    {"seed", run.seed},
                    {"params", to_flow(solver.params)},
                    {"result", run.result.string()},
                    {"content_hash", run.content_hash},
                    {"state", state_of(experiment, run, cached[i], identities)}});
  }
  return list;
}

/// The lines of print_plan.
void print_runs(const Experiment& experiment, const std::vector<Run>& runs, const std::vector<bool>& cached,
                const std::vector<std::string>& identities) {
  std::size_t data_width = 8;
  std::size_t label_width = 6;
  for (const Run& run : runs) {
    data_width = std::max(data_width, experiment.datasets[run.dataset].request.label.size());
    label_width = std::max(label_width, experiment.solvers[run.solver].label.size());
  }
  fmt::print("{:<{}}  {:<{}}  {:>5}  {:<16}  {}\n", "data set", data_width, "solver", label_width, "seed",
             "content", "state");
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Run& run = runs[i];
    const SolverVariant& solver = experiment.solvers[run.solver];
    fmt::print("{:<{}}  {:<{}}  {:>5}  {:<16}  {}\n", experiment.datasets[run.dataset].request.label,
               data_width, solver.label, label_width, run.seed,
               run.content_hash.empty() ? "-" : run.content_hash.substr(0, 16),
               state_of(experiment, run, cached[i], identities));
  }
}

}  // namespace

void add_experiment_options(CLI::App& command, ExperimentOptions& options) {
  command.add_option("--profile", options.profile, "lay this profile of the file over its keys")
      ->type_name("PROFILE");
  command
      .add_option("--only", options.only,
                  "only the runs with this dataset, solver, label, seed or grid parameter; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--set", options.settings,
                  "change a key of the file: iterations=10, network.hidden=[50], solvers.0.params.rho=1; may "
                  "be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command.add_option("--out", options.out, "folder of the result files")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_flag("--force", options.force, "run again what has a complete result");
}

Experiment load_chosen(const std::string& experiment, const ExperimentOptions& options) {
  return load_experiment(find_experiment(experiment, installed_files()), options.profile, options.settings);
}

SessionOptions session_options(const ExperimentOptions& options, MissingData missing) {
  return {options.only, options.out, options.force, missing};
}

void print_plan_json(const Session& session, const std::vector<std::optional<double>>& memory) {
  auto unavailable = nlohmann::ordered_json::array();
  for (const MissingSet& set : session.missing) unavailable.push_back(set.reason);
  auto runs = runs_as_json(session.experiment, session.runs, session.cached, session.identities);
  for (std::size_t i = 0; i < memory.size(); ++i) {
    if (memory[i]) runs[i]["memory"] = static_cast<std::int64_t>(*memory[i]);
  }
  const nlohmann::ordered_json json{{"experiment", session.experiment.name},
                                    {"profile", session.experiment.profile},
                                    {"tuning", runs_as_json(session.tuning.experiment, session.tuning.runs,
                                                            session.tuning_cached, session.identities)},
                                    {"runs", std::move(runs)},
                                    {"unavailable", std::move(unavailable)}};
  fmt::print("{}\n", json_text(json));
}

void print_plan(const Session& session) {
  if (!session.tuning.runs.empty()) {
    const TuneOptions& tune = *session.untuned.tune;
    fmt::print("tuning: {} runs for each solver and data set, {} iterations; then the experiment's own:\n",
               tune.runs, tune.iterations);
    print_runs(session.tuning.experiment, session.tuning.runs, session.tuning_cached, session.identities);
    fmt::print("\n");
  }
  print_runs(session.experiment, session.runs, session.cached, session.identities);
  for (const MissingSet& set : session.missing) fmt::print("{}\n", set.reason);
}

}  // namespace admmbench
