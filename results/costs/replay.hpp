#pragma once
/// The matrix products of an iteration, alone: the time below which no implementation on this BLAS can get.

#include <vector>

#include "core/compute/counters.hpp"

namespace admmbench {

/// Seconds of the shortest of `repetitions` executions of `products` on buffers of their own, already touched. Products of
/// the same shape use the same buffers, which favours them: the limit is not overstated.
template <class T>
double replay_seconds(const std::vector<Product>& products, int repetitions);

}  // namespace admmbench
