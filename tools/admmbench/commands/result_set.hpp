#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/comparison/compare.hpp"
#include "results/record/run_file.hpp"

namespace admmbench {

struct ResultFiles {
  std::vector<RunRecord> runs;
  std::size_t damaged = 0;  ///< left out, each named on stderr
};

/// Reads the result files under `roots`. Throws std::runtime_error if there are none, or none can be read.
ResultFiles read_result_files(const std::vector<std::filesystem::path>& roots);

/// Throws if a file was left out; at the end of a command, so that the rest is shown and the exit status still says it.
void require_undamaged(const ResultFiles& files);

/// What is shown of `runs` if nobody says: test_accuracy, or the first of val_accuracy, train_loss and objective where there is
/// none, as of a regression.
std::string default_metric(const std::vector<RunRecord>& runs);

/// One side of a comparison from `name`: result files under it, else the summaries under it, or a summary or table (CSV), or
/// what a git revision of that name holds. Throws CLI::ValidationError if there is neither, else as read_result_files().
ResultSet read_result_set(const std::string& name);

/// Throws, listing what there is, if no run has the column `name` (of `option`) and it is none of `derived`: a misspelt one
/// would give a table without a number. Silent if `name` is empty (nobody asked), and if all runs failed before their first record.
void require_column(const std::vector<RunRecord>& runs, const std::string& option, const std::string& name,
                    const std::vector<std::string>& derived = {});

}  // namespace admmbench
