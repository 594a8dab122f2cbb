#include "results/record/run_writer.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "core/io/temporary.hpp"
#include "results/record/attribute_names.hpp"

namespace admmbench {

namespace {

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

RunWriter::RunWriter(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path());
  temporary_ = temporary_name(path_);
  file_.emplace(Hdf5File::create_new(temporary_));
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

template <class T>
void RunWriter::archive_iterates(const std::vector<long>& iterates, long last, StateArchive& archive) {
  std::optional<Hdf5File> committed;
  if (!file_) committed.emplace(Hdf5File::open(path_));
  const Hdf5File& written = file_ ? *file_ : *committed;
  for (const long k : iterates) {
    if (k > last) break;
    const std::string group = fmt::format("/iterates/{}", k);
    std::vector<std::string> names;
    if (!archive.restores() && written.exists(group)) names = written.members(group);
    archive(names);
    for (const std::string& name : names) {
      const std::string path = fmt::format("{}/{}", group, name);
      arma::Mat<T> matrix;
      arma::Col<T> vector;
      bool is_vector = false;
      if (!archive.restores()) {
        is_vector = written.shape(path).size() == 1;
        if (is_vector) {
          vector = arma::Col<T>(written.read_vector<T>(path));
        } else {
          matrix = written.read_matrix<T>(path);
        }
      }
      archive(is_vector, matrix, vector);
      if (!archive.restores()) continue;
      if (is_vector) {
        file_->write_vector(path, vector);
      } else {
        file_->write_matrix(path, matrix);
      }
    }
  }
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
      attributes, [&](const char* name, const std::string& value) { write_long_text(*file_, name, value); },
      [&](const char* name, std::int64_t value) { file_->write_attribute("/", name, value); });
  file_->write_attribute("/", "status", to_string(attributes.status));
  file_->write_attribute("/", "vectors", attributes.vectors);
  if (!attributes.tuned.empty()) write_long_text(*file_, "tuned", attributes.tuned);
  if (attributes.processes > 1) file_->write_attribute("/", "processes", attributes.processes);
  if (attributes.peak_memory > 0) file_->write_attribute("/", "peak_memory", attributes.peak_memory);
  visit_sample_counts(attributes.samples, [&](const char* name, std::int64_t value) {
    if (value > 0) file_->write_attribute("/", name, value);
  });
}

void RunWriter::commit() {
  file_->write_attribute("/", checksum_attribute, file_->content_sha256(checksum_attribute));
  file_->flush();
  file_.reset();  // closed before it has its name: HDF5 locks open files, and readers may come at once
  try {
    std::filesystem::rename(temporary_, path_);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
    throw;
  }
  sync_folder(path_.parent_path());
}

#define ADMMBENCH_INSTANTIATE(T)                                                               \
  template void RunWriter::write_network(const std::string&, const Network<T>&);               \
  template void RunWriter::archive_iterates<T>(const std::vector<long>&, long, StateArchive&); \
  template void RunWriter::write_iterate(long, const std::function<void(StateVisitor<T>&)>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
