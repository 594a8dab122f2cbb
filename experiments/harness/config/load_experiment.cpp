#include "experiments/harness/config/load_experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "datasets/generator.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/solver_entry.hpp"
#include "experiments/harness/config/yaml_reader.hpp"

namespace admmbench {

namespace {

/// `written` relative to the folder of the experiment file or, if nothing is there, to the working directory.
std::filesystem::path existing_file(const ConfigValue& value, const std::string& key,
                                    const std::filesystem::path& folder) {
  const std::filesystem::path written = to_text(value, key);
  for (const std::filesystem::path& candidate : {folder / written, written}) {
    if (std::filesystem::is_regular_file(candidate)) return candidate;
  }
  config_error(
      value.origin, key,
      written.is_absolute()
          ? fmt::format("there is no file '{}'", written.string())
          : fmt::format("there is no file '{}', neither in {} (the experiment's folder) nor in {} (the "
                        "working directory)",
                        written.string(), std::filesystem::absolute(folder).lexically_normal().string(),
                        std::filesystem::current_path().string()));
}

/// The registry's names, to look one up or to suggest one.
RegistryEntry known_dataset(const ConfigValue& value, const std::string& key) {
  const std::vector<RegistryEntry> registry = dataset_registry();
  std::vector<std::string> names;
  names.reserve(registry.size());
  for (const RegistryEntry& candidate : registry) names.push_back(candidate.name);
  return registry[static_cast<std::size_t>(to_word(value, key, names))];
}

/// Name or file: which data, and how they are called.
std::optional<RegistryEntry> read_source(const MapReader& entry, const ConfigValue& value,
                                         const std::string& path, const std::filesystem::path& folder,
                                         DatasetEntry& result) {
  const ConfigValue* name = entry.find("name");
  const ConfigValue* file = entry.find("file");
  if ((name == nullptr) == (file == nullptr)) {
    config_error(value.origin, path,
                 "a data set needs either `name` (see admmbench list datasets) or `file`");
  }
  DataRequest& request = result.request;
  if (name == nullptr) {
    request.file = existing_file(*file, entry.path("file"), folder);
    if (entry.find("label") == nullptr)
      request.label = to_text(ConfigValue::scalar(request.file.stem().string(), file->origin),
                              entry.path("label"), &label_form);
    result.written.set("file", ConfigValue::string(file->text));
    return std::nullopt;
  }
  RegistryEntry known = known_dataset(*name, entry.path("name"));
  request.name = known.name;
  if (request.label.empty()) request.label = known.name;
  if (known.graph()) request.graph.emplace();
  if (const GeneratedDataset* generated = find_generated_dataset(known.name)) {
    request.generator = generated->make_default();
  }
  result.written.set("name", ConfigValue::string(request.name));
  return known;
}

/// `split` of a set that has several: published ones, or rules.
void read_split(const ConfigValue& given, const std::string& key, const std::optional<RegistryEntry>& known,
                DataRequest& request) {
  if (known && known->split_by_rule()) {
    request.split = static_cast<NpzSplit>(to_word(given, key, {"released", "one_permutation"}));
  } else if (const long splits = published_splits(request); splits > 0) {
    const Range numbers{0, static_cast<double>(splits - 1), false, false};
    read_value(kind::IntegerOrWord{request.published.number, "seed", numbers}, given, key);
  } else {
    config_error(
        given.origin, key,
        fmt::format("{} has one split; allowed: on sets and files of several (see admmbench data info)",
                    known ? known->name : request.file.string()));
  }
}

/// `classes`, which has been read, of a set whose number of classes is known.
void check_classes(const ConfigValue& given, const std::string& key, const RegistryEntry& known,
                   const std::vector<long>& chosen) {
  if (known.graph()) config_error(given.origin, key, known.name + " is a graph: its nodes stay together");
  if (known.regression()) config_error(given.origin, key, known.name + " is regression");
  const auto classes = known.expected.find("classes");
  if (classes == known.expected.end()) return;
  for (const long one : chosen) {
    if (one >= classes->second)
      config_error(given.origin, key,
                   fmt::format("{} has no class {}; allowed: 0 to {}", known.name, one, classes->second - 1));
  }
}

/// `features`, which has been read, and `split`: whether they apply, and how they are stored. What there was before there was
/// a choice is not, so that older results keep their hash.
void read_graph_data(const MapReader& entry, const std::optional<RegistryEntry>& known,
                     DatasetEntry& result) {
  entry.with("features", [&](const ConfigValue& given, const std::string& key) {
    if (known && !known->graph()) config_error(given.origin, key, known->name + " is not a graph");
  });
  entry.with("split", [&](const ConfigValue& given, const std::string& key) {
    if (known || !result.request.file.empty()) read_split(given, key, known, result.request);
  });
  if (result.request.features == NodeFeatures::binary)
    result.written.set("features", ConfigValue::string("binary"));
  if (known && known->split_by_rule() && result.request.split == NpzSplit::released)
    result.written.set("split", ConfigValue::string("released"));
  const std::optional<long>& number = result.request.published.number;
  if (number != 0) {
    result.written.set("split", number ? ConfigValue::number(*number) : ConfigValue::string("seed"));
  }
}

/// `split: seed` needs a published split for every seed of the runs and of the tuning.
void check_split_of_seeds(const DatasetEntry& dataset, const ConfigValue& written,
                          const Experiment& experiment, const std::string& path) {
  if (dataset.request.published.number) return;
  const long splits = published_splits(dataset.request);
  std::vector<long> seeds = experiment.seeds;
  if (experiment.tune)
    seeds.insert(seeds.end(), experiment.tune->seeds.begin(), experiment.tune->seeds.end());
  for (const long seed : seeds) {
    if (seed < splits) continue;
    config_error(
        origin_of(written, "split"), child_path(path, "split"),
        fmt::format("{} has the splits 0 to {}, and none for seed {}; allowed: seeds 0 to {}, or the "
                    "number of one split for all seeds",
                    dataset.request.label, splits - 1, seed, splits - 1));
  }
}

/// What streams is a file's /train/x as it lies there.
void check_stream(const ConfigValue& given, const std::string& key, const std::optional<RegistryEntry>& known,
                  const DataRequest& request) {
  const auto refuse = [&](const std::string& why) {
    config_error(given.origin, key, why + "; allowed: false, or tables and images as they are in their file");
  };
  if (known && (known->graph() || known->synthetic()))
    refuse(fmt::format("{} is made in memory", known->name));
  if (!request.classes.empty()) refuse("`classes` chooses samples, which needs all of them");
  if (request.zoom) refuse("`zoom` makes other images, which needs all of them");
  if (request.validation > 0) refuse("`validation` draws samples, which needs all of them");
}

DatasetEntry read_dataset(const ConfigValue& value, const std::string& path,
                          const std::filesystem::path& folder, const NetworkShape& common,
                          ConfigProblems& problems) {
  DatasetEntry result;
  read_keys(result, value, path, problems);
  const MapReader entry(value, path, problems);
  DataRequest& request = result.request;
  result.written = ConfigValue::map();
  std::optional<RegistryEntry> known;
  // What fits depends on the set, so with an unknown one the rest is checked for itself.
  const bool source =
      value.is_map() && problems.attempt([&] { known = read_source(entry, value, path, folder, result); });
  entry.with("graph", [&](const ConfigValue& graph, const std::string& key) {
    if (known && !known->graph()) config_error(graph.origin, key, known->name + " is not a graph");
    request.graph.emplace();
    read_parameters(*request.graph, graph, key, problems);
  });
  if (request.graph) result.written.set("graph", write_parameters(*request.graph));
  read_graph_data(entry, known, result);
  entry.with("classes", [&](const ConfigValue& given, const std::string& key) {
    if (known) check_classes(given, key, *known, request.classes);
  });
  if (!request.classes.empty()) result.written.set("classes", ConfigValue::numbers(request.classes));
  entry.with("zoom", [&](const ConfigValue& given, const std::string& key) {
    if (known && known->graph()) config_error(given.origin, key, known->name + " is a graph, not images");
  });
  if (request.zoom) result.written.set("zoom", ConfigValue::number(*request.zoom));
  if (request.train) result.written.set("train", ConfigValue::number(*request.train));
  if (entry.find("validation") != nullptr)
    result.written.set("validation", ConfigValue::number(request.validation));
  entry.with("stream", [&](const ConfigValue& given, const std::string& key) {
    if (request.stream) check_stream(given, key, known, request);
  });
  entry.with("params", [&](const ConfigValue& params, const std::string& key) {
    if (!source) return;
    if (!request.generator) config_error(params.origin, key, "only synthetic data sets have parameters");
    read_parameters(*request.generator, params, key, problems);
  });
  if (request.generator) result.written.set("params", write_parameters(*request.generator));
  entry.with("network", [&](const ConfigValue& network, const std::string& key) {
    result.network = common;
    read_parameters(*result.network, network, key, problems, ParameterReader::Style::overlay);
  });
  return result;
}

/// What of `tune:` depends on the rest of the experiment.
void complete_tune(TuneOptions& tune, const ConfigValue& value, long iterations, ConfigProblems& problems) {
  if (tune.iterations == 0) tune.iterations = iterations;
  const long seeds = static_cast<long>(tune.seeds.size());
  if (tune.runs % seeds != 0) {
    problems.add(
        origin_of(value, "runs"), "tune.runs",
        fmt::format("{0} runs do not divide among the {1} seeds of tune.seeds; allowed: a multiple of {1}",
                    tune.runs, seeds));
  }
  const auto& found = problems.found();
  const bool wrong = std::any_of(found.begin(), found.end(), [](const ConfigProblem& problem) {
    return problem.key == "tune" || problem.key.starts_with("tune.");
  });
  if (wrong) tune.runs = 0;  // nobody knows what is wanted
}

/// Nothing is chosen on test data: every data set needs something else to choose on.
void require_validation(const DatasetEntry& dataset, const ConfigValue& value, const std::string& path) {
  if (dataset.request.validation > 0 || has_validation_split(dataset.request)) return;
  config_error(value.origin, path,
               fmt::format("'{}' has no validation split, and `tune:` chooses on nothing else; allowed: "
                           "`validation: 0.1`, which holds out a tenth of the training samples",
                           dataset.request.label));
}

/// The budget of a data set of its own, where the experiment's `tune:` can give one.
void check_tuning_of(const DatasetEntry& dataset, const ConfigValue& written,
                     const std::optional<TuneOptions>& tune, const std::string& path) {
  const ConfigValue* own = written.find("tune");
  if (own == nullptr) return;
  const std::string key = child_path(path, "tune");
  if (!tune) {
    config_error(own->origin, key,
                 "the experiment has no `tune:`, which says how to search; allowed: tune: {method: random, "
                 "runs: 12}");
  }
  if (!dataset.tuning.runs || tune->runs == 0) return;
  if (tune->method == TuneOptions::Method::grid) {
    config_error(own->origin, child_path(key, "runs"),
                 "a grid is the same on every data set; allowed: `method: random` under `tune:`, or "
                 "`iterations` alone");
  }
  if (*dataset.tuning.runs % static_cast<long>(tune->seeds.size()) != 0) {
    config_error(
        own->origin, child_path(key, "runs"),
        fmt::format("{0} runs do not divide among the {1} seeds of tune.seeds; allowed: a multiple of {1}",
                    *dataset.tuning.runs, tune->seeds.size()));
  }
}

/// Labels become paths, so within an experiment they differ.
void require_distinct(std::set<std::string>& seen, const std::string& path, const std::string& label,
                      const Origin& origin, const std::string& key) {
  if (!seen.insert(path).second) {
    config_error(origin, key,
                 fmt::format("a second entry is called '{}'; allowed: a `label` of its own for each", label));
  }
}

std::vector<DatasetEntry> read_datasets(const ConfigValue& value, const std::string& key,
                                        const std::filesystem::path& folder, const NetworkShape& common,
                                        ConfigProblems& problems) {
  std::vector<DatasetEntry> result;
  std::set<std::string> labels;
  for (const ConfigValue& item : to_items(value, key, "data sets")) {
    const std::string path = fmt::format("{}.{}", key, result.size());
    result.push_back(read_dataset(item, path, folder, common, problems));
    const std::string& label = result.back().request.label;
    if (label.empty()) continue;  // it has been said what is wrong
    problems.attempt([&] { require_distinct(labels, label, label, item.origin, path); });
  }
  if (result.empty()) config_error(value.origin, key, "empty; allowed: at least one data set");
  return result;
}

std::vector<SolverVariant> read_solvers(const ConfigValue& value, const std::string& key,
                                        const Experiment& experiment, const ConfigValue* datasets,
                                        const std::filesystem::path& folder, ConfigProblems& problems) {
  std::vector<SolverVariant> result;
  std::set<std::string> labels;
  const std::vector<ConfigValue>& items = to_items(value, key, "solvers");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string path = fmt::format("{}.{}", key, i);
    for (SolverVariant& variant : read_solver(items[i], path, experiment, folder, problems)) {
      // Settings tuned per data set share a label, so it is label and data set that must differ.
      for (const DatasetEntry& dataset : experiment.datasets) {
        const std::string& on = dataset.request.label;
        if (!variant.runs_on(on)) continue;
        problems.attempt([&] {
          require_distinct(labels, on + "/" + variant.label, variant.label, items[i].origin, path);
        });
      }
      for (std::size_t d = 0; variant.search && d < experiment.datasets.size(); ++d) {
        const DatasetEntry& dataset = experiment.datasets[d];
        const bool known = !dataset.request.name.empty() || !dataset.request.file.empty();
        if (!known || !variant.runs_on(dataset.request.label)) continue;
        problems.attempt(
            [&] { require_validation(dataset, datasets->items[d], fmt::format("datasets.{}", d)); });
      }
      result.push_back(std::move(variant));
    }
  }
  if (items.empty()) config_error(value.origin, key, "empty; allowed: at least one solver");
  return result;
}

/// `layers` of `parallel`: auto, which is an empty list, or how many layers each group of processes has.
std::vector<long> read_layer_groups(const ConfigValue& parallel, const std::string& path) {
  std::vector<long> groups;
  const ConfigValue* given = parallel.is_map() ? parallel.find("layers") : nullptr;
  if (given == nullptr || (given->is_scalar() && given->text == "auto")) return groups;
  const std::string key = child_path(path, "layers");
  if (!given->is_list() || given->items.empty()) {
    config_error(given->origin, key,
                 "neither `auto` nor a list of layers per group of processes; allowed: auto, [5, 5]");
  }
  for (const ConfigValue& item : given->items)
    groups.push_back(to_integer(item, fmt::format("{}.{}", key, groups.size()), at_least_one));
  return groups;
}

Experiment read_experiment(const ConfigValue& root, const std::filesystem::path& folder,
                           ConfigProblems& problems) {
  using Value = const ConfigValue&;
  using Path = const std::string&;
  Experiment result;
  read_keys(result, root, "", problems);
  const MapReader top(root, "", problems);
  std::sort(result.record.iterates.begin(), result.record.iterates.end());
  result.record.iterates.erase(std::unique(result.record.iterates.begin(), result.record.iterates.end()),
                               result.record.iterates.end());
  if (result.tune) complete_tune(*result.tune, *root.find("tune"), result.iterations, problems);
  top.with_needed("datasets", [&](Value given, Path key) {
    result.datasets = read_datasets(given, key, folder, result.network, problems);
  });
  for (std::size_t d = 0; d < result.datasets.size(); ++d) {
    problems.attempt([&] {
      check_tuning_of(result.datasets[d], root.find("datasets")->items[d], result.tune,
                      fmt::format("datasets.{}", d));
    });
    problems.attempt([&] {
      check_split_of_seeds(result.datasets[d], root.find("datasets")->items[d], result,
                           fmt::format("datasets.{}", d));
    });
  }
  if (result.initial && !result.initial->written.empty()) {
    problems.attempt([&] {
      result.initial->file = existing_file(*find_path(root, "initial.file"), "initial.file", folder);
    });
  }
  top.with("parallel",
           [&](Value given, Path key) { result.parallel.layers = read_layer_groups(given, key); });
  top.with("rank", [&](Value given, Path key) { result.rank.targets = read_targets(given, key, problems); });
  top.with_needed("solvers", [&](Value given, Path key) {
    result.solvers = read_solvers(given, key, result, top.find("datasets"), folder, problems);
  });
  return result;
}

/// The names of the profiles; their keys are checked here, their values when they are used.
std::vector<std::string> profile_names(const ConfigValue& root, ConfigProblems& problems) {
  std::vector<std::string> names;
  const ConfigValue* profiles = root.is_map() ? root.find("profiles") : nullptr;
  if (profiles == nullptr) return names;
  if (!profiles->is_map()) {
    problems.add(profiles->origin, "profiles", "not a mapping; allowed: name: {keys}");
    return names;
  }
  for (const auto& [name, keys] : profiles->members) {
    check_mapping(keys, child_path("profiles", name), profile_keys(), problems);
    names.push_back(name);
  }
  return names;
}

}  // namespace

std::map<std::string, double> read_targets(const ConfigValue& rank, const std::string& path,
                                           ConfigProblems& problems) {
  std::map<std::string, double> result;
  const ConfigValue* targets = rank.is_map() ? rank.find("targets") : nullptr;
  if (targets == nullptr) return result;
  const std::string key = child_path(path, "targets");
  if (!targets->is_map()) {
    problems.add(targets->origin, key, "not a mapping; allowed: data set: number, as in {mnist: 0.97}");
    return result;
  }
  for (const auto& target : targets->members) {
    problems.attempt(
        [&] { result[target.first] = to_real(target.second, child_path(key, target.first), any_number); });
  }
  return result;
}

namespace {

/// Where a data set or solver is given by its name alone, the entry of that name.
void expand_names(ConfigValue& layer) {
  for (const char* const key : {"datasets", "solvers"}) {
    ConfigValue* list = layer.is_map() ? layer.find(key) : nullptr;
    if (list == nullptr) continue;
    for (ConfigValue& item : list->items) {
      if (!item.is_scalar()) continue;
      ConfigValue entry = ConfigValue::map(item.origin);
      entry.set("name", std::move(item));
      item = std::move(entry);
    }
  }
}

/// The same in the file's keys and in all its profiles.
void expand_names_everywhere(ConfigValue& root) {
  expand_names(root);
  ConfigValue* profiles = root.is_map() ? root.find("profiles") : nullptr;
  for (std::size_t i = 0; profiles != nullptr && i < profiles->members.size(); ++i)
    expand_names(profiles->members[i].second);
}

}  // namespace

std::vector<std::string> profile_keys() {
  std::vector<std::string> keys = list_parameters(Experiment{}).top_names();
  std::erase(keys, "experiment");
  std::erase(keys, "profiles");
  std::erase(keys, "shared");
  return keys;
}

Experiment load_experiment(const std::filesystem::path& file, const std::string& profile,
                           const std::vector<std::string>& settings) {
  ConfigValue root = read_yaml(file);
  expand_names_everywhere(root);
  ConfigProblems problems;
  const std::vector<std::string> profiles = profile_names(root, problems);
  if (!profile.empty()) {
    if (std::find(profiles.begin(), profiles.end(), profile) == profiles.end()) {
      config_error(
          file.string(), "profiles",
          fmt::format("there is no profile '{}'{}; allowed: {}", profile, did_you_mean(profile, profiles),
                      profiles.empty() ? "none, the file has no profiles" : join(profiles)));
    }
    const ConfigValue overlay = *root.find("profiles")->find(profile);
    root = merged(std::move(root), overlay);
  }
  for (const std::string& setting : settings) apply_setting(root, setting);
  expand_names(root);
  const std::filesystem::path folder =
      file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  Experiment experiment = read_experiment(root, folder, problems);
  problems.throw_if_any();
  experiment.profile = profile;
  experiment.available_profiles = profiles;
  experiment.source = std::make_shared<const ConfigValue>(std::move(root));
  return experiment;
}

Experiment load_experiment_text(const std::string& text, const std::string& origin,
                                const std::filesystem::path& folder) {
  ConfigValue root = parse_yaml(text, origin);
  expand_names(root);
  ConfigProblems problems;
  Experiment experiment = read_experiment(root, folder, problems);
  problems.throw_if_any();
  experiment.source = std::make_shared<const ConfigValue>(std::move(root));
  return experiment;
}

}  // namespace admmbench
