#pragma once
/// What mdlam and dlam cost.

#include "core/compute/cost.hpp"

namespace admmbench {

MethodCost mdlam_cost(const CostShape& shape, const CostOptions& options);
MethodCost dlam_cost(const CostShape& shape, const CostOptions& options);

}  // namespace admmbench
