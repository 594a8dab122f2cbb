#pragma once
/// Result files (docs/reference/results.md): one HDF5 file per data set x solver x seed. How they are read.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// Throws Hdf5Error, or std::runtime_error naming what is missing, not readable, out of its range, of an unknown schema version, or
/// not what the checksum was made of. Networks and iterates stay in the file. All of the file is read in a child process first, so
/// that no file can harm this one.
RunRecord read_run(const std::filesystem::path& path);

/// What is wrong with each of `paths`, all read in one child process; empty: nothing, read_examined_run() may read it.
std::vector<std::string> examine_runs(const std::vector<std::filesystem::path>& paths);

/// As read_run(), of a file that examine_runs() found nothing wrong with.
RunRecord read_examined_run(const std::filesystem::path& path);

struct PeekedRun {
  std::optional<RunAttributes> attributes;  ///< empty: there is no file, or it is damaged
  std::string damage;                       ///< empty: none
};
/// Just the attributes of `path`. Never throws.
PeekedRun look_at_run(const std::filesystem::path& path);

/// The same, where it does not matter why there is no result.
std::optional<RunAttributes> peek_run(const std::filesystem::path& path);

/// The widths of the layers of the network in `path`, the inputs first; empty if it holds no initial network.
std::vector<std::uint64_t> layer_widths(const std::filesystem::path& path);

/// All result files (seed-*.h5) under the given files or folders, sorted by path.
std::vector<std::filesystem::path> find_runs(const std::vector<std::filesystem::path>& roots);

}  // namespace admmbench
