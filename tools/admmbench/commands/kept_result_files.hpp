#pragma once

#include <filesystem>
#include <vector>

#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

/// Runs for the report: of every root its result files, or where there are none what is kept of runs as CSV: summaries with the curves
/// and settings that lie beside them (results/record/kept_runs.hpp). Of a result file and a kept line of the same run both are
/// returned. Throws std::runtime_error naming the roots if there is nothing, or what is there cannot be read.
ResultFiles read_runs_or_kept(const std::vector<std::filesystem::path>& roots);

}  // namespace admmbench
