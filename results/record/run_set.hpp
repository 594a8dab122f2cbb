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

/// The runs that count: each experiment, profile, data set, label and seed once. Of the copies of a run a finished one counts,
/// and among those one whose trajectory is at hand; else the first. Throws as require_same_run(). The pointers are into `runs`.
std::vector<const RunRecord*> distinct_runs(const std::vector<RunRecord>& runs);

/// Runs grouped by experiment and profile, in order of first appearance: a reduced run is no further seed of a full one.
std::vector<std::vector<RunRecord>> by_experiment(std::vector<RunRecord> runs);

}  // namespace admmbench
