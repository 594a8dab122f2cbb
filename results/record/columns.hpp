#pragma once
/// What the columns of a trajectory mean to whoever compares runs by them.

#include <optional>
#include <string>

#include "results/record/run_file.hpp"

namespace admmbench {

/// True for metrics of which more is better (accuracies).
bool higher_is_better(const std::string& metric);

/// The value of `metric` at the end of a run: last entry of the trajectory column, or seconds_per_iteration. Empty if the
/// run has no such column or the value is not finite.
std::optional<double> final_value(const RunRecord& run, const std::string& metric);

}  // namespace admmbench
