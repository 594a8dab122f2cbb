#pragma once
/// What aa_dladmm on dlam costs.

#include "core/compute/cost.hpp"

namespace admmbench {

MethodCost aa_dladmm_cost(const CostShape& shape, const CostOptions& options);

}  // namespace admmbench
