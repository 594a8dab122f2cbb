/// Proximal back-propagation: Frerix, Möllenhoff, Moeller, Cremers, ICLR 2018, arXiv 1706.04638, as in its code
/// (github.com/tfrerix/proxprop). With delta_l = dF/dz_l of the mean loss by the chain rule and At = [a_{l-1}; 1], a hidden layer's
/// gradient is replaced by the way to the minimum of a proximal least-squares problem,
///
///   W+ = argmin_W (1/2)||W At - (z_l - delta_l)||^2 + (1/(2 tau))||W - W_l||^2,   W_l - W+ = delta_l At^T (At At^T + I/tau)^{-1},
///
/// and handed to SGD with Nesterov's momentum; the output layer's is its gradient.

#include "baselines/batch_cost.hpp"
#include "baselines/first_order.hpp"
#include "baselines/layer_pass.hpp"
#include "baselines/sgd_update.hpp"
#include "core/blocks/bordered_ridge.hpp"
#include "core/problem/hidden_layers.hpp"
#include "core/problem/per_layer.hpp"

namespace admmbench {

struct ProxpropParameters {
  double tau = 0.05;
  double learning_rate = 1;
  double momentum = 0.95;
  bool nesterov = true;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("tau", tau, positive, "step length of the proximal problems of hidden layers");
    v.real("learning_rate", learning_rate, positive,
           "step length of SGD on W_l - W+, and on the output layer's gradient");
    v.real("momentum", momentum, below_one, "momentum");
    v.boolean("nesterov", nesterov, "Nesterov's form of momentum");
    batch.visit_batches(v);
  }
};

template <class T>
class Proxprop final : public FirstOrder<T> {
 public:
  explicit Proxprop(const ProxpropParameters& p)
      : FirstOrder<T>(p.batch), p_(p), update_(p.momentum, p.nesterov) {}
  bool shares_samples() const override { return false; }

 protected:
  using FirstOrder<T>::problem;

  void reserve(const std::vector<arma::uword>& sizes) override {
    require_hidden_layers(
        problem(),
        "proxprop replaces the gradients of hidden layers, and there are none: what is left is sgd");
    v_.assign(sizes.size(), {});
    if (update_.has_velocity()) reserve_moments(v_, sizes);
    const std::vector<arma::uword>& n = problem().widths;
    ridge_.assign(L() - 1, {});
    for (arma::uword l = 1; l < L(); ++l) ridge_(l).reserve(n[l - 1], n[l]);
    pass_.reserve(n, this->batches().size());
  }

  void compute_gradient(const Network<T>& at, const arma::Mat<T>& x, const arma::Mat<T>& targets,
                        Network<T>& gradient) override {
    pass_.forward(at, problem().activation, x);
    arma::Mat<T> top = pass_.delta(L());
    const double share = 1 / static_cast<double>(pass_.columns());
    loss_gradient(problem().loss, pass_.z(L()), targets, static_cast<T>(share), top);
    pass_.backward(at, problem().activation);
    for (arma::uword l = 1; l < L(); ++l) proximal_difference(l, gradient);
    gemm(Op::none, Op::transpose, T(1), top, pass_.a(L() - 1), T(0), gradient.W[L() - 1]);
    row_sums(top, gradient.b[L() - 1]);
  }

  void begin_update(long t, double factor) override { update_.begin(t, p_.learning_rate * factor); }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    update_(w, g, v_[array].data(), n);
  }
  void archive_moments(StateArchive& archive) override { archive(v_); }

 private:
  arma::uword L() const { return problem().layers(); }

  /// [W_l b_l] - [W+ b+] = delta_l At^T (At At^T + I/tau)^{-1}.
  void proximal_difference(arma::uword l, Network<T>& gradient) {
    const arma::Mat<T> a = pass_.a(l - 1);
    ridge_(l).factorize(1, 1 / p_.tau, a);
    const arma::Mat<T>& difference = ridge_(l).apply(1, pass_.delta(l), a);
    std::copy_n(difference.memptr(), gradient.W[l - 1].n_elem, gradient.W[l - 1].memptr());
    std::copy_n(difference.colptr(a.n_rows), gradient.b[l - 1].n_elem, gradient.b[l - 1].memptr());
  }

  ProxpropParameters p_;
  SgdUpdate<T> update_;
  Moments<T> v_;
  LayerPass<T> pass_;
  PerLayer<BorderedRidge<T>> ridge_;  ///< l < L
};

namespace {

/// What the proximal steps add to the gradients: delta At^T and its row sums are among those.
IterationCost batch_cost(const CostShape& s) {
  IterationCost cost;
  for (std::size_t l = 1; l < s.layers(); ++l) {
    const double n = s.n(l - 1);
    cost += bordered_factor_cost(n, s.samples) + entry_passes(4 * s.n(l) * (n + 1));
    cost.solve_flops += 2 * (n + 1) * (n + 1) * s.n(l);
  }
  return cost;
}

MethodCost cost(const CostShape& s, const CostOptions& o) {
  CostOptions plain = o;
  plain.decay = CostOptions::Decay::none;
  MethodCost cost = first_order_cost(s, plain, 5, 1);
  cost.iteration += sum_batches(s, batch_cost);
  double ridges = 0;
  for (std::size_t l = 1; l < s.layers(); ++l) ridges += bordered_entries(s.n(l - 1), s.n(l));
  const double per_sample = s.batch_size() / s.samples;
  cost.memory.workspace +=
      s.entry_bytes * (ridges + per_sample * LayerPass<double>::entries(s.outputs(), s.hidden_outputs()));
  return cost;
}

const RegisterSolver<ProxpropParameters, Proxprop> registered(
    "proxprop", "control: hidden gradients replaced by proximal least-squares steps",
    "Frerix, Möllenhoff, Moeller, Cremers: Proximal Backpropagation, ICLR 2018, arXiv 1706.04638; "
    "github.com/tfrerix/proxprop",
    {{"released",
      "its CIFAR-10 experiment: tau 0.05, learning rate 1, Nesterov's momentum 0.95, batches of 500",
      [](ProxpropParameters& p) { p.batch.batch_size = 500; }}},
    {cost, true});

}  // namespace

}  // namespace admmbench
