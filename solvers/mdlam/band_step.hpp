#pragma once
/// mDLAM's two band-constrained blocks, |a_l - f(z_l)| <= eps entry by entry
/// (docs/methods/mdlam.md#iteration). f is increasing, so the band is a box both for z given a and for a given z.

#include <armadillo>

#include "core/compute/buffer.hpp"
#include "core/compute/linalg.hpp"
#include "core/problem/activation.hpp"
#include "core/problem/step_rule.hpp"

namespace admmbench {

/// The box of one pre-activation. `low` may be -infinity and `high` +infinity.
template <class T>
struct BandBox {
  T low;
  T high;
  T empty;  ///< 1 if no z satisfies |f(z) - a| <= eps; else 0; low and high then follow the rule below
};

/// {z : |f(z) - a| <= eps}: [f^-1(a - eps), f^-1(a + eps)], open ended where f does not reach that value.
/// ReLU: high = a + eps; low = a - eps where that is positive, else -infinity.
///
/// A box can be empty after eps has shrunk, because a may lie outside of f's range by the old eps:
/// ReLU (a < -eps): low = -infinity, high = a + eps, so that f(z) = 0, the nearest value of the range.
/// tanh, sigmoid: a is replaced by the nearest end of the range, e.g. f(z) <= -1 + eps for tanh.
template <class T>
BandBox<T> band_box(Activation f, T eps, T a);

/// z_l <- clip(WA + b 1^T, low, high), the exact minimiser of (rho/2)||W a_{l-1} + b - z||^2 over the band
/// of `a` (all n_l x N). Returns how many boxes were empty.
template <class T>
arma::uword band_preactivation_step(Activation f, T eps, const arma::Mat<T>& WA, const arma::Col<T>& b,
                                    const arma::Mat<T>& a, arma::Mat<T>& z);

/// a <- clip(a, f(z) - eps, f(z) + eps).
template <class T>
void clip_to_band(Activation f, T eps, const arma::Mat<T>& z, arma::Mat<T>& a);

/// Scratch of band_input_step(); one object serves all layers.
template <class T>
struct BandWorkspace {
  Buffer<T> residual;   ///< n_{l+1} x N
  Buffer<T> gradient;   ///< n_l x N
  Buffer<T> direction;  ///< n_l x N
  SampleSum sum;        ///< over all samples, where the columns are some of them
};

/// One projected gradient step on a = a_l for phi(a) = (rho/2)||W a + b 1^T - z_next||^2 within the band of
/// `z` = z_l, where W (n_{l+1} x n_l), b and z_next belong to layer l + 1:
///   g = rho W^T (W a + b - z_next),  D = clip(a - g/tau, f(z) - eps, f(z) + eps) - a,
/// tau from the step rule (kappa = rho ||W g||^2 / ||g||^2), then doubled while rho ||W D||^2 > tau ||D||^2.
/// `a` and `Wa` = W a are updated together. Two GEMMs, one more where the clipping is active. `ritz` is the
/// rule lipschitz's warm start. Where processes share the samples, a sum of the two norms in tau, one of the entries clipped in each
/// trial, and one of the norms that it is judged by.
template <class T>
void band_input_step(const StepRule& rule, Activation f, double eps, double rho, const arma::Mat<T>& W,
                     const arma::Col<T>& b, const arma::Mat<T>& z_next, const arma::Mat<T>& z,
                     arma::Mat<T>& a, arma::Mat<T>& Wa, SpectralState<T>& ritz, BandWorkspace<T>& workspace);

}  // namespace admmbench
