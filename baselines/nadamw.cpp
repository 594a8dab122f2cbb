/// NAdamW, the baseline of the AlgoPerf benchmark (github.com/mlcommons/algorithmic-efficiency, reference_algorithms, nadamw.py):
/// AdamW with Nesterov's look-ahead in the first moment, and none of NAdam's momentum schedule.
///   W <- (1 - h mu) W;   m <- beta1 m + (1 - beta1) g;   v <- beta2 v + (1 - beta2) g^2
///   w <- w - h/(1 - beta1^t) (beta1 m + (1 - beta1) g) / (sqrt(v/(1 - beta2^t)) + epsilon)

#include "baselines/adam_update.hpp"
#include "baselines/first_order.hpp"

namespace admmbench {

struct NadamwParameters {
  double learning_rate = 1e-3;
  AdamFactors factors;
  BatchParameters batch;

  NadamwParameters() { batch.mu = 0.01; }

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    factors.visit(v);
    batch.visit_decoupled(v);
  }
};

template <class T>
class Nadamw final : public FirstOrder<T> {
 public:
  explicit Nadamw(const NadamwParameters& p)
      : FirstOrder<T>(p.batch.without_decay()), p_(p), update_(p.factors) {}

  void visit_state(StateVisitor<T>& visitor) const override {
    FirstOrder<T>::visit_state(visitor);
    visit_moments(visitor, "m", m_);
    visit_moments(visitor, "v", v_);
  }

 protected:
  void reserve(const std::vector<arma::uword>& sizes) override {
    reserve_moments(m_, sizes);
    reserve_moments(v_, sizes);
  }
  void begin_update(long t, double factor) override {
    update_.begin(t, p_.learning_rate * factor, p_.batch.mu);
  }
  void update(std::size_t array, T* w, const T* g, arma::uword n) override {
    const T keep = this->is_weight(array) ? update_.keep() : T(1);
    constexpr bool ahead = true;
    update_.template operator()<ahead>(keep, w, g, m_[array].data(), v_[array].data(), n);
  }

  void archive_moments(StateArchive& archive) override { archive(m_, v_); }

 private:
  NadamwParameters p_;
  AdamUpdate<T> update_;
  Moments<T> m_;
  Moments<T> v_;
};

namespace {
const RegisterSolver<NadamwParameters, Nadamw> registered(
    "nadamw", "baseline: NAdamW, AdamW with Nesterov's look-ahead",
    "AlgoPerf's baseline, github.com/mlcommons/algorithmic-efficiency; Dozat, ICLR workshop 2016",
    {{"released",
      "AlgoPerf's baseline of the external-tuning ruleset: 0.00175, cosine decay after a rise over 2 passes "
      "of 100",
      [](NadamwParameters& p) {
        p.learning_rate = 0.00175;
        p.factors.beta1 = 1 - 0.0673;
        p.factors.beta2 = 0.99552;
        p.batch.mu = 0.0812;
        p.batch.batch_size = 128;
        p.batch.schedule.shape = Schedule::Shape::cosine;
        p.batch.schedule.warm_up = 2;
      }}},
    {[](const CostShape& s, const CostOptions& o) { return first_order_cost(s, o, 7, 2); }, true});
}  // namespace

}  // namespace admmbench
