#pragma once
/// Runs that were made elsewhere, brought in as result files: `admmbench import` (docs/reference/results.md#imported-runs).

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "results/record/made_elsewhere.hpp"
#include "results/record/run_record.hpp"

namespace admmbench {

/// What the runs of one file are called, where the file does not say: experiment, dataset, label, seed, precision, ... by attribute.
using ForeignNames = std::map<std::string, std::string>;

/// The runs of `file`: CSV with a line per record (a column for every quantity, and for every attribute that `names` does not have), or
/// HDF5 with a one-dimensional data set for every quantity, in / or /trajectory, and attributes on /. Seconds become the column
/// `seconds_elsewhere`: they are another machine's. Throws std::runtime_error that names the file and, at once, all that is missing
/// or wrong.
std::vector<RunRecord> read_foreign_runs(const std::filesystem::path& file, const ForeignNames& names);

/// Writes each below `folder` where `admmbench run` would put it; the files written. Throws std::runtime_error, before anything is
/// written, if that would replace a complete result that is not the same run or, unless `replace`, an imported one of other content.
std::vector<std::filesystem::path> write_foreign_runs(const std::vector<RunRecord>& runs,
                                                      const std::filesystem::path& folder, bool replace);

}  // namespace admmbench
