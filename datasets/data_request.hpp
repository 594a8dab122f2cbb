#pragma once
/// What one entry of `datasets:` in an experiment file asks for, and what is known of it without loading it. No linear
/// algebra: configuration is compiled without it.

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/parameters.hpp"

namespace admmbench {

class DatasetGenerator;  // datasets/generator.hpp

/// `graph: {hops: K, operator: normalized | released}` (docs/reference/datasets.md#graphs-the-ga-mlp-input).
struct GraphOptions {
  enum class Operator { normalized, released };
  long hops = 4;
  Operator op = Operator::normalized;

  void visit(ParameterVisitor& v);
};

/// `features:` of a graph: the nodes' values as they are published, or 1 for every positive one, as PyTorch Geometric's loader
/// makes them and with it the papers' released codes (docs/reference/datasets.md#graphs-the-ga-mlp-input).
enum class NodeFeatures { counts, binary };

/// `split:` of an npz graph, which has no published one (docs/reference/datasets.md#conversion): released_split.hpp, or the
/// one that the converted file holds.
enum class NpzSplit { released, one_permutation };

/// `split:` of a set with several published splits: a number from 0, or `seed`, by which a run with seed s takes split s.
struct PublishedSplit {
  std::optional<long> number = 0;  ///< empty: the seed's
};

/// One entry of `datasets:`. Either `name` (registry) or `file` is set.
struct DataRequest {
  std::string name;
  std::filesystem::path file;                    ///< data.h5, CSV or LIBSVM text; resolved path
  std::string label;                             ///< as in result paths and tables; never empty
  std::optional<GraphOptions> graph;             ///< graph sets: GA-MLP input; default hops 4, normalized
  NodeFeatures features = NodeFeatures::counts;  ///< graph sets
  NpzSplit split = NpzSplit::released;           ///< registered sets of kind npz
  PublishedSplit published = {};                 ///< sets with several published splits
  std::vector<long> classes = {};  ///< samples of these alone, numbered in this order; empty: all
  std::optional<double> zoom;      ///< image sets: factor on the sides, image_zoom.hpp
  std::optional<long> train;       ///< keep the first n training samples
  bool stream = false;             ///< the training inputs stay in a file and are read as they are needed
  double validation = 0;           ///< fraction of the training samples held out, drawn by the run's seed
  /// Only for synthetic sets (datasets/generator.hpp); null: with default parameters.
  std::shared_ptr<DatasetGenerator> generator;
};

/// A named set that cannot be had on this machine; what() says in one line what to do.
class DataUnavailable : public std::runtime_error {
 public:
  /// `brief`: see brief(); empty: the same as `what`.
  explicit DataUnavailable(const std::string& what, const std::string& brief = {})
      : std::runtime_error(what), brief_(brief.empty() ? what : brief) {}

  /// The same without advice, for a list of several: "kmnist: not downloaded (codh.rois.ac.jp cannot be reached)".
  const std::string& brief() const { return brief_; }

 private:
  std::string brief_;
};

/// Damaged, inconsistent or unexpected data; what() names the file and the object.
class DataError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `request` as a run with `seed` asks for it: with the number of its published split.
DataRequest for_seed(DataRequest request, long seed);

/// Identity of the content, known without fetching or loading it: sha256 of the raw files' registered hashes and the
/// converter (registered sets, text files), of the file (data.h5), of the generator's parameters and its version or
/// sources (synthetic sets).
/// `graph`, `features`, `split`, `published`, `classes`, `zoom`, `train`, `stream` and `validation` are no part of it.
std::string dataset_identity(const DataRequest& request);

/// How many published splits `split:` can choose among by number; 0: there is no choice. Known without loading the set. Throws
/// DataError.
long published_splits(const DataRequest& request);

/// True if the set has a validation split of its own; a generated one is made for that (true if it cannot be), no other is loaded.
bool has_validation_split(const DataRequest& request);

}  // namespace admmbench
