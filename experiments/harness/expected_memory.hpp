#pragma once
/// How much memory the runs of a plan will need, as far as their data are at hand.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "experiments/harness/run/memory.hpp"
#include "experiments/harness/session.hpp"

namespace admmbench {

/// Of each run of `session`, its shapes; empty where the solver waits to be tuned or the data are not at hand. Data whose shape no
/// registry knows are loaded.
std::vector<std::optional<RunShape>> expected_shapes(const Session& session);

/// Of each run of `session`, bytes that its process will have at most; empty where the method has no cost function or the data are not at
/// hand. Data whose shape no registry knows are loaded.
std::vector<std::optional<double>> expected_memory(const Session& session);

}  // namespace admmbench
