#pragma once
/// An experiment as a typed, validated value. Its keys are declared here and nowhere else: each mapping of an experiment
/// file is a struct with visit(), as the parameters of a method are (core/parameters.hpp). From that one declaration follow
/// the reader and its messages (load_experiment.hpp), the JSON Schema (schema.hpp), the stored configuration
/// (plan/plan.cpp), completion and the tables of docs/reference/experiments.md (key_tables.hpp).
///
/// A new key is a member here and its line in visit(); stored_if(false) keeps it out of the stored configuration and with
/// that out of a run's identity. `tools/update-docs` then brings the schema and the tables in docs/ up to date. Only a
/// value that depends on others (v.other()) is read by hand, in load_experiment.cpp.

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/parameters.hpp"
#include "core/problem/choices.hpp"
#include "datasets/data_request.hpp"
#include "experiments/harness/config/duration.hpp"
#include "experiments/harness/config/stop_rules.hpp"
#include "experiments/harness/config/yaml_tree.hpp"

namespace admmbench {

class ConfiguredSolver;  // solvers/solver.hpp

struct NetworkShape {
  std::vector<long> hidden;
  Activation activation = Activation::relu;
  Loss loss = Loss::cross_entropy;

  void visit(ParameterVisitor& v);
};

/// `tune:` of a data set.
struct DatasetTuning {
  std::optional<long> runs;        ///< of every solver that is tuned on it, in place of tune.runs
  std::optional<long> iterations;  ///< of a tuning run on it

  void visit(ParameterVisitor& v);
};

struct DatasetEntry {
  DataRequest request;  ///< paths resolved
  ConfigValue written;  ///< what decides the data, defaults included, without the label; paths as in the file
  std::optional<NetworkShape> network;  ///< its own, in place of the experiment's
  std::optional<long> iterations;       ///< likewise
  DatasetTuning tuning;

  void visit(ParameterVisitor& v);
};

/// `tune:`: how parameters are chosen before the experiment's own runs.
struct TuneOptions {
  enum class Method { grid, random };
  enum class At { last, best };
  Method method = Method::random;
  long runs = 0;                        ///< per solver and data set: points x seeds; 0: `tune:` is wrong
  long iterations = 0;                  ///< of a tuning run; the experiment's if the file does not say
  long seed = 0;                        ///< draws the points
  std::vector<long> seeds{0};           ///< every point is run with each
  std::string select = "val_accuracy";  ///< trajectory column, of the validation split
  At at = At::last;                     ///< its last entry, or its best

  void visit(ParameterVisitor& v);
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
  ConfigValue params;              ///< resolved: every parameter that applies
  std::optional<long> iterations;  ///< in place of the data set's and the experiment's
  std::shared_ptr<const ConfiguredSolver> configured;
  std::optional<Search> search;  ///< to be tuned before it can run
  std::optional<Tuned> tuned;    ///< its parameters are the outcome of a search
};

struct RecordOptions {
  long every = 1;              ///< evaluate every so many iterations; the first and the last always
  std::vector<long> iterates;  ///< iterations whose variables are written; 0 is the initial point
  bool weights = true;         ///< write the first and the last W and b
  bool squared_step =
      false;  ///< column of that name: least squared step of all variables since the last record

  void visit(ParameterVisitor& v);
};

/// `checkpoint:`, what a run saves of itself to go on from if it is killed. No part of its identity.
struct CheckpointOptions {
  std::string every = "60s";

  Every interval() const { return read_interval(every).value_or(Every{}); }
  void visit(ParameterVisitor& v);
};

/// `parallel:`, how processes that mpirun or srun started together share a run. No part of its identity: the result is the same for
/// any number of them (of layers to the bit, of samples to rounding).
struct ParallelOptions {
  std::vector<long> layers;  ///< of each group, the first has layer 1; empty: balanced by the method's cost
  std::optional<long>
      samples;          ///< shards of the training samples; empty: what the method does not do by layers
  bool send_u = false;  ///< pdADMM family: u travels between processes, too

  void visit(ParameterVisitor& v);
};

/// `initial:`, the initial point of all methods.
struct InitialPoint {
  std::string written;         ///< path as in the file
  std::filesystem::path file;  ///< resolved

  void visit(ParameterVisitor& v);
};

/// `table:` and `rank:`, how the results are shown where the commands of these names are not told otherwise. No part of a
/// run's identity: presentation.hpp keeps them beside the results.
struct TableKeys {
  std::string metric;  ///< empty: test_accuracy, or what there is

  void visit(ParameterVisitor& v);
};
struct RankKeys {
  std::string reference;  ///< label of the method tested against each other one; empty: the first in rank
  std::map<std::string, double> targets;  ///< by data set label: what is to be reached

  void visit(ParameterVisitor& v);
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
  std::optional<InitialPoint> initial;  ///< empty: every method draws its own
  std::vector<SolverVariant> solvers;
  RecordOptions record;
  StopRules stop;
  CheckpointOptions checkpoint;
  ParallelOptions parallel;
  std::optional<long> threads;  ///< of a run
  bool alone = false;           ///< its runs are timed: one at a time
  TableKeys table;
  RankKeys rank;
  std::optional<TuneOptions> tune;
  std::vector<std::string> available_profiles;
  /// What it was read from, with the profile and the settings in it.
  std::shared_ptr<const ConfigValue> source;

  void visit(ParameterVisitor& v);

  const NetworkShape& network_on(const DatasetEntry& dataset) const {
    return dataset.network ? *dataset.network : network;
  }
  /// Of the runs of `solver` on `dataset`: the solver entry's own, else the data set's, else the experiment's.
  long iterations_of(const DatasetEntry& dataset, const SolverVariant& solver) const {
    return solver.iterations.value_or(dataset.iterations.value_or(iterations));
  }
  /// Points that every solver tries on `dataset`; only with `tune`.
  long tuning_points_on(const DatasetEntry& dataset) const {
    return dataset.tuning.runs.value_or(tune->runs) / static_cast<long>(tune->seeds.size());
  }
  /// Throws ConfigError: `what` is wrong with the key (dotted), at the place where it was written.
  [[noreturn]] void refuse(const std::string& key, const std::string& what) const;
  /// The key of the loss on `dataset`: its own, or the experiment's.
  std::string loss_key_on(const DatasetEntry& dataset) const;
};

/// Of `label`: in result paths, so letters, digits and . _ + = , - ( ) and blanks inside.
extern const TextForm label_form;

}  // namespace admmbench
