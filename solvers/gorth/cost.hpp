#pragma once
/// What gorth costs.

#include "core/compute/cost.hpp"

namespace admmbench {

/// With `signal: targets`.
MethodCost gorth_cost(const CostShape& shape, const CostOptions& options);

}  // namespace admmbench
