#include "experiments/harness/config/lint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/yaml_reader.hpp"

namespace admmbench {

namespace {

/// The file's own tree, whose profile is "", or what one of its profiles lays over it.
struct Layer {
  std::string profile;
  const ConfigValue* tree;

  /// The dotted path in front of its keys.
  std::string prefix() const { return profile.empty() ? "" : child_path("profiles", profile); }
};

std::vector<Layer> layers_of(const ConfigValue& root) {
  std::vector<Layer> layers{{"", &root}};
  const ConfigValue* profiles = root.find("profiles");
  if (profiles == nullptr) return layers;
  for (const auto& [name, overlay] : profiles->members) layers.push_back({name, &overlay});
  return layers;
}

void require_known(const ConfigValue& list, const std::string& key, const std::string& kind,
                   const std::vector<std::string>& known, ConfigProblems& problems) {
  for (const ConfigValue& item : list.items) {
    if (std::find(known.begin(), known.end(), item.text) != known.end()) continue;
    problems.add(item.origin, key,
                 fmt::format("there is no {} '{}'{}; allowed: {}", kind, item.text,
                             did_you_mean(item.text, known), join(known)));
  }
}

/// Names under rank.targets, and where they are.
std::vector<std::pair<std::string, Origin>> targets_of(const ConfigValue& layer) {
  std::vector<std::pair<std::string, Origin>> names;
  const ConfigValue* targets = find_path(layer, "rank.targets");
  for (std::size_t i = 0; targets != nullptr && i < targets->members.size(); ++i)
    names.emplace_back(targets->members[i].first, targets->members[i].second.origin);
  return names;
}

/// `labels`: of the data sets of all layers.
void check_names(const std::vector<Layer>& layers, const std::vector<std::string>& labels,
                 const std::vector<std::string>& published, ConfigProblems& problems) {
  for (const Layer& layer : layers) {
    const std::string prefix = layer.prefix();
    if (const ConfigValue* figures = layer.tree->find("published"))
      require_known(*figures, child_path(prefix, "published"), "published figure", published, problems);
    for (const auto& [name, origin] : targets_of(*layer.tree)) {
      if (labels.empty() || std::find(labels.begin(), labels.end(), name) != labels.end()) continue;
      problems.add(origin, child_path(prefix, "rank.targets"),
                   fmt::format("there is no data set called '{}'{}; allowed: {}", name,
                               did_you_mean(name, labels), join(labels)));
    }
    const ConfigValue* solvers = layer.tree->find("solvers");
    if (solvers == nullptr || labels.empty()) continue;
    for (std::size_t i = 0; i < solvers->items.size(); ++i) {
      const ConfigValue* datasets = solvers->items[i].find("datasets");
      if (datasets == nullptr) continue;
      require_known(*datasets, fmt::format("{}.{}.datasets", child_path(prefix, "solvers"), i),
                    "data set called", labels, problems);
    }
  }
}

std::size_t count_runs(const Experiment& experiment) {
  std::size_t count = 0;
  for (const DatasetEntry& dataset : experiment.datasets) {
    for (const SolverVariant& solver : experiment.solvers)
      count += solver.runs_on(dataset.request.label) ? experiment.seeds.size() : 0;
  }
  return count;
}

}  // namespace

CheckedFile check_experiment(const std::filesystem::path& file, const std::vector<std::string>& published) {
  CheckedFile result{file, {}, 0, {}};
  ConfigProblems problems;
  ConfigValue root;
  if (problems.attempt([&] { root = read_yaml(file); })) {
    const std::vector<Layer> layers = layers_of(root);
    std::vector<std::string> labels;
    for (const Layer& layer : layers) {
      if (!layer.profile.empty()) result.profiles.push_back(layer.profile);
      try {
        problems.attempt([&] {
          const Experiment experiment = load_experiment(file, layer.profile);
          for (const DatasetEntry& dataset : experiment.datasets) labels.push_back(dataset.request.label);
          if (layer.profile.empty()) result.runs = count_runs(experiment);
        });
      } catch (const DataError& error) {  // a data file that had to be looked into
        problems.add(file.string(), "datasets", error.what());
      }
    }
    // With mistakes left the labels are not all known.
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    check_names(layers, problems.found().empty() ? labels : std::vector<std::string>{}, published, problems);
  }
  result.problems = problems.found();
  std::stable_sort(
      result.problems.begin(), result.problems.end(), [](const ConfigProblem& a, const ConfigProblem& b) {
        return std::pair(a.origin.line, a.origin.column) < std::pair(b.origin.line, b.origin.column);
      });
  if (!result.problems.empty()) result.runs = 0;
  return result;
}

}  // namespace admmbench
