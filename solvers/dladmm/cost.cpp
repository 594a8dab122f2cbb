#include "solvers/dladmm/cost.hpp"

namespace admmbench {

namespace {

using Decay = CostOptions::Decay;

/// Back and forth: every W_l and a_l twice, two products each; layer 1's two steps share E x^T and one update of W_1 x
/// (N > n_0), or stay in N x N (2 N <= n_0).
IterationCost iteration(const CostShape& s, const CostOptions& o) {
  const double mu = o.decay == Decay::none ? 0 : 1;
  IterationCost cost =
      upper_products(s, 8, 2) + entry_passes((8 + 6 * mu) * s.weights(2)) + newton_steps(s, 2);
  if (spans(s, o)) return cost + 2 * span_product(s) + layer_passes(s, 54 + 12 * mu, 52, 58);
  if (s.samples > s.n(0)) {
    cost += layer_products(s, 1, 2) + 2 * matrix_product(s.n(1), s.n(0), s.n(0));
    cost.product_entries += s.M(1);  // W_1 x is added to
    return cost + layer_passes(s, 27, 52, 58) + entry_passes(29 * s.w(1));
  }
  return cost + layer_products(s, 1, 4) + layer_passes(s, 38, 52, 58) + entry_passes((8 + 6 * mu) * s.w(1));
}

/// Twice a gradient and a scalar for W_l, twice b_l, twice two scalars for a_l; W_1's two steps share one gradient.
Reductions reductions(const CostShape& s) {
  const double layers = static_cast<double>(s.layers());
  const double first = s.samples > s.n(0) ? 1 : 2;
  return {2 * s.parameters() - (2 - first) * s.w(1), 10 * (layers - 1) + 3 + first};
}

}  // namespace

MemoryCost dladmm_memory(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  double state =
      s.parameters() + 2 * s.outputs() + s.hidden_outputs() + s.M(L) + span_entries(s, o);  // z, W a; a; u
  if (L > 1 && s.samples > s.n(0)) state += s.n(0) * s.n(0) + 4 * s.w(1);
  return held_memory(s, o, state, 2 * s.widest() * s.samples + s.largest_weight());
}

MethodCost dladmm_cost(const CostShape& s, const CostOptions& o) {
  return {iteration(s, o), dladmm_memory(s, o), reductions(s), {}};
}

}  // namespace admmbench
