#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <type_traits>
#include <variant>

#include "core/io/sha256.hpp"
#include "core/program/code_version.hpp"
#include "datasets/convert.hpp"
#include "datasets/data_file.hpp"
#include "datasets/dataset.hpp"
#include "datasets/generator.hpp"
#include "datasets/image_zoom.hpp"
#include "datasets/registry.hpp"
#include "datasets/released_split.hpp"

namespace admmbench {
namespace {

/// The parameters as text: what identifies a synthetic set.
class ParameterText : public ParameterVisitor {
 public:
  std::string text;

  void member(const Member& member) override {
    std::visit(overloaded{
                   [&](const kind::Word& word) { add(member.name, word.index); },
                   [&](const kind::IntegerOrWord& given) {
                     given.value ? add(member.name, *given.value) : add(member.name, given.word);
                   },
                   [&](const kind::Group& group) { group.visit(*this); },
                   [](const kind::Rest&) {},
                   [](const kind::Other&) {},
                   [&](const auto& plain) {
                     if constexpr (requires { plain.values; }) {
                       add(member.name, fmt::format("{}", fmt::join(plain.values, " ")));
                     } else if constexpr (requires { plain.value.has_value(); }) {
                       if (plain.value) add(member.name, *plain.value);
                     } else {
                       add(member.name, plain.value);
                     }
                   },
               },
               member.kind);
  }

 private:
  template <class Value>
  void add(std::string_view name, const Value& value) {
    text += fmt::format("{} {}\n", name, value);
  }
};

template <class T>
Dataset<T> from_graph(Graph graph, const DataRequest& request) {
  if (request.zoom)
    throw DataError(fmt::format("{} is a graph: `zoom:` does not apply to it", request.label));
  if (request.features == NodeFeatures::binary)
    graph.features.for_each([](double& value) { value = value > 0 ? 1 : value; });
  return augment<T>(graph, request.graph.value_or(GraphOptions{}));
}

void refuse_graph_options(const DataRequest& request) {
  const std::string what = request.name.empty() ? request.file.string() : request.name;
  if (request.graph) throw DataError(fmt::format("{} is no graph: `graph:` does not apply to it", what));
  if (request.features == NodeFeatures::binary)
    throw DataError(fmt::format("{} is no graph: `features:` does not apply to it", what));
}

/// Of a synthetic set.
std::shared_ptr<DatasetGenerator> generator_of(const DataRequest& request) {
  return request.generator ? request.generator : find_generated_dataset(request.name)->make_default();
}

template <class T>
std::shared_ptr<const Samples<T>> rounded(const std::shared_ptr<const Samples<double>>& drawn) {
  if constexpr (std::is_same_v<T, double>) {
    return drawn;
  } else {
    if (!drawn) return nullptr;
    auto samples = std::make_shared<Samples<T>>();
    samples->x = arma::conv_to<arma::Mat<T>>::from(drawn->x);
    samples->labels = drawn->labels;
    samples->targets = arma::conv_to<arma::Mat<T>>::from(drawn->targets);
    return samples;
  }
}

[[noreturn]] void refuse_generated(const std::string& name, const std::string& what) {
  throw DataError(fmt::format("{}: its generator made {}", name, what));
}

/// What is wrong with the splits of a user's generator is said here, not by whatever works with them first.
void check_split(const std::string& name, const Dataset<double>& dataset, const Samples<double>* samples) {
  if (samples == nullptr) return;
  const Samples<double>& train = *dataset.train;
  if (samples->size() == 0) refuse_generated(name, "an empty split; leave the pointer null");
  if (samples->targets.n_cols != samples->size()) {
    refuse_generated(name, fmt::format("{} targets for {} samples: targets is {} x {}, and x {} x {}",
                                       samples->targets.n_cols, samples->size(), samples->targets.n_rows,
                                       samples->targets.n_cols, samples->x.n_rows, samples->x.n_cols));
  }
  if (samples->x.n_rows != train.x.n_rows || samples->targets.n_rows != train.targets.n_rows) {
    refuse_generated(
        name, fmt::format("splits with different numbers of features or targets: {} and {}, the "
                          "training samples {} and {}",
                          samples->x.n_rows, samples->targets.n_rows, train.x.n_rows, train.targets.n_rows));
  }
  if (!samples->x.is_finite() || !samples->targets.is_finite())
    refuse_generated(name, "values that are not finite");
  const bool classification = dataset.classes > 0;
  const bool fits = classification ? samples->labels.n_elem == samples->size() &&
                                         samples->labels.max() < dataset.classes &&
                                         samples->targets.n_rows == dataset.classes
                                   : samples->labels.is_empty();
  if (!fits) {
    refuse_generated(
        name, fmt::format("labels or targets that do not fit `classes` = {} (0: regression, no labels; else "
                          "labels 0..classes-1 and one_hot() targets): {} labels and {} x {} targets for {} "
                          "samples",
                          dataset.classes, samples->labels.n_elem, samples->targets.n_rows,
                          samples->targets.n_cols, samples->size()));
  }
}

/// Whatever a user's generator throws is told as its own.
std::variant<Dataset<double>, Graph> made_by(const DatasetGenerator& generator, const std::string& name) {
  try {
    return generator.make();
  } catch (const DataError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw DataError(fmt::format("{}: there is not memory enough for what its generator makes", name));
  } catch (const std::exception& error) {
    throw DataError(fmt::format("{}: its generator failed: {}", name, error.what()));
  }
}

template <class T>
Dataset<T> make(const DatasetGenerator& generator, const DataRequest& request) {
  const auto made = made_by(generator, request.name);
  if (const Graph* graph = std::get_if<Graph>(&made)) return from_graph<T>(*graph, request);
  refuse_graph_options(request);
  const auto& drawn = std::get<Dataset<double>>(made);
  if (!drawn.train) refuse_generated(request.name, "no training samples");
  for (const auto& split : {drawn.train, drawn.validation, drawn.test})
    check_split(request.name, drawn, split.get());
  Dataset<T> dataset;
  dataset.train = rounded<T>(drawn.train);
  dataset.validation = rounded<T>(drawn.validation);
  dataset.test = rounded<T>(drawn.test);
  dataset.classes = drawn.classes;
  return dataset;
}

/// `drawn`: by the rule that the request names, in place of the split in the file.
template <class T>
Dataset<T> read(const std::filesystem::path& path, const DataRequest& request, bool drawn = false) {
  // What the converter made has a checksum for every chunk.
  const bool made_here = path != request.file;
  const Hdf5File file =
      Hdf5File::open(path, made_here ? Hdf5File::Examine::structure : Hdf5File::Examine::all);
  const long number = request.published.number.value_or(0);
  Dataset<T> dataset;
  if (is_graph_file(file)) {
    if (request.stream)
      throw DataError(fmt::format("{} is a graph: `stream:` does not apply to it", request.label));
    Graph graph = read_graph(file, number);
    if (drawn && request.split == NpzSplit::released)
      graph.split = released_split(graph.labels, graph.classes);
    dataset = from_graph<T>(std::move(graph), request);
  } else {
    refuse_graph_options(request);
    const Streaming streaming{request.stream ? dataset_identity(request) : ""};
    dataset = read_dataset<T>(file, number, request.stream ? &streaming : nullptr);
  }
  const bool has_source = file.has_attribute("/", "source");
  dataset.source = has_source ? file.read_text("/", "source") : request.file.filename().string();
  return dataset;
}

template <class T>
Dataset<T> load_all(const DataRequest& request) {
  if (request.name.empty()) return read<T>(require_data_file(request.file), request);
  const RegistryEntry entry = find_dataset(request.name);
  if (!entry.synthetic()) return read<T>(require_data_file(entry), request, entry.split_by_rule());
  Dataset<T> dataset = make<T>(*generator_of(request), request);
  dataset.synthetic = true;
  dataset.source = "synthetic";
  return dataset;
}

template <class T>
std::shared_ptr<const Samples<T>> with_zoom(const std::shared_ptr<const Samples<T>>& samples, double factor) {
  if (!samples) return nullptr;
  auto changed = std::make_shared<Samples<T>>();
  changed->x = zoomed(samples->x, factor);
  changed->labels = samples->labels;
  changed->targets = samples->targets;
  return changed;
}

/// The images of all splits of `dataset` at another size.
template <class T>
void zoom_images(Dataset<T>& dataset, double factor, const std::string& label) {
  try {
    for (auto* split : {&dataset.train, &dataset.validation, &dataset.test})
      *split = with_zoom(*split, factor);
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", label, error.what()));
  }
}

/// The samples of `classes`, of which the first becomes class 0; null if there are none.
template <class T>
std::shared_ptr<const Samples<T>> of_classes(const std::shared_ptr<const Samples<T>>& samples,
                                             const std::vector<long>& classes) {
  if (!samples) return nullptr;
  arma::Row<arma::uword> labels(samples->size());
  arma::uvec chosen(samples->size());
  arma::uword kept = 0;
  for (arma::uword i = 0; i < samples->size(); ++i) {
    const auto found = std::find(classes.begin(), classes.end(), static_cast<long>(samples->labels[i]));
    if (found == classes.end()) continue;
    labels[kept] = static_cast<arma::uword>(found - classes.begin());
    chosen[kept++] = i;
  }
  if (kept == 0) return nullptr;
  auto part = std::make_shared<Samples<T>>();
  part->x = samples->x.cols(chosen.head(kept));
  part->labels = labels.head(kept);
  part->targets = one_hot<T>(part->labels, classes.size());
  return part;
}

template <class T>
void keep_classes(Dataset<T>& dataset, const DataRequest& request) {
  if (dataset.classes == 0)
    throw DataError(fmt::format("{} is regression: `classes:` does not apply to it", request.label));
  for (const long chosen : request.classes) {
    if (chosen < 0 || static_cast<arma::uword>(chosen) >= dataset.classes) {
      throw DataError(fmt::format("{}: `classes:` names {}; expected classes 0 to {}", request.label, chosen,
                                  dataset.classes - 1));
    }
  }
  for (auto* split : {&dataset.train, &dataset.validation, &dataset.test})
    *split = of_classes(*split, request.classes);
  if (!dataset.train)
    throw DataError(fmt::format("{}: no training sample is of the `classes:` {}", request.label,
                                fmt::join(request.classes, ", ")));
  dataset.classes = request.classes.size();
}

template <class T>
std::shared_ptr<const Samples<T>> first(const Samples<T>& samples, long wanted, const std::string& label) {
  const auto size = static_cast<arma::uword>(wanted);
  if (wanted < 1 || size > samples.size()) {
    throw DataError(fmt::format("{}: `train: {}` asks for more (or less) than its 1 to {} training samples",
                                label, wanted, samples.size()));
  }
  auto kept = std::make_shared<Samples<T>>();
  if (samples.memory) {  // a view of the same file
    kept->x = arma::Mat<T>(const_cast<T*>(samples.x.memptr()), samples.x.n_rows, size, false, true);
    kept->memory = samples.memory;
  } else {
    kept->x = samples.x.head_cols(size);
  }
  if (samples.has_labels()) kept->labels = samples.labels.head(size);
  kept->targets = samples.targets.head_cols(size);
  return kept;
}

}  // namespace

template <class T>
Dataset<T> load_dataset(const DataRequest& request) {
  try {
    Dataset<T> dataset = load_all<T>(request);
    dataset.content_sha256 = dataset_identity(request);
    if (!request.classes.empty()) keep_classes(dataset, request);
    if (request.zoom) zoom_images(dataset, *request.zoom, request.label);
    if (request.train) dataset.train = first(*dataset.train, *request.train, request.label);
    return dataset;
  } catch (const Hdf5Error& error) {
    throw DataError(error.what());
  }
}

DataRequest for_seed(DataRequest request, long seed) {
  if (!request.published.number) request.published.number = seed;
  return request;
}

std::string dataset_identity(const DataRequest& request) {
  if (request.name.empty())
    return is_hdf5(request.file) ? sha256_file(request.file) : content_key(request.file);
  const RegistryEntry entry = find_dataset(request.name);
  if (!entry.synthetic()) return content_key(entry);
  ParameterText visitor;
  generator_of(request)->visit(visitor);
  const std::optional<int> version = find_generated_dataset(entry.name)->version;
  return sha256(fmt::format("{} {}\n{}", entry.name,
                            version ? std::to_string(*version) : code_version("data set " + entry.name),
                            visitor.text));
}

namespace {

/// What `look` finds in the user's data.h5; `otherwise` of a text file.
template <class Found, class Look>
Found look_into(const std::filesystem::path& path, Found otherwise, Look&& look) {
  if (!is_hdf5(path)) return otherwise;
  try {
    return look(Hdf5File::open(path, Hdf5File::Examine::structure));
  } catch (const Hdf5Error& error) {
    throw DataError(error.what());
  }
}

}  // namespace

long published_splits(const DataRequest& request) {
  if (!request.name.empty()) return find_dataset(request.name).splits();
  return look_into(request.file, 0L, count_splits);
}

namespace {

/// By making it: what a generator makes, nothing else says. What is wrong with it is for whoever loads it.
bool generates_validation(const DataRequest& request) {
  try {
    const auto made = made_by(*generator_of(request), request.name);
    const auto* drawn = std::get_if<Dataset<double>>(&made);
    return drawn == nullptr || drawn->validation != nullptr;
  } catch (const DataError&) {
    return true;
  }
}

}  // namespace

bool has_validation_split(const DataRequest& request) {
  if (!request.name.empty()) {
    const RegistryEntry entry = find_dataset(request.name);
    return entry.graph() ||
           (entry.synthetic() && generates_validation(request));  // every registered graph has one
  }
  return look_into(request.file, false,
                   [](const Hdf5File& file) { return file.exists("/val") || is_graph_file(file); });
}

template Dataset<float> load_dataset(const DataRequest&);
template Dataset<double> load_dataset(const DataRequest&);

}  // namespace admmbench
