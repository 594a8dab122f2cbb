#pragma once
/// What the pdADMM family costs.

#include "core/compute/cost.hpp"

namespace admmbench {

/// pdadmm and pdadmm_g.
MethodCost pdadmm_cost(const CostShape& shape, const CostOptions& options);
MethodCost pdadmm_gq_cost(const CostShape& shape, const CostOptions& options);

}  // namespace admmbench
