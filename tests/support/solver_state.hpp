#pragma once
/// Every named variable of a solver, copied, for comparison in tests.

#include <map>
#include <string>

#include "solvers/solver.hpp"

namespace admmbench::testing {

template <class T>
class SolverState final : public StateVisitor<T> {
 public:
  SolverState() = default;  ///< nothing shown yet
  explicit SolverState(const Solver<T>& solver) { solver.visit_state(*this); }

  void matrix(std::string_view name, const arma::Mat<T>& value) override {
    variables[std::string(name)] = value;
  }
  void vector(std::string_view name, const arma::Col<T>& value) override {
    variables[std::string(name)] = value;
  }

  const arma::Mat<T>& operator()(const std::string& variable, arma::uword layer) const {
    return variables.at(variable + std::to_string(layer));
  }

  std::map<std::string, arma::Mat<T>> variables;
};

/// The objective of a solver on its problem, whether it says it itself or it is the training loss.
template <class T>
double objective_of(const Solver<T>& solver, const Problem<T>& problem) {
  ForwardWorkspace<T> workspace;
  return solver.diagnostics().objective.value_or(
      evaluate(solver.network(), problem, *problem.train, workspace).mean_loss);
}

/// The value of a named diagnostic; throws if there is none.
inline double named(const Diagnostics& diagnostics, std::string_view name) {
  for (const auto& [key, value] : diagnostics.named) {
    if (key == name) return value;
  }
  throw std::out_of_range("no diagnostic " + std::string(name));
}

}  // namespace admmbench::testing
