#pragma once
/// Step sizes of the gradient-type block updates v <- v - g/tau (docs/problem.md#step-rules).
///
/// The block objective phi is exactly quadratic along -g, so the papers' majoriser test
///     phi(v - g/tau) <= phi(v) - ||g||^2 / (2 tau)
/// is the same as tau >= kappa with the Rayleigh quotient kappa = <g, H g> / ||g||^2. One product H g decides
/// the step; no trial point is ever evaluated.

#include <limits>

#include "core/parameters.hpp"

namespace admmbench {

/// Factor on tau in the test of a step D that a constraint or a regulariser may have bent, c ||A D||^2 <= tau ||D||^2. A step
/// that it has not bent passes in exact arithmetic, for `exact` with equality: without the slack rounding would decide, and
/// tau be doubled for nothing.
template <class T>
inline constexpr double rounding_slack = 1 + 64 * static_cast<double>(std::numeric_limits<T>::epsilon());

struct StepRule {
  enum class Kind { exact, backtracking, lipschitz };
  Kind kind = Kind::exact;
  double initial = 1;  ///< backtracking: first tau tried; restarts at every call, as in the papers
  double growth = 2;   ///< backtracking: factor between trials

  void visit(ParameterVisitor& v);
};

/// tau for a block with Rayleigh quotient `kappa`:
///   exact         kappa (exact line search along -g)
///   backtracking  the smallest initial * growth^j, j >= 0, that is >= kappa
///   lipschitz     lambda_max(H), asked for only then
/// Precondition: g != 0.
template <class LambdaMax>
double step_tau(const StepRule& rule, double kappa, LambdaMax lambda_max) {
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
