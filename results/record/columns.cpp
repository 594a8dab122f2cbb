#include "results/record/columns.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>
#include <string_view>

namespace admmbench {

bool higher_is_better(const std::string& metric) { return metric.ends_with("accuracy"); }

namespace {
constexpr std::string_view logarithm = "log10_";
}

std::string column_behind(const std::string& metric) {
  return metric.starts_with(logarithm) ? metric.substr(logarithm.size()) : metric;
}

std::optional<double> final_value(const RunRecord& run, const std::string& metric) {
  std::optional<double> value = run.last(column_behind(metric));
  if (value && metric.starts_with(logarithm)) *value = std::log10(*value);
  if (metric == "seconds_per_iteration") {
    value = run.last("seconds");
    const auto iterations = static_cast<double>(run.iterations());
    if (iterations <= 0) return std::nullopt;
    if (value) *value /= iterations;
  }
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::int64_t samples_of(const RunRecord& run, const std::string& metric) {
  const SampleCounts& samples = run.attributes.samples;
  if (metric == "train_accuracy") return samples.train;
  if (metric == "val_accuracy") return samples.validation;
  return metric == "test_accuracy" ? samples.test : 0;
}

std::set<std::string> columns_of(const std::vector<RunRecord>& runs) {
  std::set<std::string> columns;
  for (const RunRecord& run : runs) {
    for (const auto& column : run.trajectory.columns) columns.insert(column.first);
    for (const auto& entry : run.end.last) columns.insert(entry.first);
  }
  return columns;
}

void require_column(const std::vector<RunRecord>& runs, const std::string& option, const std::string& name,
                    const std::set<std::string>& derived) {
  std::set<std::string> columns = columns_of(runs);
  if (columns.empty() || name.empty()) return;
  columns.insert(derived.begin(), derived.end());
  if (!columns.contains(name)) {
    throw std::runtime_error(
        fmt::format("{}: no run has '{}'; there are: {}", option, name, fmt::join(columns, ", ")));
  }
}

}  // namespace admmbench
