#include "results/record/run_writer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

#include "results/record/attribute_names.hpp"
#include "results/record/run_file.hpp"

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
  file_->write_attribute("/", "vectors", attributes.vectors);
  if (!attributes.tuned.empty()) file_->write_attribute("/", "tuned", attributes.tuned);
  visit_sample_counts(attributes.samples, [&](const char* name, std::int64_t value) {
    if (value > 0) file_->write_attribute("/", name, value);
  });
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

#define ADMMBENCH_INSTANTIATE(T)                                                 \
  template void RunWriter::write_network(const std::string&, const Network<T>&); \
  template void RunWriter::write_iterate(long, const std::function<void(StateVisitor<T>&)>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
