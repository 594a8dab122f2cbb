#pragma once
/// The cubic-cost block updates of Taylor et al. (ICML 2016): a layer's weights as an exact least-squares fit
/// and its output as an exact ridge solve, through LAPACK (Algorithm 1's first two steps).

#include <armadillo>

#include "core/parallel/sample_sum.hpp"

namespace admmbench {

/// W <- Z A^+, the least-squares solution of W A = Z of minimum norm, A n x N.
///
/// The Gram matrix of A's smaller side is factorised: by Cholesky, or, where that fails or the matrix is
/// singular to rounding (constant-zero pixels, dead units), by an eigendecomposition whose eigenvalues below
/// max(n, N) * machine epsilon of the largest count as zero. Singular values of A below the square root of
/// that are out of reach of a method that sums a a^T over samples, which is what makes it scale. Where processes share the samples it is
/// A A^T always, and one sum, of A A^T and A Z^T (and one more of A A^T for an eigendecomposition).
template <class T>
class PseudoInverse {
 public:
  /// Sizes every buffer for A of n x N and Z of `rows` x N; the other members allocate nothing. `sum`: over the `samples` of all, where
  /// the N columns are some of them.
  void reserve(arma::uword n, arma::uword N, arma::uword rows, const SampleSum& sum = {},
               arma::uword samples = 0);

  void factorize(const arma::Mat<T>& A);

  /// `A` must be the matrix of the last factorize(). W (rows x n) is filled with NaN if A is not finite.
  void apply(const arma::Mat<T>& Z, const arma::Mat<T>& A, arma::Mat<T>& W);

  /// factorize() and apply().
  void fit(const arma::Mat<T>& Z, const arma::Mat<T>& A, arma::Mat<T>& W);

 private:
  enum class Kind { cholesky, eigen, not_finite };

  bool wide(const arma::Mat<T>& A) const { return !sum_.alone() || A.n_rows <= A.n_cols; }
  arma::Mat<T> gram() { return arma::Mat<T>(joint_.memptr(), joint_.n_rows, joint_.n_rows, false, true); }
  arma::Mat<T> X() {
    const arma::uword k = joint_.n_rows;
    return arma::Mat<T>(joint_.colptr(k), k, joint_.n_cols - k, false, true);
  }
  void multiply_gram(const arma::Mat<T>& A);
  T gram_norm();
  void factor_gram(const arma::Mat<T>& A);
  void solve();
  void solve_wide(arma::Mat<T>& W);

  SampleSum sum_;
  arma::uword samples_ = 0;
  Kind kind_ = Kind::not_finite;
  arma::Mat<T>
      joint_;  ///< k x (k + rows), k = min(n, N): Cholesky factor or eigenvectors, and beside them right sides, then solutions
  arma::Col<T> scale_;  ///< eigen: 1/lambda, or 0
  arma::Mat<T> VX_;     ///< eigen: V^T X
  arma::Col<T> work_;
  arma::Col<arma::blas_int> integer_work_;
};

/// a <- (beta W^T W + gamma I)^{-1} (beta W^T z + gamma h), W n_{l+1} x n_l, z n_{l+1} x N, h and a n_l x N.
/// `gram` is scratch, n_l x n_l. beta >= 0, gamma > 0. a is filled with NaN if W is not finite.
template <class T>
void ridge_output_step(double beta, double gamma, const arma::Mat<T>& W, const arma::Mat<T>& z,
                       const arma::Mat<T>& h, arma::Mat<T>& gram, arma::Mat<T>& a);

}  // namespace admmbench
