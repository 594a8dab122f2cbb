#pragma once
/// Many runs: which of them are the same one, and which belong together.

#include <string>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// Whether two runs are copies of one: made from the same inputs by the same code (content hash). Where a summary does not know
/// that, they are the same if they recorded the same to the bit.
bool same_run(const RunRecord& a, const RunRecord& b);

/// Throws std::runtime_error, naming both files, unless they are the same run: to mix two would give a figure that neither has.
void require_same_run(const RunRecord& a, const RunRecord& b);

/// What two runs differ in beyond the seed and what follows from it: solver, precision, data_sha256, code_version, and the keys of
/// the stored configuration (of a summary: its grid's, or just that the configuration does), each with both values. What either
/// of them does not know is not looked at. `with_code`: false where another revision is what is looked for.
std::vector<std::string> differences_beyond_seed(const RunRecord& a, const RunRecord& b,
                                                 bool with_code = true);

/// The runs that count: each experiment, profile, data set, label and seed once. Of the copies of a run a finished one counts,
/// and among those one whose trajectory is at hand; else the first. Throws as require_same_run(), and std::runtime_error naming
/// the files and what differs if runs of one experiment, profile, data set and label differ in more than the seed: their mean
/// would be that of no setting. Whatever averages runs, or gives them to somebody who will, takes them from here. The pointers are
/// into `runs`.
std::vector<const RunRecord*> distinct_runs(const std::vector<RunRecord>& runs);

/// Runs grouped by experiment and profile, in order of first appearance: a reduced run is no further seed of a full one.
std::vector<std::vector<RunRecord>> by_experiment(std::vector<RunRecord> runs);

}  // namespace admmbench
