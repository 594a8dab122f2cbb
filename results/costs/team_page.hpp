#pragma once
/// Tables of docs/measured/scaling.md on processes that share a run: measured, predicted, and simulated far beyond.

#include <string>
#include <vector>

#include "results/costs/team_timing.hpp"

namespace admmbench {

/// Widths that repeat are counted: "9 layers of 500, N = 2,000".
std::string network_text(const CostShape& shape);

/// ICDM 2020, Table II: nineteen hidden layers of 1500, on some twenty machines.
CostShape table_two_network();
inline constexpr int table_two_workers = 20;

/// One worker's seconds over those of `workers` by the cost model. `overlapping`: communication is hidden behind computation as far as
/// that is longer; else none is.
double simulated_speed_up(const MachineModel& machine, const std::string& method, const CostShape& shape,
                          double workers, const Interconnect& network, bool overlapping);

/// The names of the tables.
std::vector<std::string> team_parts();

/// Markdown. The same timings and calibration give the same bytes. Throws std::invalid_argument for another name.
std::string team_part(const std::string& name, const TeamTimings& timings, const MachineModel& machine);

}  // namespace admmbench
