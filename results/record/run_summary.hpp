#pragma once
/// A run on one line: what it was, how it ended, and the last entry of every column. `admmbench export --summary` writes
/// them as CSV, small enough to be kept beside the code (results/summaries) and compared with later results.

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// The run with its end in place of its trajectory.
RunRecord summarize_run(RunRecord run);

/// A number as R, Julia and pandas read it: every digit that matters, NaN, Inf, -Inf.
std::string csv_number(double value);

/// With a header; columns that only some runs have are empty for the others.
void write_summaries(std::ostream& out, const std::vector<RunRecord>& runs);

/// Reads what write_summaries() wrote; `source` is named in errors. Throws std::runtime_error.
std::vector<RunRecord> read_summaries(const std::string& text, const std::string& source);

/// True if `header` is that of write_summaries().
bool is_summary_header(const std::vector<std::string>& header);

/// How the records of runs are written as CSV. Every line begins with experiment, profile, dataset, solver, label, seed, status, one
/// column "grid.NAME" for each of `grid`, and iteration.
struct RecordLines {
  std::vector<std::string> grid;
  std::vector<std::string>
      quantities;  ///< trajectory columns; those that a run has not are left out, or empty
  std::size_t points =
      0;  ///< at most so many records of a run, evenly chosen, the first and the last among them; 0: all
  bool wide = false;  ///< a line per record, a column per quantity; else a line per record and quantity
};
void write_records_header(std::ostream& out, const RecordLines& lines);
void write_records(std::ostream& out, const RunRecord& run, const RecordLines& lines);

/// Reads what write_records() wrote with `wide`: runs with the trajectories that were kept of them; `source` is named in errors.
/// Throws std::runtime_error.
std::vector<RunRecord> read_curves(const std::string& text, const std::string& source);

/// True if `header` is that of write_records_header() with `wide`.
bool is_curves_header(const std::vector<std::string>& header);

/// The run as it was at `iteration`: its trajectory up to there. Empty if there is no record of that iteration.
std::optional<RunRecord> ended_at(RunRecord run, std::int64_t iteration);

/// The trajectory columns of the summarised runs, in order of appearance.
std::vector<std::string> recorded_quantities(const std::vector<RunRecord>& runs);

/// The grid parameters that the runs' configurations name, in order of appearance.
std::vector<std::string> grid_parameters(const std::vector<RunRecord>& runs);

}  // namespace admmbench
