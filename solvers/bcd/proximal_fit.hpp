#pragma once
/// The W-step as an exact proximal least-squares fit, by Cholesky on the smaller side of the layer's input A (n x N):
///   argmin_W (rho/2)||W A - S||_F^2 + (alpha/2)||W - W^k||_F^2,   W^k + rho E A^T (alpha I + rho A A^T)^{-1},   E = S - W^k A,
/// and for N < n, rho E (alpha I + rho A^T A)^{-1} A^T in place of the last term. Where processes share the samples it is A A^T always,
/// and one sum, of A A^T and A E^T.

#include <armadillo>

#include "core/parallel/sample_sum.hpp"

namespace admmbench {

template <class T>
class ProximalFit {
 public:
  /// Sizes everything for A of n x N and W of `rows` x n. `sum`: over all samples, where the columns of A are some of them.
  void reserve(arma::uword n, arma::uword N, arma::uword rows, const SampleSum& sum = {});

  /// alpha > 0, rho > 0.
  void factorize(double alpha, double rho, const arma::Mat<T>& A);

  /// W <- W + rho E A^T (alpha I + rho A A^T)^{-1}, `A`, alpha and rho being those of the last factorize(). NaN if A is not finite.
  void apply(const arma::Mat<T>& E, const arma::Mat<T>& A, arma::Mat<T>& W);

  /// factorize() and apply().
  void fit(double alpha, double rho, const arma::Mat<T>& E, const arma::Mat<T>& A, arma::Mat<T>& W);

 private:
  bool wide(const arma::Mat<T>& A) const { return !sum_.alone() || A.n_rows <= A.n_cols; }
  arma::Mat<T> gram() { return arma::Mat<T>(joint_.memptr(), joint_.n_rows, joint_.n_rows, false, true); }
  arma::Mat<T> X() {
    const arma::uword k = joint_.n_rows;
    return arma::Mat<T>(joint_.colptr(k), k, joint_.n_cols - k, false, true);
  }
  void multiply_gram(double rho, const arma::Mat<T>& A);
  void factor_gram(double alpha);
  void solve_wide(arma::Mat<T>& W);

  SampleSum sum_;
  bool good_ = false;
  T rho_ = 1;
  arma::Mat<T>
      joint_;  ///< k x (k + rows), k = min(n, N): the Gram matrix, then its Cholesky factor, and beside it the right side
};

}  // namespace admmbench
