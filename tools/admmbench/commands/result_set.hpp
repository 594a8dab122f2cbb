#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "experiments/harness/config/presentation.hpp"
#include "results/comparison/compare.hpp"
#include "results/record/run_record.hpp"

namespace admmbench {

struct ResultFiles {
  std::vector<RunRecord> runs;
  std::size_t damaged = 0;  ///< left out, each named on stderr
};

/// What is kept of a run that was read, e.g. summarize_run(), if the trajectories of all need not be in memory.
using KeptRun = std::function<RunRecord(RunRecord)>;

/// Reads the result files under `roots`, of which there may be none.
ResultFiles read_any_result_files(const std::vector<std::filesystem::path>& roots, const KeptRun& kept = {});

/// The same; throws std::runtime_error if there are none, or none can be read.
ResultFiles read_result_files(const std::vector<std::filesystem::path>& roots, const KeptRun& kept = {});

/// Throws if files were left out; at the end of a command, so that the rest is shown and the exit status still says it.
void require_undamaged(std::size_t damaged);

/// Checks that `name` ends as a picture does; what is wrong otherwise.
std::string picture_name(const std::string& name);

/// What is shown of `runs` if nobody says: test_accuracy, or the first of val_accuracy, train_loss and objective where there is
/// none, as of a regression.
std::string default_metric(const std::vector<RunRecord>& runs);

/// How `runs`, of one experiment, are shown: as is said beside them, of summaries as the shipped experiment of that name says; empty if
/// nobody says anything.
Presentation presentation_of(const std::vector<RunRecord>& runs,
                             const std::map<std::string, Presentation>& beside);

/// One side of a comparison from `name`: result files under it, else the summaries under it, or a summary or table (CSV), or
/// what a git revision of that name holds. Throws CLI::ValidationError if there is neither, else as read_result_files().
ResultSet read_result_set(const std::string& name);

}  // namespace admmbench
