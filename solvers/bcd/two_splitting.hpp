#pragma once
/// Block coordinate descent with two splittings: no U, the activation stands inside the square. With f_L the identity,
///   F = R(V_L) + (gamma/2) sum_l ||V_l - f_l(T_l)||^2,   T_l = W_l V_{l-1} + b_l,  V_0 = x
/// One iteration, from the output down: V_L and (W_L, b_L) exactly, V_{L-1} exactly; the hidden weights and the other V_l, whose blocks have
/// no closed form, by a Gauss-Newton step with backtracking for every unit or sample (core/blocks/gauss_newton.hpp). The proximal
/// term (alpha/2) is that of V_L, W_l and b_l. F never rises.

#include "core/blocks/gauss_newton.hpp"
#include "core/blocks/layer_variables.hpp"
#include "core/blocks/output_prox.hpp"
#include "core/problem/state_archive.hpp"

namespace admmbench {

struct BcdParameters;

template <class T>
class TwoSplitting {
 public:
  /// V and T by forward pass. `p` and `problem` outlive it. `sum`: over all samples.
  TwoSplitting(const BcdParameters& p, const Problem<T>& problem, Network<T> initial, const SampleSum& sum);

  void step();
  const Network<T>& network() const { return network_; }
  /// F, and sum_l ||V_l - f_l(T_l)||^2 in `residual`.
  double objective(double& residual) const;
  void visit_state(StateVisitor<T>& visitor) const;
  void archive(StateArchive& archive) {
    archive(network_);
    archive.columns(V_, T_);
  }

 private:
  arma::uword L() const { return problem_.layers(); }
  const arma::Mat<T>& V(arma::uword l) const { return layer_input(problem_, V_, l + 1); }  ///< V_0 = x
  double curvature(arma::uword l) const;

  void output_gap(arma::Mat<T>& S) const;
  void update_V_L();
  void update_W_L();
  void update_W(arma::uword l);
  void update_V_below_output();

  const BcdParameters& p_;
  const Problem<T>& problem_;
  SampleSum sum_;
  Network<T> network_;
  PerLayer<arma::Mat<T>> V_;  ///< l = 1..L
  PerLayer<arma::Mat<T>> T_;  ///< W_l V_{l-1} + b_l
  PerLayer<BorderedRidge<T>> ridge_;
  PerLayer<arma::Mat<T>> gram_;  ///< n_l x n_l, l < L
  GaussNewtonWorkspace<T> workspace_;
  OutputProxWorkspace<T> prox_;
};

}  // namespace admmbench
