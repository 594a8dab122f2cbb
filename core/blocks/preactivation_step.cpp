#include "core/blocks/preactivation_step.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

using elementary::larger;
using elementary::smaller;

template <class T>
struct ReluMinimizer {
  T operator()(T w, T m, T a) const {
    const T minus = smaller(m, T(0));
    const T plus = larger((w * m + a) / (w + T(1)), T(0));
    const T at_minus = w * (minus - m) * (minus - m) + a * a;
    const T at_plus = w * (plus - m) * (plus - m) + (a - plus) * (a - plus);
    return at_minus > at_plus ? plus : minus;
  }
};

template <class T>
struct LeakyReluMinimizer {
  T operator()(T w, T m, T a) const {
    constexpr T s = T(leaky_slope);
    const T minus = smaller((w * m + s * a) / (w + s * s), T(0));
    const T plus = larger((w * m + a) / (w + T(1)), T(0));
    const auto h = [&](T z, T fz) { return w * (z - m) * (z - m) + (a - fz) * (a - fz); };
    return h(minus, s * minus) > h(plus, plus) ? plus : minus;
  }
};

template <class T>
struct IdentityMinimizer {
  T operator()(T w, T m, T a) const { return (w * m + a) / (w + T(1)); }
};

/// A jump from `low` to 1 at 0. Each side's minimiser is m, or the number next to the jump: below it the normal one that is closest to 0.
template <class T, int low>
struct JumpMinimizer {
  T operator()(T w, T m, T a) const {
    const T minus = smaller(m, -std::numeric_limits<T>::min());
    const T plus = larger(m, T(0));
    const auto h = [&](T z, T fz) { return w * (z - m) * (z - m) + (a - fz) * (a - fz); };
    return h(minus, T(low)) > h(plus, T(1)) ? plus : minus;
  }
};

/// tanh and sigmoid. With r = a - f(m) the minimiser lies on the side of m where f approaches a, and not
/// farther than |r|/sqrt(w), since h(z) <= h(m) = r^2. Beyond |z| = `saturated` f' is zero to rounding, so
/// stationary points other than m itself lie inside. h'/2 is sampled on a grid fine against the scale 1 on
/// which f' changes; each change of sign from - to + brackets a local minimum.
template <class T, template <class> class F>
struct SmoothMinimizer {
  T operator()(T w_, T m_, T a_) const {
    const F<double> f;
    const auto w = static_cast<double>(w_);
    const auto m = static_cast<double>(m_);
    const auto a = static_cast<double>(a_);
    const auto value = [&](double z) { return w * (z - m) * (z - m) + (a - f(z)) * (a - f(z)); };
    const auto slope = [&](double z) { return w * (z - m) - (a - f(z)) * f.derivative(z); };

    const double r = a - f(m);
    if (r == 0) return m_;
    constexpr double saturated = 40;
    double low = r > 0 ? m : std::max(m - std::abs(r) / std::sqrt(w), std::min(m, -saturated));
    double high = r > 0 ? std::min(m + std::abs(r) / std::sqrt(w), std::max(m, saturated)) : m;

    constexpr double spacing = 0.25;
    const int cells = std::max(8, static_cast<int>(std::ceil((high - low) / spacing)));
    double best = m;
    double best_value = value(m);
    double left = low;
    double left_slope = slope(low);
    for (int i = 1; i <= cells; ++i) {
      const double right = i == cells ? high : low + (high - low) * i / cells;
      const double right_slope = slope(right);
      if (left_slope <= 0 && right_slope >= 0) {
        const double z = root(slope, left, right);
        const double h = value(z);
        if (h < best_value) {
          best = z;
          best_value = h;
        }
      }
      left = right;
      left_slope = right_slope;
    }
    return static_cast<T>(best);
  }

 private:
  /// The root of an increasing crossing in [left, right]: secant steps kept inside the bracket by bisection.
  template <class Slope>
  static double root(const Slope& slope, double left, double right) {
    double at_left = slope(left);
    double at_right = slope(right);
    for (int i = 0; i < 200 && right - left > 1e-15 * (1 + std::abs(left)); ++i) {
      double z = 0.5 * (left + right);
      if (i % 3 != 0 && at_right != at_left) {
        const double secant = left - at_left * (right - left) / (at_right - at_left);
        if (secant > left && secant < right) z = secant;
      }
      const double at = slope(z);
      if (at == 0) return z;
      if (at < 0) {
        left = z;
        at_left = at;
      } else {
        right = z;
        at_right = at;
      }
    }
    return 0.5 * (left + right);
  }
};

/// The branches' minimisers of (z - m)^2 + (q - f(z))^2 + (z - z^k)^2, f with slope s below 0, compared without the last term.
template <class T>
struct TwoTermMinimizer {
  T s;
  T operator()(T m, T before, T q) const {
    const T minus = smaller((m + before + s * q) / (T(2) + s * s), T(0));
    const T plus = larger((m + before + q) / T(3), T(0));
    const auto h = [&](T z, T fz) { return (z - m) * (z - m) + (q - fz) * (q - fz); };
    return h(minus, s * minus) > h(plus, plus) ? plus : minus;
  }
};

template <class T, class Body>
decltype(auto) with_minimizer(Activation f, Body&& body) {
  switch (f) {
    case Activation::leaky_relu:
      return body(LeakyReluMinimizer<T>{});
    case Activation::identity:
      return body(IdentityMinimizer<T>{});
    case Activation::tanh:
      return body(SmoothMinimizer<T, Tanh>{});
    case Activation::sigmoid:
      return body(SmoothMinimizer<T, Sigmoid>{});
    case Activation::sign:
      return body(JumpMinimizer<T, -1>{});
    case Activation::step:
      return body(JumpMinimizer<T, 0>{});
    case Activation::relu:
      break;
  }
  return body(ReluMinimizer<T>{});
}

}  // namespace

template <class T>
T preactivation_minimizer(Activation f, T w, T m, T a) {
  return with_minimizer<T>(f, [&](auto minimizer) { return minimizer(w, m, a); });
}

template <class T>
void preactivation_step(Activation f, const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& a,
                        arma::Mat<T>& z) {
  with_minimizer<T>(f, [&](auto minimizer) {
    for_entries_by_row(
        reads(WA, a), writes(z),
        [minimizer, wa = WA.memptr(), bias = b.memptr(), a = a.memptr(), z = z.memptr()](
            std::size_t i, std::size_t row) { z[i] = minimizer(T(1), wa[i] + bias[row], a[i]); });
  });
}

template <class T>
void weighted_preactivation_step(Activation f, T w, const arma::Mat<T>& m, const arma::Mat<T>& a,
                                 arma::Mat<T>& z) {
  with_minimizer<T>(f, [&](auto minimizer) {
    for_entries(reads(m, a), writes(z),
                [minimizer, w, m = m.memptr(), a = a.memptr(), z = z.memptr()](std::size_t i) {
                  z[i] = minimizer(w, m[i], a[i]);
                });
  });
}

template <class T>
void proximal_preactivation_step(Activation f, const arma::Mat<T>& WA, const arma::Col<T>& b,
                                 const arma::Mat<T>& q, arma::Mat<T>& z) {
  with_minimizer<T>(f, [&](auto minimizer) {
    for_entries_by_row(reads(WA, q, z), writes(z),
                       [minimizer, wa = WA.memptr(), bias = b.memptr(), q = q.memptr(), z = z.memptr()](
                           std::size_t i, std::size_t row) {
                         z[i] = minimizer(T(2), (wa[i] + bias[row] + z[i]) / T(2), q[i]);
                       });
  });
}

template <class T>
void two_term_preactivation_step(Activation f, const arma::Mat<T>& WA, const arma::Col<T>& b,
                                 const arma::Mat<T>& q, arma::Mat<T>& z) {
  if (f != Activation::relu && f != Activation::leaky_relu) {
    proximal_preactivation_step(f, WA, b, q, z);
    return;
  }
  const TwoTermMinimizer<T> minimizer{f == Activation::relu ? T(0) : T(leaky_slope)};
  for_entries_by_row(
      reads(WA, q, z), writes(z),
      [minimizer, wa = WA.memptr(), bias = b.memptr(), q = q.memptr(), z = z.memptr()](
          std::size_t i, std::size_t row) { z[i] = minimizer(wa[i] + bias[row], z[i], q[i]); });
}

#define ADMMBENCH_INSTANTIATE(T)                                                                     \
  template T preactivation_minimizer(Activation, T, T, T);                                           \
  template void preactivation_step(Activation, const arma::Mat<T>&, const arma::Col<T>&,             \
                                   const arma::Mat<T>&, arma::Mat<T>&);                              \
  template void proximal_preactivation_step(Activation, const arma::Mat<T>&, const arma::Col<T>&,    \
                                            const arma::Mat<T>&, arma::Mat<T>&);                     \
  template void two_term_preactivation_step(Activation, const arma::Mat<T>&, const arma::Col<T>&,    \
                                            const arma::Mat<T>&, arma::Mat<T>&);                     \
  template void weighted_preactivation_step(Activation, T, const arma::Mat<T>&, const arma::Mat<T>&, \
                                            arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
