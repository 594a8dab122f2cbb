/// Adagrad, PyTorch's torch.optim.Adagrad (Duchi, Hazan, Singer, JMLR 2011) without learning-rate decay:
///   s <- s + g^2;  w <- w - learning_rate * g / (sqrt(s) + epsilon)

#include <cmath>

#include "baselines/first_order.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

struct AdagradParameters {
  double learning_rate = 1e-2;
  double epsilon = 1e-10;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    v.real("epsilon", epsilon, positive, "added to the denominator");
    batch.visit(v);
  }
};

template <class T>
class Adagrad final : public FirstOrder<T> {
 public:
  explicit Adagrad(const AdagradParameters& p)
      : FirstOrder<T>(p.batch), rate_(p.learning_rate), epsilon_(T(p.epsilon)) {}

 protected:
  void reserve(const std::vector<arma::uword>& sizes) override { reserve_moments(sum_, sizes); }
  void begin_update(long, double factor) override { step_ = T(rate_ * factor); }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    T* s = sum_[array].data();
    const T rate = step_;
    const T epsilon = epsilon_;
    for_range(n, reads(w, g, s), writes(w, s), [=](std::size_t i) {
      s[i] += g[i] * g[i];
      w[i] -= rate * g[i] / (std::sqrt(s[i]) + epsilon);
    });
  }
  void archive_moments(StateArchive& archive) override { archive(sum_); }

 private:
  double rate_;
  T step_ = 0;
  T epsilon_;
  Moments<T> sum_;
};

namespace {
const RegisterSolver<AdagradParameters, Adagrad> registered(
    "adagrad", "baseline: Adagrad", "PyTorch torch.optim.Adagrad; Duchi, Hazan, Singer, JMLR 2011", {},
    {[](const CostShape& s, const CostOptions& o) { return first_order_cost(s, o, 5, 1); }, true});
}  // namespace

}  // namespace admmbench
