#include "results/record/columns.hpp"

#include <cmath>
#include <limits>

namespace admmbench {

bool higher_is_better(const std::string& metric) { return metric.ends_with("accuracy"); }

std::optional<double> final_value(const RunRecord& run, const std::string& metric) {
  const Trajectory& trajectory = run.trajectory;
  if (trajectory.iteration.empty()) return std::nullopt;
  double value = std::numeric_limits<double>::quiet_NaN();
  if (metric == "seconds_per_iteration") {
    const auto* seconds = trajectory.find("seconds");
    const auto iterations = static_cast<double>(trajectory.iteration.back());
    if (seconds != nullptr && iterations > 0) value = seconds->back() / iterations;
  } else if (const auto* column = trajectory.find(metric)) {
    value = column->back();
  }
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace admmbench
