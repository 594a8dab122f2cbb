#pragma once
/// dlADMM: deep learning ADMM with a backward and a forward sweep
/// (Wang, Yu, Chen, Zhao, KDD 2019, Algorithm 1).
///
///   min  R(z_L) + (mu/2) sum ||W_l||^2
///        + (nu/2) sum_{l<L} (||z_l - W_l a_{l-1} - b_l||^2 + ||a_l - f(z_l)||^2)
///   s.t. z_L = W_L a_{L-1} + b_L                                  (dual u, penalty rho)
///
/// Symbols and order as in docs/methods/dladmm.md#iteration: E_l = W_l a_{l-1} + b_l - z_l; c_l = nu (l < L), c_L = rho;
/// Et_l = E_l (l < L), Et_L = E_L - u/rho.
///
/// Theory (Theorems 4.2, 4.3): for rho > 2H (H the Lipschitz constant of grad R; <= 1/2 for cross entropy, 1
/// for squared loss) the augmented Lagrangian descends and limit points are critical; the paper's experiments
/// run at rho = 1e-6, outside of it.

#include "core/blocks/bias_step.hpp"
#include "core/blocks/layer_variables.hpp"
#include "core/blocks/output_prox.hpp"
#include "core/blocks/weight_step.hpp"
#include "core/problem/regularizer.hpp"
#include "core/problem/step_rule.hpp"
#include "solvers/dladmm/double_weight_step.hpp"
#include "solvers/fixed_point.hpp"

namespace admmbench {

/// The released code's rule for rho (docs/methods/dladmm.md#paper-against-code): when the training cost has risen `patience`
/// iterations in a row, rho = nu <- min(factor rho, cap), and backtracking starts at `factor` times its last start.
struct RhoRule {
  enum class Kind { constant, released };
  Kind kind = Kind::constant;
  double factor = 10;
  double cap = 0.1;
  long patience = 3;

  void visit(ParameterVisitor& v);
};

/// Which passes over the layers an iteration makes.
enum class Sweep { both, forward };

struct DladmmParameters {
  double rho = 1e-6;  ///< KDD'19 section 5.1
  double nu = 1e-6;   ///< KDD'19 section 5.1
  double mu = 0;
  StepRule step;
  OutputProx zL;
  Regularizer regularizer;
  RhoRule rho_rule;
  Sweep sweep = Sweep::both;
  bool bias = true;
  Start start = Start::independent;

  void visit(ParameterVisitor& v);
};

template <class T>
class Dladmm : public FixedPointSolver<T> {
 public:
  explicit Dladmm(const DladmmParameters& parameters) : parameters_(parameters) {}

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

  /// W, b, z, a, u. From here on W_1 is held explicitly, and step() keeps what combined_residual() needs.
  std::vector<typename FixedPointSolver<T>::Block> blocks() override;
  void variables_changed() override;
  void weights_changed() override;
  /// The augmented Lagrangian.
  double objective() const override;
  /// ||r||^2 + rho^2 ||z_L - its value in the W_L-step||^2.
  double combined_residual() const override;
  long map_version() const override { return rho_changes_; }

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t seed) override;

  // The block updates, in the order of the paper; l counts from 1.
  void update_W(arma::uword l);
  void update_W_1_twice();
  void update_b(arma::uword l);
  void update_z(arma::uword l);
  void update_a(arma::uword l);
  void update_z_L();
  void update_u();
  void update_rho();
  void sweep_backward();

  arma::uword L() const { return problem().layers(); }

 private:
  double c(arma::uword l) const { return l == L() ? parameters_.rho : parameters_.nu; }
  const arma::Mat<T>& a(arma::uword l) const { return layer_input(problem(), state_.a, l + 1); }  ///< a_0 = x
  arma::Mat<T> residual(arma::uword l);  ///< Et_l in a view of scratch_
  /// The augmented Lagrangian, and ||r||^2 in `residual`.
  double lagrangian(double& residual) const;
  void recompute_products();

  DladmmParameters parameters_;
  mutable LayerVariables<T> state_;  ///< mutable: an implicit W_1 is formed when somebody looks
  arma::Mat<T> u_;                   ///< n_L x N

  mutable Buffer<T> scratch_;  ///< Et_l, then the product that decides the step; mutable for lagrangian()
  Buffer<T> gradient_;         ///< gradient of an a-step
  StepWorkspace<T> steps_;
  DoubleWeightStep<T> double_step_;  ///< active for N > n_0
  OutputProxWorkspace<T> prox_;
  SampleSum sum_;
  SharedBias bias_;

  arma::Mat<T> previous_z_L_;  ///< z_L before its last update, once blocks() was called; else empty

  // Only for rho_rule released.
  long rho_changes_ = 0;
  ForwardWorkspace<T> forward_;
  arma::Mat<T> output_;
  double last_cost_ = 0;
  long rises_ = 0;
};

}  // namespace admmbench
