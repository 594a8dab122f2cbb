/// RMSprop, PyTorch's torch.optim.RMSprop (Tieleman, Hinton, 2012), not centred:
///   s <- alpha s + (1 - alpha) g^2;  d = g / (sqrt(s) + epsilon)
///   w <- w - learning_rate * d,  or with momentum  v <- momentum v + d;  w <- w - learning_rate * v

#include <cmath>

#include "baselines/first_order.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

struct RmspropParameters {
  double learning_rate = 1e-2;
  double alpha = 0.99;
  double epsilon = 1e-8;
  double momentum = 0;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    v.real("alpha", alpha, below_one, "decay of the mean square");
    v.real("epsilon", epsilon, positive, "added to the denominator");
    v.real("momentum", momentum, below_one, "momentum");
    batch.visit(v);
  }
};

template <class T>
class Rmsprop final : public FirstOrder<T> {
 public:
  explicit Rmsprop(const RmspropParameters& p) : FirstOrder<T>(p.batch), p_(p) {}

 protected:
  void reserve(const std::vector<arma::uword>& sizes) override {
    reserve_moments(squares_, sizes);
    reserve_moments(velocity_, sizes);
  }
  void begin_update(long, double factor) override { step_ = T(p_.learning_rate * factor); }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    T* s = squares_[array].data();
    T* v = velocity_[array].data();
    const T rate = step_;
    const T alpha = T(p_.alpha);
    const T rest = T(1 - p_.alpha);
    const T epsilon = T(p_.epsilon);
    const T momentum = T(p_.momentum);
    for_range(n, reads(w, g, s, v), writes(w, s, v), [=](std::size_t i) {
      s[i] = alpha * s[i] + rest * g[i] * g[i];
      v[i] = momentum * v[i] + g[i] / (std::sqrt(s[i]) + epsilon);
      w[i] -= rate * v[i];
    });
  }
  void archive_moments(StateArchive& archive) override { archive(squares_, velocity_); }

 private:
  RmspropParameters p_;
  T step_ = 0;
  Moments<T> squares_;
  Moments<T> velocity_;
};

namespace {
const RegisterSolver<RmspropParameters, Rmsprop> registered(
    "rmsprop", "baseline: RMSprop", "PyTorch torch.optim.RMSprop; Tieleman, Hinton, 2012", {},
    {[](const CostShape& s, const CostOptions& o) { return first_order_cost(s, o, 7, 2); }, true});
}  // namespace

}  // namespace admmbench
