#pragma once
/// Weight averaging around any method: parameter `average: {decay}` of every solver.
///     Wbar <- d Wbar + (1 - d) W,   bbar likewise,   after every update of the weights; Wbar = W at the start.
/// The method itself does not see the average; it is what is evaluated. Mini-batch methods update once a batch, all others once
/// an iteration.

#include <armadillo>
#include <memory>
#include <optional>
#include <vector>

#include "core/parameters.hpp"
#include "core/problem/network.hpp"

namespace admmbench {

template <class T>
class Solver;

struct AverageOptions {
  std::optional<double> decay;  ///< empty: the weights themselves are evaluated

  void visit(ParameterVisitor& v) {
    v.stored_if(decay.has_value() || v.wants_all())
        .real("decay", decay, below_one,
              "d of the running average Wbar <- d Wbar + (1 - d) W, taken after every update and evaluated "
              "in place of "
              "the weights; left out: no average");
  }
};

/// Declares parameter `average` of a method; it is stored only where it is given.
inline void visit_average(ParameterVisitor& v, AverageOptions& average) {
  v.stored_if(average.decay.has_value() || v.wants_all())
      .group("average", average, "evaluation at a running average of the weights");
}

/// `method` with the average of its weights as network(); objective, residual and further columns stay the method's own, but an
/// objective that is the training loss is that of the average.
template <class T>
std::unique_ptr<Solver<T>> averaged(std::unique_ptr<Solver<T>> method, double decay);

}  // namespace admmbench
