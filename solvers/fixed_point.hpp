#pragma once
/// Methods whose step() is a map G of their variables onto themselves, so that Anderson acceleration can work on them
/// from outside (docs/methods/aa_dladmm.md).

#include <span>
#include <vector>

#include "solvers/solver.hpp"

namespace admmbench {

template <class T>
class FixedPointSolver : public Solver<T> {
 public:
  /// One block of the map's variable: mutable memory inside the solver, valid until the next initialize().
  struct Block {
    std::string name;  ///< as in result files: W1, b1, z1, ...
    std::span<T> values;
    /// W and b, the part that `variables: weights` accelerates; the other blocks have a column for every sample that is here.
    bool is_weight = false;
  };

  /// Every variable of the map, in a fixed order; cached products are not variables.
  virtual std::vector<Block> blocks() = 0;

  /// To be called after blocks() were written from outside: projects onto the method's constraints (dlam: a_l into its
  /// band) and recomputes every cached product.
  virtual void variables_changed() = 0;

  /// To be called after only W and b were written: re-derives hidden z and a by the method's own z- and a-updates
  /// (forward order), z_L by its prox, and recomputes every cached product.
  virtual void weights_changed() = 0;

  /// The method's merit at the current point, as in diagnostics(), without allocating.
  virtual double objective() const = 0;

  /// The method's combined primal-dual residual of the last step() (squared norms added); methods without a dual
  /// return the sum of squared linear residuals.
  virtual double combined_residual() const = 0;

  /// Changes whenever the map itself changed (rho, nu or eps schedules): an acceleration history is void then.
  virtual long map_version() const = 0;
};

}  // namespace admmbench
