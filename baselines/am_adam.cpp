/// Online alternating minimisation with Adam: Choromanska et al., Beyond Backprop: Online Alternating Minimization with Auxiliary
/// Variables, ICML 2019, as in its code (github.com/IBM/online-alt-min, ef31aaa), without batch normalisation. For every batch the codes
/// c_l, l < L, start as the pre-activations z_l of the forward pass and follow, from the top down, some steps of SGD with Nesterov's
/// momentum on
///
///   E_l = MSE(W_{l+1} f(c_l) + b_{l+1}, c_{l+1}) + MSE(c_l, z_l),  l < L-1;   E_{L-1} = (1/(mu B)) R(W_L f(c_{L-1}) + b_L; Y) + MSE(c_{L-1}, z_{L-1})
///
/// with MSE the mean over all entries; then every layer takes one step of Adam on its own error,
///   MSE(W_l f(c_{l-1}) + b_l, c_l), l < L, f(c_0) = x;   (1/B) R(W_L f(c_{L-1}) + b_L; Y)

#include "baselines/adam_update.hpp"
#include "baselines/batch_cost.hpp"
#include "baselines/first_order.hpp"
#include "baselines/layer_pass.hpp"
#include "baselines/sgd_update.hpp"
#include "core/compute/buffer.hpp"
#include "core/problem/hidden_layers.hpp"

namespace admmbench {

struct AmAdamParameters {
  double learning_rate = 0.008;
  AdamFactors factors;
  double penalty = 0.003;
  long code_steps = 5;
  double code_rate = 0.3;
  double code_momentum = 0.9;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length of Adam on the weights");
    factors.visit(v);
    v.real("penalty", penalty, positive, "mu: the loss counts 1/mu times in the codes below the output");
    v.integer("code_steps", code_steps, at_least_one, "steps on the codes of a layer");
    v.real("code_rate", code_rate, positive, "their length");
    v.real("code_momentum", code_momentum, below_one, "their Nesterov momentum");
    batch.visit_batches(v);
  }
};

template <class T>
class AmAdam final : public FirstOrder<T> {
 public:
  explicit AmAdam(const AmAdamParameters& p)
      : FirstOrder<T>(p.batch), p_(p), update_(p.factors), code_update_(p.code_momentum, true) {}
  bool shares_samples() const override { return false; }

 protected:
  using FirstOrder<T>::problem;

  void reserve(const std::vector<arma::uword>& sizes) override {
    require_hidden_layers(
        problem(),
        "am_adam alternates over the codes of hidden layers, and there are none: what is left is adam");
    reserve_moments(m_, sizes);
    reserve_moments(v_, sizes);
    const std::vector<arma::uword>& n = problem().widths;
    const arma::uword B = this->batches().size();
    codes_.assign(L() - 1, {});
    arma::uword widest = 0;
    for (arma::uword l = 1; l < L(); ++l) {
      codes_[l - 1].reserve(n[l] * B);
      widest = std::max(widest, n[l]);
    }
    code_gradient_.reserve(widest * B);
    velocity_.reserve(widest * B);
    pass_.reserve(n, B);
  }

  void compute_gradient(const Network<T>& at, const arma::Mat<T>& x, const arma::Mat<T>& targets,
                        Network<T>& gradient) override {
    pass_.forward(at, problem().activation, x);
    for (arma::uword l = L() - 1; l >= 1; --l) find_codes(at, l, targets);
    for (arma::uword l = 1; l <= L(); ++l) {
      arma::Mat<T> slope = pass_.delta(l);
      error_slope(at, l, targets, 1, slope);
      gemm(Op::none, Op::transpose, T(1), slope, pass_.a(l - 1), T(0), gradient.W[l - 1]);
      row_sums(slope, gradient.b[l - 1]);
    }
  }

  void begin_update(long t, double factor) override { update_.begin(t, p_.learning_rate * factor, 0); }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    update_(T(1), w, g, m_[array].data(), v_[array].data(), n);
  }
  void archive_moments(StateArchive& archive) override { archive(m_, v_); }

 private:
  arma::uword L() const { return problem().layers(); }
  arma::Mat<T> code(arma::uword l) { return codes_[l - 1].view(problem().widths[l], pass_.columns()); }

  /// 2/(n_l B), of MSE's gradient.
  T mean(arma::uword l) const {
    return static_cast<T>(2 / static_cast<double>(problem().widths[l] * pass_.columns()));
  }

  /// slope <- the gradient of layer l's error in z = W_l f(c_{l-1}) + b_l; the loss counts `weight` times.
  void error_slope(const Network<T>& at, arma::uword l, const arma::Mat<T>& targets, double weight,
                   arma::Mat<T>& slope) {
    gemm(Op::none, Op::none, T(1), at.W[l - 1], pass_.a(l - 1), T(0), slope);
    add_column(slope, at.b[l - 1]);
    if (l == L()) {
      const double share = weight / static_cast<double>(pass_.columns());
      loss_gradient(problem().loss, slope, targets, static_cast<T>(share), slope);
      return;
    }
    const arma::Mat<T> c = code(l);
    for_entries(reads(slope, c), writes(slope),
                [share = mean(l), s = slope.memptr(), c = c.memptr()](std::size_t i) {
                  s[i] = share * (s[i] - c[i]);
                });
  }

  /// c_l from z_l, and a_l <- f(c_l).
  void find_codes(const Network<T>& at, arma::uword l, const arma::Mat<T>& targets) {
    arma::Mat<T> c = code(l);
    arma::Mat<T> a = pass_.a(l);
    arma::Mat<T> slope = pass_.delta(l + 1);
    const arma::Mat<T> z = pass_.z(l);
    arma::Mat<T> g = code_gradient_.view(c.n_rows, c.n_cols);
    T* velocity = velocity_.view(c.n_rows, c.n_cols).memptr();
    copy(z, c);
    for (long k = 1; k <= p_.code_steps; ++k) {
      activate(problem().activation, c, a);
      error_slope(at, l + 1, targets, 1 / p_.penalty, slope);
      gemm(Op::transpose, Op::none, T(1), at.W[l], slope, T(0), g);
      with_activation<T>(problem().activation, [&](auto f) {
        for_entries(reads(g, c, z), writes(g),
                    [f, share = mean(l), g = g.memptr(), c = c.memptr(), z = z.memptr()](std::size_t i) {
                      g[i] = g[i] * f.derivative(c[i]) + share * (c[i] - z[i]);
                    });
      });
      code_update_.begin(k, p_.code_rate);
      code_update_(c.memptr(), g.memptr(), velocity, c.n_elem);
    }
    activate(problem().activation, c, a);
  }

  AmAdamParameters p_;
  AdamUpdate<T> update_;
  SgdUpdate<T> code_update_;
  Moments<T> m_, v_;
  LayerPass<T> pass_;
  std::vector<Buffer<T>> codes_;        ///< c_l, index l-1
  Buffer<T> code_gradient_, velocity_;  ///< the widest hidden layer's
};

namespace {

IterationCost batch_cost(const CostShape& s) {
  constexpr double code_steps = 5;
  IterationCost cost;
  for (std::size_t l = 1; l <= s.layers(); ++l) {
    // Forward 3, above 2; its own error: z 2, slope 3, row sums 1; the update 7.
    const double forward = l < s.layers() ? 3 : 2;
    cost += layer_products(s, l, 3) + entry_passes((forward + 6) * s.M(l) + 7 * (s.w(l) + s.n(l)));
    if (l == s.layers()) break;
    // A step: f 2, the gradient 4, the update 5; above z 2 and slope 3. The codes' start 2, and f 2 at the end.
    cost += layer_products(s, l + 1, 2 * code_steps) +
            entry_passes(code_steps * (11 * s.M(l) + 5 * s.M(l + 1)) + 4 * s.M(l));
  }
  return cost;
}

MethodCost cost(const CostShape& s, const CostOptions& o) {
  MethodCost cost = first_order_cost(s, o, 7, 2);
  cost.iteration = sum_batches(s, batch_cost) + gathering(s);
  double widest = 0;
  for (std::size_t l = 1; l < s.layers(); ++l) widest = std::max(widest, s.n(l));
  const double entries = LayerPass<double>::entries(s.outputs(), s.hidden_outputs()) + s.hidden_outputs();
  cost.memory.workspace += s.entry_bytes * s.batch_size() * (entries / s.samples + 2 * widest);
  return cost;
}

const RegisterSolver<AmAdamParameters, AmAdam> registered(
    "am_adam", "control: codes by some steps a batch, then Adam on every layer's own error",
    "Choromanska et al.: Beyond Backprop: Online Alternating Minimization with Auxiliary Variables, ICML "
    "2019; "
    "github.com/IBM/online-alt-min, ef31aaa",
    {{"released", "its MNIST settings: the defaults, batches of 200",
      [](AmAdamParameters& p) { p.batch.batch_size = 200; }}},
    {cost, true});

}  // namespace

}  // namespace admmbench
