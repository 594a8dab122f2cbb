#pragma once
/// Consensus ADMM whose workers take back-propagated gradients: BADM, SISA, NSISA. A batch is split into `workers` parts of
/// consecutive samples, with shares alpha_s; all share the weights w of the last consensus. For every worker s, g_s the gradient of
/// its part at w:
///   w_s = w - (g_s + pi_s) / c_s;   pi_s <- pi_s + sigma (w_s - w)
///   w   <- (sigma sum_s alpha_s w_s + sum_s alpha_s pi_s) / (sigma + lambda)
/// with c_s of each method. The local problems are linearised: these are gradient methods in ADMM's clothing, and for one worker and
/// constant c_s momentum gradient descent with extrapolation (docs/methods/consensus.md).

#include <fmt/format.h>

#include <vector>

#include "baselines/first_order.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

struct ConsensusParameters {
  double sigma = 10;
  double lambda = 0;
  long workers = 4;
  BatchParameters batch;

  void visit_consensus(ParameterVisitor& v) {
    v.real("sigma", sigma, positive, "penalty of every worker's constraint w_s = w");
    v.real("lambda", lambda, non_negative, "weight decay (lambda/2)||w||^2 of the consensus, of biases, too");
    v.integer("workers", workers, at_least_one, "parts of a batch, each with a multiplier of its own");
    v.integer_or_word("batch_size", batch.batch_size, "full", at_least_one,
                      "samples per consensus; the last batch of a pass may be smaller");
    visit_initial_weights(v, batch.weights);
  }
};

template <class T>
class Consensus : public FirstOrder<T> {
 public:
  bool shares_samples() const override { return false; }
  void visit_state(StateVisitor<T>& visitor) const override {
    FirstOrder<T>::visit_state(visitor);
    for (std::size_t s = 0; s < pi_.size(); ++s) visit_moments(visitor, fmt::format("pi{}_", s + 1), pi_[s]);
  }

 protected:
  explicit Consensus(const ConsensusParameters& p) : FirstOrder<T>(p.batch), consensus_(p) {}

  using FirstOrder<T>::problem;

  void reserve(const std::vector<arma::uword>& sizes) override {
    pi_.assign(static_cast<std::size_t>(consensus_.workers), {});
    for (Moments<T>& pi : pi_) reserve_moments(pi, sizes);
    reserve_moments(next_, sizes);
  }

  void begin_update(long t, double /*factor*/) override { t_ = t; }
  void update(std::size_t /*array*/, T* /*w*/, const T* /*g*/, arma::uword /*n*/) override {}

  void archive_moments(StateArchive& archive) override { archive(pi_); }

  /// g <- (g + pi_s) / c_s, which is w - w_s, entry by entry, g being g_s on entry; `t` counts the batches from 1.
  virtual void local_direction(std::size_t s, std::size_t array, long t, const T* pi, T* g,
                               arma::uword n) = 0;

  void update_from(const arma::Mat<T>& x, const arma::Mat<T>& targets) override {
    this->next_update();
    for (std::vector<T>& sum : next_) std::fill(sum.begin(), sum.end(), T(0));
    const arma::uword parts = std::min<arma::uword>(arma::uword(consensus_.workers), x.n_cols);
    for (arma::uword s = 0; s < parts; ++s) {
      const arma::uword first = s * x.n_cols / parts;
      const arma::uword columns = (s + 1) * x.n_cols / parts - first;
      const arma::Mat<T> x_s(const_cast<T*>(x.colptr(first)), x.n_rows, columns, false, true);
      const arma::Mat<T> targets_s(const_cast<T*>(targets.colptr(first)), targets.n_rows, columns, false,
                                   true);
      this->compute_gradient(this->weights(), x_s, targets_s, this->gradient());
      const double share = static_cast<double>(columns) / static_cast<double>(x.n_cols);
      each_array([&](std::size_t array, T* w, T* g, arma::uword n) { local_step(s, array, share, w, g, n); });
    }
    const T shrink = static_cast<T>(consensus_.sigma / (consensus_.sigma + consensus_.lambda));
    each_array([&](std::size_t array, T* w, T* /*g*/, arma::uword n) {
      const T* sum = next_[array].data();
      for_range(n, reads(sum), writes(w), [=](std::size_t i) { w[i] = shrink * sum[i]; });
    });
  }

 private:
  template <class Body>
  void each_array(const Body& body) {
    Network<T>& w = this->weights();
    Network<T>& g = this->gradient();
    for (arma::uword l = 0; l < w.layers(); ++l) {
      body(2 * l, w.W[l].memptr(), g.W[l].memptr(), w.W[l].n_elem);
      body(2 * l + 1, w.b[l].memptr(), g.b[l].memptr(), w.b[l].n_elem);
    }
  }

  /// pi_s <- pi_s + sigma (w_s - w), and alpha_s (w_s + pi_s / sigma) into the next consensus.
  void local_step(std::size_t s, std::size_t array, double share, const T* w, T* g, arma::uword n) {
    T* pi = pi_[s][array].data();
    T* sum = next_[array].data();
    local_direction(s, array, t_, pi, g, n);
    const T alpha = static_cast<T>(share);
    const T sigma = static_cast<T>(consensus_.sigma);
    for_range(n, reads(w, g, pi, sum), writes(pi, sum), [=](std::size_t i) {
      pi[i] -= sigma * g[i];
      sum[i] += alpha * (w[i] - g[i] + pi[i] / sigma);
    });
  }

  ConsensusParameters consensus_;
  long t_ = 0;
  std::vector<Moments<T>> pi_;  ///< per worker
  Moments<T> next_;             ///< the consensus that is being summed
};

/// What the three cost: gradients of the parts, `local` entries per parameter and worker, `state` of them kept.
MethodCost consensus_cost(const CostShape& shape, const CostOptions& options, double local, double state);

}  // namespace admmbench
