#pragma once
/// What gram_tp costs.

#include "core/compute/cost.hpp"

namespace admmbench {

MethodCost gram_tp_cost(const CostShape& shape, const CostOptions& options);

}  // namespace admmbench
