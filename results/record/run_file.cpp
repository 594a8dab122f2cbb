#include "results/record/run_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "core/io/hdf5_file.hpp"
#include "results/record/attribute_names.hpp"
#include "results/record/run_ranges.hpp"

namespace admmbench {

namespace {

RunAttributes read_attributes(const Hdf5File& file) {
  RunAttributes attributes;
  if (!file.has_attribute("/", "schema_version")) {
    throw std::runtime_error(
        fmt::format("{}: not a result file: attribute schema_version is missing", file.path().string()));
  }
  attributes.schema_version = file.read_integer("/", "schema_version");
  if (attributes.schema_version < oldest_schema_version ||
      attributes.schema_version > result_schema_version) {
    throw std::runtime_error(fmt::format(
        "{}: result schema {} is not known here; this version reads {} to {}", file.path().string(),
        attributes.schema_version, oldest_schema_version, result_schema_version));
  }
  visit_attributes(
      attributes, [&](const char* name, std::string& value) { value = read_long_text(file, name); },
      [&](const char* name, std::int64_t& value) { value = file.read_integer("/", name); });
  for (std::string* said : {&attributes.message, &attributes.host, &attributes.cpu, &attributes.blas,
                            &attributes.git_commit, &attributes.started_at})
    *said = plain_line(std::move(*said));
  if (file.has_attribute("/", "vectors")) attributes.vectors = file.read_text("/", "vectors");
  if (file.has_attribute("/", "tuned")) attributes.tuned = read_long_text(file, "tuned");
  if (file.has_attribute("/", "processes")) attributes.processes = file.read_integer("/", "processes");
  if (file.has_attribute("/", "peak_memory")) attributes.peak_memory = file.read_integer("/", "peak_memory");
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

RunRecord read_examined_run(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open_examined(path);
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

namespace {

/// All that can be wrong with a result file. Throws std::runtime_error that says it.
void examine_run(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open_examined(path);
  const std::string content = file.content_sha256(checksum_attribute);
  const RunRecord record = read_examined_run(path);
  if (record.attributes.schema_version > 1 && file.read_text("/", checksum_attribute) != content) {
    throw std::runtime_error(
        fmt::format("{}: damaged: its content is not what its checksum was made of", path.string()));
  }
  check_ranges(record);
}

}  // namespace

std::vector<std::string> examine_runs(const std::vector<std::filesystem::path>& paths) {
  ReadLimits limits;
  for (const auto& path : paths) {
    const ReadLimits one = hdf5_limits(path);
    limits = {std::max(limits.seconds, one.seconds), std::max(limits.bytes, one.bytes)};
  }
  return examine_guarded(paths, examine_run, limits);
}

RunRecord read_run(const std::filesystem::path& path) {
  const std::string wrong = examine_runs({path}).front();
  if (!wrong.empty()) throw Hdf5Error(wrong);
  return read_examined_run(path);
}

PeekedRun look_at_run(const std::filesystem::path& path) {
  PeekedRun peeked;
  try {
    if (!std::filesystem::exists(path)) return peeked;
    peeked.damage = examine_runs({path}).front();
    if (peeked.damage.empty()) peeked.attributes = read_attributes(Hdf5File::open_examined(path));
  } catch (const std::exception& error) {
    peeked.damage = error.what();
  }
  return peeked;
}

std::optional<RunAttributes> peek_run(const std::filesystem::path& path) {
  return look_at_run(path).attributes;
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

std::vector<std::uint64_t> layer_widths(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open(path, Hdf5File::Examine::structure);
  std::vector<std::uint64_t> widths;
  for (int l = 1; file.exists(fmt::format("/initial/b{}", l)); ++l) {
    if (l == 1 && file.exists("/initial/W1")) widths.push_back(file.shape("/initial/W1").back());
    widths.push_back(file.shape(fmt::format("/initial/b{}", l)).front());
  }
  return widths;
}

}  // namespace admmbench
