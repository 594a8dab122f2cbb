#pragma once
/// A run on one line: what it was, how it ended, and the last entry of every column. `admmbench export --summary` writes
/// them as CSV, small enough to be kept beside the code (results/summaries) and compared with later results.

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/record/run_file.hpp"

namespace admmbench {

struct RunSummary {
  std::string experiment, profile, dataset, solver, label;
  std::int64_t seed = 0;
  std::vector<std::pair<std::string, std::string>> grid;  ///< grid parameters, as in the experiment file
  std::string precision, status, message;
  std::int64_t iterations = 0;
  std::vector<std::pair<std::string, double>> last;  ///< column, its last entry
  std::string config_sha256, content_hash, code_version, data_sha256;
  std::string
      trajectory_sha256;  ///< of all columns but `seconds`: equal for runs that are identical to the bit
  std::string git_commit, host;
  std::int64_t threads = 1;
  std::string started_at;
  std::filesystem::path file;

  bool finished() const { return status == "completed" || status == "stopped"; }
  /// The last entry of `column`, if the run has it.
  std::optional<double> find(const std::string& column) const;
};

/// Throws std::runtime_error, naming the file, if the stored configuration cannot be read.
RunSummary summarize_run(const RunRecord& run);

/// A number as R, Julia and pandas read it: every digit that matters, NaN, Inf, -Inf.
std::string csv_number(double value);

/// With a header; columns that only some runs have are empty for the others.
void write_summaries(std::ostream& out, const std::vector<RunSummary>& runs);

/// Reads what write_summaries() wrote; `source` is named in errors. Throws std::runtime_error.
std::vector<RunSummary> read_summaries(const std::string& text, const std::string& source);

/// True if `header` is that of write_summaries().
bool is_summary_header(const std::vector<std::string>& header);

/// Long format, one line per run, record and column: experiment, profile, dataset, solver, label, seed, status, one column
/// "grid.NAME" for each grid parameter in `grid`, iteration, quantity, value. Only `quantities`, if there are any.
void write_long_header(std::ostream& out, const std::vector<std::string>& grid);
void write_long(std::ostream& out, const RunRecord& run, const std::vector<std::string>& grid,
                const std::vector<std::string>& quantities);

/// The grid parameters that the runs' configurations name, in order of appearance.
std::vector<std::string> grid_parameters(const std::vector<RunSummary>& runs);

}  // namespace admmbench
