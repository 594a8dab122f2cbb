/// Mono-Forward: every hidden layer learns from a classifier of its own, and nothing goes back through the layers. Gong, Li, Abdulla:
/// Mono-Forward, arXiv 2501.09238; Spyra, Dzwinel, arXiv 2509.19063 (their texts were not available: docs/methods/controls.md).
///
///   g_l = M_l a_l,  M_l n_L x n_l;   W_l, b_l and M_l by the gradient of (1/B) R(g_l; Y) alone, a_{l-1} held fixed
///
/// The layer below the output has the output layer itself, W_L and b_L, as its classifier.

#include "baselines/adam_update.hpp"
#include "baselines/batch_cost.hpp"
#include "baselines/first_order.hpp"
#include "baselines/layer_pass.hpp"
#include "core/problem/hidden_layers.hpp"
#include "core/problem/per_layer.hpp"

namespace admmbench {

struct MonoForwardParameters {
  double learning_rate = 1e-3;
  AdamFactors factors;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length of Adam, which updates every array");
    factors.visit(v);
    batch.visit(v);
  }
};

template <class T>
class MonoForward final : public FirstOrder<T> {
 public:
  explicit MonoForward(const MonoForwardParameters& p) : FirstOrder<T>(p.batch), p_(p), update_(p.factors) {}
  bool shares_samples() const override { return false; }

  void visit_state(StateVisitor<T>& visitor) const override {
    FirstOrder<T>::visit_state(visitor);
    for (arma::uword l = 1; l <= M_.size(); ++l) visitor.matrix(layer_name("M", l), M_(l));
  }

 protected:
  using FirstOrder<T>::problem;

  /// M_l starts at 0.
  void reserve(const std::vector<arma::uword>& sizes) override {
    require_hidden_layers(problem(),
                          "mono_forward gives hidden layers classifiers of their own, and there are none: "
                          "what is left is adam");
    reserve_moments(m_, sizes);
    reserve_moments(v_, sizes);
    const std::vector<arma::uword>& n = problem().widths;
    M_.clear();
    gradient_M_.clear();
    for (arma::uword l = 1; l + 1 < L(); ++l) {
      M_.emplace_back(n.back(), n[l], arma::fill::zeros);
      gradient_M_.push_back(M_(l));
    }
    m_M_ = v_M_ = M_;
    scores_.reserve(n.back() * this->batches().size());
    pass_.reserve(n, this->batches().size());
  }

  void update_from(const arma::Mat<T>& x, const arma::Mat<T>& targets) override {
    FirstOrder<T>::update_from(x, targets);
    for (arma::uword l = 1; l <= M_.size(); ++l)
      update_(T(1), M_(l).memptr(), gradient_M_(l).memptr(), m_M_(l).memptr(), v_M_(l).memptr(),
              M_(l).n_elem);
  }

  void compute_gradient(const Network<T>& at, const arma::Mat<T>& x, const arma::Mat<T>& targets,
                        Network<T>& gradient) override {
    pass_.forward(at, problem().activation, x);
    for (arma::uword l = 1; l < L(); ++l) {
      local_delta(at, l, targets);
      layer_gradient(at, l, gradient);
    }
    layer_gradient(at, L(), gradient);
  }

  void begin_update(long t, double factor) override { update_.begin(t, p_.learning_rate * factor, 0); }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    update_(T(1), w, g, m_[array].data(), v_[array].data(), n);
  }
  void archive_moments(StateArchive& archive) override { archive(m_, v_, M_, m_M_, v_M_); }

 private:
  arma::uword L() const { return problem().layers(); }

  /// delta_L <- (1/B) dR/dz_L.
  void output_delta(const arma::Mat<T>& targets) {
    arma::Mat<T> top = pass_.delta(L());
    loss_gradient(problem().loss, pass_.z(L()), targets, share(), top);
  }

  /// delta_l, the gradient of layer l's own loss in z_l, and that in M_l.
  void local_delta(const Network<T>& at, arma::uword l, const arma::Mat<T>& targets) {
    arma::Mat<T> delta = pass_.delta(l);
    if (l + 1 == L()) {
      output_delta(targets);
      gemm(Op::transpose, Op::none, T(1), at.W[l], pass_.delta(L()), T(0), delta);
    } else {
      arma::Mat<T> g = scores_.view(targets.n_rows, targets.n_cols);
      gemm(Op::none, Op::none, T(1), M_(l), pass_.a(l), T(0), g);
      loss_gradient(problem().loss, g, targets, share(), g);
      gemm(Op::none, Op::transpose, T(1), g, pass_.a(l), T(0), gradient_M_(l));
      gemm(Op::transpose, Op::none, T(1), M_(l), g, T(0), delta);
    }
    pass_.times_slope(l, problem().activation);
  }

  /// delta_l a_{l-1}^T + mu W_l and delta_l 1.
  void layer_gradient(const Network<T>& at, arma::uword l, Network<T>& gradient) {
    arma::Mat<T>& W = gradient.W[l - 1];
    gemm(Op::none, Op::transpose, T(1), pass_.delta(l), pass_.a(l - 1), T(0), W);
    if (p_.batch.mu > 0) axpy(static_cast<T>(p_.batch.mu), at.W[l - 1], W);
    row_sums(pass_.delta(l), gradient.b[l - 1]);
  }

  T share() const { return static_cast<T>(1 / static_cast<double>(pass_.columns())); }

  MonoForwardParameters p_;
  AdamUpdate<T> update_;
  Moments<T> m_, v_;
  PerLayer<arma::Mat<T>> M_;                       ///< n_L x n_l, l < L - 1
  PerLayer<arma::Mat<T>> gradient_M_, m_M_, v_M_;  ///< of its shape
  LayerPass<T> pass_;
  Buffer<T> scores_;  ///< n_L x B
};

namespace {

IterationCost batch_cost(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  constexpr double update = 7;
  const double mu = o.decay == CostOptions::Decay::none ? 0 : 3;
  // Forward and weight gradients of all layers, one way back from the output; a classifier's scores, gradient and way back.
  IterationCost cost = layer_passes(s, 7, 7, 6) + layer_products(s, L, 1);
  for (std::size_t l = 1; l <= L; ++l) {
    cost += layer_products(s, l, 2) + entry_passes((update + mu) * s.w(l) + update * s.n(l));
    if (l + 1 >= L) continue;
    cost +=
        3 * matrix_product(s.n(L), s.samples, s.n(l)) + entry_passes(3 * s.M(L) + update * s.n(L) * s.n(l));
  }
  return cost;
}

MethodCost cost(const CostShape& s, const CostOptions& o) {
  MethodCost cost = first_order_cost(s, o, 7, 2);
  cost.iteration =
      sum_batches(s, [&](const CostShape& batch) { return batch_cost(batch, o); }) + gathering(s);
  double heads = 0;
  for (std::size_t l = 1; l + 1 < s.layers(); ++l) heads += s.n(s.layers()) * s.n(l);
  const double per_sample = s.batch_size() / s.samples;
  cost.memory.state += s.entry_bytes * 3 * heads;
  cost.memory.workspace +=
      s.entry_bytes * (heads + per_sample * LayerPass<double>::entries(s.outputs(), s.hidden_outputs()) +
                       s.n(s.layers()) * s.batch_size());
  return cost;
}

const RegisterSolver<MonoForwardParameters, MonoForward> registered(
    "mono_forward", "control: every layer learns from a classifier of its own, nothing goes back",
    "Gong, Li, Abdulla: Mono-Forward, arXiv 2501.09238; Spyra, Dzwinel, arXiv 2509.19063", {}, {cost, true});

}  // namespace

}  // namespace admmbench
