#include "results/costs/cost_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>

#include "solvers/solver.hpp"

namespace admmbench {

std::vector<std::string> modelled_methods() {
  std::vector<std::string> methods;
  for (const SolverInfo& info : registered_solvers())
    if (info.cost.of != nullptr) methods.push_back(info.name);
  return methods;
}

bool has_batches(const std::string& method) {
  const SolverInfo* info = find_solver(method);
  return info != nullptr && info->cost.batches;
}

MethodCost method_cost(const std::string& method, const CostShape& shape, const CostOptions& options) {
  const SolverInfo* info = find_solver(method);
  if (info == nullptr || info->cost.of == nullptr)
    throw std::invalid_argument(
        fmt::format("no cost model of '{}'; there are: {}", method, fmt::join(modelled_methods(), ", ")));
  return info->cost.of(shape, options);
}

Messages ring_all_reduce(const Reductions& what, double entry_bytes, double workers) {
  if (workers <= 1) return {};
  return {2 * (workers - 1) / workers * what.entries * entry_bytes, 2 * (workers - 1) * what.count};
}

}  // namespace admmbench
