#include "experiments/harness/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "datasets/generated.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config_reader.hpp"
#include "experiments/harness/parameter_visitors.hpp"
#include "experiments/harness/solver_grid.hpp"

namespace admmbench {

namespace {

const std::vector<std::string> top_level_keys{"experiment", "precision", "datasets",  "network", "seeds",
                                              "iterations", "initial",   "solvers",   "record",  "stop",
                                              "threads",    "note",      "published", "tune",    "profiles"};

const std::vector<std::string> precisions{"float32", "float64"};
// In the order of the enumerations.
const std::vector<std::string> activations{"relu", "leaky_relu", "identity", "tanh", "sigmoid"};
const std::vector<std::string> losses{"cross_entropy", "squared"};
const std::vector<std::string> tune_methods{"grid", "random"};
const std::vector<std::string> tune_places{"last", "best"};
// Nothing of the test set, and nothing of the training set.
const std::vector<std::string> tune_columns{"val_accuracy", "val_loss"};

constexpr Range seed_range{0, 9007199254740991.0, false, false};
constexpr Range target_range{0, 1, true, false};

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

DatasetEntry read_dataset(const ConfigValue& value, const std::string& path,
                          const std::filesystem::path& folder) {
  const MapReader entry(value, path, {"name", "file", "label", "graph", "train", "validation", "params"});
  DatasetEntry result;
  DataRequest& request = result.request;
  result.written = ConfigValue::map();
  const ConfigValue* name = entry.find("name");
  const ConfigValue* file = entry.find("file");
  if ((name == nullptr) == (file == nullptr)) {
    config_error(value.origin, path,
                 "a data set needs either `name` (see admmbench list datasets) or `file`");
  }
  std::optional<RegistryEntry> known;
  if (name != nullptr) {
    const std::vector<RegistryEntry> registry = dataset_registry();
    std::vector<std::string> names;
    names.reserve(registry.size());
    for (const RegistryEntry& candidate : registry) names.push_back(candidate.name);
    known = registry[static_cast<std::size_t>(to_word(*name, entry.path("name"), names))];
    request.name = known->name;
    request.label = known->name;
    if (known->graph()) request.graph.emplace();
    if (const GeneratedDataset* generated = find_generated_dataset(known->name)) {
      request.generator = generated->make_default();
    } else if (known->synthetic()) {
      request.synthetic = synthetic_defaults(known->name);
    }
    result.written.set("name", ConfigValue::string(request.name));
  } else {
    request.file = existing_file(*file, entry.path("file"), folder);
    request.label =
        to_label(ConfigValue::scalar(request.file.stem().string(), file->origin), entry.path("label"));
    result.written.set("file", ConfigValue::string(file->text));
  }
  if (const ConfigValue* label = entry.find("label")) request.label = to_label(*label, entry.path("label"));
  if (const ConfigValue* graph = entry.find("graph")) {
    if (known && !known->graph())
      config_error(graph->origin, entry.path("graph"), known->name + " is not a graph");
    request.graph.emplace();
    read_parameters(*request.graph, *graph, entry.path("graph"));
  }
  if (request.graph) result.written.set("graph", write_parameters(*request.graph));
  if (const ConfigValue* train = entry.find("train")) {
    request.train = to_integer(*train, entry.path("train"), at_least_one);
    result.written.set("train", ConfigValue::number(*request.train));
  }
  if (const ConfigValue* validation = entry.find("validation")) {
    request.validation = to_real(*validation, entry.path("validation"), below_one);
    result.written.set("validation", ConfigValue::number(request.validation));
  }
  if (const ConfigValue* params = entry.find("params")) {
    if (!known || !known->synthetic()) {
      config_error(params->origin, entry.path("params"), "only synthetic data sets have parameters");
    }
    if (request.generator) {
      read_parameters(*request.generator, *params, entry.path("params"));
    } else {
      read_parameters(request.synthetic, *params, entry.path("params"));
    }
  }
  if (request.generator) {
    result.written.set("params", write_parameters(*request.generator));
  } else if (known && known->synthetic()) {
    result.written.set("params", write_parameters(request.synthetic));
  }
  return result;
}

NetworkShape read_network_shape(const ConfigValue& value) {
  const MapReader network(value, "network", {"hidden", "activation", "loss"});
  NetworkShape result;
  const ConfigValue& hidden = network.require("hidden");
  result.hidden = to_integers(hidden, "network.hidden", at_least_one);
  if (result.hidden.empty()) {
    config_error(hidden.origin, "network.hidden", "empty; allowed: at least one width, as in [100, 100]");
  }
  if (const ConfigValue* activation = network.find("activation")) {
    result.activation = static_cast<Activation>(to_word(*activation, "network.activation", activations));
  }
  result.loss_origin = network.origin();
  if (const ConfigValue* loss = network.find("loss")) {
    result.loss = static_cast<Loss>(to_word(*loss, "network.loss", losses));
    result.loss_origin = loss->origin;
  }
  return result;
}

RecordOptions read_record(const ConfigValue& value) {
  const MapReader record(value, "record", {"every", "iterates"});
  RecordOptions result;
  if (const ConfigValue* every = record.find("every")) {
    result.every = to_integer(*every, "record.every", at_least_one);
  }
  if (const ConfigValue* iterates = record.find("iterates")) {
    result.iterates = to_integers(*iterates, "record.iterates", non_negative);
    std::sort(result.iterates.begin(), result.iterates.end());
    result.iterates.erase(std::unique(result.iterates.begin(), result.iterates.end()), result.iterates.end());
  }
  return result;
}

StopRules read_stop(const ConfigValue& value) {
  const MapReader stop(value, "stop", {"time_limit", "residual", "patience", "target_accuracy"});
  StopRules result;
  if (const auto* given = stop.find("time_limit"))
    result.time_limit = to_real(*given, "stop.time_limit", positive);
  if (const auto* given = stop.find("residual"))
    result.residual = to_real(*given, "stop.residual", non_negative);
  if (const auto* given = stop.find("patience"))
    result.patience = to_integer(*given, "stop.patience", at_least_one);
  if (const auto* given = stop.find("target_accuracy")) {
    result.target_accuracy = to_real(*given, "stop.target_accuracy", target_range);
  }
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

TuneOptions read_tune(const ConfigValue& value, long iterations) {
  const MapReader tune(value, "tune", {"method", "runs", "iterations", "seed", "seeds", "select", "at"});
  TuneOptions result;
  result.origin = value.origin;
  result.select_origin = value.origin;
  result.method =
      static_cast<TuneOptions::Method>(to_word(tune.require("method"), "tune.method", tune_methods));
  result.runs = to_integer(tune.require("runs"), "tune.runs", at_least_one);
  result.iterations = iterations;
  if (const auto* given = tune.find("iterations"))
    result.iterations = to_integer(*given, "tune.iterations", at_least_one);
  if (const auto* given = tune.find("seed")) result.seed = to_integer(*given, "tune.seed", seed_range);
  if (const auto* given = tune.find("seeds")) result.seeds = read_seeds(*given, "tune.seeds");
  if (const auto* given = tune.find("select")) {
    result.select = tune_columns[static_cast<std::size_t>(to_word(*given, "tune.select", tune_columns))];
    result.select_origin = given->origin;
  }
  if (const auto* given = tune.find("at"))
    result.at = static_cast<TuneOptions::At>(to_word(*given, "tune.at", tune_places));
  if (result.runs % static_cast<long>(result.seeds.size()) != 0) {
    config_error(
        tune.find("runs")->origin, "tune.runs",
        fmt::format("{0} runs do not divide among the {1} seeds of tune.seeds; allowed: a multiple of {1}",
                    result.runs, result.seeds.size()));
  }
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

/// Labels become paths, so within an experiment they differ.
void require_distinct(std::set<std::string>& seen, const std::string& label, const ConfigValue& value,
                      const std::string& key) {
  if (!seen.insert(label).second) {
    config_error(value.origin, key,
                 fmt::format("a second entry is called '{}'; allowed: a `label` of its own for each", label));
  }
}

Experiment read_experiment(const ConfigValue& root, const std::filesystem::path& folder) {
  const MapReader top(root, "", top_level_keys);
  Experiment result;
  result.name = to_name(top.require("experiment"), "experiment");
  if (const auto* given = top.find("precision")) {
    result.precision = precisions[static_cast<std::size_t>(to_word(*given, "precision", precisions))];
  }
  const ConfigValue& datasets = top.require("datasets");
  std::set<std::string> labels;
  for (std::size_t i = 0; i < to_items(datasets, "datasets", "data sets").size(); ++i) {
    const std::string path = fmt::format("datasets.{}", i);
    result.datasets.push_back(read_dataset(datasets.items[i], path, folder));
    require_distinct(labels, result.datasets.back().request.label, datasets.items[i], path);
  }
  if (result.datasets.empty())
    config_error(datasets.origin, "datasets", "empty; allowed: at least one data set");

  result.network = read_network_shape(top.require("network"));
  if (const auto* given = top.find("seeds")) result.seeds = read_seeds(*given, "seeds");
  result.iterations = to_integer(top.require("iterations"), "iterations", at_least_one);
  if (const auto* given = top.find("tune"); given != nullptr && given->kind != ConfigValue::Kind::null) {
    result.tune = read_tune(*given, result.iterations);
  }
  if (const auto* given = top.find("initial"); given != nullptr && given->kind != ConfigValue::Kind::null) {
    const MapReader initial(*given, "initial", {"file"});
    const ConfigValue& file = initial.require("file");
    result.initial_file = existing_file(file, "initial.file", folder);
    result.initial_written = file.text;
  }

  const ConfigValue& solvers = top.require("solvers");
  labels.clear();
  for (std::size_t i = 0; i < to_items(solvers, "solvers", "solvers").size(); ++i) {
    const std::string path = fmt::format("solvers.{}", i);
    for (SolverVariant& variant : read_solver(solvers.items[i], path, result.tune)) {
      // Settings tuned per data set share a label, so it is label and data set that must differ.
      for (const DatasetEntry& dataset : result.datasets) {
        if (!variant.runs_on(dataset.request.label)) continue;
        if (!labels.insert(dataset.request.label + "/" + variant.label).second) {
          config_error(solvers.items[i].origin, path,
                       fmt::format("a second entry is called '{}'; allowed: a `label` of its own for each",
                                   variant.label));
        }
      }
      for (std::size_t d = 0; d < result.datasets.size(); ++d) {
        if (variant.search && variant.runs_on(result.datasets[d].request.label))
          require_validation(result.datasets[d], datasets.items[d], fmt::format("datasets.{}", d));
      }
      result.solvers.push_back(std::move(variant));
    }
  }
  if (result.solvers.empty()) config_error(solvers.origin, "solvers", "empty; allowed: at least one solver");

  if (const auto* given = top.find("record")) result.record = read_record(*given);
  if (const auto* given = top.find("stop")) result.stop = read_stop(*given);
  if (const auto* given = top.find("threads")) result.threads = to_integer(*given, "threads", at_least_one);
  if (const auto* given = top.find("note")) result.note = to_text(*given, "note");
  if (const auto* given = top.find("published")) {
    for (const ConfigValue& key : to_items(*given, "published", "keys of results/published")) {
      result.published.push_back(to_text(key, "published"));
    }
  }
  return result;
}

/// The names of the profiles; their keys are checked here, their values when they are used.
std::vector<std::string> profile_names(const ConfigValue& root) {
  std::vector<std::string> names;
  const ConfigValue* profiles = root.is_map() ? root.find("profiles") : nullptr;
  if (profiles == nullptr) return names;
  if (!profiles->is_map()) config_error(profiles->origin, "profiles", "not a mapping; allowed: name: {keys}");
  std::vector<std::string> allowed = top_level_keys;
  std::erase(allowed, "profiles");
  std::erase(allowed, "experiment");
  for (const auto& [name, keys] : profiles->members) {
    [[maybe_unused]] const MapReader checked(keys, child_path("profiles", name), allowed);
    names.push_back(name);
  }
  return names;
}

}  // namespace

Experiment load_experiment(const std::filesystem::path& file, const std::string& profile,
                           const std::vector<std::string>& settings) {
  ConfigValue root = read_yaml(file);
  const std::vector<std::string> profiles = profile_names(root);
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
  Experiment experiment = read_experiment(root, folder);
  experiment.profile = profile;
  experiment.available_profiles = profiles;
  return experiment;
}

}  // namespace admmbench
