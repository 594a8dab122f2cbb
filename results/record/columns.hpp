#pragma once
/// What the columns of a trajectory mean to whoever compares runs by them.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// True for metrics of which more is better (accuracies).
bool higher_is_better(const std::string& metric);

/// The trajectory column that `metric` is made of: itself, x of log10_x.
std::string column_behind(const std::string& metric);

/// The value of `metric` at the end of a run: last entry of the trajectory column x, its base-10 logarithm as log10_x (errors
/// that fall by orders of magnitude are averaged so), or seconds_per_iteration. Empty if the run has no such column or the value
/// is not finite.
std::optional<double> final_value(const RunRecord& run, const std::string& metric);

/// The number N of samples of which the accuracy `metric` is a share k/N; 0 if it is no accuracy, or the run did not record N.
std::int64_t samples_of(const RunRecord& run, const std::string& metric);

/// The columns, and further last values, that any of `runs` has.
std::set<std::string> columns_of(const std::vector<RunRecord>& runs);

/// Throws, listing what there is, if no run has the column `name` (of `option`) and it is none of `derived`: a misspelt one
/// would give a table without a number. Silent if `name` is empty (nobody asked), and if all runs failed before their first record.
void require_column(const std::vector<RunRecord>& runs, const std::string& option, const std::string& name,
                    const std::set<std::string>& derived = {});

}  // namespace admmbench
