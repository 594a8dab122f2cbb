#pragma once
/// The update of Adam and AdamW, which other methods take for some arrays or vary.

#include <cmath>
#include <cstddef>

#include "core/compute/elementary.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/parameters.hpp"

namespace admmbench {

/// Adam's own parameters, of the methods that update by it.
struct AdamFactors {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;

  void visit(ParameterVisitor& v) {
    v.real("beta1", beta1, below_one, "decay of the first moment");
    v.real("beta2", beta2, below_one, "decay of the second moment");
    v.real("epsilon", epsilon, positive, "added to the denominator, after the bias correction");
  }
};

/// m <- beta1 m + (1 - beta1) g;   v <- beta2 v + (1 - beta2) g^2
/// w <- keep w - h/(1 - beta1^t) d / (sqrt(v)/sqrt(1 - beta2^t) + epsilon),   d = m, or beta1 m + (1 - beta1) g looking ahead (NAdamW)
template <class T>
class AdamUpdate {
 public:
  explicit AdamUpdate(const AdamFactors& p)
      : beta1_(p.beta1), beta2_(p.beta2), epsilon_(static_cast<T>(p.epsilon)) {}

  /// Of batch t = 1, 2, ..., with step length h and decay mu; W shrinks by keep() = 1 - h mu.
  void begin(long t, double h, double mu) {
    const auto count = static_cast<double>(t);
    step_ = static_cast<T>(h / (1 - std::pow(beta1_, count)));
    correction_ = static_cast<T>(1 / std::sqrt(1 - std::pow(beta2_, count)));
    keep_ = static_cast<T>(1 - h * mu);
  }
  T keep() const { return keep_; }

  /// prox of weight ||w||_1 in the metric of the update: |w| shrinks by  weight h/(1 - beta1^t) / (sqrt(v)/sqrt(1 - beta2^t) + epsilon)
  /// (Yun, Lozano, Yang, NeurIPS 2021). All of `n` entries, after the update.
  void shrink(double weight, T* w, const T* v, std::size_t n) const {
    const T epsilon = epsilon_;
    const T step = static_cast<T>(weight) * step_;
    const T correction = correction_;
    for_range(n, reads(w, v), writes(w), [=](std::size_t i) {
      const T left = std::abs(w[i]) - step / (std::sqrt(v[i]) * correction + epsilon);
      w[i] = std::copysign(elementary::larger(left, T(0)), w[i]);
    });
  }

  /// All of `n` entries.
  template <bool ahead = false>
  void operator()(T keep, T* w, const T* g, T* m, T* v, std::size_t n) const {
    const T beta1 = static_cast<T>(beta1_);
    const T beta2 = static_cast<T>(beta2_);
    const T rest1 = static_cast<T>(1 - beta1_);
    const T rest2 = static_cast<T>(1 - beta2_);
    const T epsilon = epsilon_;
    const T step = step_;
    const T correction = correction_;
    for_range(n, reads(w, g, m, v), writes(w, m, v), [=](std::size_t i) {
      m[i] = beta1 * m[i] + rest1 * g[i];
      v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
      const T d = ahead ? beta1 * m[i] + rest1 * g[i] : m[i];
      w[i] = keep * w[i] - step * d / (std::sqrt(v[i]) * correction + epsilon);
    });
  }

 private:
  double beta1_, beta2_;
  T epsilon_;
  T step_ = 0;
  T correction_ = 0;
  T keep_ = 1;
};

}  // namespace admmbench
