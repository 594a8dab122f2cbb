#pragma once
/// mDLAM: monotone deep learning alternating minimisation (Wang, Li, Zhao, Neurocomputing 487, 2022,
/// Algorithm 2), and DLAM, the same without acceleration.
///
///     min   F = R(z_L) + (mu/2) sum_l ||W_l||^2 + (rho/2) sum_l ||W_l a_{l-1} + b_l - z_l||^2
///     s.t.  f(z_l) - eps <= a_l <= f(z_l) + eps,  l < L                (no duals)
///
/// Symbols and order as in docs/methods/mdlam.md#iteration: E_l = W_l a_{l-1} + b_l - z_l. With `accelerate`, W_l and a_l
/// are updated from the extrapolated points Wbar = W^k + omega_k (W^k - W^{k-1}) and abar likewise; where F
/// would rise, the block is redone from the plain point. b_l and z_l are exact minimisers: extrapolation
/// would not change them.
///
/// Theory (Lemma 1): for fixed eps F does not rise in any block update, except that the proximal
/// form of mu with a step below 1/lambda_max may raise it. While eps shrinks F can rise, too. With a fixed
/// eps and a start by forward pass only the output layer is trained.

#include "core/blocks/bias_step.hpp"
#include "core/blocks/layer_variables.hpp"
#include "core/blocks/output_prox.hpp"
#include "core/blocks/weight_step.hpp"
#include "core/problem/regularizer.hpp"
#include "core/problem/step_rule.hpp"
#include "solvers/fixed_point.hpp"
#include "solvers/mdlam/band_step.hpp"
#include "solvers/mdlam/monotone_extrapolation.hpp"
#include "solvers/mdlam/proximal_weight_step.hpp"

namespace admmbench {

/// eps <- max(factor * eps, floor) after every iteration; the defaults are the released code's.
struct EpsSchedule {
  double initial = 100;
  double factor = 0.5;
  double floor = 0.001;

  void visit(ParameterVisitor& v);
};

/// How weight decay enters the W-step.
enum class Decay {
  proximal,  ///< the paper's: W <- (theta Wbar - g)/(theta + mu); no decay where g is exactly zero
  gradient  ///< the released code: g and kappa include mu, so that W decays also while its layer fits exactly
};

struct MdlamParameters {
  double rho = 1e-3;  ///< released code (Cora)
  double mu = 0;
  Decay decay = Decay::proximal;
  bool accelerate = true;
  EpsSchedule eps;
  StepRule step;
  OutputProx zL;
  Regularizer regularizer;
  bool bias = true;
  Start start = Start::independent;

  void visit(ParameterVisitor& v);
};

struct DlamParameters : MdlamParameters {
  DlamParameters() { accelerate = false; }
};

template <class T>
class Mdlam : public FixedPointSolver<T> {
 public:
  explicit Mdlam(const MdlamParameters& parameters) : parameters_(parameters) {}

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override;
  void step() override;
  const Network<T>& network() const override { return state_.formed(); }
  void outputs(const Problem<T>& given, const Samples<T>& split, ForwardWorkspace<T>& workspace,
               arma::Mat<T>& out) const override {
    state_outputs(state_, given, split, workspace, out);
  }
  std::vector<double> weight_changes(const Network<T>& initial) const override {
    return state_changes(state_, initial);
  }
  bool shares_samples() const override { return true; }
  Diagnostics diagnostics() const override;
  void visit_state(StateVisitor<T>& visitor) const override;
  void archive(StateArchive& archive) override;

  /// W, b, z, a. From here on W_1 is held explicitly. The previous iterate that the extrapolation uses is no variable:
  /// an acceleration around this map wants `accelerate` off (dlam).
  std::vector<typename FixedPointSolver<T>::Block> blocks() override;
  void variables_changed() override;
  void weights_changed() override;
  /// F without the band's indicator.
  double objective() const override;
  /// sum_l ||E_l||^2.
  double combined_residual() const override;
  long map_version() const override { return eps_changes_; }

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t seed) override;

  // The block updates, in the order of the paper; l counts from 1.
  void update_W(arma::uword l);
  void update_b(arma::uword l);
  void update_z(arma::uword l);
  void update_a(arma::uword l);
  void update_z_L();
  void update_eps();

  arma::uword L() const { return problem().layers(); }
  double eps() const { return eps_; }
  /// omega_k, the extrapolation weight of the iteration.
  double omega() const { return extrapolation_.omega(); }
  void set_omega(double omega) { extrapolation_.set_omega(omega); }
  const LayerVariables<T>& state() const { return state_; }

 private:
  const arma::Mat<T>& a(arma::uword l) const { return layer_input(problem(), state_.a, l + 1); }  ///< a_0 = x
  void plain_W(arma::uword l, arma::Mat<T>& W, arma::Mat<T>& WA);
  void plain_a(arma::uword l, arma::Mat<T>& a, arma::Mat<T>& WA);
  double decay_of_W(arma::uword l, const arma::Mat<T>& W, const arma::Mat<T>& WA) const;
  double terms_of_W(arma::uword l, const arma::Mat<T>& W, const arma::Mat<T>& WA) const;
  double terms_of_a(arma::uword l, const arma::Mat<T>& WA) const;
  double merit(double& residual) const;
  double linear_residuals() const;
  void recompute_products();
  void reserve_buffers();

  MdlamParameters parameters_;
  mutable LayerVariables<T> state_;  ///< mutable: an implicit W_1 is formed when somebody looks
  double eps_ = 0;                   ///< of the next iteration
  double last_eps_ = 0;              ///< the band that a_l was last clipped into
  long eps_changes_ = 0;
  arma::uword empty_boxes_ = 0;  ///< of the samples here

  // Acceleration only.
  MonotoneExtrapolation<T> extrapolation_;
  PerLayer<arma::Mat<T>> previous_W_;  ///< W_l^{k-1}
  PerLayer<arma::Mat<T>> previous_a_;  ///< a_l^{k-1}

  SampleSum sum_;
  SharedBias bias_;
  Buffer<T> scratch_;  ///< m of the z_L-step
  ProximalWeightWorkspace<T> weights_;
  StepWorkspace<T> gradient_weights_;  ///< decay: gradient only
  BandWorkspace<T> band_;
  OutputProxWorkspace<T> prox_;
  PerLayer<SpectralState<T>> ritz_W_;  ///< lipschitz: warm starts of the W-steps
  PerLayer<SpectralState<T>> ritz_a_;  ///< and of the a-steps
};

}  // namespace admmbench
