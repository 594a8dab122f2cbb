#pragma once
/// Tables of an experiment: rows = methods, columns = data sets, cell = mean +- standard deviation over seeds, the
/// published figure and the difference beside it. Runs of a profile are not as large as the published ones: no difference
/// is shown, but the committed runs of the same profile where there are any.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "results/comparison/column_best.hpp"
#include "results/comparison/published.hpp"
#include "results/record/made_elsewhere.hpp"
#include "results/record/run_record.hpp"
#include "results/statistics/tests.hpp"

namespace admmbench {

/// One method on one data set.
struct TableCell {
  Summary summary;               ///< over the seeds whose run has a finite value
  std::size_t not_finished = 0;  ///< diverged, failed or interrupted runs: counted, never averaged
  std::size_t not_finite = 0;    ///< finished runs whose value is NaN or infinite: counted, never averaged
  BesideBest
      beside_best;  ///< shown in bold: the best mean of its column and what cannot be told apart from it
  std::optional<Summary> reference;  ///< of the committed runs of the same cell, see place_reference
  std::optional<PublishedFigure> published;
};

struct TableRow {
  std::string label;
  std::string solver;
  std::vector<TableCell> cells;  ///< one per data set

  /// The label, and where it is no method of the suite, that: "ours (external)".
  std::string name() const {
    return solver == external_name || solver == imported_name ? label + " (" + solver + ")" : label;
  }
};

/// How the numbers of a table are shown; its CSV has them in full whatever this says.
struct TableStyle {
  std::optional<int>
      digits;  ///< behind the point; empty: 4 for accuracies (2 in per cent), 4 in all for anything else
  bool percent = false;           ///< accuracies in per cent
  bool transpose = false;         ///< a row per data set
  std::optional<double> width{};  ///< inches that LaTeX has; empty: all data sets side by side
};

struct Table {
  std::string experiment;
  std::string profile;                ///< empty: none
  std::string note;                   ///< e.g. what a reduced profile leaves out; empty: none
  std::string metric;                 ///< trajectory column, or seconds_per_iteration
  std::vector<std::string> datasets;  ///< labels
  std::vector<TableRow> rows;  ///< best mean over the data sets first; rows with gaps after the complete ones
  TableStyle style;
};

/// Builds the table of the runs of one experiment. `keys` selects published figures; empty: the keys under `published` in
/// the runs' stored configuration. A figure stands in the columns whose registry name
/// or label is its data set, beside the row whose label is its method (in any case of letters); if
/// there is none, beside the first row (in the table's order; rows with a value first) whose solver is its method. Of two keys with a figure for the
/// same method and data set the first is shown; one of an iteration is shown where that is the last of the runs. Throws
/// std::runtime_error for an unknown key, and as distinct_runs(), whose runs the table is of.
Table make_table(const std::vector<RunRecord>& runs, const std::string& metric,
                 const std::vector<PublishedFigure>& published, const std::vector<std::string>& keys = {});

/// The same of `runs` that are distinct already.
Table make_table(const std::vector<const RunRecord*>& runs, const std::string& metric,
                 const std::vector<PublishedFigure>& published, const std::vector<std::string>& keys = {});

/// Puts the cells of `runs` beside those of `table` that have the same label and data set: committed runs of the same
/// experiment and profile, which say what a reduced run should come to. Other runs are ignored.
void place_reference(Table& table, const std::vector<RunRecord>& runs);

/// What is bold, and by which tests; see describe_best().
std::string bold_note(const Table& table);
std::string to_markdown(const Table& table);
/// A column per data set: accuracies with three digits, the published figure behind a stroke; below it, what is bold.
std::string to_brief_markdown(const Table& table);
/// Lines of at most `columns` characters, ours alone, "*" for what Markdown has in bold: what `run` ends with. A row per data set
/// where there are more of them than methods.
std::string to_terminal(const Table& table, std::size_t columns);
/// Long format: one line per cell, with a header.
std::string to_csv(const Table& table);
/// A booktabs tabular with its caption as a comment; see latex_tabular().
std::string to_latex(const Table& table);

/// Writes <experiment>.md, .csv and .tex of every table into `folder` (temporary name, then rename); returns the paths. If
/// several profiles of one experiment are among the tables, theirs are called <experiment>-<profile>.
std::vector<std::filesystem::path> write_tables(const std::vector<Table>& tables,
                                                const std::filesystem::path& folder);

}  // namespace admmbench
