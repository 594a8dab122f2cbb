#pragma once
/// A method by name on a problem, and how far its objective rises.

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "tests/support/set_parameters.hpp"
#include "tests/support/solver_state.hpp"

namespace admmbench::testing {

using Values = std::map<std::string, std::string>;  ///< parameters by name

/// In float64, from the gaussian start of seed 3.
inline std::unique_ptr<Solver<double>> started(const std::string& name, const Values& values,
                                               const Problem<double>& problem) {
  auto solver = configured(find_solver(name), values)->make_float64();
  solver->initialize(problem, gaussian_network<double>(problem.widths, 3), 3);
  return solver;
}

/// Largest relative rise of the objective in `steps` iterations.
inline double largest_rise(Solver<double>& solver, const Problem<double>& problem, int steps) {
  double before = objective_of(solver, problem);
  double rise = -1;
  for (int k = 0; k < steps; ++k) {
    solver.step();
    const double now = objective_of(solver, problem);
    rise = std::max(rise, (now - before) / std::abs(before));
    before = now;
  }
  return rise;
}

}  // namespace admmbench::testing
