/// Muon (Jordan et al. 2024, github.com/KellerJordan/Muon): the momentum of a hidden weight matrix, orthogonalised, is the step.
///   M <- beta M + (1 - beta) G;   U = (1 - beta) G + beta M  (nesterov), else M
///   W <- (1 - h mu) W - h sqrt(max(1, rows/columns)) NS5(U)
/// Biases and the output layer (which is no hidden matrix) are AdamW's, with a learning rate of their own; `first_layer: false` gives
/// it W_1, too: Muon's README leaves out what embeds the input, the MLP benchmark of Gorishniy et al. 2026 does not.

#include <algorithm>
#include <cmath>

#include "baselines/adam_update.hpp"
#include "baselines/first_order.hpp"
#include "baselines/newton_schulz.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/problem/hidden_layers.hpp"

namespace admmbench {

struct MuonParameters {
  double learning_rate = 0.02;
  double momentum = 0.95;
  bool nesterov = true;
  bool first_layer = true;
  double adam_learning_rate = 3e-4;
  double beta1 = 0.9;
  double beta2 = 0.95;
  double epsilon = 1e-10;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length of the orthogonalised matrices");
    v.real("momentum", momentum, below_one, "decay of the momentum of the orthogonalised matrices");
    v.boolean("nesterov", nesterov, "orthogonalise (1 - momentum) G + momentum M in place of M");
    v.boolean("first_layer", first_layer, "W_1 is orthogonalised, too; false: it is AdamW's");
    v.real("adam_learning_rate", adam_learning_rate, positive, "step length of AdamW on all other arrays");
    v.real("beta1", beta1, below_one, "AdamW: decay of the first moment");
    v.real("beta2", beta2, below_one, "AdamW: decay of the second moment");
    v.real("epsilon", epsilon, positive, "AdamW: added to the denominator");
    batch.visit_decoupled(v);
  }
};

template <class T>
class Muon final : public FirstOrder<T> {
 public:
  explicit Muon(const MuonParameters& p)
      : FirstOrder<T>(p.batch.without_decay()), p_(p), adamw_({p.beta1, p.beta2, p.epsilon}) {}

  void visit_state(StateVisitor<T>& visitor) const override {
    FirstOrder<T>::visit_state(visitor);
    visit_moments(visitor, "m", m_);
    visit_moments(visitor, "v", v_);
  }

 protected:
  using FirstOrder<T>::problem;

  void reserve(const std::vector<arma::uword>& sizes) override {
    require_hidden_layers(
        problem(),
        "muon orthogonalises the steps of hidden weights, and there are none: what is left is adam with "
        "decoupled decay");
    reserve_moments(m_, sizes);
    v_.assign(sizes.size(), {});
    arma::uword largest = 0;
    for (std::size_t array = 0; array < sizes.size(); ++array) {
      if (!orthogonal(array)) {
        v_[array].assign(sizes[array], T(0));
        continue;
      }
      const arma::uword l = this->layer_of(array);
      orthogonalise_.reserve(problem().widths[l], problem().widths[l - 1]);
      largest = std::max(largest, sizes[array]);
    }
    U_.reserve(largest);
  }

  void begin_update(long t, double factor) override {
    rate_ = p_.learning_rate * factor;
    adamw_.begin(t, p_.adam_learning_rate * factor, p_.batch.mu);
  }

  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    if (orthogonal(array)) {
      orthogonal_step(array, w, g, n);
    } else {
      adamw_(this->is_weight(array) ? adamw_.keep() : T(1), w, g, m_[array].data(), v_[array].data(), n);
    }
  }

  void archive_moments(StateArchive& archive) override { archive(m_, v_); }

 private:
  /// Whether the array is a hidden W_l: the output layer's W_L never is.
  bool orthogonal(std::size_t array) const {
    const arma::uword l = this->layer_of(array);
    return this->is_weight(array) && l < problem().layers() && (l > 1 || p_.first_layer);
  }

  void orthogonal_step(std::size_t array, T* w, const T* g, arma::uword n) {
    const arma::uword l = this->layer_of(array);
    const arma::uword rows = problem().widths[l];
    const arma::uword columns = problem().widths[l - 1];
    arma::Mat<T> U = U_.view(rows, columns);
    T* m = m_[array].data();
    T* u = U.memptr();
    const T beta = T(p_.momentum);
    const T rest = T(1 - p_.momentum);
    const T direct = p_.nesterov ? rest : T(0);
    const T ahead = p_.nesterov ? beta : T(1);
    for_range(n, reads(g, m), writes(m, u), [=](std::size_t i) {
      m[i] = beta * m[i] + rest * g[i];
      u[i] = direct * g[i] + ahead * m[i];
    });
    orthogonalise_(U);
    const double shape = std::max(1.0, static_cast<double>(rows) / static_cast<double>(columns));
    const T step = T(rate_ * std::sqrt(shape));
    const T keep = T(1 - rate_ * p_.batch.mu);
    for_range(n, reads(w, u), writes(w), [=](std::size_t i) { w[i] = keep * w[i] - step * u[i]; });
  }

  MuonParameters p_;
  double rate_ = 0;
  AdamUpdate<T> adamw_;
  Moments<T> m_;
  Moments<T> v_;  ///< of AdamW's arrays alone
  NewtonSchulz<T> orthogonalise_;
  Buffer<T> U_;  ///< the largest orthogonalised W_l
};

namespace {

MethodCost cost(const CostShape& s, const CostOptions& o) {
  MethodCost cost = first_order_cost(s, o, 7, 2);
  const std::size_t L = s.layers();
  double largest = 0;
  double side = 0;
  double hidden = 0;
  for (std::size_t l = 1; l < L; ++l) {
    // Momentum and U: 4 entries, the step: 3, as many as AdamW's 7.
    cost.iteration += s.batches() * newton_schulz_cost(s.n(l), s.n(l - 1));
    largest = std::max(largest, s.w(l));
    side = std::max(side, std::min(s.n(l), s.n(l - 1)));
    hidden += s.w(l);
  }
  cost.memory.state -= s.entry_bytes * hidden;  // no second moment
  cost.memory.workspace += s.entry_bytes * (largest + newton_schulz_entries(largest, side));
  return cost;
}

const RegisterSolver<MuonParameters, Muon> registered(
    "muon", "baseline: Muon, orthogonalised momentum of the hidden weights, AdamW elsewhere",
    "Jordan, Jin, Boza, You, Cesista, Newhouse, Bernstein 2024; github.com/KellerJordan/Muon, 857d1ad",
    {{"released",
      "the released code's defaults and README: 0.02 and 0.95, AdamW 3e-4, weight decay 0.01, W_1 by AdamW",
      [](MuonParameters& p) {
        p.batch.mu = 0.01;
        p.batch.batch_size = 128;
        p.first_layer = false;
      }},
     {"mlp",
      "the MLP benchmark (Gorishniy et al., arXiv 2604.15297): W_1 orthogonalised, AdamW's betas 0.9 and "
      "0.999, epsilon 1e-8",
      [](MuonParameters& p) {
        p.beta2 = 0.999;
        p.epsilon = 1e-8;
        p.batch.batch_size = 128;
      }}},
    {cost, true});

}  // namespace

}  // namespace admmbench
