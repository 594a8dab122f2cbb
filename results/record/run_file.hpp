#pragma once
/// Result files (docs/reference/results.md): one HDF5 file per data set x solver x seed. How they are read.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// Throws Hdf5Error, or std::runtime_error naming what is missing, not readable or of an unknown schema version. Networks and
/// iterates stay in the file.
RunRecord read_run(const std::filesystem::path& path);

/// Just the attributes of `path`; empty if it is not a complete result file. Never throws.
std::optional<RunAttributes> peek_run(const std::filesystem::path& path);

/// The width of the last layer of the network in `path`; empty if it holds no initial network.
std::optional<std::uint64_t> output_width(const std::filesystem::path& path);

/// All result files (seed-*.h5) under the given files or folders, sorted by path.
std::vector<std::filesystem::path> find_runs(const std::vector<std::filesystem::path>& roots);

/// The temporary name under which process `process` writes `path`. Not of the form seed-*.h5, so that what a killed process
/// leaves is never taken for a result.
std::filesystem::path partial_file(const std::filesystem::path& path, long process);

}  // namespace admmbench
