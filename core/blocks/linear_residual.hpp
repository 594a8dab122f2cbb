#pragma once
/// The linear residual of a layer, E = W A + b 1^T - z, from the cached product WA, and what follows from it
/// in one pass over memory.

#include <armadillo>

namespace admmbench {

/// E <- WA + b 1^T - z (n_l x N).
template <class T>
void linear_residual(const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& z, arma::Mat<T>& E);

/// E <- WA + b 1^T - z - shift * u: with shift = 1/rho the output layer's Et_L = E_L - u/rho
/// (docs/methods/dladmm.md#iteration).
template <class T>
void linear_residual(const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& z, T shift,
                     const arma::Mat<T>& u, arma::Mat<T>& E);

/// ||WA + b 1^T - z||_F^2 without forming the residual.
template <class T>
double linear_residual_norm2(const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& z);

/// m <- WA + b 1^T (n_l x N), the layer's pre-activation as its input wants it.
template <class T>
void affine(const arma::Mat<T>& WA, const arma::Col<T>& b, arma::Mat<T>& m);

/// m <- WA + b 1^T - shift * u.
template <class T>
void affine(const arma::Mat<T>& WA, const arma::Col<T>& b, T shift, const arma::Mat<T>& u, arma::Mat<T>& m);

}  // namespace admmbench
