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
/// All W-steps use values from before them, so processes that share the samples divide them (target_layers.hpp). G_0 is the Gram matrix of all inputs, inverted once; G_l a running mean.
///
/// eta_l D_l is usually longer than the minimiser of the layer's own objective: there is no descent theorem for that. The step
/// rule `majorised`, to which the safeguard falls back, has one (docs/methods/gram_tp.md, Proposition 1).

#include <optional>

#include "core/problem/batches.hpp"
#include "core/problem/step_schedule.hpp"
#include "solvers/gram_tp/pass_state.hpp"
#include "solvers/gram_tp/target_layers.hpp"
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
  const Network<T>& network() const override { return layers_.network(); }
  /// The objective is the mean training loss. residual: mean over the last pass of sum_l ||e_l||^2 / B. Columns: eta<l>, the last step
  /// lengths; step_factor, what the safeguard makes of them; fallbacks; descent_violation (majorised batches: largest increase of the batch
  /// objective, 0 if none); cosine<l> and target_cosine<l>, of D_l and of e_l At^T with the negative gradient on the first
  /// samples of the training set.
  Diagnostics diagnostics() const override;
  void archive(StateArchive& archive) override;
  bool shares_samples() const override { return true; }

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t seed) override;

 private:
  using Rule = TargetStepRule::Rule;

  bool majorises() const { return p_.step.rule == Rule::majorised || pass_.guard.majorises(); }
  double passes() const;
  void refresh_metrics();
  void take_steps();
  bool measures() const;
  void measure(arma::uword l, const arma::Mat<T>& D);
  double fixed_length(arma::uword l) const;
  void update_W(arma::uword l);
  void go_back();
  void collect_owned();

  GramTpParameters p_;
  Batches<T> batches_;
  TargetLayers<T> layers_;
  std::vector<arma::Mat<T>> V_;  ///< velocities, as [W_l b_l]; index l-1

  /// Running figures of a layer's step rule.
  struct LayerStep {
    double direction = 0;  ///< mean of ||D||^2
    double scale = 0;      ///< mean of ||[W b]||^2
    double samples = 0;

    template <class Archive>
    void archive(Archive& a) {
      a(direction, scale, samples);
    }
  };
  std::vector<LayerStep> layer_step_;
  PassState<T> pass_;
};

}  // namespace admmbench
