#pragma once
/// What dladmm costs.

#include "core/compute/cost.hpp"

namespace admmbench {

MethodCost dladmm_cost(const CostShape& shape, const CostOptions& options);

/// Of its variables, which last_layer has too.
MemoryCost dladmm_memory(const CostShape& shape, const CostOptions& options);

}  // namespace admmbench
