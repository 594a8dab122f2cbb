#pragma once
/// What a pass in batches costs, made of what a batch does: for the cost models of methods whose batches are not those of
/// first_order_cost().

#include <cmath>

#include "core/compute/cost.hpp"

namespace admmbench {

/// The sum of cost(batch) over the batches of a pass, each a shape of its own; the last may be smaller. A worker's shares of samples and
/// batches need not be whole numbers.
template <class Cost>
IterationCost sum_batches(const CostShape& s, const Cost& cost) {
  CostShape batch = s;
  batch.batch = 0;
  batch.samples = s.batch_size();
  constexpr double rounding = 1e-9;
  const double full = std::floor(s.samples / batch.samples + rounding);
  IterationCost sum = full * cost(batch);
  batch.samples = s.samples - full * batch.samples;
  if (batch.samples > 0) sum += cost(batch);
  return sum;
}

/// Inputs and targets of all batches, copied together.
inline IterationCost gathering(const CostShape& s) {
  return entry_passes(s.batched() ? 2 * (s.n(0) + s.n(s.layers())) * s.samples : 0);
}

}  // namespace admmbench
