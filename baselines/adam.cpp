/// Adam, PyTorch's torch.optim.Adam (Kingma, Ba, ICLR 2015):
///   m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
///   w <- w - learning_rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
/// decoupled: mu acts on the weights, not through the gradient, W <- (1 - learning_rate mu) W before the update (torch.optim.AdamW;
/// Loshchilov, Hutter, ICLR 2019).

#include <cmath>

#include "baselines/first_order.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

struct AdamParameters {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  bool decoupled = false;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    v.real("beta1", beta1, below_one, "decay of the first moment");
    v.real("beta2", beta2, below_one, "decay of the second moment");
    v.real("epsilon", epsilon, positive, "added to the denominator, after the bias correction");
    v.boolean("decoupled", decoupled,
              "AdamW's weight decay: mu shrinks the weights and stays out of the gradient");
    batch.visit(v);
  }

  /// The part of them that the gradient sees.
  BatchParameters in_gradient() const {
    BatchParameters seen = batch;
    if (decoupled) seen.mu = 0;
    return seen;
  }
};

template <class T>
class Adam final : public FirstOrder<T> {
 public:
  explicit Adam(const AdamParameters& p) : FirstOrder<T>(p.in_gradient()), p_(p) {}

 protected:
  void reserve(const std::vector<arma::uword>& sizes) override {
    reserve_moments(m_, sizes);
    reserve_moments(v_, sizes);
  }
  void begin_update(long t, double factor) override {
    const double rate = p_.learning_rate * factor;
    step_ = T(rate / (1 - std::pow(p_.beta1, static_cast<double>(t))));
    shrink_ = p_.decoupled ? T(1 - rate * p_.batch.mu) : T(1);
    correction_ = T(1 / std::sqrt(1 - std::pow(p_.beta2, static_cast<double>(t))));
  }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    T* m = m_[array].data();
    T* v = v_[array].data();
    const T beta1 = T(p_.beta1);
    const T beta2 = T(p_.beta2);
    const T rest1 = T(1 - p_.beta1);
    const T rest2 = T(1 - p_.beta2);
    const T epsilon = T(p_.epsilon);
    const T step = step_;
    const T correction = correction_;
    const bool is_weight = array % 2 == 0;
    const T keep = is_weight ? shrink_ : T(1);
    for_range(n, reads(w, g, m, v), writes(w, m, v), [=](std::size_t i) {
      m[i] = beta1 * m[i] + rest1 * g[i];
      v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
      w[i] = keep * w[i] - step * m[i] / (std::sqrt(v[i]) * correction + epsilon);
    });
  }

 private:
  AdamParameters p_;
  T step_ = 0;
  T correction_ = 0;
  T shrink_ = 1;
  Moments<T> m_;
  Moments<T> v_;
};

namespace {
const RegisterSolver<AdamParameters, Adam> registered(
    "adam", "baseline: Adam", "PyTorch torch.optim.Adam; Kingma, Ba, ICLR 2015",
    {{"adamw", "torch.optim.AdamW's defaults",
      [](AdamParameters& p) {
        p.decoupled = true;
        p.batch.mu = 0.01;
      }}},
    {[](const CostShape& s, const CostOptions& o) { return first_order_cost(s, o, 7, 2); }, true});
}  // namespace

}  // namespace admmbench
