#include "results/record/run_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "core/io/hdf5_file.hpp"
#include "results/record/attribute_names.hpp"

namespace admmbench {

namespace {

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
  if (file.has_attribute("/", "vectors")) attributes.vectors = file.read_text("/", "vectors");
  if (file.has_attribute("/", "tuned")) attributes.tuned = file.read_text("/", "tuned");
  visit_sample_counts(attributes.samples, [&](const char* name, std::int64_t& value) {
    if (file.has_attribute("/", name)) value = file.read_integer("/", name);
  });
  const std::string name = file.read_text("/", "status");
  const std::optional<RunStatus> status = to_status(name);
  if (!status) throw std::runtime_error(fmt::format("{}: unknown status '{}'", file.path().string(), name));
  attributes.status = *status;
  return attributes;
}

Trajectory read_trajectory(const Hdf5File& file) {
  Trajectory trajectory;
  if (!file.exists("/trajectory/iteration")) return trajectory;
  trajectory.iteration = file.read_vector<std::int64_t>("/trajectory/iteration");
  for (const std::string& name : file.members("/trajectory")) {
    if (name == "iteration") continue;
    auto values = file.read_vector<double>("/trajectory/" + name);
    if (values.size() != trajectory.iteration.size()) {
      throw std::runtime_error(fmt::format("{}: /trajectory/{} has {} entries, /trajectory/iteration has {}",
                                           file.path().string(), name, values.size(),
                                           trajectory.iteration.size()));
    }
    trajectory.columns.emplace_back(name, std::move(values));
  }
  return trajectory;
}

}  // namespace

RunRecord read_run(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  RunRecord record;
  record.path = path;
  record.attributes = read_attributes(file);
  record.trajectory = read_trajectory(file);
  try {
    record.config = read_run_config(record.attributes.config);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(
        fmt::format("{}: attribute config is not readable: {}", path.string(), error.what()));
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

std::filesystem::path partial_file(const std::filesystem::path& path, long process) {
  return path.parent_path() / fmt::format(".{}.{}.part", path.filename().string(), process);
}

std::optional<std::uint64_t> output_width(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  if (!file.exists("/initial/b1")) return std::nullopt;
  std::string last = "/initial/b1";
  for (int l = 2; file.exists(fmt::format("/initial/b{}", l)); ++l) last = fmt::format("/initial/b{}", l);
  return file.shape(last).front();
}

}  // namespace admmbench
