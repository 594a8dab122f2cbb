/// Stochastic (or full-batch) gradient descent with momentum, PyTorch's torch.optim.SGD:
///   g = grad F;  v <- g at the first update, else momentum v + g;
///   w <- w - learning_rate * v,  or with nesterov  w <- w - learning_rate * (g + momentum v)

#include "baselines/first_order.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

struct SgdParameters {
  double learning_rate = 1e-3;
  double momentum = 0;
  bool nesterov = false;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    v.real("momentum", momentum, below_one, "momentum");
    v.boolean("nesterov", nesterov, "Nesterov's form of momentum");
    batch.visit(v);
  }
};

template <class T>
class Sgd final : public FirstOrder<T> {
 public:
  explicit Sgd(const SgdParameters& p)
      : FirstOrder<T>(p.batch), rate_(p.learning_rate), momentum_(T(p.momentum)), nesterov_(p.nesterov) {}

 protected:
  void reserve(const std::vector<arma::uword>& sizes) override {
    if (momentum_ != T(0)) reserve_moments(velocity_, sizes);
  }
  void begin_update(long t, double factor) override {
    first_ = t == 1;
    step_ = T(rate_ * factor);
  }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    const T rate = step_;
    if (momentum_ == T(0)) {
      for_range(n, reads(w, g), writes(w), [=](std::size_t i) { w[i] -= rate * g[i]; });
      return;
    }
    T* v = velocity_[array].data();
    const T keep = first_ ? T(0) : momentum_;
    const T ahead = nesterov_ ? momentum_ : T(1);
    const T direct = nesterov_ ? T(1) : T(0);
    for_range(n, reads(w, g, v), writes(w, v), [=](std::size_t i) {
      v[i] = keep * v[i] + g[i];
      w[i] -= rate * (direct * g[i] + ahead * v[i]);
    });
  }

 private:
  double rate_;
  T step_ = 0;
  T momentum_;
  bool nesterov_;
  bool first_ = true;
  Moments<T> velocity_;
};

namespace {
const RegisterSolver<SgdParameters, Sgd> registered("sgd",
                                                    "baseline: (stochastic) gradient descent with momentum",
                                                    "PyTorch torch.optim.SGD; Sutskever et al., ICML 2013",
                                                    {},
                                                    {[](const CostShape& s, const CostOptions& o) {
                                                       return first_order_cost(s, o, o.momentum ? 5 : 3,
                                                                               o.momentum ? 1 : 0);
                                                     },
                                                     true});
}  // namespace

}  // namespace admmbench
