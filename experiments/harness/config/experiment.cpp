#include "experiments/harness/config/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "datasets/generator.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config/keys.hpp"
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

std::string to_name(const ConfigValue& value, const std::string& key) {
  std::string name = to_text(value, key);
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) {
    config_error(value.origin, key, fmt::format("'{}' has other characters; allowed: a-z, 0-9, -", name));
  }
  return name;
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
      request.label =
          to_label(ConfigValue::scalar(request.file.stem().string(), file->origin), entry.path("label"));
    result.written.set("file", ConfigValue::string(file->text));
    return std::nullopt;
  }
  RegistryEntry known = known_dataset(*name, entry.path("name"));
  request.name = known.name;
  request.label = known.name;
  if (known.graph()) request.graph.emplace();
  if (const GeneratedDataset* generated = find_generated_dataset(known.name)) {
    request.generator = generated->make_default();
  }
  result.written.set("name", ConfigValue::string(request.name));
  return known;
}

/// `common`: what a data set's own network leaves unsaid; null: this is the experiment's.
NetworkShape read_network_shape(const ConfigValue& value, const std::string& path, const NetworkShape* common,
                                ConfigProblems& problems) {
  const MapReader network(value, path, key_names(network_keys()), problems);
  NetworkShape result = common == nullptr ? NetworkShape{} : *common;
  const auto read_hidden = [&](const ConfigValue& hidden, const std::string& key) {
    result.hidden = to_integers(hidden, key, at_least_one);
    if (result.hidden.empty())
      config_error(hidden.origin, key, "empty; allowed: at least one width, as in [100, 100]");
  };
  if (common == nullptr) {
    network.with_required("hidden", read_hidden);
  } else {
    network.with("hidden", read_hidden);
  }
  network.choice("activation", result.activation, activation_words());
  network.choice("loss", result.loss, loss_words());
  const ConfigValue* loss = network.find("loss");
  if (loss != nullptr || common == nullptr) {
    result.loss_origin = loss == nullptr ? network.origin() : loss->origin;
    result.loss_key = network.path("loss");
  }
  return result;
}

DatasetEntry read_dataset(const ConfigValue& value, const std::string& path,
                          const std::filesystem::path& folder, const NetworkShape& common,
                          ConfigProblems& problems) {
  const MapReader entry(value, path, key_names(dataset_keys()), problems);
  DatasetEntry result;
  DataRequest& request = result.request;
  result.written = ConfigValue::map();
  std::optional<RegistryEntry> known;
  // What fits depends on the set, so with an unknown one the rest is checked for itself.
  const bool source =
      value.is_map() && problems.attempt([&] { known = read_source(entry, value, path, folder, result); });
  entry.with("label",
             [&](const ConfigValue& label, const std::string& key) { request.label = to_label(label, key); });
  entry.with("graph", [&](const ConfigValue& graph, const std::string& key) {
    if (known && !known->graph()) config_error(graph.origin, key, known->name + " is not a graph");
    request.graph.emplace();
    read_parameters(*request.graph, graph, key, problems);
  });
  if (request.graph) result.written.set("graph", write_parameters(*request.graph));
  entry.integer("train", request.train, at_least_one);
  if (request.train) result.written.set("train", ConfigValue::number(*request.train));
  entry.real("validation", request.validation, below_one);
  if (entry.find("validation") != nullptr)
    result.written.set("validation", ConfigValue::number(request.validation));
  entry.with("params", [&](const ConfigValue& params, const std::string& key) {
    if (!source) return;
    if (!request.generator) config_error(params.origin, key, "only synthetic data sets have parameters");
    read_parameters(*request.generator, params, key, problems);
  });
  if (request.generator) {
    result.written.set("params", write_parameters(*request.generator));
  }
  entry.with("network", [&](const ConfigValue& network, const std::string& key) {
    result.network = read_network_shape(network, key, &common, problems);
  });
  entry.integer("iterations", result.iterations, at_least_one);
  entry.with("tune", [&](const ConfigValue& given, const std::string& key) {
    const MapReader tune(given, key, key_names(dataset_tune_keys()), problems);
    tune.integer("runs", result.tuning_runs, at_least_one);
    tune.integer("iterations", result.tuning_iterations, at_least_one);
  });
  return result;
}

RecordOptions read_record(const ConfigValue& value, ConfigProblems& problems) {
  const MapReader record(value, "record", key_names(record_keys()), problems);
  RecordOptions result;
  record.integer("every", result.every, at_least_one);
  record.with("iterates", [&](const ConfigValue& iterates, const std::string& key) {
    result.iterates = to_integers(iterates, key, non_negative);
    std::sort(result.iterates.begin(), result.iterates.end());
    result.iterates.erase(std::unique(result.iterates.begin(), result.iterates.end()), result.iterates.end());
  });
  record.with("weights", [&](const ConfigValue& weights, const std::string& key) {
    result.weights = to_boolean(weights, key);
  });
  return result;
}

StopRules read_stop(const ConfigValue& value, ConfigProblems& problems) {
  const MapReader stop(value, "stop", key_names(stop_keys()), problems);
  StopRules result;
  stop.real("time_limit", result.time_limit, positive);
  stop.real("residual", result.residual, non_negative);
  stop.integer("patience", result.patience, at_least_one);
  stop.real("target_accuracy", result.target_accuracy, target_range);
  return result;
}

std::vector<long> read_seeds(const ConfigValue& value, const std::string& key) {
  std::vector<long> seeds = to_integers(value, key, seed_range);
  if (seeds.empty()) config_error(value.origin, key, "empty; allowed: at least one seed");
  std::set<long> seen;
  for (const long seed : seeds) {
    if (!seen.insert(seed).second) config_error(value.origin, key, fmt::format("{} is given twice", seed));
  }
  return seeds;
}

TuneOptions read_tune(const ConfigValue& value, const std::string& key, long iterations,
                      ConfigProblems& problems) {
  ConfigProblems own;
  const MapReader tune(value, key, key_names(tune_keys()), own);
  TuneOptions result;
  result.origin = value.origin;
  result.iterations = iterations;
  static_cast<void>(tune.require("method"));
  tune.choice("method", result.method, tune_methods());
  tune.with_required("runs", [&](const ConfigValue& given, const std::string& at) {
    result.runs = to_integer(given, at, at_least_one);
  });
  tune.integer("iterations", result.iterations, at_least_one);
  tune.integer("seed", result.seed, seed_range);
  tune.with("seeds",
            [&](const ConfigValue& given, const std::string& at) { result.seeds = read_seeds(given, at); });
  tune.with("select", [&](const ConfigValue& given, const std::string& at) {
    result.select = tune_columns()[static_cast<std::size_t>(to_word(given, at, tune_columns()))];
  });
  const ConfigValue* select = tune.find("select");
  result.select_origin = select == nullptr ? value.origin : select->origin;
  tune.choice("at", result.at, tune_places());
  const long seeds = static_cast<long>(result.seeds.size());
  if (result.runs % seeds != 0) {
    own.add(
        tune.find("runs")->origin, tune.path("runs"),
        fmt::format("{0} runs do not divide among the {1} seeds of tune.seeds; allowed: a multiple of {1}",
                    result.runs, seeds));
  }
  for (const ConfigProblem& problem : own.found()) problems.add(problem);
  if (!own.found().empty()) result.runs = 0;  // nobody knows what is wanted
  return result;
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
  if (!dataset.tuning_runs || tune->runs == 0) return;
  if (tune->method == TuneOptions::Method::grid) {
    config_error(own->origin, child_path(key, "runs"),
                 "a grid is the same on every data set; allowed: `method: random` under `tune:`, or "
                 "`iterations` alone");
  }
  if (*dataset.tuning_runs % static_cast<long>(tune->seeds.size()) != 0) {
    config_error(
        own->origin, child_path(key, "runs"),
        fmt::format("{0} runs do not divide among the {1} seeds of tune.seeds; allowed: a multiple of {1}",
                    *dataset.tuning_runs, tune->seeds.size()));
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
                                        ConfigProblems& problems) {
  std::vector<SolverVariant> result;
  std::set<std::string> labels;
  const std::vector<ConfigValue>& items = to_items(value, key, "solvers");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string path = fmt::format("{}.{}", key, i);
    for (SolverVariant& variant : read_solver(items[i], path, experiment, problems)) {
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

Experiment read_experiment(const ConfigValue& root, const std::filesystem::path& folder,
                           ConfigProblems& problems) {
  const MapReader top(root, "", key_names(experiment_keys()), problems);
  Experiment result;
  using Value = const ConfigValue&;
  using Path = const std::string&;
  top.with_required("experiment", [&](Value given, Path key) { result.name = to_name(given, key); });
  top.with("precision", [&](Value given, Path key) {
    result.precision = precision_words()[static_cast<std::size_t>(to_word(given, key, precision_words()))];
  });
  top.with_required("network", [&](Value given, Path key) {
    result.network = read_network_shape(given, key, nullptr, problems);
  });
  top.with_required("datasets", [&](Value given, Path key) {
    result.datasets = read_datasets(given, key, folder, result.network, problems);
  });
  top.with("seeds", [&](Value given, Path key) { result.seeds = read_seeds(given, key); });
  top.with_required("iterations",
                    [&](Value given, Path key) { result.iterations = to_integer(given, key, at_least_one); });
  top.with("tune", [&](Value given, Path key) {
    if (given.kind != ConfigValue::Kind::null)
      result.tune = read_tune(given, key, result.iterations, problems);
  });
  if (const ConfigValue* written = top.find("datasets"); written != nullptr) {
    for (std::size_t d = 0; d < result.datasets.size(); ++d) {
      problems.attempt([&] {
        check_tuning_of(result.datasets[d], written->items[d], result.tune, fmt::format("datasets.{}", d));
      });
    }
  }
  top.with("initial", [&](Value given, Path key) {
    if (given.kind == ConfigValue::Kind::null) return;
    const MapReader initial(given, key, key_names(initial_keys()), problems);
    initial.with_required("file", [&](Value file, Path at) {
      result.initial_file = existing_file(file, at, folder);
      result.initial_written = file.text;
    });
  });
  top.with_required("solvers", [&](Value given, Path key) {
    result.solvers = read_solvers(given, key, result, top.find("datasets"), problems);
  });
  top.with("record", [&](Value given, Path) { result.record = read_record(given, problems); });
  top.with("stop", [&](Value given, Path) { result.stop = read_stop(given, problems); });
  top.integer("threads", result.threads, at_least_one);
  top.text("note", result.note);
  top.with("published", [&](Value given, Path key) {
    for (const ConfigValue& figure : to_items(given, key, "keys of results/published"))
      result.published.push_back(to_text(figure, key));
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
    [[maybe_unused]] const MapReader checked(keys, child_path("profiles", name), key_names(profile_keys()),
                                             problems);
    names.push_back(name);
  }
  return names;
}

}  // namespace

Experiment load_experiment(const std::filesystem::path& file, const std::string& profile,
                           const std::vector<std::string>& settings) {
  ConfigValue root = read_yaml(file);
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
  const std::filesystem::path folder =
      file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  Experiment experiment = read_experiment(root, folder, problems);
  problems.throw_if_any();
  experiment.profile = profile;
  experiment.available_profiles = profiles;
  return experiment;
}

}  // namespace admmbench
