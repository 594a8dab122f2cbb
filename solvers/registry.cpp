#include <algorithm>
#include <stdexcept>

#include "solvers/solver.hpp"

namespace admmbench {

namespace {

/// Filled by the RegisterSolver objects of the solver files before main(); the one place with static state,
/// since a method must be addable in one file without editing a list.
std::vector<SolverInfo>& entries() {
  static std::vector<SolverInfo> list;
  return list;
}

}  // namespace

const std::vector<SolverInfo>& registered_solvers() { return entries(); }

const SolverInfo* find_solver(std::string_view name) {
  const auto& list = entries();
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const SolverInfo& s) { return s.name == name; });
  return found == list.end() ? nullptr : &*found;
}

void detail::add_solver(SolverInfo info) {
  auto& list = entries();
  if (find_solver(info.name) != nullptr) throw std::logic_error("two solvers are called " + info.name);
  const auto place =
      std::lower_bound(list.begin(), list.end(), info.name,
                       [](const SolverInfo& entry, const std::string& name) { return entry.name < name; });
  list.insert(place, std::move(info));
}

}  // namespace admmbench
