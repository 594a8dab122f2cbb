#pragma once
/// The z-step of a hidden layer, entry by entry and to global optimality:
///   argmin_z  w (z - m)^2 + (a - f(z))^2
/// dlADMM (docs/methods/dladmm.md#iteration): w = 1, m = W a_{l-1} + b. pdADMM's proximal term (z - z^k)^2 completes to
/// w = 2, m = (W p + b + z^k)/2 (docs/methods/pdadmm.md#iteration).

#include <armadillo>

#include "core/problem/activation.hpp"

namespace admmbench {

/// The minimiser of one entry. ReLU: z- = min(m, 0), z+ = max((w m + a)/(w + 1), 0); z- unless h(z-) > h(z+).
/// Leaky ReLU, identity, sign and step likewise in closed form; tanh and sigmoid by bracketing every stationary point on
/// the interval that must hold the minimiser, then bisection-safeguarded Newton.
template <class T>
T preactivation_minimizer(Activation f, T w, T m, T a);

/// z <- minimiser with m = WA + b 1^T (all n_l x N).
template <class T>
void preactivation_step(Activation f, const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& a,
                        arma::Mat<T>& z);

/// z <- minimiser with the weight w and a given m (both n_l x N).
template <class T>
void weighted_preactivation_step(Activation f, T w, const arma::Mat<T>& m, const arma::Mat<T>& a,
                                 arma::Mat<T>& z);

/// z <- minimiser of (z - WA - b 1^T)^2 + (q - f(z))^2 + (z - z^k)^2 with z^k = z on entry.
template <class T>
void proximal_preactivation_step(Activation f, const arma::Mat<T>& WA, const arma::Col<T>& b,
                                 const arma::Mat<T>& q, arma::Mat<T>& z);

/// The same minimisers of the two branches of relu and leaky_relu, of which the one with the smaller (z - WA - b 1^T)^2 +
/// (q - f(z))^2 is taken, as in pdADMM-G's released code; other activations have one branch, and the step is the one above.
template <class T>
void two_term_preactivation_step(Activation f, const arma::Mat<T>& WA, const arma::Col<T>& b,
                                 const arma::Mat<T>& q, arma::Mat<T>& z);

}  // namespace admmbench
