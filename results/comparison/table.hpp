#pragma once
/// Tables of an experiment: rows = methods, columns = data sets, cell = mean +- standard deviation over seeds, the
/// published figure and the difference beside it.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "results/comparison/published.hpp"
#include "results/record/run_record.hpp"
#include "results/statistics/tests.hpp"

namespace admmbench {

/// One method on one data set.
struct TableCell {
  Summary summary;               ///< over the seeds whose run has a finite value
  std::size_t not_finished = 0;  ///< diverged, failed or interrupted runs: counted, never averaged
  std::size_t not_finite = 0;    ///< finished runs whose value is NaN or infinite: counted, never averaged
  bool best = false;             ///< best mean of its column (ties, to rounding: all)
  std::optional<PublishedFigure> published;
};

struct TableRow {
  std::string label;
  std::string solver;
  std::vector<TableCell> cells;  ///< one per data set
};

struct Table {
  std::string experiment;
  std::string profile;                ///< empty: none
  std::string note;                   ///< e.g. what a reduced profile leaves out; empty: none
  std::string metric;                 ///< trajectory column, or seconds_per_iteration
  std::vector<std::string> datasets;  ///< labels
  std::vector<TableRow> rows;  ///< best mean over the data sets first; rows with gaps after the complete ones
};

/// Builds the table of the runs of one experiment. `keys` selects published figures; empty: the keys under `published` in
/// the runs' stored configuration. A figure stands in the columns whose registry name
/// or label is its data set, beside the row whose label is its method (in any case of letters); if
/// there is none, beside the first row (in the table's order; rows with a value first) whose solver is its method. Of two keys with a figure for the
/// same method and data set the first is shown. Throws
/// std::runtime_error for an unknown key, and as distinct_runs(), whose runs the table is of.
Table make_table(const std::vector<RunRecord>& runs, const std::string& metric,
                 const std::vector<PublishedFigure>& published, const std::vector<std::string>& keys = {});

/// The same of `runs` that are distinct already.
Table make_table(const std::vector<const RunRecord*>& runs, const std::string& metric,
                 const std::vector<PublishedFigure>& published, const std::vector<std::string>& keys = {});

std::string to_markdown(const Table& table);
/// Long format: one line per cell, with a header.
std::string to_csv(const Table& table);
/// A booktabs tabular with its caption as a comment.
std::string to_latex(const Table& table);

/// Writes <experiment>.md, .csv and .tex of every table into `folder` (temporary name, then rename); returns the paths. If
/// several profiles of one experiment are among the tables, theirs are called <experiment>-<profile>.
std::vector<std::filesystem::path> write_tables(const std::vector<Table>& tables,
                                                const std::filesystem::path& folder);

}  // namespace admmbench
