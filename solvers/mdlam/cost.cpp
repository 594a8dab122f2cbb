#include "solvers/mdlam/cost.hpp"

#include <algorithm>

namespace admmbench {

namespace {

using Decay = CostOptions::Decay;

/// dlam: every W_l and a_l once, two products each. mdlam (`fast`): one more for every extrapolated block.
IterationCost iteration(const CostShape& s, const CostOptions& o, double fast) {
  const double in_gradient = o.decay == Decay::gradient ? 1 : 0;
  const double merit = o.decay == Decay::none ? 0 : 1;  // the safeguard looks at ||W||^2
  const double per_weight = 4 + 3 * in_gradient + fast * (4 + 2 * merit);
  IterationCost cost =
      upper_products(s, 4 + 2 * fast, 0) + entry_passes(per_weight * s.weights(2)) + newton_steps(s, 1);
  if (spans(s, o)) {
    const double step = o.decay == Decay::gradient ? 15 + 6 : 12;
    return cost + span_product(s) +
           layer_passes(s, step + 6 + fast * (18 + 8 * merit), 17 + 12 * fast, 19 + 8 * fast);
  }
  return cost + layer_products(s, 1, 2 + fast) +
         layer_passes(s, 13 + 8 * fast, 17 + 12 * fast, 19 + 8 * fast) + entry_passes(per_weight * s.w(1));
}

MemoryCost memory(const CostShape& s, const CostOptions& o, bool fast) {
  const bool in_span = spans(s, o);
  const std::size_t first = in_span ? 2 : 1;
  const double widest_z = s.widest() * s.samples;
  double state = s.parameters() + 2 * s.outputs() + s.hidden_outputs() + span_entries(s, o);  // z, W a; a
  double scratch = s.M(s.layers()) + 4 * widest_z + s.largest_weight(first);
  if (fast) {  // the iterates before
    state += s.weights(first) + s.hidden_outputs() + (in_span ? 3 * s.M(1) : 0);
    scratch += std::max(s.largest_weight(first), widest_z) + widest_z;
  }
  return held_memory(s, o, state, scratch);
}

/// A gradient and a scalar for W_l, b_l, two scalars for a_l; the safeguard's scalars.
Reductions reductions(const CostShape& s, bool fast) {
  const double layers = static_cast<double>(s.layers());
  return {s.parameters(), 5 * layers - 2 + (fast ? 2 * layers : 0)};
}

}  // namespace

MethodCost mdlam_cost(const CostShape& s, const CostOptions& o) {
  return {iteration(s, o, 1), memory(s, o, true), reductions(s, true), {}};
}

MethodCost dlam_cost(const CostShape& s, const CostOptions& o) {
  return {iteration(s, o, 0), memory(s, o, false), reductions(s, false), {}};
}

}  // namespace admmbench
