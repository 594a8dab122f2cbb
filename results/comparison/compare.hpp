#pragma once
/// Two sets of results, cell by cell (experiment, data set, method): what got better or worse beyond noise. Which test is
/// used when, and what its limits are: docs/reference/results.md.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "results/record/run_record.hpp"
#include "results/statistics/tests.hpp"

namespace admmbench {

/// A mean of a result table, whose runs are not at hand.
struct TableFigure {
  std::string experiment, profile, dataset, label, metric;
  Summary summary;  ///< count, mean and deviation only
  std::size_t not_finished = 0;
};

/// One side of a comparison: runs, figures of tables, or both.
struct ResultSet {
  std::string name;             ///< as given on the command line
  std::vector<RunRecord> runs;  ///< without trajectories if they come from a CSV file
  std::vector<TableFigure> figures;
  std::size_t damaged = 0;
};

/// Whether `columns` are those of `admmbench table --format csv`.
bool is_table_header(const std::vector<std::string>& columns);

/// Figures of `admmbench table --format csv`. Throws std::runtime_error naming `source`.
std::vector<TableFigure> read_table_figures(const std::string& text, const std::string& source);

enum class Verdict {
  unchanged,  ///< no pair differs by more than the tolerance
  better,
  worse,
  undecided,  ///< the difference may be noise
  too_few     ///< even the clearest difference of so few seeds would not be told from noise
};
std::string to_string(Verdict verdict);

struct Cell {
  std::string experiment, profile, dataset, label;
  bool operator==(const Cell&) const = default;
  // The comparison with 0 that the compiler makes of a defaulted <=> is taken for a null pointer.
  auto operator<=>(const Cell&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// One metric of one cell; B against A.
struct Comparison {
  Cell cell;
  std::string metric;
  Summary a, b;  ///< over the finished runs with a finite value
  std::size_t without_a = 0,
              without_b = 0;  ///< runs without one: unfinished, not finite, target missed; the worst of all
  std::string test;           ///< Wilcoxon | Mann-Whitney | Welch; empty: nothing to test
  std::size_t count = 0;      ///< pairs, or values of both
  std::optional<double> difference;  ///< mean of B minus A (of the pairs, if paired; finished runs only)
  std::optional<double> spread;      ///< standard deviation: of the differences if paired, else pooled
  std::optional<double>
      effect;  ///< in [-1, 1], positive if B is larger: rank-biserial correlation, or Cliff's delta
  std::optional<double> p_value;   ///< of this comparison alone
  std::optional<double> adjusted;  ///< for all comparisons of this metric (Holm)
  double least_p = 0;              ///< the smallest p-value that so many seeds can give
  std::optional<double>
      could_show;  ///< smallest difference found with 80 % at alpha over the family; empty: not known, none
  bool decides = true;  ///< false: shown, but no ground for "worse" (times)
  Verdict verdict = Verdict::undecided;
};

/// A cell whose sides have the same seeds, all of them identical to the bit.
struct IdenticalCell {
  Cell cell;
  std::size_t runs = 0;     ///< on both sides
  bool same_config = true;  ///< false: the stored configurations differ all the same
};

/// A cell of which a side lacks seeds: what is missing is not equal, whatever the other seeds are.
struct IncompleteCell {
  Cell cell;
  std::vector<std::int64_t> only_a, only_b;  ///< seeds
  std::size_t shared = 0;                    ///< seeds of both
  bool identical = false;                    ///< those are, to the bit; nothing is left to be tested then
};

/// A cell whose runs differ between the sides in more than the code: keys of the configuration, data_sha256, precision.
struct OtherCell {
  Cell cell;
  std::vector<std::string> differing;  ///< with both values
};

struct CompareOptions {
  std::vector<std::string> metrics;  ///< empty: those of default_metrics that the runs have
  double alpha = 0.05;
  double tolerance = 1e-6;  ///< relative differences up to this are none: another order of summation
};

struct CompareResult {
  std::vector<IdenticalCell> identical;
  std::vector<Comparison> comparisons;
  std::vector<Cell> only_a, only_b;
  std::vector<OtherCell> other;  ///< compared all the same
  std::vector<IncompleteCell>
      incomplete;  ///< those with seeds of both are compared, unless these are identical
  std::vector<std::string> notes;
  bool worse() const;
};

/// What is compared unless the user says otherwise: test_accuracy (val_accuracy where there is no test set), objective
/// (where the configuration is the same: it depends on the penalty), train_loss, iterations (of runs that a target ended),
/// iterations_to_target and, without a say in the outcome, seconds_to_target. Cells that both sides have runs of are compared
/// run by run, the others by the figures of tables.
CompareResult compare(const ResultSet& a, const ResultSet& b, const CompareOptions& options = {});

}  // namespace admmbench
