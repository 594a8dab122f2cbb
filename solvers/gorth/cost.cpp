#include "solvers/gorth/cost.hpp"

#include <algorithm>

#include "baselines/batch_cost.hpp"
#include "core/compute/eigen.hpp"

namespace admmbench {

namespace {

/// float64 entries in those of the run.
double wide_entries(const CostShape& s) { return 8 / s.entry_bytes; }

/// K_l, and the way from e_l to e_{l-1}, l > 1.
IterationCost target_cost(const CostShape& s, std::size_t l, double B, const CostOptions& o) {
  const double small = std::min(s.n(l), s.n(l - 1));
  const double large = std::max(s.n(l), s.n(l - 1));
  const double factorised = 4 * s.n(l) <= B ? 1 : 1 / o.target_refresh;
  IterationCost cost = factorised * (matrix_product(small, small, large) + entry_passes(2 * s.w(l)));
  cost.solve_flops += factorised * (whole_third(small * small * small) + 2 * small * small * large);
  return cost + matrix_product(s.n(l - 1), B, s.n(l)) + entry_passes(3 * s.n(l - 1) * B);
}

/// G_{l-1} and its inverse, l > 1.
IterationCost metric_cost(double k, double B, const CostOptions& o) {
  IterationCost cost =
      (1 / o.observe) * matrix_product(k, k, B, true) + (1 / o.refresh) * entry_passes(3 * k * k);
  cost.solve_flops += 1 / o.refresh * (whole_third(k * k * k) + whole_third(2 * k * k * k));
  return cost;
}

/// H_l from R_l e_l, and the step.
IterationCost step_cost(const CostShape& s, std::size_t l, double B) {
  const double n = s.n(l);
  const double k = s.n(l - 1) + 1;
  IterationCost cost = matrix_product(n, B, n) + entry_passes((4 + 1 + 3) * n * k);
  if (l == 1) return cost + matrix_product(n, k, B);
  if (n < B) return cost + matrix_product(n, k, B) + matrix_product(n, k, k);
  return cost + matrix_product(k, B, k) + matrix_product(n, k, B);
}

/// The second moment of a step.
IterationCost moment_cost(const CostShape& s, std::size_t l) {
  const double n = s.n(l);
  const double k = s.n(l - 1) + 1;
  IterationCost cost = matrix_product(n, k, n) + entry_passes((2 * wide_entries(s) + 1) * n * n);
  if (l == 1 && s.samples < k) {
    return cost + matrix_product(n, s.samples, k - 1) + entry_passes(2 * n * s.samples) +
           matrix_product(n, n, k) + matrix_product(n, n, s.samples, true);
  }
  return cost + entry_passes(2 * n * k) + matrix_product(n, k, k, true) + matrix_product(n, n, k);
}

/// New roots, and the change of coordinates.
IterationCost root_cost(const CostShape& s, std::size_t l) {
  const double n = s.n(l);
  const double k = s.n(l - 1) + 1;
  const double wide = wide_entries(s);
  IterationCost cost = 3 * matrix_product(n, n, n);
  cost.product_entries *= wide;
  cost += entry_passes((10 * wide + 4) * n * n);
  cost.solve_flops += eigen_flops(n);
  return cost + 2 * matrix_product(n, k, n) + entry_passes(4 * n * k);
}

/// One batch of B samples.
IterationCost batch_cost(const CostShape& s, double B, const CostOptions& o) {
  const std::size_t L = s.layers();
  IterationCost cost = entry_passes((2 * s.n(0) + 2 * s.n(L) + 2 * (s.n(0) + 1)) * B);  // gathered
  cost += entry_passes((2 + 2 + 4 + 3) * s.n(L) * B);  // smooth labels, loss, z_L, e_L
  cost.newton_entries += s.n(L) * B;
  for (std::size_t l = 1; l <= L; ++l) {
    const double k = s.n(l - 1) + 1;
    cost += matrix_product(s.n(l), B, k);
    if (l > 1) cost += target_cost(s, l, B, o);
    if (l == L) {
      cost += matrix_product(s.n(l), k, B) + entry_passes(7 * s.n(l) * k);  // AdamW
      break;
    }
    cost += entry_passes(2 * s.n(l) * B) + step_cost(s, l, B);
    if (l > 1) cost += metric_cost(k, B, o);
    cost += (1 / o.root_every) * moment_cost(s, l) + (1 / o.root_refresh) * root_cost(s, l);
  }
  return cost;
}

MemoryCost memory(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  const double B = s.batch_size();
  const double wide = wide_entries(s);
  double largest = 0;  // of all [W_l b_l]
  double hidden = 0;   // of the hidden ones
  double widest = 0;
  double product = 0;
  double state = 0;
  double scratch = 0;
  double layer = 0;  // of the cosines' own factorisations
  for (std::size_t l = 1; l <= L; ++l) {
    const double n = s.n(l);
    const double k = s.n(l - 1) + 1;
    const double small = std::min(n, s.n(l - 1));
    const double K = l > 1 ? small * small + s.w(l) : 0;
    state += (l < L ? 3 : 4) * n * k + K;  // [W b], V or the head's moments, the safeguard's
    if (l > 1 && l < L) state += 2 * k * k;
    layer = std::max(layer, 2 * n * k + K + (l > 1 ? 2 * k * k : 0));
    largest = std::max(largest, n * k);
    product = std::max(product, k * std::min(n, B));
    scratch += (k + (l < L ? 3 : 2) * n) * B;
    if (l == L) break;
    state += (wide + 2) * n * n;  // C, R, S
    hidden = std::max(hidden, n * k);
    widest = std::max(widest, n);
  }
  const double inputs = s.n(0) + 1;
  state += inputs * s.samples;                        // preconditioned
  if (s.samples >= inputs) state += inputs * inputs;  // G_0
  scratch += largest + product + (inputs + s.n(L) + s.widest()) * B;
  scratch += 5 * s.n(L) * wide;  // of the output prox
  scratch += 2 * hidden + widest * B + (1 + 4 * wide) * widest * widest;
  scratch += wide * (2 * widest * widest + 66 * widest);  // eigenvectors
  MemoryCost memory = held_memory(s, o, state, scratch, s.batched() ? index_bytes * s.samples : 0);
  const double start = inputs * s.samples + (s.samples >= inputs ? inputs * inputs : s.samples * s.samples);
  memory.passing = s.entry_bytes * std::max(start, s.parameters() + layer);
  return memory;
}

Reductions reductions(const CostShape& s, const CostOptions& o) {
  const double batches = s.batches();
  const double grams =
      sum_layers(2, s.layers() - 1, [&](auto l) { return (s.n(l - 1) + 1) * (s.n(l - 1) + 1); });
  return {batches * (s.parameters() + grams / o.observe), batches * (1 + 1 / o.observe)};
}

}  // namespace

MethodCost gorth_cost(const CostShape& s, const CostOptions& o) {
  const IterationCost iteration =
      sum_batches(s, [&](const CostShape& batch) { return batch_cost(s, batch.samples, o); });
  return {iteration, memory(s, o), reductions(s, o), {}};
}

}  // namespace admmbench
