#pragma once
/// mu, the penalty of the method of auxiliary coordinates: raised by a factor once an iteration gains little at it, or after so many
/// iterations, up to a cap.

#include <algorithm>
#include <optional>

#include "core/parameters.hpp"

namespace admmbench {

struct PenaltyContinuation {
  double initial = 1;
  double factor = 10;
  std::optional<long> every;  ///< empty: by the tolerance
  double tolerance = 1e-3;
  double cap = 1e6;

  void visit(ParameterVisitor& v) {
    v.real("initial", initial, positive, "mu of the first iteration");
    v.real("factor", factor, at_least_one, "by which mu is raised; 1: never");
    v.stored_if(every.has_value() || v.wants_all())
        .integer("every", every, at_least_one, "iterations at each mu; left out: see tolerance");
    v.real("tolerance", tolerance, non_negative,
           "without every: mu is raised after an iteration in which E_Q falls by less than this share of "
           "itself");
    v.real("cap", cap, positive, "mu is not raised above this");
  }

  /// Whether the value of E_Q decides.
  bool watches() const { return !every && factor > 1; }

  /// mu of the next iteration, after iteration `k` = 1, 2, ... in which E_Q at `mu` went from `before` to `after`.
  double next(double mu, long k, double before, double after) const {
    const bool due = every ? k % *every == 0 : before - after < tolerance * after;
    return due && factor > 1 ? std::max(mu, std::min(cap, factor * mu)) : mu;
  }
};

}  // namespace admmbench
