#pragma once
/// An experiment as a typed, validated value. docs/reference/experiments.md describes every key.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/problem/activation.hpp"
#include "core/problem/loss.hpp"
#include "datasets/dataset.hpp"
#include "experiments/harness/config/stop_rules.hpp"
#include "experiments/harness/config/yaml_tree.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

struct NetworkShape {
  std::vector<long> hidden;
  Activation activation = Activation::relu;
  Loss loss = Loss::cross_entropy;
  Origin loss_origin;    ///< where the loss is written, for errors found once the data are loaded
  std::string loss_key;  ///< the same, as a path of keys
};

struct DatasetEntry {
  DataRequest request;  ///< paths resolved
  ConfigValue written;  ///< what decides the data, defaults included, without the label; paths as in the file
  std::optional<NetworkShape> network;    ///< its own, in place of the experiment's
  std::optional<long> iterations;         ///< likewise
  std::optional<long> tuning_runs;        ///< of every solver that is tuned on it, in place of tune.runs
  std::optional<long> tuning_iterations;  ///< of a tuning run on it
};

/// `tune:`: how parameters are chosen before the experiment's own runs.
struct TuneOptions {
  enum class Method { grid, random };
  enum class At { last, best };
  Method method = Method::random;
  long runs = 0;                        ///< per solver and data set: points x seeds; 0: `tune:` is wrong
  long iterations = 0;                  ///< of a tuning run
  long seed = 0;                        ///< draws the points
  std::vector<long> seeds{0};           ///< every point is run with each
  std::string select = "val_accuracy";  ///< trajectory column, of the validation split
  At at = At::last;                     ///< its last entry, or its best
  Origin origin, select_origin;         ///< where they are written, for errors found once the data are loaded
};

/// One setting that tuning tries.
struct SearchPoint {
  std::vector<std::pair<std::string, ConfigValue>> values;  ///< the searched parameters
  ConfigValue params;                                       ///< resolved: every parameter that applies
  std::shared_ptr<const ConfiguredSolver> configured;
};

/// The search space of a solver entry, and the points of it that the budget pays for.
struct Search {
  std::vector<SearchPoint> points;
  std::optional<double> size;  ///< number of points in the space; empty: it has a range
  bool exhausted = false;      ///< fewer points than the budget, because there are no others
};

/// What tuning chose for a solver on a data set.
struct Tuned {
  ConfigValue
      summary;  ///< as in the stored configuration: how it was chosen, from how many, the point and its score
  std::string trace;  ///< JSON: every point tried
};

/// One solver entry at one point of its grid.
struct SolverVariant {
  std::string name;   ///< in the registry
  std::string label;  ///< in result paths and tables; with the grid point's values
  std::vector<std::pair<std::string, std::string>> grid;  ///< parameter, value as written
  std::vector<std::string>
      datasets;  ///< labels of the data sets it runs on; empty: all (settings tuned per data set)

  bool runs_on(const std::string& dataset) const {
    return datasets.empty() || std::find(datasets.begin(), datasets.end(), dataset) != datasets.end();
  }
  ConfigValue params;  ///< resolved: every parameter that applies
  std::shared_ptr<const ConfiguredSolver> configured;
  std::optional<Search> search;  ///< to be tuned before it can run
  std::optional<Tuned> tuned;    ///< its parameters are the outcome of a search
};

struct RecordOptions {
  long every = 1;              ///< evaluate every so many iterations; the first and the last always
  std::vector<long> iterates;  ///< iterations whose variables are written; 0 is the initial point
  bool weights = true;         ///< write the first and the last W and b
};

struct Experiment {
  std::string name;
  std::string profile;                 ///< empty: none
  std::string note;                    ///< shown beside results
  std::vector<std::string> published;  ///< keys of results/published to compare with
  std::string precision = "float64";   ///< float32 | float64
  std::vector<DatasetEntry> datasets;
  NetworkShape network;
  std::vector<long> seeds{0};
  long iterations = 0;
  std::filesystem::path initial_file;  ///< resolved; empty: the default initial point
  std::string initial_written;         ///< as in the file
  std::vector<SolverVariant> solvers;
  RecordOptions record;
  StopRules stop;
  std::optional<long> threads;  ///< BLAS threads of a run
  std::optional<TuneOptions> tune;
  std::vector<std::string> available_profiles;

  const NetworkShape& network_on(const DatasetEntry& dataset) const {
    return dataset.network ? *dataset.network : network;
  }
  long iterations_on(const DatasetEntry& dataset) const { return dataset.iterations.value_or(iterations); }
  /// Points that every solver tries on `dataset`; only with `tune`.
  long tuning_points_on(const DatasetEntry& dataset) const {
    return dataset.tuning_runs.value_or(tune->runs) / static_cast<long>(tune->seeds.size());
  }
};

/// Reads, merges and validates an experiment file: `profile` (if not empty) is laid over the top-level keys, then
/// every `--set` setting. Throws ConfigError.
Experiment load_experiment(const std::filesystem::path& file, const std::string& profile = {},
                           const std::vector<std::string>& settings = {});

}  // namespace admmbench
