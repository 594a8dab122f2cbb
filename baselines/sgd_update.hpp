#pragma once
/// The update of SGD with momentum, which other methods take for gradients of their own.

#include <cstddef>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

/// v <- g at the first update, else momentum v + g;   w <- w - h v,  or with nesterov  w <- w - h (g + momentum v)
template <class T>
class SgdUpdate {
 public:
  SgdUpdate(double momentum, bool nesterov) : momentum_(static_cast<T>(momentum)), nesterov_(nesterov) {}

  /// Of batch t = 1, 2, ..., with step length h.
  void begin(long t, double h) {
    first_ = t == 1;
    step_ = static_cast<T>(h);
  }

  /// The step length h of this batch.
  double step() const { return step_; }

  /// Whether a velocity is kept; without momentum `v` is not looked at.
  bool has_velocity() const { return momentum_ != T(0); }

  /// All of `n` entries.
  void operator()(T* w, const T* g, T* v, std::size_t n) const {
    const T rate = step_;
    if (!has_velocity()) {
      for_range(n, reads(w, g), writes(w), [=](std::size_t i) { w[i] -= rate * g[i]; });
      return;
    }
    const T keep = first_ ? T(0) : momentum_;
    const T ahead = nesterov_ ? momentum_ : T(1);
    const T direct = nesterov_ ? T(1) : T(0);
    for_range(n, reads(w, g, v), writes(w, v), [=](std::size_t i) {
      v[i] = keep * v[i] + g[i];
      w[i] -= rate * (direct * g[i] + ahead * v[i]);
    });
  }

 private:
  T momentum_;
  bool nesterov_;
  bool first_ = true;
  T step_ = 0;
};

}  // namespace admmbench
