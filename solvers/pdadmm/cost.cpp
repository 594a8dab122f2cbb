#include "solvers/pdadmm/cost.hpp"

#include <cmath>

namespace admmbench {

namespace {

/// Entries that pdADMM's passes read and write per entry of z_l, and of codes.
struct InterfacePasses {
  double first = 30, span = 38, hidden = 37, last = 22;
  double codes = 0;
};

/// Of the p-step, the last two sums are trials if p is quantised; a quantised q or p is received with one pass less or more.
InterfacePasses quantized_passes(const CostOptions& o) {
  const bool p = o.quantize_p;
  const bool q = o.quantize_q;
  const double below = (p ? 28 : 30) + (q ? 2 : 0) - (p && q ? 1 : 0);
  const double above = p ? 4 : 7;
  return {below, below + 8, below + above, 15 + above, (p ? 1.0 : 0) + (q ? 1.0 : 0) + (p && q ? 1.0 : 0)};
}

/// What is sent as codes.
struct Codes {
  bool p = false, q = false;
  double count() const { return (p ? 1 : 0) + (q ? 1 : 0); }
};

/// Bytes of a message of M_l codes.
double coded_bytes(const CostShape& s, const CostOptions& o, std::size_t l) {
  return std::ceil(o.code_bytes * s.M(l));
}

/// Every p_l (l > 1) and every W_l once, two products each; W_1 in the span of x one of n_1 N^2.
IterationCost layer_iteration(const CostShape& s, const CostOptions& o, std::size_t l,
                              const InterfacePasses& passes) {
  const std::size_t L = s.layers();
  const double mu = o.decay == CostOptions::Decay::none ? 0 : 1;
  const bool in_span = l == 1 && spans(s, o);
  IterationCost cost =
      in_span ? span_product(s) : layer_products(s, l, l == 1 ? 2 : 4) + entry_passes((4 + 3 * mu) * s.w(l));
  if (l > 1) cost.product_entries += s.M(l - 1);  // one product is added to p's gradient
  const double per_entry = l == L    ? passes.last
                           : l > 1   ? passes.hidden
                           : in_span ? passes.span + 6 * mu
                                     : passes.first;
  cost += entry_passes(per_entry * s.M(l));
  if (l < L && passes.codes > 0) cost.code_bytes = passes.codes * coded_bytes(s, o, l);
  if (l == L) cost += newton_steps(s, 1);
  return cost;
}

/// p_l, W_l, b_l, z_l, W p_l, q_l, u_l are layer l's; its scratch is as wide as it is, received messages included.
double layer_memory(const CostShape& s, const CostOptions& o, std::size_t l, const Codes& codes) {
  const std::size_t L = s.layers();
  double entries = 2 * s.w(l) + s.n(l);           // W, b and the gradient
  entries += (2 + 1 + (l < L ? 3 : 0)) * s.M(l);  // z, W p; residual; q, u, the p received
  entries += (l == 1 ? 1 : 4) * s.M(l - 1);       // x; or p, its gradient, the q and u received
  if (l == L) entries += s.M(L);                  // targets
  double bytes = 0;
  if (l > 1) bytes += codes.count() * o.code_bytes * s.M(l - 1);
  if (l < L) bytes += codes.count() * o.code_bytes * s.M(l);
  return s.entry_bytes * entries + bytes;
}

InterfaceBytes interface(const CostShape& s, const CostOptions& o, std::size_t l, const Codes& codes) {
  if (l == s.layers()) return {};
  const double full = s.entry_bytes * s.M(l);
  const double coded = coded_bytes(s, o, l);
  return {codes.p ? coded : full, (codes.q ? coded : full) + (o.send_u ? full : 0)};
}

/// `scratch`: entries besides the family's.
MethodCost family_cost(const CostShape& s, const CostOptions& o, const InterfacePasses& passes,
                       const Codes& codes, double scratch) {
  const std::size_t L = s.layers();
  MethodCost cost;
  for (std::size_t l = 1; l <= L; ++l) {
    cost.layers.push_back(
        {layer_iteration(s, o, l, passes), layer_memory(s, o, l, codes), interface(s, o, l, codes)});
    cost.iteration += cost.layers.back().iteration;
  }
  const double hidden = s.hidden_outputs();
  cost.memory = held_memory(
      s, o, s.parameters() + 2 * s.outputs() + 3 * hidden + span_entries(s, o),  // z, W p; p, q, u
      2 * s.widest() * s.samples + s.weights() + scratch,                        // a gradient per layer
      codes.count() * o.code_bytes * hidden);
  cost.reductions = {s.parameters(), 5 * static_cast<double>(L) - 2};
  return cost;
}

}  // namespace

MethodCost pdadmm_cost(const CostShape& s, const CostOptions& o) { return family_cost(s, o, {}, {}, 0); }

MethodCost pdadmm_gq_cost(const CostShape& s, const CostOptions& o) {
  return family_cost(s, o, quantized_passes(o), {o.quantize_p, o.quantize_q}, s.widest() * s.samples);
}

}  // namespace admmbench
