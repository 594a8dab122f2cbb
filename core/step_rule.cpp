#include "core/step_rule.hpp"

namespace admmbench {

void StepRule::visit(ParameterVisitor& v) {
  v.choice("rule", kind, {"exact", "backtracking", "lipschitz"},
           "exact line search, the papers' backtracking, or 1/lambda_max of the block Hessian");
  if (kind == Kind::backtracking || v.wants_all()) {
    v.real("initial", initial, positive, "backtracking only: first tau, restarted at every call");
    v.real("growth", growth, above_one, "backtracking only: factor between trials");
  }
}

double step_tau(const StepRule& rule, double kappa, const std::function<double()>& lambda_max) {
  switch (rule.kind) {
    case StepRule::Kind::backtracking: {
      double tau = rule.initial;
      while (tau < kappa) tau *= rule.growth;
      return tau;
    }
    case StepRule::Kind::lipschitz:
      return lambda_max();
    case StepRule::Kind::exact:
      break;
  }
  return kappa;
}

}  // namespace admmbench
