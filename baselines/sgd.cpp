/// Stochastic (or full-batch) gradient descent with momentum, PyTorch's torch.optim.SGD:
///   g = grad F;  v <- g at the first update, else momentum v + g;
///   w <- w - learning_rate * v,  or with nesterov  w <- w - learning_rate * (g + momentum v)
/// With a regulariser Omega the proximal step follows, W <- prox_{learning_rate Omega}(W).

#include "baselines/first_order.hpp"
#include "baselines/sgd_update.hpp"
#include "core/problem/regularizer.hpp"

namespace admmbench {

struct SgdParameters {
  double learning_rate = 1e-3;
  double momentum = 0;
  bool nesterov = false;
  Regularizer regularizer;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    v.real("momentum", momentum, below_one, "momentum");
    v.boolean("nesterov", nesterov, "Nesterov's form of momentum");
    batch.visit(v);
    v.stored_if(regularizer.kind != Regularizer::Kind::none)
        .group("regularizer", regularizer, "proximal regulariser of the weights, not of biases");
  }
};

template <class T>
class Sgd final : public FirstOrder<T> {
 public:
  explicit Sgd(const SgdParameters& p)
      : FirstOrder<T>(p.batch),
        rate_(p.learning_rate),
        omega_(p.regularizer),
        update_(p.momentum, p.nesterov) {}

 protected:
  void reserve(const std::vector<arma::uword>& sizes) override {
    velocity_.assign(sizes.size(), {});
    if (update_.has_velocity()) reserve_moments(velocity_, sizes);
  }
  void begin_update(long t, double factor) override { update_.begin(t, rate_ * factor); }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    update_(w, g, velocity_[array].data(), n);
    if (this->is_weight(array)) proximal(omega_, 1 / update_.step(), this->layer_weights(array));
  }
  void archive_moments(StateArchive& archive) override { archive(velocity_); }

 private:
  double rate_;
  Regularizer omega_;
  SgdUpdate<T> update_;
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
