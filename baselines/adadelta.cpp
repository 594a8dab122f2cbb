/// Adadelta, PyTorch's torch.optim.Adadelta (Zeiler, arXiv 1212.5701):
///   s <- rho s + (1 - rho) g^2;  d = sqrt(e + epsilon) / sqrt(s + epsilon) * g
///   e <- rho e + (1 - rho) d^2;  w <- w - learning_rate * d

#include <cmath>

#include "baselines/first_order.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

struct AdadeltaParameters {
  double learning_rate = 1.0;
  double rho = 0.9;
  double epsilon = 1e-6;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "factor on the step");
    v.real("rho", rho, below_one, "decay of the running averages");
    v.real("epsilon", epsilon, positive, "added under the roots");
    batch.visit(v);
  }
};

template <class T>
class Adadelta final : public FirstOrder<T> {
 public:
  explicit Adadelta(const AdadeltaParameters& p) : FirstOrder<T>(p.batch), p_(p) {}

 protected:
  void reserve(const std::vector<arma::uword>& sizes) override {
    reserve_moments(squares_, sizes);
    reserve_moments(steps_, sizes);
  }
  void begin_update(long, double factor) override { step_ = T(p_.learning_rate * factor); }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    T* s = squares_[array].data();
    T* e = steps_[array].data();
    const T rate = step_;
    const T rho = T(p_.rho);
    const T rest = T(1 - p_.rho);
    const T epsilon = T(p_.epsilon);
    for_range(n, reads(w, g, s, e), writes(w, s, e), [=](std::size_t i) {
      s[i] = rho * s[i] + rest * g[i] * g[i];
      const T d = std::sqrt(e[i] + epsilon) / std::sqrt(s[i] + epsilon) * g[i];
      e[i] = rho * e[i] + rest * d * d;
      w[i] -= rate * d;
    });
  }
  void archive_moments(StateArchive& archive) override { archive(squares_, steps_); }

 private:
  AdadeltaParameters p_;
  T step_ = 0;
  Moments<T> squares_;
  Moments<T> steps_;
};

namespace {
const RegisterSolver<AdadeltaParameters, Adadelta> registered(
    "adadelta", "baseline: Adadelta", "PyTorch torch.optim.Adadelta; Zeiler, arXiv 1212.5701", {},
    {[](const CostShape& s, const CostOptions& o) { return first_order_cost(s, o, 7, 2); }, true});
}  // namespace

}  // namespace admmbench
