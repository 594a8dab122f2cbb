#pragma once
/// pdADMM: layer-parallel ADMM (Wang, Chai, Cheng, Zhao, ICDM 2020, arXiv 2009.02868, Algorithm 1).
///
///   min  R(z_L) + (mu/2) sum ||W_l||^2
///        + (nu/2) (sum_{l<=L} ||z_l - W_l p_l - b_l||^2 + sum_{l<L} ||q_l - f(z_l)||^2)
///   s.t. p_{l+1} = q_l, l = 1..L-1                                (duals u_l, penalty rho)
///
/// The input p_{l+1} of a layer and the output q_l of the layer before are different variables, so that every
/// layer updates all of its own (p, W, b, z) without waiting for another one: phase 1. Then p_{l+1} goes back
/// to layer l, which updates q_l and u_l: phase 2. Inside a phase layers share no variable that is written;
/// the number of threads changes neither the order of a layer's operations nor their operands, hence not a bit
/// of the result.
///
/// Theory (Lemma 1, Theorems 1 to 3): for rho > max(4 nu S^2, (sqrt(17) + 1)/2 nu), S the Lipschitz constant
/// of f, L_rho descends, limit points are critical, and the smallest step so far is o(1/k). The papers'
/// experiments run at rho = nu, outside of it.

#include <memory>

#include "core/blocks/input_span.hpp"
#include "core/blocks/output_prox.hpp"
#include "core/blocks/weight_step.hpp"
#include "core/compute/worker_pool.hpp"
#include "core/problem/per_layer.hpp"
#include "core/problem/regularizer.hpp"
#include "core/problem/step_rule.hpp"
#include "solvers/fixed_point.hpp"
#include "solvers/pdadmm/greedy_stages.hpp"

namespace admmbench {

struct PdadmmParameters {
  double rho = 1e-4;  ///< ICDM'20 section 5.3
  double nu = 1e-4;   ///< ICDM'20 section 5.3
  double mu = 0;      ///< not in the paper; the released pdADMM-G code adds it
  StepRule step;
  OutputProx zL;
  /// How the branch of z_l is picked for relu and leaky_relu: by the block's objective, which Lemma 1 needs, or without its
  /// proximal term (z - z^k)^2 as in the released code (docs/methods/pdadmm.md#paper-against-code).
  enum class Branch { three_terms, two_terms };
  Branch z_branch = Branch::three_terms;
  Regularizer regularizer;
  Start start = Start::independent;
  StagePlan stages;
  long threads = 1;
  bool send_u = true;

  void visit(ParameterVisitor& v);
};

/// All variables.
template <class T>
struct PdadmmState {
  Network<T> network;         ///< W_l (n_l x n_{l-1}), b_l (n_l)
  PerLayer<arma::Mat<T>> z;   ///< z_l (n_l x N)
  PerLayer<arma::Mat<T>> p;   ///< p_l (n_{l-1} x N), l >= 2; p(1) is empty: p_1 = x
  PerLayer<arma::Mat<T>> q;   ///< q_l (n_l x N), l < L
  PerLayer<arma::Mat<T>> u;   ///< u_l (n_l x N), l < L: the dual of p_{l+1} = q_l
  PerLayer<arma::Mat<T>> Wp;  ///< W_l p_l (n_l x N), kept up to date by every block step
  InputSpan<T> input;         ///< W_1 in the span of the training inputs, where that pays and is asked for

  arma::Mat<T>& W(arma::uword l) { return network.W[l - 1]; }
  arma::Col<T>& b(arma::uword l) { return network.b[l - 1]; }
  const arma::Mat<T>& W(arma::uword l) const { return network.W[l - 1]; }
  const arma::Col<T>& b(arma::uword l) const { return network.b[l - 1]; }
};

template <class T>
class Pdadmm : public FixedPointSolver<T> {
 public:
  explicit Pdadmm(const PdadmmParameters& parameters) : parameters_(parameters) {}

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override;
  void step() override;
  const Network<T>& network() const override {
    if (state_.input.active()) state_.input.form(state_.network.W.front());
    return state_.network;
  }
  void outputs(const Problem<T>& given, const Samples<T>& split, ForwardWorkspace<T>& workspace,
               arma::Mat<T>& out) const override;
  std::vector<double> weight_changes(const Network<T>& initial) const override;
  Diagnostics diagnostics() const override;
  void visit_state(StateVisitor<T>& visitor) const override;
  void archive(StateArchive& archive) override;

  /// Void after a hand-over to a deeper stage (map_version() tells), besides after initialize().
  std::vector<typename FixedPointSolver<T>::Block> blocks() override;
  void variables_changed() override;
  void weights_changed() override;
  /// L_rho.
  double objective() const override;
  double combined_residual() const override;
  long map_version() const override { return map_version_; }

  /// tau_l and theta_l of the last iteration, for checks of Lemma 1; l counts from 1.
  const StepReport& p_report(arma::uword l) const { return p_reports_(l); }
  const StepReport& W_report(arma::uword l) const { return W_reports_(l); }

 protected:
  using Solver<T>::problem;

  /// Throws std::invalid_argument if the stages do not fit the problem.
  void start(Network<T> initial, std::uint64_t seed) override;

  // The block updates in the order of the paper; l counts from 1, `worker` owns the scratch memory.
  virtual void update_p(arma::uword l, std::size_t worker);
  void update_W(arma::uword l, std::size_t worker);
  void update_b(arma::uword l);
  void update_z(arma::uword l, std::size_t worker);
  virtual void update_q(arma::uword l, const arma::Mat<T>& received_p);
  void update_u(arma::uword l, const arma::Mat<T>& received_p);

  /// p_l as layer l-1 receives it.
  virtual arma::Mat<T> received_p(arma::uword l, std::size_t worker);
  /// Bytes that cross the interface between layers l and l+1 in one iteration.
  virtual std::size_t interface_bytes(arma::uword l) const;
  /// Puts p and q onto the method's constraints (nothing to do but for quantised variants); called whenever
  /// they were set otherwise than by their own updates.
  virtual void project() {}
  /// Called when memory is sized: at initialize() for the deepest stage, and again at each hand-over.
  virtual void reserve_more() {}
  /// After the dual update.
  virtual void after_iteration() {}

  arma::uword L() const { return state_.network.layers(); }
  const arma::Mat<T>& p(arma::uword l) const { return l == 1 ? problem().x() : state_.p(l); }
  /// E_l = W_l p_l + b_l - z_l in the worker's scratch.
  arma::Mat<T> residual(arma::uword l, std::size_t worker);

  /// Scratch of one worker.
  struct Scratch {
    Buffer<T> output;  ///< n_l x N
    Buffer<T> input;   ///< n_{l-1} x N, l >= 2
  };

  PdadmmParameters parameters_;      ///< rho, nu, mu are those of the current stage
  std::vector<arma::uword> widths_;  ///< of the current stage
  mutable PdadmmState<T> state_;     ///< mutable: an implicit W_1 is formed when somebody looks
  std::vector<Scratch> scratch_;
  PerLayer<StepWorkspace<T>> p_steps_;  ///< per layer: its Ritz vectors must not depend on the worker
  PerLayer<StepReport> p_reports_;
  std::size_t stage_ = 0;
  long stage_iteration_ = 0;  ///< iterations done in this stage
  long map_version_ = 0;

 private:
  /// L_rho, and sum ||p_{l+1} - q_l||^2 in `residual`.
  double lagrangian(double& residual) const;
  void enter_stage(std::size_t stage);
  void hand_over();
  void allocate(arma::uword first_layer);
  void recompute_products();

  PdadmmParameters configured_;
  std::uint64_t seed_ = 0;
  std::unique_ptr<WorkerPool> pool_;
  PerLayer<StepWorkspace<T>> W_steps_;
  PerLayer<StepReport> W_reports_;
  OutputProxWorkspace<T> prox_;
  PerLayer<double> primal_;  ///< ||p_{l+1} - q_l||^2 of the last iteration
  PerLayer<double> dual_;    ///< ||rho (q_l^{k+1} - q_l^k)||^2
  double bytes_sent_ = 0;
};

}  // namespace admmbench
