#include "solvers/gram_tp/cost.hpp"

#include <algorithm>

#include "baselines/batch_cost.hpp"

namespace admmbench {

namespace {

/// One batch of B samples under the rule `relative` with momentum; `observed` and `refreshed` are the shares of the batches that
/// look at the Gram matrices and the step lengths, and that factorise.
IterationCost batch_cost(const CostShape& s, double B, double observed, double refreshed) {
  const std::size_t L = s.layers();
  IterationCost cost = entry_passes((2 * s.n(0) + 2 * s.n(L) + 2 * (s.n(0) + 1)) * B);  // gathered
  cost += entry_passes((2 + 4 + 3) * s.n(L) * B);                                       // loss, z_L, e_L
  cost.newton_entries += s.n(L) * B;
  for (std::size_t l = 1; l <= L; ++l) {
    const double k = s.n(l - 1) + 1;
    const double v = s.n(l) * k;  // entries of [W_l b_l]
    cost += matrix_product(s.n(l), B, k);
    if (l < L) cost += entry_passes(2 * s.n(l) * B);
    if (l > 1) {
      cost += observed * matrix_product(k, k, B, true);
      cost += refreshed * entry_passes(3 * k * k);
      cost.solve_flops += refreshed * (whole_third(k * k * k) + whole_third(2 * k * k * k));
      const double small = std::min(s.n(l), s.n(l - 1));
      const double large = std::max(s.n(l), s.n(l - 1));
      const double factorised = 4 * s.n(l) <= B ? 1 : refreshed;
      cost += factorised * (matrix_product(small, small, large) + entry_passes(2 * s.w(l)));
      cost.solve_flops += factorised * (whole_third(small * small * small) + 2 * small * small * large);
      cost +=
          matrix_product(s.n(l - 1), B, s.n(l)) + entry_passes(3 * s.n(l - 1) * B);  // the a-step, the z-step
    }
    // D_l: into the velocity, or beside it where its length is measured.
    if (l == 1) {
      cost += matrix_product(s.n(l), k, B);
    } else if (s.n(l) < B) {
      cost += matrix_product(s.n(l), k, B) + matrix_product(s.n(l), k, k);
    } else {
      cost += matrix_product(k, B, k) + matrix_product(s.n(l), k, B);
    }
    cost.product_entries += (1 - observed) * v;
    cost += entry_passes(observed * 5 * v + 3 * v);
  }
  return cost;
}

MemoryCost memory(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  const double B = s.batch_size();
  double largest = 0;
  double targets = 0;
  double state = 0;
  double scratch = 0;
  double layer = 0;  // of the cosines' own factorisations
  for (std::size_t l = 1; l <= L; ++l) {
    const double k = s.n(l - 1) + 1;
    const double small = std::min(s.n(l), s.n(l - 1));
    state += 3 * s.n(l) * k;  // [W b], its velocity, the safeguard's
    const double factors = l > 1 ? small * small + s.w(l) + 2 * k * k : 0;
    state += factors;
    layer = std::max(layer, 2 * s.n(l) * k + factors);
    largest = std::max(largest, s.n(l) * k);
    targets = std::max(targets, k * std::min(s.n(l), B));
    scratch += (k + (l < L ? 3 : 2) * s.n(l)) * B;
  }
  state += (s.n(0) + 1) * s.samples;  // preconditioned inputs
  scratch += largest + targets + (s.n(0) + 1 + 3 * s.n(L) + s.widest()) * B;
  MemoryCost memory = held_memory(s, o, state, scratch, s.batched() ? index_bytes * s.samples : 0);
  const double start = (s.n(0) + 1) * s.samples;  // [x; 1], whose product is kept
  memory.passing = s.entry_bytes * std::max(start, s.parameters() + layer);
  return memory;
}

Reductions reductions(const CostShape& s, const CostOptions& o) {
  const double batches = s.batches();
  const double grams = sum_layers(2, s.layers(), [&](auto l) { return (s.n(l - 1) + 1) * (s.n(l - 1) + 1); });
  return {batches * (s.parameters() + grams / o.observe), batches * (1 + 1 / o.observe)};
}

}  // namespace

MethodCost gram_tp_cost(const CostShape& s, const CostOptions& o) {
  const IterationCost iteration = sum_batches(
      s, [&](const CostShape& batch) { return batch_cost(s, batch.samples, 1 / o.observe, 1 / o.refresh); });
  return {iteration, memory(s, o), reductions(s, o), {}};
}

}  // namespace admmbench
