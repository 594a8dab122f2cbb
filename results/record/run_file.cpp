#include "results/record/run_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace admmbench {

namespace {

/// One declaration of the text and integer attributes for writer and reader.
template <class Attributes, class Text, class Integer>
void visit_attributes(Attributes& a, Text text, Integer integer) {
  integer("schema_version", a.schema_version);
  text("experiment", a.experiment);
  text("dataset", a.dataset);
  text("solver", a.solver);
  text("label", a.label);
  integer("seed", a.seed);
  text("precision", a.precision);
  text("config", a.config);
  text("config_sha256", a.config_sha256);
  text("content_hash", a.content_hash);
  text("code_version", a.code_version);
  text("data_sha256", a.data_sha256);
  text("git_commit", a.git_commit);
  text("host", a.host);
  text("cpu", a.cpu);
  integer("threads", a.threads);
  text("blas", a.blas);
  text("started_at", a.started_at);
  text("message", a.message);
}

const std::vector<std::pair<RunStatus, std::string>> status_names{{RunStatus::completed, "completed"},
                                                                  {RunStatus::stopped, "stopped"},
                                                                  {RunStatus::diverged, "diverged"},
                                                                  {RunStatus::failed, "failed"},
                                                                  {RunStatus::interrupted, "interrupted"}};

RunAttributes read_attributes(const Hdf5File& file) {
  RunAttributes attributes;
  if (!file.has_attribute("/", "schema_version")) {
    throw std::runtime_error(
        fmt::format("{}: not a result file: attribute schema_version is missing", file.path().string()));
  }
  visit_attributes(
      attributes, [&](const char* name, std::string& value) { value = file.read_text("/", name); },
      [&](const char* name, std::int64_t& value) { value = file.read_integer("/", name); });
  if (attributes.schema_version != result_schema_version) {
    throw std::runtime_error(fmt::format("{}: result schema {} is not known here; this version reads {}",
                                         file.path().string(), attributes.schema_version,
                                         result_schema_version));
  }
  if (file.has_attribute("/", "tuned")) attributes.tuned = file.read_text("/", "tuned");
  const std::string status = file.read_text("/", "status");
  const auto found = std::find_if(status_names.begin(), status_names.end(),
                                  [&](const auto& entry) { return entry.second == status; });
  if (found == status_names.end()) {
    throw std::runtime_error(fmt::format("{}: unknown status '{}'", file.path().string(), status));
  }
  attributes.status = found->first;
  return attributes;
}

/// Writes every named variable of a solver under `group`.
template <class T>
class IterateWriter final : public StateVisitor<T> {
 public:
  IterateWriter(Hdf5File& file, std::string group) : file_(file), group_(std::move(group)) {}
  void matrix(std::string_view name, const arma::Mat<T>& value) override {
    file_.write_matrix(group_ + "/" + std::string(name), value);
  }
  void vector(std::string_view name, const arma::Col<T>& value) override {
    file_.write_vector(group_ + "/" + std::string(name), value);
  }

 private:
  Hdf5File& file_;
  std::string group_;
};

}  // namespace

std::string to_string(RunStatus status) {
  for (const auto& [value, name] : status_names) {
    if (value == status) return name;
  }
  throw std::logic_error("RunStatus out of range");
}

std::filesystem::path partial_file(const std::filesystem::path& path, long process) {
  return path.parent_path() / fmt::format(".{}.{}.part", path.filename().string(), process);
}

RunWriter::RunWriter(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path());
  temporary_ = partial_file(path_, ::getpid());
  file_.emplace(Hdf5File::create(temporary_));
}

RunWriter::~RunWriter() {
  if (!file_) return;
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

template <class T>
void RunWriter::write_network(const std::string& group, const Network<T>& network) {
  for (arma::uword l = 0; l < network.layers(); ++l) {
    file_->write_matrix(fmt::format("/{}/W{}", group, l + 1), network.W[l]);
    file_->write_vector(fmt::format("/{}/b{}", group, l + 1), network.b[l]);
  }
}

template <class T>
void RunWriter::write_iterate(long k, const std::function<void(StateVisitor<T>&)>& visit) {
  IterateWriter<T> writer(*file_, fmt::format("/iterates/{}", k));
  visit(writer);
}

void RunWriter::write_trajectory(const Trajectory& trajectory) {
  file_->write_vector("/trajectory/iteration", trajectory.iteration);
  for (const auto& [name, values] : trajectory.columns) {
    if (values.size() != trajectory.iteration.size()) {
      throw std::logic_error(fmt::format("trajectory column {} has {} entries, iteration has {}", name,
                                         values.size(), trajectory.iteration.size()));
    }
    file_->write_vector("/trajectory/" + name, values);
  }
}

void RunWriter::write_attributes(const RunAttributes& attributes) {
  visit_attributes(
      attributes,
      [&](const char* name, const std::string& value) { file_->write_attribute("/", name, value); },
      [&](const char* name, std::int64_t value) { file_->write_attribute("/", name, value); });
  file_->write_attribute("/", "status", to_string(attributes.status));
  if (!attributes.tuned.empty()) file_->write_attribute("/", "tuned", attributes.tuned);
}

void RunWriter::commit() {
  file_->flush();
  file_.reset();  // closed before it has its name: HDF5 locks open files, and readers may come at once
  try {
    std::filesystem::rename(temporary_, path_);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
    throw;
  }
}

bool is_finished(const RunRecord& run) {
  return run.attributes.status == RunStatus::completed || run.attributes.status == RunStatus::stopped;
}

RunRecord read_run(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  RunRecord record{path, read_attributes(file), {}};
  if (!file.exists("/trajectory/iteration")) return record;
  record.trajectory.iteration = file.read_vector<std::int64_t>("/trajectory/iteration");
  for (const std::string& name : file.members("/trajectory")) {
    if (name == "iteration") continue;
    auto values = file.read_vector<double>("/trajectory/" + name);
    if (values.size() != record.trajectory.iteration.size()) {
      throw std::runtime_error(fmt::format("{}: /trajectory/{} has {} entries, /trajectory/iteration has {}",
                                           path.string(), name, values.size(),
                                           record.trajectory.iteration.size()));
    }
    record.trajectory.columns.emplace_back(name, std::move(values));
  }
  return record;
}

std::optional<RunAttributes> peek_run(const std::filesystem::path& path) {
  try {
    if (!std::filesystem::is_regular_file(path)) return std::nullopt;
    return read_attributes(Hdf5File::open(path));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::vector<std::filesystem::path> find_runs(const std::vector<std::filesystem::path>& roots) {
  std::vector<std::filesystem::path> found;
  const auto is_run = [](const std::filesystem::path& path) {
    return path.extension() == ".h5" && path.filename().string().starts_with("seed-");
  };
  for (const auto& root : roots) {
    if (std::filesystem::is_directory(root)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.is_regular_file() && is_run(entry.path())) found.push_back(entry.path());
      }
    } else if (std::filesystem::exists(root)) {
      found.push_back(root);
    } else {
      throw std::runtime_error(fmt::format("{}: no such file or folder", root.string()));
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

template <class T>
Network<T> read_network(const std::filesystem::path& path, const std::vector<arma::uword>& widths) {
  const Hdf5File file = Hdf5File::open(path);
  std::string root;
  for (const char* candidate : {"/", "/initial/", "/final/"}) {
    if (file.exists(std::string(candidate) + "W1")) {
      root = candidate;
      break;
    }
  }
  if (root.empty()) {
    throw std::runtime_error(
        fmt::format("{}: no W1 at its root, under /initial or under /final", path.string()));
  }
  const auto shape_text = [](const std::vector<std::uint64_t>& shape) {
    return fmt::format("({})", fmt::join(shape, ", "));
  };
  Network<T> network;
  for (std::size_t l = 1; l < widths.size(); ++l) {
    const std::string W = fmt::format("{}W{}", root, l);
    const std::string b = fmt::format("{}b{}", root, l);
    for (const std::string& name : {W, b}) {
      if (!file.exists(name)) throw std::runtime_error(fmt::format("{}: {} is missing", path.string(), name));
    }
    const std::vector<std::uint64_t> expected{widths[l], widths[l - 1]};
    if (file.shape(W) != expected) {
      throw std::runtime_error(fmt::format("{}: {} has shape {}, the network needs {}", path.string(), W,
                                           shape_text(file.shape(W)), shape_text(expected)));
    }
    network.W.push_back(file.read_matrix<T>(W));
    const std::vector<T> bias = file.read_vector<T>(b);
    if (bias.size() != widths[l]) {
      throw std::runtime_error(fmt::format("{}: {} has {} entries, the network needs {}", path.string(), b,
                                           bias.size(), widths[l]));
    }
    network.b.emplace_back(bias);
  }
  if (file.exists(fmt::format("{}W{}", root, widths.size()))) {
    throw std::runtime_error(
        fmt::format("{}: holds more than the network's {} layers", path.string(), widths.size() - 1));
  }
  return network;
}

#define ADMMBENCH_INSTANTIATE(T)                                                              \
  template void RunWriter::write_network(const std::string&, const Network<T>&);              \
  template void RunWriter::write_iterate(long, const std::function<void(StateVisitor<T>&)>&); \
  template Network<T> read_network(const std::filesystem::path&, const std::vector<arma::uword>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
