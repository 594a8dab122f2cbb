#pragma once
/// The W-step as an exact proximal least-squares fit, by Cholesky on the smaller side of the layer's input A (n x N):
///   argmin_W (rho/2)||W A - S||_F^2 + (alpha/2)||W - W^k||_F^2,   W^k + rho E A^T (alpha I + rho A A^T)^{-1},   E = S - W^k A,
/// and for N < n, rho E (alpha I + rho A^T A)^{-1} A^T in place of the last term.

#include <armadillo>

namespace admmbench {

template <class T>
class ProximalFit {
 public:
  /// Sizes everything for A of n x N and W of `rows` x n.
  void reserve(arma::uword n, arma::uword N, arma::uword rows);

  /// alpha > 0, rho > 0.
  void factorize(double alpha, double rho, const arma::Mat<T>& A);

  /// W <- W + rho E A^T (alpha I + rho A A^T)^{-1}, `A`, alpha and rho being those of the last factorize(). NaN if A is not finite.
  void apply(const arma::Mat<T>& E, const arma::Mat<T>& A, arma::Mat<T>& W);

 private:
  bool wide(const arma::Mat<T>& A) const { return A.n_rows <= A.n_cols; }

  bool good_ = false;
  T rho_ = 1;
  arma::Mat<T> gram_;  ///< k x k, k = min(n, N): then its Cholesky factor
  arma::Mat<T> X_;     ///< k x rows
};

}  // namespace admmbench
