#include "solvers/aa_dladmm/cost.hpp"

#include <algorithm>
#include <cmath>

namespace admmbench {

namespace {

/// D of the accelerated vector: W, b, z, a.
double state_entries(const CostShape& s) { return s.parameters() + s.outputs() + s.hidden_outputs(); }

constexpr double block = 1024;  ///< rows of the history that a QR takes at a time

/// dlam's iteration, then what a history of k differences costs. W_1 is explicit.
IterationCost iteration(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  const double hidden = s.hidden_outputs();
  const double D = state_entries(s);
  const IterationCost objective = entry_passes(2 * s.M(L) + 2 * (hidden + s.M(L)));
  IterationCost cost = upper_products(s, 3, 0) + layer_products(s, 1, 2) + layer_passes(s, 13, 16, 18) +
                       entry_passes(4 * s.weights()) + entry_passes(12 * D) + newton_steps(s, 1);
  const double k = o.differences;
  if (k == 0) return cost + objective;
  const IterationCost new_point =
      upper_products(s, 1, 0) + layer_products(s, 1, 1) + entry_passes(2 * D + 3 * hidden) + objective;
  cost += entry_passes(4 * (k + 1) * D + 2 * D) + o.new_points * new_point;
  const double c = k + 1;
  const auto qr = [c](double rows) { return 2 * c * c * (c + rows) - whole_third(2 * c * c * c); };
  cost.solve_flops += std::floor(D / block) * qr(block);
  if (const double rest = std::fmod(D, block); rest > 0) cost.solve_flops += qr(rest);
  return cost;
}

MemoryCost memory(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  const double N = s.samples;
  const double D = state_entries(s);
  double state = s.parameters() + 2 * s.outputs() + s.hidden_outputs();  // z, W a; a
  state += (2 * o.memory + 2) * D;                                       // dF, dG, the last pair
  double scratch = s.M(L) + 4 * s.widest() * N + s.largest_weight(spans(s, o) ? 2 : 1) + 4 * D;
  double besides = 8 * ((block + o.memory + 1) * (o.memory + 1) + (2 * o.memory + 1) * o.memory);
  constexpr double lanczos = 80;  // vectors
  const auto basis = [&](double rows, double columns) {
    const double n = std::min(rows, columns);
    const double limit = std::min(n, lanczos);
    besides += 8 * (limit * limit + 6 * limit);
    return n * (limit + 2) + std::max(rows, columns);
  };
  for (std::size_t l = 1; l <= L; ++l) {
    scratch += basis(s.n(l - 1), N);
    if (l < L) scratch += basis(s.n(l + 1), s.n(l));
  }
  return held_memory(s, o, state, scratch, besides);
}

}  // namespace

/// Reductions as dlam's, and three scalars of the safeguard.
MethodCost aa_dladmm_cost(const CostShape& s, const CostOptions& o) {
  const double layers = static_cast<double>(s.layers());
  return {iteration(s, o), memory(s, o), {s.parameters(), 5 * layers - 2 + 3}, {}};
}

}  // namespace admmbench
