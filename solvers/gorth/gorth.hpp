#pragma once
/// gorth, the suite's own method with both sides of the W-steps whitened: target propagation as gram_tp's, with W-steps in the
/// metric of the layer inputs and in the inverse root of the second moment of the steps themselves (docs/methods/gorth.md: derivation,
/// kin, what is known). With `signal: gradient` the same step on back-propagated gradients.
///
/// Per batch of B samples, At = [a; 1], l = 1..L-1, s the schedule, w_l = ||[W_l b_l]||_F at the start:
///   e_l       = gram_tp's z_l - m_l;  or e_L = -dR/dm_L, e_{l-1} = f'(m_{l-1}) W_l^T e_l
///   D_l       = (1/B) (R_l e_l) (P_{l-1} At_{l-1})^T,   P_{l-1} = (G_{l-1} + eps g_{l-1} I)^{-1}
///   V_l       <- b V_l + (1 - b) D_l,   H_l = b V_l + (1 - b) D_l
///   C_l       running mean of U (G_{l-1}/g_{l-1} + eps I) U^T over its mean diagonal, U = S_l H_l the step before the root
///   R_l, S_l  = (C_l + damping I)^{-1/2}, its inverse;  V_l <- T V_l, H_l <- T H_l with T = R_l S_l(before)
///   W_l       <- (1 - s mu) W_l, l = 1..L;  [W_l b_l] <- [W_l b_l] + s length (w_l / ||H_l||_F) H_l
///   [W_L b_L]  by AdamW on (1/B) e_L At_{L-1}^T; with head.rule whitened as the hidden layers
/// All steps use values from before them, so processes that share the samples divide them (solvers/gram_tp/target_layers.hpp): the owner
/// of a layer has its V, C, R and S, that of layer L the head's moments. After a rise of the loss the weights go back, and batches are majorised: gram_tp's
/// Proposition 1.

#include <optional>

#include "baselines/adam_update.hpp"
#include "core/problem/batches.hpp"
#include "core/problem/step_schedule.hpp"
#include "solvers/gorth/output_root.hpp"
#include "solvers/gram_tp/pass_state.hpp"
#include "solvers/gram_tp/target_layers.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

/// What e_l is.
enum class StepSignal { targets, gradient };

/// The output layer's step.
struct HeadOptions {
  enum class Rule {
    adamw,    ///< on the gradient
    whitened  ///< a hidden layer's step, of a length of its own
  };
  Rule rule = Rule::adamw;
  double length = 0.012;
  double learning_rate = 3e-3;
  AdamFactors factors{0.9, 0.95, 1e-8};

  void visit(ParameterVisitor& v);
};

/// How long the steps of the hidden layers are.
struct WhitenedStepRule {
  enum class Rule {
    initial_norm,  ///< ||step|| = length ||[W_l b_l]|| of the initial weights
    majorised      ///< block descent of the batch objective, Proposition 1; of the output layer, too
  };
  Rule rule = Rule::initial_norm;
  double length = 0.012;
  double relaxation = 1;

  void visit(ParameterVisitor& v);
};

struct GorthParameters {
  std::optional<long> batch_size = 125;
  StepSignal signal = StepSignal::targets;
  double c = 3;
  double lam = 1;
  double eps_input = 10;
  double eps = 3;
  double label_smoothing = 0.1;
  WhitenedStepRule step;
  double momentum = 0.95;
  OutputRootOptions output_root;
  HeadOptions head;
  double mu = 0;
  Schedule schedule;
  LossSafeguardOptions safeguard;
  long refresh = 100;
  long observe = 20;
  double keep = 0.9;
  long target_refresh = 20;
  InitialWeights weights = InitialWeights::he;
  OutputProx zL;

  void visit(ParameterVisitor& v);
};

template <class T>
class Gorth final : public Solver<T> {
 public:
  explicit Gorth(const GorthParameters& parameters) : p_(parameters), adamw_(parameters.head.factors) {}

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override;
  void step() override;
  const Network<T>& network() const override { return layers_.network(); }
  /// The objective is the mean training loss. residual: mean over the last pass of sum_l ||e_l||^2 / B. Columns: step_factor, what the
  /// safeguard makes of the step lengths; fallbacks; descent_violation (majorised batches: largest increase of the batch objective, 0 if
  /// none); target_cosine<l>, of e_l At^T with the negative gradient on the first samples of the training set.
  Diagnostics diagnostics() const override;
  /// W_l, b_l and, of the whitened layers, V_l (momentum, in the coordinates of R_l), R_l and S_l.
  void visit_state(StateVisitor<T>& visitor) const override;
  void archive(StateArchive& archive) override;
  bool shares_samples() const override { return true; }

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t seed) override;

 private:
  using Rule = WhitenedStepRule::Rule;

  /// A layer's side of the outputs.
  struct WhitenedLayer {
    arma::Mat<T> V;  ///< as [W_l b_l]
    OutputRoot<T> root;
    double norm = 0;  ///< w_l

    template <class Archive>
    void archive(Archive& a) {
      a(V, root, norm);
    }
  };
  /// What the whitening works with; the largest whitened layer's.
  struct Scratch {
    Buffer<T> whitened;  ///< R e, n_l x B
    Buffer<T> unrooted;  ///< U = S H, [W_l b_l]-shaped
    Buffer<T> weighted;  ///< U (G/g + eps I), or U [x; 1]
    RootWorkspace<T> root;
  };

  bool majorises() const { return p_.step.rule == Rule::majorised || pass_.guard.majorises(); }
  bool whitens_head() const { return p_.head.rule == HeadOptions::Rule::whitened; }
  arma::uword whitened() const { return whitens_head() ? layers_.L() : layers_.L() - 1; }  ///< layers 1, ...
  double length(arma::uword l) const { return l < layers_.L() ? p_.step.length : p_.head.length; }
  TargetLayerOptions layer_options() const;
  void refresh_metrics();
  void propagate();
  void take_steps();
  void shrink(double s);
  bool observes_steps() const;
  bool roots_are_due() const;
  void whitened_direction(arma::uword l, arma::Mat<T>& D);
  void update_whitened(arma::uword l, double scale);
  void observe_step(arma::uword l, const arma::Mat<T>& H);
  void second_moment(arma::uword l, const arma::Mat<T>& U, arma::Mat<T>& A);
  void inputs_moment(const arma::Mat<T>& U, arma::Mat<T>& A);
  void change_coordinates(arma::uword l, arma::Mat<T>& H);
  void update_head(double scale);
  void go_back();
  void collect_owned();

  GorthParameters p_;
  Batches<T> batches_;
  TargetLayers<T> layers_;
  std::vector<WhitenedLayer> whitened_;  ///< index l-1
  AdamUpdate<T> adamw_;
  arma::Mat<T> head_m_;
  arma::Mat<T> head_v_;
  Scratch scratch_;
  long taken_ = 0;  ///< steps since the start or the last rise of the loss
  PassState<T> pass_;
};

}  // namespace admmbench
