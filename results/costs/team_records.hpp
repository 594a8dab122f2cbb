#pragma once
/// Timings of processes that share a run, as runs that claims can be judged by (docs/reference/claims-registry.md#timings-of-processes).

#include <vector>

#include "results/costs/team_timing.hpp"
#include "results/record/run_record.hpp"

namespace admmbench {

/// Of every method with cases of strong scaling:
/// - experiment team-METHOD, measured: data set is the network, labels METHOD-processes=1 and METHOD-processes=P with the grid parameter
///   `processes`, seed the repetition; per_iteration(seconds) is seconds_of();
/// - if it shares layers, experiment team-METHOD-simulated, one "run" of label simulated-workers=20 for each network between machines:
///   speed_up by the cost model, nothing hidden behind computation. No chance is in it.
std::vector<RunRecord> team_records(const TeamTimings& timings, const MachineModel& machine);

}  // namespace admmbench
