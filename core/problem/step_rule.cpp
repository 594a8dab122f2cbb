#include "core/problem/step_rule.hpp"

namespace admmbench {

void StepRule::visit(ParameterVisitor& v) {
  v.choice("rule", kind, {"exact", "backtracking", "lipschitz"},
           "exact line search, the papers' backtracking, or 1/lambda_max of the block Hessian");
  if (kind == Kind::backtracking || v.wants_all()) {
    v.real("initial", initial, positive, "backtracking only: first tau, restarted at every call");
    v.real("growth", growth, above_one, "backtracking only: factor between trials");
  }
}

}  // namespace admmbench
