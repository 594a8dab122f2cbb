#pragma once
/// Decay of a step length over a run, the same for every method that offers it.

#include <optional>

#include "core/parameters.hpp"

namespace admmbench {

struct Schedule {
  enum class Shape {
    constant,  ///< 1
    linear,    ///< from 1 down to 0
    half,      ///< 1 over the first half, then linearly to 0
    cosine     ///< (1 + cos(pi t)) / 2
  };
  Shape shape = Shape::constant;
  std::optional<long> epochs;  ///< passes over which it decays to 0; empty: those of the run
  double warm_up = 0;          ///< passes of a linear rise from 0, before the decay

  void visit(ParameterVisitor& v) {
    v.choice("shape", shape, {"constant", "linear", "half", "cosine"},
             "decay of the step length: half = constant for the first half, then linearly to 0");
    if (shape != Shape::constant || v.wants_all()) {
      v.integer_or_word(
          "epochs", epochs, "run", at_least_one,
          "not constant: passes after which the step length is 0; run: the iterations of the run");
    }
    v.stored_if(warm_up != 0 || v.wants_all())
        .real("warm_up", warm_up, non_negative,
              "passes over which the step length rises linearly from 0, before it decays");
  }

  /// Factor on the step length after `passes` passes over the training set (a fraction within one) of a run of `planned`.
  double factor(double passes, long planned) const;
};

}  // namespace admmbench
