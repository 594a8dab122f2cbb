#pragma once
/// gram_tp, the suite's own method: mini-batch alternating minimisation by target propagation with prox-linear W-steps in the
/// metric of the layer inputs (docs/methods/gram_tp.md: derivation, kin, ablation).
///
/// Per batch of B samples, At = [a; 1] and hats omitted:
///   forward   m_l = W_l a_{l-1} + b_l, a_l = f(m_l)
///   z_L       = argmin R(z) + (c/2)||z - m_L||^2                                                     e_L = z_L - m_L
///   a_{l-1}   = argmin_a ||W_l a + b_l - z_l||^2 + lam t_l ||a - f(m_{l-1})||^2,  t_l = mean diag(W_l W_l^T)
///   z_{l-1}   = m_{l-1} + what the linear region of m_{l-1} can do of the a-step                     e_l = z_l - m_l
///   W_l, b_l  : D_l = (1/B) e_l At_{l-1}^T (G_{l-1} + eps g_{l-1} I)^{-1}, the prox-linear step in the Gram metric,
///               V_l <- momentum V_l + s eta_l D_l,  [W_l b_l] <- [W_l b_l] + V_l
/// All W-steps use values from before them. G_0 is the Gram matrix of all inputs, inverted once; G_l a running mean.
///
/// eta_l D_l is usually longer than the minimiser of the layer's own objective: there is no descent theorem for that. The step
/// rule `majorised`, to which the safeguard falls back, has one (docs/methods/gram_tp.md, Proposition 1).

#include <optional>

#include "core/problem/batches.hpp"
#include "core/problem/step_schedule.hpp"
#include "solvers/gram_tp/gram_preconditioner.hpp"
#include "solvers/gram_tp/loss_safeguard.hpp"
#include "solvers/gram_tp/target_propagation.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

/// How eta_l is found.
struct TargetStepRule {
  enum class Rule {
    relative,  ///< ||eta_l D_l|| = (length / L) ||W_l||, with the mean of ||D_l||^2 over the batches so far
    fixed,     ///< eta_l as given: the feasibility study's
    majorised  ///< block descent of the batch objective, Proposition 1
  };
  Rule rule = Rule::relative;
  double length = 0.06;
  std::vector<double> eta = {15, 5, 0.5};
  double relaxation = 1;

  void visit(ParameterVisitor& v);
};

struct GramTpParameters {
  enum class Train { all, last_layer, hidden };

  std::optional<long> batch_size = 125;
  double c = 3;
  double lam = 1;
  double eps_input = 30;
  double eps = 3;
  TargetStepRule step;
  double momentum = 0.5;
  double mu = 0;
  Schedule schedule;
  LossSafeguardOptions safeguard;
  long refresh = 100;
  long observe = 20;
  double keep = 0.9;
  Train train = Train::all;
  InitialWeights weights = InitialWeights::gaussian;
  OutputProx zL;

  void visit(ParameterVisitor& v);
};

template <class T>
class GramTp final : public Solver<T> {
 public:
  explicit GramTp(const GramTpParameters& parameters) : p_(parameters) {}

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override;
  void step() override;
  const Network<T>& network() const override { return network_; }
  /// The objective is the mean training loss. residual: mean over the last pass of sum_l ||e_l||^2 / B. Columns: eta<l>, the last step
  /// lengths; step_factor, what the safeguard makes of them; fallbacks; descent_violation (majorised batches: largest increase of the batch
  /// objective, 0 if none); cosine<l> and target_cosine<l>, of D_l and of e_l At^T with the negative gradient on the first
  /// samples of the training set.
  Diagnostics diagnostics() const override;
  void visit_state(StateVisitor<T>& visitor) const override;
  void archive(StateArchive& archive) override;

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t seed) override;

 private:
  using Rule = TargetStepRule::Rule;

  arma::uword L() const { return problem().layers(); }
  arma::uword n(arma::uword l) const { return problem().widths[l]; }
  arma::Mat<T>& Wb(arma::uword l) { return Wb_[l - 1]; }  ///< [W_l b_l]
  bool trains(arma::uword l) const;
  bool majorises() const { return p_.step.rule == Rule::majorised || majorised_left_ > 0; }

  arma::uword lowest() const;
  double passes() const;
  void load(arma::uword k);
  double mean_loss(const arma::Mat<T>& z);
  void refresh_metrics();
  void propagate_targets();
  void add_residual(double sum);
  /// What a W-step needs for itself.
  struct Scratch {
    Buffer<T> product;  ///< P At or e At^T
    Buffer<T> moved;    ///< D At, n_l x B
    arma::Mat<T> D;     ///< as large as the largest [W_l b_l]
  };
  void direction(arma::uword l, double scale, double beta, arma::Mat<T>& D);
  arma::Mat<T> displacement(arma::uword l, const arma::Mat<T>& D);
  bool measures() const;
  void measure(arma::uword l, const arma::Mat<T>& D);
  double fixed_length(arma::uword l) const;
  void update_W(arma::uword l);
  void minimise_blocks(double loss);
  double update_W_majorised(arma::uword l);
  void go_back();

  /// Per layer, with the negative gradient: of D_l, and of e_l At_{l-1}^T.
  struct Cosines {
    std::vector<double> step;
    std::vector<double> target;
  };
  Cosines probe() const;

  GramTpParameters p_;
  Batches<T> batches_;
  std::vector<arma::Mat<T>> Wb_;      ///< [W_l b_l], n_l x (n_{l-1} + 1); index l-1
  std::vector<arma::Mat<T>> V_;       ///< velocities, likewise
  std::vector<arma::Mat<T>> backup_;  ///< the weights that the safeguard goes back to
  Network<T> network_;                ///< views of Wb_
  TargetPropagation<T> propagation_;
  std::vector<DampedLeastSquares<T>> K_;               ///< index l-1, l >= 2
  std::vector<GramPreconditioner<T>> preconditioner_;  ///< of At_{l-1}; index l-1, l >= 2
  arma::Mat<T> PX_;                                    ///< P_0 [x; 1], (n_0 + 1) x N
  Buffer<T> PX_batch_;                                 ///< its columns of the batch
  Buffer<T> targets_;                                  ///< n_L x B
  Scratch scratch_;

  /// Running figures of a layer's step rule.
  struct LayerStep {
    double direction = 0;  ///< mean of ||D||^2
    double scale = 0;      ///< mean of ||[W b]||^2
    double samples = 0;
    double eta = 0;

    template <class Archive>
    void archive(Archive& a) {
      a(direction, scale, samples, eta);
    }
  };
  std::vector<LayerStep> layer_step_;
  std::vector<double> penalty_;  ///< c_l of the batch objective
  long t_ = 0;                   ///< batches so far
  long next_refresh_ = 0;
  LossSafeguard loss_safeguard_;
  double factor_ = 1;
  long fallbacks_ = 0;
  long majorised_left_ = 0;
  double descent_violation_ = 0;
  double residual_ = 0;   ///< mean over the batches of the last pass
  double residuals_ = 0;  ///< batches in it
};

}  // namespace admmbench
