#include "datasets/data_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <set>
#include <system_error>
#include <type_traits>
#include <utility>

#include "core/io/mapped_file.hpp"
#include "core/io/temporary.hpp"
#include "datasets/cache.hpp"

namespace admmbench {
namespace {

[[noreturn]] void fail(const Hdf5File& file, const std::string& object, const std::string& what) {
  throw DataError(fmt::format("{}: {}: {}", file.path().string(), object, what));
}

/// The values as indices below `limit` (no limit: any non-negative integer).
arma::Row<arma::uword> read_indices(const Hdf5File& file, const std::string& name,
                                    std::optional<arma::uword> limit) {
  // Read as double: whatever the storage type, a fraction or a NaN is seen instead of being rounded away.
  const std::vector<double> values = file.read_vector<double>(name);
  arma::Row<arma::uword> indices(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    const bool integer = value >= 0 && value == std::floor(value) && value < 9e15;
    if (!integer || (limit && value >= static_cast<double>(*limit))) {
      const std::string allowed =
          limit ? fmt::format("0..{}", static_cast<long>(*limit) - 1) : "0, 1, 2, ...";
      fail(file, name, fmt::format("entry {} is {}, expected {}", i, value, allowed));
    }
    indices[i] = static_cast<arma::uword>(value);
  }
  return indices;
}

/// `first`: the number of the first column among the samples.
template <class T>
void check_finite(const Hdf5File& file, const std::string& name, const arma::Mat<T>& samples,
                  arma::uword first = 0) {
  for (arma::uword sample = 0; sample < samples.n_cols; ++sample) {
    for (arma::uword feature = 0; feature < samples.n_rows; ++feature) {
      if (!std::isfinite(samples(feature, sample))) {
        fail(
            file, name,
            fmt::format("sample {}, column {} is {}; expected finite numbers (of {})", first + sample,
                        feature, samples(feature, sample), std::is_same_v<T, float> ? "float32" : "float64"));
      }
    }
  }
}

std::optional<arma::uword> declared_classes(const Hdf5File& file) {
  if (!file.has_attribute("/", "classes")) return std::nullopt;
  const std::int64_t classes = file.read_integer("/", "classes");
  if (classes < 0)
    fail(file, "attribute classes", fmt::format("is {}, expected a number of classes", classes));
  if (classes == 0) return std::nullopt;
  return static_cast<arma::uword>(classes);
}

/// A class is a row of the targets: a stray number among the labels must not ask for all memory.
void check_classes(const Hdf5File& file, const std::string& where, arma::uword classes, arma::uword samples) {
  constexpr arma::uword always_allowed = 1000;
  if (classes <= std::max(samples, always_allowed)) return;
  fail(file, where,
       fmt::format("{} classes for {} samples; expected labels 0, 1, ..., classes - 1", classes, samples));
}

void write_all(int descriptor, const void* data, std::size_t size, const std::filesystem::path& file) {
  const auto* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(descriptor, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      throw DataError(fmt::format("{}: cannot be written, `stream:` keeps the training inputs there: {}",
                                  file.string(), std::strerror(errno)));
    }
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

/// Calls look(panel, number of its first sample) with the samples of data set `name` in order, a few megabytes at a time.
template <class T, class Look>
void for_panels(const Hdf5File& file, const std::string& name, Look&& look) {
  constexpr arma::uword panel_bytes = 16U << 20U;
  const std::vector<std::uint64_t> shape = file.shape(name);
  const arma::uword samples = shape.at(0);
  const arma::uword features = shape.at(1);
  const arma::uword most = std::max<arma::uword>(1, panel_bytes / (features * sizeof(T)));
  arma::Mat<T> panel;
  for (arma::uword first = 0; first < samples; first += most) {
    panel.set_size(features, std::min(most, samples - first));
    file.read_panel(name, first, panel);
    check_finite(file, name, panel, first);
    look(panel, first);
  }
}

/// x of a split, left in the file if its values lie there as T, else in one of the cache that is made of it.
template <class T>
void stream_inputs(const Hdf5File& file, const std::string& name, const Streaming& streaming,
                   Samples<T>& samples) {
  const std::vector<std::uint64_t> shape = file.shape(name);
  if (shape.size() != 2) fail(file, name, "has not two dimensions");
  if (shape[0] == 0 || shape[1] == 0)
    fail(file, name, fmt::format("has shape ({}, {}): no data", shape[0], shape[1]));
  const std::uint64_t bytes = shape[0] * shape[1] * sizeof(T);
  std::filesystem::path place = file.path();
  std::uint64_t offset = 0;
  if (const std::optional<std::uint64_t> plain = file.offset_of<T>(name)) {
    offset = *plain;
    for_panels<T>(file, name, [](const arma::Mat<T>&, arma::uword) {});
  } else {
    place = cache_folder() / "stream" / fmt::format("{:.24}-float{}", streaming.identity, 8 * sizeof(T));
    const CacheLock lock(fmt::format("stream-{:.24}", streaming.identity));
    std::error_code ignored;
    if (std::filesystem::file_size(place, ignored) != bytes) {
      std::filesystem::create_directories(place.parent_path());
      Temporary made(place);
      for_panels<T>(file, name, [&](const arma::Mat<T>& panel, arma::uword) {
        write_all(made.descriptor(), panel.memptr(), panel.n_elem * sizeof(T), place);
      });
      made.publish();
    }
  }
  auto mapped = std::make_shared<const MappedFile>(place);
  if (mapped->size() < offset + bytes) fail(file, name, "is longer than its file");
  // No solver writes to its inputs, but Armadillo has no matrix of constants.
  auto* first = const_cast<std::byte*>(mapped->data() + offset);
  samples.x = arma::Mat<T>(reinterpret_cast<T*>(first), shape[1], shape[0], false, true);
  samples.memory = std::move(mapped);
}

/// x, and y or t, of one split; null if the file does not have it.
template <class T>
std::shared_ptr<Samples<T>> read_split(const Hdf5File& file, const std::string& split,
                                       std::optional<arma::uword> classes,
                                       const Streaming* streaming = nullptr) {
  const std::string x = split + "/x", y = split + "/y", t = split + "/t";
  if (!file.exists(split)) return nullptr;
  if (!file.exists(x)) fail(file, x, "is missing");
  if (file.exists(y) == file.exists(t)) {
    fail(file, split,
         fmt::format("has {} y (labels) {} t (targets); expected one of them",
                     file.exists(y) ? "both" : "neither", file.exists(y) ? "and" : "nor"));
  }
  auto samples = std::make_shared<Samples<T>>();
  if (streaming != nullptr) {
    stream_inputs(file, x, *streaming, *samples);
  } else {
    samples->x = file.read_samples<T>(x);
    if (samples->x.is_empty())
      fail(file, x, fmt::format("has shape ({}, {}): no data", samples->x.n_cols, samples->x.n_rows));
    check_finite(file, x, samples->x);
  }
  if (file.exists(y)) {
    samples->labels = read_indices(file, y, classes);
  } else if (file.shape(t).size() == 1) {  // one output, written as a vector
    samples->targets = arma::Row<T>(file.read_vector<T>(t));
  } else {
    samples->targets = file.read_samples<T>(t);
  }
  if (!samples->has_labels()) check_finite(file, t, samples->targets);
  const arma::uword answers = file.exists(y) ? samples->labels.n_elem : samples->targets.n_cols;
  if (answers != samples->size()) {
    fail(file, file.exists(y) ? y : t,
         fmt::format("has {} samples, but {} has {}", answers, x, samples->size()));
  }
  return samples;
}

/// Extent of /nodes/x: nodes x features.
std::pair<arma::uword, arma::uword> feature_shape(const Hdf5File& file) {
  const std::vector<std::int64_t> shape = file.read_integers("/nodes/x", "shape");
  if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1)
    fail(file, "attribute shape of /nodes/x", "expected (nodes, features)");
  return {static_cast<arma::uword>(shape[0]), static_cast<arma::uword>(shape[1])};
}

/// CSR of nodes x features, as the transposed sparse matrix.
arma::sp_mat read_node_features(const Hdf5File& file) {
  const auto [nodes, features] = feature_shape(file);
  const std::vector<double> values = file.read_vector<double>("/nodes/x/data");
  const arma::Row<arma::uword> indices = read_indices(file, "/nodes/x/indices", features);
  const arma::Row<arma::uword> begins = read_indices(file, "/nodes/x/indptr", values.size() + 1);
  if (indices.n_elem != values.size()) {
    fail(file, "/nodes/x", fmt::format("{} data but {} indices", values.size(), indices.n_elem));
  }
  if (begins.n_elem != nodes + 1 || begins.front() != 0 || begins.back() != values.size() ||
      !begins.is_sorted("ascend")) {
    fail(file, "/nodes/x/indptr",
         fmt::format("expected {} ascending entries from 0 to {}", nodes + 1, values.size()));
  }
  arma::umat locations(2, values.size());
  for (arma::uword node = 0; node < nodes; ++node) {
    for (arma::uword i = begins(node); i < begins(node + 1); ++i) {
      if (!std::isfinite(values[i])) {
        fail(file, "/nodes/x/data", fmt::format("feature {} of node {} is {}", indices(i), node, values[i]));
      }
      locations(0, i) = indices(i);
      locations(1, i) = node;
    }
  }
  constexpr bool sum_repeated = true;
  return arma::sp_mat(sum_repeated, locations, arma::vec(values), features, nodes);
}

arma::umat read_edges(const Hdf5File& file, arma::uword nodes) {
  const arma::Mat<double> ends = file.read_samples<double>("/graph/edges");  // E x 2
  if (ends.n_cols != 2) fail(file, "/graph/edges", fmt::format("has {} rows, expected 2", ends.n_cols));
  arma::umat edges(2, ends.n_rows);
  for (arma::uword e = 0; e < ends.n_rows; ++e) {
    for (arma::uword end = 0; end < 2; ++end) {
      const double node = ends(e, end);
      if (!(node >= 0 && node < static_cast<double>(nodes) && node == std::floor(node))) {
        fail(file, "/graph/edges",
             fmt::format("edge {} has the end {}, expected a node 0..{}", e, node, nodes - 1));
      }
      edges(end, e) = static_cast<arma::uword>(node);
    }
  }
  return edges;
}

long rows(const Hdf5File& file, const std::string& name) { return static_cast<long>(file.shape(name).at(0)); }

std::string split_folder(long split) { return fmt::format("/splits/{}", split); }

void require_split(const Hdf5File& file, long split) {
  const long splits = count_splits(file);
  if (split < 0 || split >= splits) {
    fail(file, "/splits",
         fmt::format("there is no split {}; the file has {}", split,
                     splits == 0 ? "one" : fmt::format("0 to {}", splits - 1)));
  }
}

/// The columns `rows` of `values`, less `mean` and over `deviation`.
template <class T>
arma::Mat<T> scaled(const arma::mat& values, const arma::uvec& rows, const arma::vec& mean,
                    const arma::vec& deviation) {
  arma::mat chosen = values.cols(rows);
  chosen.each_col() -= mean;
  chosen.each_col() /= deviation;
  return arma::conv_to<arma::Mat<T>>::from(chosen);
}

/// All rows of a table as published; either targets or labels.
struct Rows {
  arma::mat x, t;
  arma::Row<arma::uword> labels;
};

Rows read_rows(const Hdf5File& file, std::optional<arma::uword> classes) {
  Rows rows;
  rows.x = file.read_samples<double>("/rows/x");
  check_finite(file, "/rows/x", rows.x);
  const bool labelled = file.exists("/rows/y");
  if (labelled) {
    rows.labels = read_indices(file, "/rows/y", classes);
  } else {
    rows.t = file.read_samples<double>("/rows/t");
    check_finite(file, "/rows/t", rows.t);
  }
  const arma::uword answers = labelled ? rows.labels.n_elem : rows.t.n_cols;
  if (answers != rows.x.n_cols) {
    fail(file, labelled ? "/rows/y" : "/rows/t",
         fmt::format("has {} rows, but /rows/x has {}", answers, rows.x.n_cols));
  }
  return rows;
}

/// A split of a table: /rows/x with /rows/t or /rows/y hold all rows as published, /splits/K/test those of the test set, and
/// /splits/K/{mean,deviation} what the training rows are standardised with, x's columns and then t's.
template <class T>
Dataset<T> read_split_of_rows(const Hdf5File& file, long split) {
  require_split(file, split);
  const std::string folder = split_folder(split);
  const std::optional<arma::uword> declared = declared_classes(file);
  const Rows rows = read_rows(file, declared);
  const arma::vec mean(file.read_vector<double>(folder + "/mean"));
  const arma::vec deviation(file.read_vector<double>(folder + "/deviation"));
  const arma::uword columns = rows.x.n_rows + rows.t.n_rows;
  const bool fit = mean.n_elem == columns && deviation.n_elem == columns && mean.is_finite() &&
                   deviation.is_finite() && arma::all(deviation > 0);
  if (!fit) fail(file, folder, fmt::format("mean and deviation are no scales of {} columns", columns));
  const arma::uvec listed = read_indices(file, folder + "/test", rows.x.n_cols).t();
  arma::uvec tests(rows.x.n_cols, arma::fill::zeros);
  tests.elem(listed).ones();
  const arma::uvec train = arma::find(tests == 0), test = arma::find(tests == 1);
  if (test.is_empty() || train.is_empty() || test.n_elem != listed.n_elem)
    fail(file, folder + "/test", "repeats a row, or leaves none to test or to train");

  Dataset<T> dataset;
  if (!rows.labels.is_empty()) dataset.classes = declared.value_or(rows.labels.max() + 1);
  check_classes(file, declared ? "attribute classes" : "/rows/y", dataset.classes, rows.x.n_cols);
  const auto part = [&](const arma::uvec& chosen) {
    auto samples = std::make_shared<Samples<T>>();
    samples->x = scaled<T>(rows.x, chosen, mean.head(rows.x.n_rows), deviation.head(rows.x.n_rows));
    if (rows.labels.is_empty()) {
      samples->targets = scaled<T>(rows.t, chosen, mean.tail(rows.t.n_rows), deviation.tail(rows.t.n_rows));
    } else {
      samples->labels = rows.labels.cols(chosen);
      samples->targets = one_hot<T>(samples->labels, dataset.classes);
    }
    return samples;
  };
  dataset.train = part(train);
  dataset.test = part(test);
  return dataset;
}

}  // namespace

long count_splits(const Hdf5File& file) {
  long splits = 0;
  while (file.exists(split_folder(splits))) ++splits;
  return splits;
}

bool is_graph_file(const Hdf5File& file) { return file.exists("/graph/edges"); }

template <class T>
Dataset<T> read_dataset(const Hdf5File& file, long number, const Streaming* streaming) {
  if (number != 0 && streaming != nullptr)
    throw DataError(
        fmt::format("{}: `stream:` does not apply to its split {}", file.path().string(), number));
  if (number != 0) return read_split_of_rows<T>(file, number);
  if (!file.exists("/train/x")) {
    fail(file, "/train/x",
         "is missing; a data file has /train/x and /train/y or /train/t, a graph file /graph/edges");
  }
  const std::optional<arma::uword> declared = declared_classes(file);
  const auto train = read_split<T>(file, "/train", declared, streaming);
  const auto validation = read_split<T>(file, "/val", declared);
  const auto test = read_split<T>(file, "/test", declared);

  arma::uword classes = train->has_labels() ? declared.value_or(0) : 0;
  for (const auto& [name, split] : {std::pair("/train", train), {"/val", validation}, {"/test", test}}) {
    if (split == nullptr) continue;
    if (split->x.n_rows != train->x.n_rows) {
      fail(file, std::string(name) + "/x",
           fmt::format("has {} features, /train/x has {}", split->x.n_rows, train->x.n_rows));
    }
    if (split->has_labels() != train->has_labels() || split->targets.n_rows != train->targets.n_rows) {
      fail(file, name, "has other answers (labels, or number of outputs) than /train");
    }
    if (!declared && split->has_labels()) classes = std::max(classes, split->labels.max() + 1);
  }
  check_classes(file, declared ? "attribute classes" : "/train/y", classes, train->size());
  for (const auto& split : {train, validation, test}) {
    if (split != nullptr && split->has_labels()) split->targets = one_hot<T>(split->labels, classes);
  }
  return {train, validation, test, classes, "", "", false};
}

Graph read_graph(const Hdf5File& file, long number) {
  if (number != 0) require_split(file, number);
  const std::string folder = number == 0 ? "/split" : split_folder(number);
  Graph graph;
  graph.features = read_node_features(file);
  graph.nodes = graph.features.n_cols;
  graph.edges = read_edges(file, graph.nodes);
  const std::optional<arma::uword> declared = declared_classes(file);
  graph.labels = read_indices(file, "/nodes/y", declared);
  if (graph.labels.n_elem != graph.nodes) {
    fail(file, "/nodes/y", fmt::format("has {} labels for {} nodes", graph.labels.n_elem, graph.nodes));
  }
  graph.classes = declared.value_or(graph.labels.max() + 1);
  check_classes(file, declared ? "attribute classes" : "/nodes/y", graph.classes, graph.nodes);
  std::set<arma::uword> taken;
  for (const char* part : {"train", "val", "test"}) {
    const std::string name = fmt::format("{}/{}", folder, part);
    if (!file.exists(name)) continue;
    const arma::uvec members = read_indices(file, name, graph.nodes).t();
    for (const arma::uword node : members) {
      if (!taken.insert(node).second) fail(file, name, fmt::format("node {} is in the splits twice", node));
    }
    if (!members.is_empty()) graph.split[part] = members;
  }
  if (!graph.split.contains("train")) fail(file, folder + "/train", "is missing or empty");
  return graph;
}

std::map<std::string, long> count_contents(const Hdf5File& file) {
  std::map<std::string, long> counts;
  if (const auto classes = declared_classes(file)) counts["classes"] = static_cast<long>(*classes);
  const bool graph = is_graph_file(file);
  for (const char* split : {"train", "val", "test"}) {
    const std::string name = graph ? fmt::format("/split/{}", split) : fmt::format("/{}/x", split);
    if (file.exists(name)) counts[split] = rows(file, name);
  }
  if (const long splits = count_splits(file); splits > 0) counts["splits"] = splits;
  if (!graph) {
    counts["features"] = static_cast<long>(file.shape("/train/x").at(1));
    return counts;
  }
  const auto [nodes, features] = feature_shape(file);
  counts["nodes"] = static_cast<long>(nodes);
  counts["features"] = static_cast<long>(features);
  const arma::umat edges = read_edges(file, nodes);
  const auto loops = static_cast<long>(arma::accu(edges.row(0) == edges.row(1)));
  counts["self_loops"] = loops;
  counts["edges"] = static_cast<long>(edges.n_cols) - loops;
  return counts;
}

template Dataset<float> read_dataset(const Hdf5File&, long, const Streaming*);
template Dataset<double> read_dataset(const Hdf5File&, long, const Streaming*);

}  // namespace admmbench
