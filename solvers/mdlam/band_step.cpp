#include "solvers/mdlam/band_step.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/blocks/linear_residual.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

template <class T>
constexpr T unbounded = std::numeric_limits<T>::infinity();

// The members of a BandBox, one by one: loops over a function that returns the struct do not vectorise.

template <class T>
struct ReluBox {
  static T low(T eps, T a) { return a - eps > T(0) ? a - eps : -unbounded<T>; }
  static T high(T eps, T a) { return a + eps; }
  static T empty(T eps, T a) { return a + eps < T(0) ? T(1) : T(0); }
};

template <class T>
struct LeakyReluBox {
  static T inverse(T y) { return y > T(0) ? y : y / T(leaky_slope); }
  static T low(T eps, T a) { return inverse(a - eps); }
  static T high(T eps, T a) { return inverse(a + eps); }
  static T empty(T /*eps*/, T /*a*/) { return T(0); }
};

template <class T>
struct IdentityBox {
  static T low(T eps, T a) { return a - eps; }
  static T high(T eps, T a) { return a + eps; }
  static T empty(T /*eps*/, T /*a*/) { return T(0); }
};

template <class T>
struct TanhInverse {
  static constexpr T bottom = T(-1);  ///< the open range of f
  static constexpr T top = T(1);
  static T at(T y) { return std::atanh(y); }
};

template <class T>
struct SigmoidInverse {
  static constexpr T bottom = T(0);
  static constexpr T top = T(1);
  static T at(T y) { return std::log(y) - std::log1p(-y); }
};

/// An activation with the open range (bottom, top).
template <class T, template <class> class Inverse>
struct BoundedBox {
  using F = Inverse<T>;
  static bool below(T eps, T a) { return a + eps <= F::bottom; }  // the band lies outside the range
  static bool above(T eps, T a) { return a - eps >= F::top; }

  static T low(T eps, T a) {
    if (below(eps, a)) return -unbounded<T>;
    if (above(eps, a)) return finite_or(F::top - eps, -unbounded<T>);
    return a - eps <= F::bottom ? -unbounded<T> : F::at(a - eps);
  }
  static T high(T eps, T a) {
    if (below(eps, a)) return finite_or(F::bottom + eps, unbounded<T>);
    return above(eps, a) || a + eps >= F::top ? unbounded<T> : F::at(a + eps);
  }
  static T empty(T eps, T a) { return below(eps, a) || above(eps, a) ? T(1) : T(0); }

 private:
  /// f^-1(y) where y is inside the range; else no bound at all (eps too large, or below rounding).
  static T finite_or(T y, T otherwise) { return y > F::bottom && y < F::top ? F::at(y) : otherwise; }
};

/// The sides of a jump from `bottom` to 1 at 0 whose value is within eps of a; if none is, the nearer one's.
template <class T, int bottom>
struct JumpBox {
  static constexpr T middle = (T(bottom) + T(1)) / 2;

  static T low(T eps, T a) { return ((a >= middle) & (a - T(bottom) > eps)) ? T(0) : -unbounded<T>; }
  static T high(T eps, T a) {
    return ((a >= middle) | (T(1) - a <= eps)) ? unbounded<T> : -std::numeric_limits<T>::min();
  }
  static T empty(T eps, T a) {
    const T below = std::abs(a - T(bottom));
    const T above = std::abs(a - T(1));
    return ((below > eps) & (above > eps)) ? T(1) : T(0);
  }
};

template <class T, class Body>
decltype(auto) with_box(Activation f, Body&& body) {
  switch (f) {
    case Activation::leaky_relu:
      return body(LeakyReluBox<T>{});
    case Activation::identity:
      return body(IdentityBox<T>{});
    case Activation::tanh:
      return body(BoundedBox<T, TanhInverse>{});
    case Activation::sigmoid:
      return body(BoundedBox<T, SigmoidInverse>{});
    case Activation::sign:
      return body(JumpBox<T, -1>{});
    case Activation::step:
      return body(JumpBox<T, 0>{});
    case Activation::relu:
      break;
  }
  return body(ReluBox<T>{});
}

/// By value: std::min and std::max return references, and a loop over them does not vectorise.
template <class T>
T clip(T value, T low, T high) {
  value = value < low ? low : value;
  return high < value ? high : value;
}

}  // namespace

template <class T>
BandBox<T> band_box(Activation f, T eps, T a) {
  return with_box<T>(f, [&](auto box) {
    return BandBox<T>{box.low(eps, a), box.high(eps, a), box.empty(eps, a)};
  });
}

template <class T>
arma::uword band_preactivation_step(Activation f, T eps, const arma::Mat<T>& WA, const arma::Col<T>& b,
                                    const arma::Mat<T>& a, arma::Mat<T>& z) {
  const T* bias = b.memptr();
  return with_box<T>(f, [&](auto box) {
    const double empty = sum_entries_by_row(
        reads(WA, a), writes(z),
        [=, wa = WA.memptr(), a = a.memptr(), z = z.memptr()](std::size_t i, std::size_t row) {
          z[i] = clip(wa[i] + bias[row], box.low(eps, a[i]), box.high(eps, a[i]));
          return static_cast<double>(box.empty(eps, a[i]));
        });
    return static_cast<arma::uword>(empty);
  });
}

template <class T>
void clip_to_band(Activation f, T eps, const arma::Mat<T>& z, arma::Mat<T>& a) {
  with_activation<T>(f, [&](auto activation) {
    for_entries(reads(a, z), writes(a), [activation, eps, z = z.memptr(), a = a.memptr()](std::size_t i) {
      const T center = activation(z[i]);
      a[i] = clip(a[i], center - eps, center + eps);
    });
  });
}

template <class T>
void band_input_step(const StepRule& rule, Activation f, double eps, double rho, const arma::Mat<T>& W,
                     const arma::Col<T>& b, const arma::Mat<T>& z_next, const arma::Mat<T>& z,
                     arma::Mat<T>& a, arma::Mat<T>& Wa, SpectralState<T>& ritz, BandWorkspace<T>& workspace) {
  const T width = static_cast<T>(eps);
  arma::Mat<T> E = workspace.residual.view(z_next.n_rows, z_next.n_cols);
  arma::Mat<T> g = workspace.gradient.view(a.n_rows, a.n_cols);
  arma::Mat<T> D = workspace.direction.view(a.n_rows, a.n_cols);
  linear_residual(Wa, b, z_next, E);
  gemm(Op::transpose, Op::none, static_cast<T>(rho), W, E, T(0), g);
  const SampleSum& sum = workspace.sum;
  double gradient = norm2(g);

  const bool lipschitz = rule.kind == StepRule::Kind::lipschitz;
  double tau = 0;
  arma::Mat<T>& Wg = E;
  double curvature = 0;
  // lambda_max bounds every quotient: the product W g would decide nothing
  if (!lipschitz && (gradient > 0 || !sum.alone())) {
    gemm(Op::none, Op::none, T(1), W, g, T(0), Wg);
    curvature = norm2(Wg);
  }
  sum.scalars(gradient, curvature);
  if (gradient > 0) {
    const double kappa = rho * curvature / gradient;
    const auto lambda_max = [&] { return rho * spectral_norm2(W, ritz); };
    tau = step_tau(rule, kappa, std::cref(lambda_max));
  }
  // Without a gradient (or with a rounding remnant that W does not see) only the band can move a.
  const bool flat = !(tau > 0);

  bool have_Wg = !flat && !lipschitz;
  const InnerIteration trials;
  while (true) {
    const T length = flat ? T(0) : static_cast<T>(1 / tau);
    double clipped = 0;  // entries
    with_activation<T>(f, [&](auto activation) {
      clipped =
          sum_entries(reads(a, z, g), writes(D),
                      [=, z = z.memptr(), a = a.memptr(), g = g.memptr(), d = D.memptr()](std::size_t i) {
                        const T center = activation(z[i]);
                        const T step = a[i] - length * g[i];
                        const T candidate = clip(step, center - width, center + width);
                        d[i] = candidate - a[i];
                        return candidate == step ? 0.0 : 1.0;
                      });
    });
    sum.scalars(clipped);
    if (flat && clipped == 0) return;
    if (have_Wg && clipped == 0) {
      axpy(-length, Wg, Wa);
    } else {
      arma::Mat<T>& WD = E;
      gemm(Op::none, Op::none, T(1), W, D, T(0), WD);
      have_Wg = false;
      if (!flat && !lipschitz) {
        double bent = norm2(WD);
        double step = norm2(D);
        sum.scalars(bent, step);
        if (rho * bent > rounding_slack<T> * tau * step) {
          tau *= 2;
          continue;
        }
      }
      axpy(T(1), WD, Wa);
    }
    axpy(-length, g, a);
    if (clipped > 0) clip_to_band(f, width, z, a);
    return;
  }
}

#define ADMMBENCH_INSTANTIATE(T)                                                                        \
  template BandBox<T> band_box(Activation, T, T);                                                       \
  template arma::uword band_preactivation_step(Activation, T, const arma::Mat<T>&, const arma::Col<T>&, \
                                               const arma::Mat<T>&, arma::Mat<T>&);                     \
  template void clip_to_band(Activation, T, const arma::Mat<T>&, arma::Mat<T>&);                        \
  template void band_input_step(const StepRule&, Activation, double, double, const arma::Mat<T>&,       \
                                const arma::Col<T>&, const arma::Mat<T>&, const arma::Mat<T>&,          \
                                arma::Mat<T>&, arma::Mat<T>&, SpectralState<T>&, BandWorkspace<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
