#include "tools/commands/experiment_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "datasets/cache.hpp"
#include "datasets/fetch.hpp"
#include "experiments/harness/catalog.hpp"

namespace admmbench {

namespace {

/// True if only a download could bring the set.
bool needs_network(const DataRequest& request) {
  return !request.name.empty() && availability(find_dataset(request.name)) == Availability::network;
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
  chosen.experiment = load_experiment(find_experiment(options.experiment, ADMMBENCH_SOURCE_DIR),
                                      options.profile, options.settings);
  const auto& datasets = chosen.experiment.datasets;

  // First without identities: only what was chosen needs its data.
  std::vector<std::string> identities(datasets.size());
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
    std::erase_if(chosen.runs, [](const Run& run) { return run.content_hash.empty(); });
  }
  const auto is_done = [&](const Run& run) { return !options.force && is_cached(run); };
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
      }
    }
  }
  for (const Run& run : chosen.runs) chosen.cached.push_back(is_done(run));
  return chosen;
}

void print_plan(const ChosenRuns& chosen) {
  const Experiment& experiment = chosen.experiment;
  std::size_t data_width = 8;
  std::size_t label_width = 6;
  for (const Run& run : chosen.runs) {
    data_width = std::max(data_width, experiment.datasets[run.dataset].request.label.size());
    label_width = std::max(label_width, experiment.solvers[run.solver].label.size());
  }
  fmt::print("{:<{}}  {:<{}}  {:>5}  {:<16}  {}\n", "data set", data_width, "solver", label_width, "seed",
             "content", "state");
  for (std::size_t i = 0; i < chosen.runs.size(); ++i) {
    const Run& run = chosen.runs[i];
    fmt::print("{:<{}}  {:<{}}  {:>5}  {:<16}  {}\n", experiment.datasets[run.dataset].request.label,
               data_width, experiment.solvers[run.solver].label, label_width, run.seed,
               run.content_hash.empty() ? "-" : run.content_hash.substr(0, 16),
               run.content_hash.empty() ? "data not at hand"
               : chosen.cached[i]       ? "cached"
                                        : "new");
  }
  for (const std::string& line : chosen.unavailable) fmt::print("{}\n", line);
}

}  // namespace admmbench
