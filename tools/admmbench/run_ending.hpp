#pragma once
/// What `run` says when its runs are made: a table of them, and what to type next.

#include <cstddef>
#include <string>
#include <vector>

#include "experiments/harness/session.hpp"
#include "results/record/run_record.hpp"

namespace admmbench {

/// The metric of the experiment's tables: what it says, or default_metric().
std::string shown_metric(const Experiment& experiment, const std::vector<RunRecord>& runs);

/// The table of the runs of `session` that have results, at most `columns` characters wide. Empty for one run, which has said all by
/// itself. Files that cannot be read are left out: `verify` names them.
std::string ending_table(const Session& session, std::size_t columns);

/// The commands that look at the results of `session`, to be pasted.
std::string next_commands(const Session& session);

}  // namespace admmbench
