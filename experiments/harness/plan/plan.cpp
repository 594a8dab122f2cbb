#include "experiments/harness/plan/plan.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

#include "core/io/sha256.hpp"
#include "core/program/code_version.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "results/record/run_file.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

std::string run_name(const Experiment& experiment, const Run& run) {
  return fmt::format("{}/{}/{}", experiment.datasets[run.dataset].request.label,
                     experiment.solvers[run.solver].label, run.seed);
}

namespace {

/// What decides the numbers of a run, apart from data, initial file and code.
ConfigValue deciding_value(const Experiment& experiment, const DatasetEntry& dataset,
                           const SolverVariant& solver, long seed) {
  ConfigValue value = ConfigValue::map();
  value.set("precision", ConfigValue::string(experiment.precision));
  value.set("dataset", dataset.written);
  value.set("network", write_parameters(NetworkShape(experiment.network_on(dataset))));
  value.set("seed", ConfigValue::number(seed));
  value.set("iterations", ConfigValue::number(experiment.iterations_of(dataset, solver)));
  if (experiment.initial) value.set("initial", write_parameters(InitialPoint(*experiment.initial)));
  ConfigValue method = ConfigValue::map();
  method.set("name", ConfigValue::string(solver.name));
  method.set("params", solver.params);
  value.set("solver", std::move(method));
  value.set("record", write_parameters(RecordOptions(experiment.record)));
  value.set("stop", write_parameters(StopRules(experiment.stop)));
  return value;
}

/// The same with names, labels and notes: the resolved configuration as it is stored.
ConfigValue full_value(const Experiment& experiment, const DatasetEntry& dataset, const SolverVariant& solver,
                       ConfigValue deciding) {
  ConfigValue value = ConfigValue::map();
  value.set("experiment", ConfigValue::string(experiment.name));
  if (!experiment.profile.empty()) value.set("profile", ConfigValue::string(experiment.profile));
  if (!experiment.note.empty()) value.set("note", ConfigValue::string(experiment.note));
  if (!experiment.published.empty()) {
    ConfigValue published = ConfigValue::list();
    for (const std::string& key : experiment.published) published.items.push_back(ConfigValue::string(key));
    value.set("published", std::move(published));
  }
  if (!solver.grid.empty()) {
    ConfigValue grid = ConfigValue::map();
    for (const auto& [key, chosen] : solver.grid) grid.set(key, ConfigValue::string(chosen));
    value.set("grid", std::move(grid));
  }
  if (solver.tuned) value.set("tuned", solver.tuned->summary);
  deciding.find("dataset")->set("label", ConfigValue::string(dataset.request.label));
  deciding.find("solver")->set("label", ConfigValue::string(solver.label));
  for (auto& [key, member] : deciding.members) value.set(key, std::move(member));
  return value;
}

/// `tuned`: the trace of the search that chose the parameters, which the result file holds too; empty: none.
std::string content_hash(ConfigValue deciding, const std::string& data_identity,
                         const std::string& initial_sha256, const std::string& code,
                         const std::string& tuned) {
  // Where data and initial point lie does not matter, what they hold does.
  ConfigValue& dataset = *deciding.find("dataset");
  std::erase_if(dataset.members,
                [](const auto& member) { return member.first == "name" || member.first == "file"; });
  std::erase_if(deciding.members, [](const auto& member) { return member.first == "initial"; });
  return sha256(fmt::format("{}data: {}\ninitial: {}\ncode: {}\n{}", to_yaml(deciding), data_identity,
                            initial_sha256, code,
                            tuned.empty() ? "" : fmt::format("tuned: {}\n", sha256(tuned))));
}

/// The values by which `--only key=` can choose `run`; empty for an unknown key.
std::vector<std::string> selectors(const Experiment& experiment, const Run& run, const std::string& key) {
  const SolverVariant& solver = experiment.solvers[run.solver];
  const DataRequest& data = experiment.datasets[run.dataset].request;
  if (key == "dataset") {
    return data.name.empty() || data.name == data.label ? std::vector{data.label}
                                                        : std::vector{data.label, data.name};
  }
  if (key == "solver")
    return solver.name == solver.label ? std::vector{solver.name} : std::vector{solver.name, solver.label};
  if (key == "label") return {solver.label};
  if (key == "seed") return {std::to_string(run.seed)};
  if (key == "run") return {run_name(experiment, run)};
  for (const auto& [parameter, value] : solver.grid) {
    if (parameter == key) return {value};
  }
  return {};
}

bool same_value(const std::string& a, const std::string& b) {
  if (a == b) return true;
  double x = 0;
  double y = 0;
  return read_number(ConfigValue::scalar(a), x) && read_number(ConfigValue::scalar(b), y) && x == y;
}

bool admits(const std::vector<std::string>& wanted, const std::vector<std::string>& offered) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& value) {
    return std::any_of(offered.begin(), offered.end(),
                       [&](const std::string& candidate) { return same_value(value, candidate); });
  });
}

}  // namespace

std::string code_of(const SolverVariant& solver) {
  std::string code = code_version(solver.name);
  const std::vector<std::filesystem::path> files =
      solver.configured == nullptr ? std::vector<std::filesystem::path>() : solver.configured->files();
  if (files.empty()) return code;
  for (const std::filesystem::path& file : files) code += "\n" + sha256_file(file);
  return sha256(code);
}

std::vector<Run> make_plan(const Experiment& experiment, const std::filesystem::path& out,
                           const std::vector<std::string>& identities) {
  const std::string initial = experiment.initial ? sha256_file(experiment.initial->file) : "";
  std::vector<Run> runs;
  for (std::size_t d = 0; d < experiment.datasets.size(); ++d) {
    const DatasetEntry& dataset = experiment.datasets[d];
    for (std::size_t s = 0; s < experiment.solvers.size(); ++s) {
      const SolverVariant& solver = experiment.solvers[s];
      if (!solver.runs_on(dataset.request.label)) continue;
      const std::string code = code_of(solver);
      for (const long seed : experiment.seeds) {
        Run run;
        run.dataset = d;
        run.solver = s;
        run.seed = seed;
        run.result =
            out / experiment.name / dataset.request.label / solver.label / fmt::format("seed-{}.h5", seed);
        const ConfigValue deciding = deciding_value(experiment, dataset, solver, seed);
        run.config = to_yaml(full_value(experiment, dataset, solver, deciding));
        run.config_sha256 = sha256(run.config);
        if (!identities[d].empty() && !solver.search) {
          run.content_hash = content_hash(deciding, identities[d], initial, code,
                                          solver.tuned ? solver.tuned->trace : std::string());
        }
        runs.push_back(std::move(run));
      }
    }
  }
  return runs;
}

std::vector<Run> select_runs(const Experiment& experiment, const std::vector<Run>& runs,
                             const std::vector<std::string>& only) {
  std::map<std::string, std::vector<std::string>> wanted;
  for (const std::string& argument : only) {
    const auto equals = argument.find('=');
    const std::string key = argument.substr(0, equals);
    if (equals == std::string::npos || key.empty()) {
      config_error("--only " + argument, "--only",
                   "not understood; allowed: key=value, as in seed=0 or solver=dladmm");
    }
    const std::string value = argument.substr(equals + 1);
    std::vector<std::string> possible;
    for (const Run& run : runs) {
      for (std::string& offered : selectors(experiment, run, key)) {
        if (std::find(possible.begin(), possible.end(), offered) == possible.end()) {
          possible.push_back(std::move(offered));
        }
      }
    }
    if (possible.empty()) {
      std::vector<std::string> keys{"dataset", "solver", "label", "seed", "run"};
      for (const SolverVariant& solver : experiment.solvers) {
        for (const auto& [parameter, chosen] : solver.grid) {
          if (std::find(keys.begin(), keys.end(), parameter) == keys.end()) keys.push_back(parameter);
        }
      }
      config_error("--only " + argument, key,
                   fmt::format("unknown key{}; allowed: {}", did_you_mean(key, keys), join(keys)));
    }
    if (!admits({value}, possible)) {
      config_error("--only " + argument, key,
                   fmt::format("'{}' matches no run{}; allowed: {}", value, did_you_mean(value, possible),
                               join(possible)));
    }
    wanted[key].push_back(value);
  }
  std::vector<Run> chosen;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(chosen), [&](const Run& run) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& condition) {
      return admits(condition.second, selectors(experiment, run, condition.first));
    });
  });
  if (chosen.empty() && !only.empty())
    config_error("--only", join(only), "no run matches all of these together");
  return chosen;
}

bool is_cached(const Run& run) {
  if (run.content_hash.empty()) return false;
  const PeekedRun found = look_at_run(run.result);
  if (!found.damage.empty()) spdlog::warn("{}; it counts as missing", found.damage);
  const std::optional<RunAttributes>& present = found.attributes;
  return present && present->content_hash == run.content_hash && is_complete(present->status);
}

bool holds_complete_result(const std::filesystem::path& result) {
  const std::optional<RunAttributes> present = peek_run(result);
  return present && is_complete(present->status);
}

}  // namespace admmbench
