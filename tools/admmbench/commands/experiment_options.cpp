#include "tools/admmbench/commands/experiment_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/program/installed_files.hpp"
#include "datasets/cache.hpp"
#include "datasets/fetch.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/shipped_experiments.hpp"

namespace admmbench {

namespace {

/// True if only a download could bring the set.
bool needs_network(const DataRequest& request) {
  return !request.name.empty() && availability(find_dataset(request.name)) == Availability::network;
}

/// Takes out the tuning runs that no chosen run waits for any more.
void drop_tuning(ChosenRuns& chosen) {
  std::set<std::filesystem::path> needed;
  for (const Run& run : chosen.runs) needed.insert(run.result.parent_path());
  std::vector<Run>& runs = chosen.tuning.runs;
  for (std::size_t i = runs.size(); i-- > 0;) {
    if (needed.contains(runs[i].result.parent_path().parent_path())) continue;
    runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(i));
    chosen.tuning_cached.erase(chosen.tuning_cached.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

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
  command
      .add_option("experiment", options.experiment, "experiment file, or the name of one under experiments/")
      ->required()
      ->type_name("EXPERIMENT");
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

ChosenRuns choose_runs(const ExperimentOptions& options, MissingData missing) {
  ChosenRuns chosen;
  chosen.experiment =
      load_experiment(find_experiment(options.experiment, share_folder()), options.profile, options.settings);
  const auto& datasets = chosen.experiment.datasets;

  // First without identities: only what was chosen needs its data.
  std::vector<std::string>& identities = chosen.identities;
  identities.resize(datasets.size());
  std::vector<bool> wanted(datasets.size(), false);
  for (const Run& run :
       select_runs(chosen.experiment, make_plan(chosen.experiment, options.out, identities), options.only)) {
    wanted[run.dataset] = true;
  }
  for (std::size_t d = 0; d < datasets.size(); ++d) {
    if (!wanted[d]) continue;
    const DataRequest& request = datasets[d].request;
    try {
      identities[d] = dataset_identity(request);
    } catch (const DataUnavailable& error) {
      if (missing == MissingData::fetch) throw;
      chosen.unavailable.emplace_back(error.what());
    }
  }
  chosen.runs =
      select_runs(chosen.experiment, make_plan(chosen.experiment, options.out, identities), options.only);
  if (missing == MissingData::skip) {
    std::erase_if(chosen.runs, [&](const Run& run) { return identities[run.dataset].empty(); });
  }
  chosen.untuned = chosen.experiment;
  chosen.tuning = plan_tuning(chosen.untuned, chosen.runs, options.out, identities);
  const auto is_done = [&](const Run& run) { return !options.force && is_cached(run); };
  for (const Run& run : chosen.tuning.runs) chosen.tuning_cached.push_back(is_done(run));
  apply_tuning(chosen, options, false);
  if (missing != MissingData::leave) {
    // Sets that still have to be downloaded come first: better to fail now than after hours.
    for (std::size_t d = 0; d < datasets.size(); ++d) {
      const auto waits = [&](const Run& run) { return run.dataset == d && !is_done(run); };
      const std::string& name = datasets[d].request.name;
      if (!needs_network(datasets[d].request) || std::none_of(chosen.runs.begin(), chosen.runs.end(), waits))
        continue;
      try {
        const CacheLock lock(name);
        fetch_raw_files(find_dataset(name));
      } catch (const DataUnavailable& error) {
        if (missing == MissingData::fetch) throw;
        chosen.unavailable.emplace_back(error.what());
        std::erase_if(chosen.runs, waits);
        drop_tuning(chosen);
      }
    }
  }
  for (const Run& run : chosen.runs) chosen.cached.push_back(is_done(run));
  return chosen;
}

void apply_tuning(ChosenRuns& chosen, const ExperimentOptions& options, bool all) {
  chosen.choices.clear();
  if (all || !options.force) chosen.choices = choose_points(chosen.untuned, chosen.tuning, all);
  chosen.experiment = apply_choices(chosen.untuned, chosen.choices);
  std::set<std::filesystem::path> kept;
  for (const Run& run : chosen.runs) kept.insert(run.result);
  chosen.runs = make_plan(chosen.experiment, options.out, chosen.identities);
  std::erase_if(chosen.runs, [&](const Run& run) { return !kept.contains(run.result); });
  chosen.cached.clear();
  if (!all) return;  // the caller looks at the data first
  for (const Run& run : chosen.runs) chosen.cached.push_back(!options.force && is_cached(run));
}

void print_plan_json(const ChosenRuns& chosen) {
  const nlohmann::ordered_json json{
      {"experiment", chosen.experiment.name},
      {"profile", chosen.experiment.profile},
      {"tuning",
       runs_as_json(chosen.tuning.experiment, chosen.tuning.runs, chosen.tuning_cached, chosen.identities)},
      {"runs", runs_as_json(chosen.experiment, chosen.runs, chosen.cached, chosen.identities)},
      {"unavailable", chosen.unavailable}};
  fmt::print("{}\n", json.dump(2));
}

void print_plan(const ChosenRuns& chosen) {
  if (!chosen.tuning.runs.empty()) {
    const TuneOptions& tune = *chosen.untuned.tune;
    fmt::print("tuning: {} runs for each solver and data set, {} iterations; then the experiment's own:\n",
               tune.runs, tune.iterations);
    print_runs(chosen.tuning.experiment, chosen.tuning.runs, chosen.tuning_cached, chosen.identities);
    fmt::print("\n");
  }
  print_runs(chosen.experiment, chosen.runs, chosen.cached, chosen.identities);
  for (const std::string& line : chosen.unavailable) fmt::print("{}\n", line);
}

}  // namespace admmbench
