/// Schedule-Free AdamW (Defazio et al., NeurIPS 2024; github.com/facebookresearch/schedule_free, AdamWScheduleFree): gradients at
/// y, steps from z, and their weighted mean x is what is evaluated.
///   y = (1 - beta1) z + beta1 x;   v <- beta2 v + (1 - beta2) g^2,   g the gradient at y
///   d = g / (sqrt(v/(1 - beta2^t)) + epsilon) + mu y   (mu on weights only)
///   z <- z - h d;   c = w_t / sum_{s<=t} w_s,   w_t = t^r max_{s<=t} h_s^2;   x <- (1 - c) x + c z
/// with h = learning_rate min(1, t / warm-up updates). The code keeps y and z and finds x from them; here x is kept.

#include <algorithm>
#include <cmath>

#include "baselines/first_order.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

struct ScheduleFreeParameters {
  double learning_rate = 0.0025;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double r = 0;
  long warm_up = 0;
  BatchParameters batch;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length");
    v.real("beta1", beta1, unit_interval, "share of x in y, where the gradient is taken");
    v.real("beta2", beta2, below_one, "decay of the second moment");
    v.real("epsilon", epsilon, positive, "added to the denominator, after the bias correction");
    v.real("r", r, non_negative, "power of t in the weights of the mean");
    v.integer("warm_up", warm_up, non_negative, "updates over which the step length rises linearly");
    v.real("mu", batch.mu, non_negative,
           "weight decay at y: mu y is added to the normalised gradient (not of biases)");
    v.integer_or_word("batch_size", batch.batch_size, "full", at_least_one,
                      "samples per update; the last batch of a pass may be smaller");
    visit_initial_weights(v, batch.weights);
  }
};

template <class T>
class ScheduleFree final : public FirstOrder<T> {
 public:
  explicit ScheduleFree(const ScheduleFreeParameters& p) : FirstOrder<T>(p.batch.without_decay()), p_(p) {}

  /// x, the weights of FirstOrder being y.
  const Network<T>& network() const override { return x_; }

  void visit_state(StateVisitor<T>& visitor) const override {
    FirstOrder<T>::visit_state(visitor);
    visit_moments(visitor, "z", z_);
    visit_moments(visitor, "v", v_);
  }

 protected:
  void start(Network<T> initial, std::uint64_t seed) override {
    x_ = initial;
    FirstOrder<T>::start(std::move(initial), seed);
    for (arma::uword l = 0; l < x_.layers(); ++l) {
      std::copy(x_.W[l].begin(), x_.W[l].end(), z_[2 * l].begin());
      std::copy(x_.b[l].begin(), x_.b[l].end(), z_[2 * l + 1].begin());
    }
    weights_ = longest_ = 0;
  }

  void reserve(const std::vector<arma::uword>& sizes) override {
    reserve_moments(z_, sizes);
    reserve_moments(v_, sizes);
  }

  void begin_update(long t, double /*factor*/) override {
    const auto count = static_cast<double>(t);
    rate_ = p_.learning_rate * (t < p_.warm_up ? count / static_cast<double>(p_.warm_up) : 1.0);
    longest_ = std::max(longest_, rate_);
    const double weight = std::pow(count, p_.r) * longest_ * longest_;
    weights_ += weight;
    share_ = weights_ > 0 ? weight / weights_ : 0;
    correction_ = 1 - std::pow(p_.beta2, count);
  }

  void update(std::size_t array, T* y, const T* g, arma::uword n) override {
    const arma::uword l = this->layer_of(array) - 1;
    T* x = this->is_weight(array) ? x_.W[l].memptr() : x_.b[l].memptr();
    T* z = z_[array].data();
    T* v = v_[array].data();
    const T beta1 = T(p_.beta1);
    const T rest1 = T(1 - p_.beta1);
    const T beta2 = T(p_.beta2);
    const T rest2 = T(1 - p_.beta2);
    const T epsilon = T(p_.epsilon);
    const T correction = T(1 / std::sqrt(correction_));
    const T step = T(rate_);
    const T share = T(share_);
    const T left = T(1 - share_);
    const T mu = this->is_weight(array) ? T(p_.batch.mu) : T(0);
    for_range(n, reads(y, g, x, z, v), writes(y, x, z, v), [=](std::size_t i) {
      v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
      z[i] -= step * (g[i] / (std::sqrt(v[i]) * correction + epsilon) + mu * y[i]);
      x[i] = left * x[i] + share * z[i];
      y[i] = rest1 * z[i] + beta1 * x[i];
    });
  }

  void archive_moments(StateArchive& archive) override { archive(x_, z_, v_, longest_, weights_); }

 private:
  ScheduleFreeParameters p_;
  double rate_ = 0;
  double longest_ = 0;  ///< step length so far
  double weights_ = 0;  ///< sum of w_s
  double share_ = 0;    ///< c
  double correction_ = 1;
  Network<T> x_;
  Moments<T> z_;
  Moments<T> v_;
};

namespace {
const RegisterSolver<ScheduleFreeParameters, ScheduleFree> registered(
    "schedule_free", "baseline: Schedule-Free AdamW, evaluated at the mean of its iterates",
    "Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky, NeurIPS 2024; "
    "github.com/facebookresearch/schedule_free, 70785b5",
    {{"released",
      "the released code's defaults: 0.0025, betas 0.9 and 0.999, no weight decay, no warm-up; batches of "
      "128",
      [](ScheduleFreeParameters& p) { p.batch.batch_size = 128; }}},
    {[](const CostShape& s, const CostOptions& o) { return first_order_cost(s, o, 9, 3); }, true});
}  // namespace

}  // namespace admmbench
