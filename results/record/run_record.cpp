#include "results/record/run_record.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/io/sha256.hpp"

namespace admmbench {

namespace {

const std::vector<std::pair<RunStatus, std::string>> status_names{{RunStatus::completed, "completed"},
                                                                  {RunStatus::stopped, "stopped"},
                                                                  {RunStatus::diverged, "diverged"},
                                                                  {RunStatus::failed, "failed"},
                                                                  {RunStatus::interrupted, "interrupted"}};

std::string digest(const Trajectory& trajectory) {
  std::string bytes;
  const auto add = [&](const std::string& name, const auto& values) {
    bytes += name + '\n';
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  add("iteration", trajectory.iteration);
  std::vector<const std::pair<std::string, std::vector<double>>*> columns;
  for (const auto& column : trajectory.columns) {
    if (!is_clock(column.first)) columns.push_back(&column);
  }
  std::sort(columns.begin(), columns.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* column : columns) add(column->first, column->second);
  return sha256(bytes);
}

}  // namespace

std::string to_string(RunStatus status) {
  for (const auto& [value, name] : status_names) {
    if (value == status) return name;
  }
  throw std::logic_error("RunStatus out of range");
}

std::optional<RunStatus> to_status(const std::string& name) {
  for (const auto& [value, known] : status_names) {
    if (known == name) return value;
  }
  return std::nullopt;
}

bool is_finished(RunStatus status) { return status == RunStatus::completed || status == RunStatus::stopped; }
bool is_complete(RunStatus status) { return is_finished(status) || status == RunStatus::diverged; }

std::int64_t RunRecord::iterations() const {
  return trajectory.iteration.empty() ? end.iterations : trajectory.iteration.back();
}

std::optional<double> RunRecord::last(const std::string& column) const {
  const std::vector<double>* values = trajectory.find(column);
  if (values != nullptr && !values->empty()) return values->back();
  for (const auto& [name, value] : end.last) {
    if (name == column) return value;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, double>> RunRecord::last_entries() const {
  std::vector<std::pair<std::string, double>> entries;
  for (const auto& [name, values] : trajectory.columns) {
    if (!values.empty()) entries.emplace_back(name, values.back());
  }
  entries.insert(entries.end(), end.last.begin(), end.last.end());
  return entries;
}

std::string RunRecord::trajectory_sha256() const {
  return end.trajectory_sha256.empty() ? digest(trajectory) : end.trajectory_sha256;
}

}  // namespace admmbench
