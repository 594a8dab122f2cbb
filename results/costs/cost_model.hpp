#pragma once
/// What an iteration of each registered method costs (core/compute/cost.hpp): asked of the registry.

#include <string>
#include <vector>

#include "core/compute/cost.hpp"

namespace admmbench {

/// The registered methods that came with a cost function, sorted.
std::vector<std::string> modelled_methods();

/// Whether it goes over the samples in mini-batches.
bool has_batches(const std::string& method);

/// Throws std::invalid_argument for a method without a cost function.
MethodCost method_cost(const std::string& method, const CostShape& shape, const CostOptions& options = {});

inline IterationCost iteration_cost(const std::string& method, const CostShape& shape,
                                    const CostOptions& options = {}) {
  return method_cost(method, shape, options).iteration;
}
inline MemoryCost memory_cost(const std::string& method, const CostShape& shape,
                              const CostOptions& options = {}) {
  return method_cost(method, shape, options).memory;
}

/// What a worker sends in an iteration.
struct Messages {
  double bytes = 0;
  double count = 0;
};

/// Ring all-reduce: 2 (w - 1) messages of 1/w of the entries each.
Messages ring_all_reduce(const Reductions& what, double entry_bytes, double workers);

}  // namespace admmbench
