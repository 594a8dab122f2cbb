#pragma once
/// What a claim's rule looks at: one number per run, computed from its trajectory. Kept in the summaries of
/// results/summaries as further columns, so that verdicts need no trajectories. docs/reference/claims-registry.md lists them.

#include <optional>
#include <string>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// "test_accuracy" (its last entry), or "function(column)" or "function(column, argument)".
struct Measure {
  std::string text;      ///< as it is written, and the name of its column in summaries
  std::string function;  ///< empty: the last entry
  std::string column;
  std::optional<double> argument;
};

/// Throws std::invalid_argument saying what is wrong and what is allowed.
Measure parse_measure(const std::string& text);

/// Functions and their meaning, for messages and documentation.
std::vector<std::pair<std::string, std::string>> measure_functions();

/// The measure of a run; empty if it lacks the column. Infinite where `reach` never reaches.
std::optional<double> evaluate(const Measure& measure, const RunRecord& run);

/// summarize_run() with one more column for each of `measures` that is no plain column.
RunRecord summarize_run(const RunRecord& run, const std::vector<Measure>& measures);

}  // namespace admmbench
