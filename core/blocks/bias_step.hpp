#pragma once
/// The b-step, an exact minimisation: b <- b - mean over columns of the residual. The papers' step
/// with constant nu or rho overshoots N-fold (docs/problem.md#biases).

#include <armadillo>

namespace admmbench {

/// b <- b - mean_n(WA + b 1^T - z), n_l entries. Column sums are accumulated in double.
template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, arma::Col<T>& b);

/// b <- b - mean_n(WA + b 1^T - z - shift * u): the output layer of dladmm, shift = 1/rho.
template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, T shift, const arma::Mat<T>& u,
               arma::Col<T>& b);

}  // namespace admmbench
