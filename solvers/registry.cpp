#include "core/registry.hpp"

#include "solvers/solver.hpp"

namespace admmbench {

namespace {

/// Made when the first solver file registers: the order of static objects of different files is not defined.
Registry<SolverInfo>& registry() {
  static Registry<SolverInfo> solvers("solvers");
  return solvers;
}

}  // namespace

const std::vector<SolverInfo>& registered_solvers() { return registry().entries(); }

const SolverInfo* find_solver(std::string_view name) { return registry().find(name); }

void detail::add_solver(SolverInfo info) { add_or_end(registry(), std::move(info)); }

}  // namespace admmbench
