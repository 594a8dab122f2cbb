#pragma once
/// A data set, loaded: what one entry of `datasets:` in an experiment file asks for, and what comes of it.

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/parameters.hpp"
#include "core/problem/problem.hpp"

namespace admmbench {

class DatasetGenerator;  // datasets/generator.hpp

/// `graph: {hops: K, operator: normalized | released}` (contract section 5).
struct GraphOptions {
  enum class Operator { normalized, released };
  long hops = 4;
  Operator op = Operator::normalized;

  void visit(ParameterVisitor& v);
};

/// One entry of `datasets:`. Either `name` (registry) or `file` is set.
struct DataRequest {
  std::string name;
  std::filesystem::path file;         ///< data.h5 of contract section 5, CSV or LIBSVM text; resolved path
  std::string label;                  ///< as in result paths and tables; never empty
  std::optional<GraphOptions> graph;  ///< graph sets: GA-MLP input; default hops 4, normalized
  std::optional<long> train;          ///< keep the first n training samples
  double validation = 0;              ///< fraction of the training samples held out, drawn by the run's seed
  /// Only for synthetic sets (datasets/generator.hpp); null: with default parameters.
  std::shared_ptr<DatasetGenerator> generator;
};

/// A loaded data set, before the seed-dependent validation split.
template <class T>
struct Dataset {
  std::shared_ptr<const Samples<T>> train;
  std::shared_ptr<const Samples<T>> validation;  ///< null if the set has none
  std::shared_ptr<const Samples<T>> test;        ///< null if the set has none
  arma::uword classes = 0;                       ///< 0 for regression
  std::string source;                            ///< public addresses, or the file's name
  std::string content_sha256;                    ///< dataset_identity() of the request
  bool synthetic = false;
};

/// A named set that cannot be had on this machine; what() says in one line what to do.
class DataUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Damaged, inconsistent or unexpected data; what() names the file and the object.
class DataError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Loads (fetching and converting first if need be) what `request` asks for, with `train` applied and the graph
/// augmentation done. Throws DataUnavailable or DataError.
template <class T>
Dataset<T> load_dataset(const DataRequest& request);

/// Identity of the content, known without fetching or loading it: sha256 of the raw files' registered hashes and the
/// converter (registered sets, text files), of the file (data.h5), of the generator's parameters and its version or
/// sources (synthetic sets).
/// `graph`, `train` and `validation` are no part of it.
std::string dataset_identity(const DataRequest& request);

/// True if the set has a validation split of its own; known without loading it.
bool has_validation_split(const DataRequest& request);

/// Moves a fraction of the training samples, drawn by `seed`, to the validation split (contract section 4). Samples
/// keep their order within both parts. A validation split that the set has already is replaced.
template <class T>
Dataset<T> hold_out(const Dataset<T>& dataset, double fraction, std::uint64_t seed);

}  // namespace admmbench
