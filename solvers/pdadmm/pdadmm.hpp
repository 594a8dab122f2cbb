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
/// of the result. Nor does the number of processes that share the layers (docs/distributed.md#layers): each has consecutive
/// layers, and of its neighbours' variables copies of q and u below its first layer and of p above its last.
///
/// Theory (Lemma 1, Theorems 1 to 3): for rho > max(4 nu S^2, (sqrt(17) + 1)/2 nu), S the Lipschitz constant
/// of f, L_rho descends, limit points are critical, and the smallest step so far is o(1/k). The papers'
/// experiments run at rho = nu, outside of it.

#include <atomic>
#include <memory>

#include "core/blocks/bias_step.hpp"
#include "core/blocks/input_span.hpp"
#include "core/blocks/output_prox.hpp"
#include "core/blocks/weight_step.hpp"
#include "core/compute/worker_pool.hpp"
#include "core/problem/per_layer.hpp"
#include "core/problem/regularizer.hpp"
#include "core/problem/step_rule.hpp"
#include "solvers/fixed_point.hpp"
#include "solvers/pdadmm/greedy_stages.hpp"
#include "solvers/pdadmm/layer_exchange.hpp"
#include "solvers/pdadmm/layer_groups.hpp"
#include "solvers/pdadmm/pdadmm_state.hpp"

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

template <class T>
class Pdadmm : public FixedPointSolver<T> {
 public:
  explicit Pdadmm(const PdadmmParameters& parameters) : parameters_(parameters) {}

  bool shares_layers() const override { return true; }
  bool shares_samples() const override { return true; }

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override;
  void step() override;
  const Network<T>& network() const override;
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
  /// Bytes of p_{l+1} and of q_l for `entries` entries.
  virtual std::size_t p_bytes(std::size_t entries) const { return entries * sizeof(T); }
  virtual std::size_t q_bytes(std::size_t entries) const { return entries * sizeof(T); }
  /// Bytes that after_iteration() sends to the group above, for `entries` entries of z_l.
  virtual std::size_t further_bytes(std::size_t /*entries*/) const { return 0; }
  /// p_l and q_l as they are sent and received.
  virtual std::span<std::byte> p_message(arma::uword l) {
    return bytes_of(state_.p(l).memptr(), state_.p(l).n_elem);
  }
  virtual std::span<std::byte> q_message(arma::uword l) {
    return bytes_of(state_.q(l).memptr(), state_.q(l).n_elem);
  }
  /// The message with q_l of the group below is here.
  virtual void q_received(arma::uword /*l*/) {}
  /// Puts p and q onto the method's constraints (nothing to do but for quantised variants); called whenever
  /// they were set otherwise than by their own updates.
  virtual void project() {}
  /// Called when memory is sized: at initialize() for the deepest stage, and again at each hand-over.
  virtual void reserve_more() {}
  /// After the dual update.
  virtual void after_iteration() {}

  arma::uword L() const { return state_.network.layers(); }
  arma::uword first_layer() const { return groups_.first(exchange_.rank()); }
  arma::uword last_layer() const { return groups_.last(exchange_.rank()); }
  /// Whether this process updates layer l; whether it has p_l and q_l: its own, and copies of its neighbours'.
  bool owns(arma::uword l) const { return first_layer() <= l && l <= last_layer(); }
  bool has_p(arma::uword l) const { return l > 1 && (owns(l) || (l <= L() && owns(l - 1))); }
  bool has_q(arma::uword l) const { return l < L() && (owns(l) || owns(l + 1)); }
  /// Whether another process has the layer before its first one, or after its last one.
  bool group_below() const { return first_layer() > 1 && first_layer() <= L(); }
  bool group_above() const { return owns(last_layer()) && last_layer() < L(); }
  /// Whether u is among the messages that processes send each other.
  bool sends_u() const { return this->team()->send_u; }
  /// Bytes of an iteration's messages between layers l and l+1, as one process counts them.
  std::size_t interface_bytes(arma::uword l) const;
  /// The values of a list of one for every layer, each by the process that has the layer (LayerExchange::archive_of()).
  template <class List>
  void archive_layers(StateArchive& archive, List& list) {
    if (!exchange_.shared()) {
      archive(list);
      return;
    }
    std::uint64_t size = list.size();
    if (exchange_.leads()) archive(size);
    arma::uword l = 0;
    for (auto& value : list) exchange_.archive_of(groups_.owner(++l), archive, value);
  }
  /// The same for matrices with a column for every sample.
  void archive_columns(StateArchive& archive, PerLayer<arma::Mat<T>>& list) {
    if (!exchange_.shared()) {
      archive.columns(list);
      return;
    }
    std::uint64_t size = list.size();
    if (exchange_.leads()) archive(size);
    for (arma::uword l = 1; l <= list.size(); ++l)
      exchange_.archive_columns_of(groups_.owner(l), archive, list(l));
  }
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
  LayerGroups groups_;              ///< of the current stage
  SampleSum sum_;                   ///< over the processes with other samples of the same layers
  mutable LayerExchange exchange_;  ///< after the state, whose memory its messages are in

 private:
  /// L_rho, and sum ||p_{l+1} - q_l||^2 in `residual`. Of all processes together, with what else they add up.
  double lagrangian(double& residual, double& bytes_sent) const;
  void enter_stage(std::size_t stage);
  void hand_over();
  void allocate(arma::uword first);
  void reserve_steps(arma::uword l);
  void recompute_products();

  void update_layers();
  void update_layer(arma::uword l, std::size_t worker);
  void update_interfaces();
  void update_interface(arma::uword l, std::size_t worker);

  // With other processes; l counts from 1.
  LayerGroups groups_of(std::size_t stage) const;
  double bytes_of_stage(std::size_t stage) const;
  /// What lies ready is sent, if `worker` is the thread that may.
  void progress(std::size_t worker);
  /// q and u of the layer before the first one are those of this iteration.
  void settle();
  void sum_residuals();
  void move_layers(const LayerGroups& before, arma::uword kept);
  void move_steps(const LayerGroups& before, arma::uword count);
  void release_others();
  void refresh_copies();
  void gather() const;
  void show(StateVisitor<T>& visitor, const char* name, arma::uword l, arma::Mat<T>& value) const;

  PdadmmParameters configured_;
  std::uint64_t seed_ = 0;
  std::unique_ptr<WorkerPool> pool_;
  PerLayer<StepWorkspace<T>> W_steps_;
  PerLayer<StepReport> W_reports_;
  OutputProxWorkspace<T> prox_;
  SharedBias bias_;
  PerLayer<double> primal_;  ///< ||p_{l+1} - q_l||^2 of the last iteration
  PerLayer<double> dual_;    ///< ||rho (q_l^{k+1} - q_l^k)||^2
  double bytes_sent_ = 0;    ///< a layer belonging to a process, whether there are so many or not

  mutable std::vector<LayerTerms> terms_;  ///< of L_rho; scratch
  std::atomic<bool> p_ready_ = false;      ///< to be sent: p of the first layer,
  std::atomic<bool> q_ready_ = false;      ///< q of the last one,
  std::atomic<bool> u_ready_ = false;      ///< and u
  bool unsettled_ = false;                 ///< q of the layer before the first one is on its way
  double settled_rho_ = 0;                 ///< rho of the iteration that it belongs to
  mutable bool gathered_ = true;           ///< the leader's network is the current one
};

}  // namespace admmbench
