/// Adam, PyTorch's torch.optim.Adam (Kingma, Ba, ICLR 2015):
///   m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
///   w <- w - learning_rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
/// decoupled: mu acts on the weights, not through the gradient, W <- (1 - learning_rate mu) W before the update (torch.optim.AdamW;
/// Loshchilov, Hutter, ICLR 2019).
/// With a regulariser Omega the proximal step follows: l1 in the metric of the update, in which the step length of w_i is
/// learning_rate / (1 - beta1^t) / (sqrt(v_i) / sqrt(1 - beta2^t) + epsilon) (Yun, Lozano, Yang, NeurIPS 2021); a constraint by its
/// nearest point.

#include "baselines/adam_update.hpp"
#include "baselines/first_order.hpp"
#include "core/problem/regularizer.hpp"

namespace admmbench {

struct AdamParameters {
  double learning_rate = 1e-3;
  AdamFactors factors;
  bool decoupled = false;
  Regularizer regularizer;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    factors.visit(v);
    v.boolean("decoupled", decoupled,
              "AdamW's weight decay: mu shrinks the weights and stays out of the gradient");
    batch.visit(v);
    v.stored_if(regularizer.kind != Regularizer::Kind::none)
        .group("regularizer", regularizer, "proximal regulariser of the weights, not of biases");
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
  explicit Adam(const AdamParameters& p) : FirstOrder<T>(p.in_gradient()), p_(p), update_(p.factors) {}

 protected:
  void reserve(const std::vector<arma::uword>& sizes) override {
    reserve_moments(m_, sizes);
    reserve_moments(v_, sizes);
  }
  void begin_update(long t, double factor) override {
    update_.begin(t, p_.learning_rate * factor, p_.decoupled ? p_.batch.mu : 0);
  }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    update_(this->is_weight(array) ? update_.keep() : T(1), w, g, m_[array].data(), v_[array].data(), n);
    if (this->is_weight(array)) proximal_step(array);
  }
  void archive_moments(StateArchive& archive) override { archive(m_, v_); }

 private:
  void proximal_step(std::size_t array) {
    arma::Mat<T>& W = this->layer_weights(array);
    if (p_.regularizer.kind == Regularizer::Kind::l1) {
      update_.shrink(p_.regularizer.weight, W.memptr(), v_[array].data(), W.n_elem);
    } else {
      project(p_.regularizer, W);
    }
  }

  AdamParameters p_;
  AdamUpdate<T> update_;
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
