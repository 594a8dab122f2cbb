#pragma once
/// The layers of a method that trains by target propagation with W-steps in the metric of the layer inputs, as gram_tp and gorth
/// share them (docs/methods/gram_tp.md): weights [W_l b_l], the batch and its forward pass, targets or back-propagated gradients,
/// K_l, the metrics, D_l, and the round of block minimisations that has a descent theorem.
///
/// Where processes share the samples (docs/distributed.md#samples) each has its columns of the batch, all members are called in all of
/// them, and what is summed over the samples comes from all. W-steps that use values from before all of them are divided:
///   sum_products();
///   for all l that train, if owns(l): step_direction(l, D), and move Wb(l);
///   spread_weights();
/// In a process alone owns(l) is always true, and the first and the last do nothing.

#include <vector>

#include "core/problem/batches.hpp"
#include "solvers/gram_tp/gram_preconditioner.hpp"
#include "solvers/gram_tp/target_propagation.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

/// What the layers need to know of a method's parameters.
struct TargetLayerOptions {
  double c = 3;             ///< penalty of the output constraint
  double lam = 1;           ///< damping of the a-steps
  double eps_input = 30;    ///< of the metric of x
  double eps = 3;           ///< of the metrics of a_l
  double keep = 0.9;        ///< forgetting factor of G_l
  double relaxation = 1;    ///< of majorised W-steps
  double smoothing = 0;     ///< ls of y <- (1 - ls) y + ls / n_L; cross entropy only
  bool hidden = true;       ///< whether the hidden layers train
  bool output = true;       ///< whether the output layer does
  bool top_metric = true;   ///< whether D_L is in the metric of a_{L-1}
  bool input_gram = false;  ///< keep G_0, where it is smaller than x
  OutputProx zL;
};

template <class T>
class TargetLayers {
 public:
  /// `batches` of the problem, with `sum`. `problem` must outlive this.
  void start(const Problem<T>& problem, const Network<T>& initial, const Batches<T>& batches,
             const SampleSum& sum, const TargetLayerOptions& options);

  arma::uword L() const { return problem_->layers(); }
  arma::uword n(arma::uword l) const { return problem_->widths[l]; }
  arma::uword columns() const { return propagation_.columns(); }  ///< of the batch, those here
  arma::uword samples() const { return batch_; }                  ///< of the batch, in all processes
  const SampleSum& sum() const { return sum_; }
  /// Whose are the W-step, the inverse metric and what the method keeps for the step of layer l.
  int owner(arma::uword l) const { return static_cast<int>((l - 1) % static_cast<arma::uword>(sum_.size())); }
  bool owns(arma::uword l) const { return owner(l) == sum_.rank(); }
  arma::Mat<T>& Wb(arma::uword l) { return Wb_[l - 1]; }  ///< [W_l b_l], n_l x (n_{l-1} + 1)
  std::vector<arma::Mat<T>>& weights() { return Wb_; }
  const std::vector<arma::Mat<T>>& weights() const { return Wb_; }
  const TargetLayerOptions& options() const { return options_; }
  Network<T>& network() { return network_; }  ///< views of the weights
  const Network<T>& network() const { return network_; }
  TargetPropagation<T>& propagation() { return propagation_; }
  bool trains(arma::uword l) const { return l == L() ? options_.output : options_.hidden; }
  /// The lowest layer that trains: targets below it are not needed.
  arma::uword lowest() const { return options_.hidden ? 1 : L(); }

  /// Gathers batch k of those of start(); its labels are smoothed.
  void load(const Batches<T>& batches, arma::uword k);
  /// The forward pass of the batch; returns R(m_L) / B, one sum over the samples.
  double forward();

  /// K_l of layers of few outputs, and of all where `targets`; G_l where `observes`, (G_l + eps g_l I)^{-1} in the owner where
  /// `inverts`.
  void refresh(bool observes, bool inverts, bool targets);

  /// e_L by the output prox, then e_{L-1}, ..., e_1 by a- and z-steps. Returns sum_l ||e_l||^2 of the samples here.
  double propagate_targets();
  /// e_l = -dR/dm_l, by back-propagation. Returns sum_l ||e_l||^2 of the samples here.
  double propagate_gradients();

  /// D <- beta D + (scale / B) e At_{l-1}^T (G_{l-1} + eps g I)^{-1}, the inverse applied to the smaller side; e n_l x B. Where
  /// processes share the samples beta is 0: a sum over the samples, and D of the owner in all.
  void direction(arma::uword l, const arma::Mat<T>& e, double scale, double beta, arma::Mat<T>& D);
  /// Where processes share the samples: e_l At_{l-1}^T / B of all layers that train, one sum over the samples.
  void sum_products();
  /// D <- D_l = (1/B) e_l At_{l-1}^T (G_{l-1} + eps g I)^{-1}; where processes share the samples in the owner, from sum_products().
  void step_direction(arma::uword l, arma::Mat<T>& D);
  /// The weights of the owners in all processes.
  void spread_weights();
  /// What the owner of layer l alone has, in all processes.
  void from_owner(arma::uword l, arma::Mat<T>& A) const { sum_.from(owner(l), A.memptr(), A.n_elem); }

  /// n_l x (n_{l-1} + 1) scratch, layer after layer the same memory.
  arma::Mat<T> scratch(arma::uword l) {
    return arma::Mat<T>(D_.memptr(), Wb_[l - 1].n_rows, Wb_[l - 1].n_cols, false, true);
  }

  /// What a round of block minimisations came to.
  struct Round {
    double residual = 0;   ///< sum_l ||e_l||^2 after it; of all samples in one process, 0 in the others
    double violation = 0;  ///< increase of the batch objective F; none if negative
  };
  /// One round of block minimisations of the batch objective
  ///   B F = R(z_L) + sum_l (c_l/2) ||W_l a_{l-1} + b_l - z_l||^2 + sum_{l<L} (nu_l/2) ||a_l - f(z_l)||^2,
  ///   c_L = c, nu_{l-1} = lam t_l c_l, c_l = nu_l for l < L,
  /// from the forward pass, where F = `loss`. No block raises F (docs/methods/gram_tp.md, Proposition 1). eta[l-1] <- length of the
  /// W-step, where there is one.
  Round minimise_blocks(double loss, std::vector<double>& eta);

  const arma::Mat<T>& gram(arma::uword l) const {
    return preconditioner_[l - 1].gram();
  }                                                       ///< G_{l-1}, l >= 2
  const arma::Mat<T>& input_gram() const { return G0_; }  ///< G_0; empty where x is smaller, or not asked for
  double input_mean() const { return g0_; }               ///< g_0 = mean of diag(G_0)
  const arma::Mat<T>& preconditioned_inputs() const { return PX_; }  ///< P_0 [x; 1], (n_0 + 1) x N

  template <class Archive>
  void archive(Archive& a) {
    if (!a.restores()) collect_inverses();
    a(Wb_, K_, preconditioner_, penalty_);
  }

 private:
  bool has_metric(arma::uword l) const { return l > 1 && trains(l) && (l < L() || options_.top_metric); }
  /// Of which D_l is e_l's product, or with the metric is: P_0 [x; 1] for l = 1, At_{l-1} else.
  arma::Mat<T> inputs(arma::uword l) {
    return l == 1 ? PX_batch_.view(n(0) + 1, columns()) : propagation_.At(l - 1);
  }
  arma::Mat<T> targets() { return targets_.view(n(L()), columns()); }
  double mean_loss(const arma::Mat<T>& z);
  void reserve_shared();
  void collect_inverses();
  void take_residuals();
  double update_W_majorised(arma::uword l, double& eta);

  const Problem<T>* problem_ = nullptr;
  SampleSum sum_;
  arma::uword batch_ = 0;
  TargetLayerOptions options_;
  std::vector<arma::Mat<T>> Wb_;  ///< index l-1
  Network<T> network_;
  TargetPropagation<T> propagation_;
  std::vector<DampedLeastSquares<T>> K_;               ///< index l-1, l >= 2
  std::vector<GramPreconditioner<T>> preconditioner_;  ///< of At_{l-1}; index l-1, where has_metric(l)
  arma::Mat<T> PX_;
  arma::Mat<T> G0_;
  double g0_ = 0;
  Buffer<T> PX_batch_;           ///< PX_'s columns of the batch
  Buffer<T> targets_;            ///< n_L x B
  Buffer<T> product_;            ///< P At or e At^T
  Buffer<T> moved_;              ///< D At or z_L, n_l x B
  arma::Mat<T> D_;               ///< as large as the largest [W_l b_l]
  std::vector<double> penalty_;  ///< c_l of the batch objective
  std::vector<T> products_;      ///< not alone: S_l, one after the other
  std::vector<arma::Mat<T>> S_;  ///< e_l At_{l-1}^T / B, for l = 1 with P_0 At_0; views; index l-1
};

}  // namespace admmbench
