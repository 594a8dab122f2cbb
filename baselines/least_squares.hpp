#pragma once
/// The cubic-cost block updates of Taylor et al. (ICML 2016): a layer's weights as an exact least-squares fit
/// and its output as an exact ridge solve, through LAPACK (Algorithm 1's first two steps).

#include <armadillo>

namespace admmbench {

/// W <- Z A^+, the least-squares solution of W A = Z of minimum norm, A n x N.
///
/// The Gram matrix of A's smaller side is factorised: by Cholesky, or, where that fails or the matrix is
/// singular to rounding (constant-zero pixels, dead units), by an eigendecomposition whose eigenvalues below
/// max(n, N) * machine epsilon of the largest count as zero. Singular values of A below the square root of
/// that are out of reach of a method that sums a a^T over samples, which is what makes it scale.
template <class T>
class PseudoInverse {
 public:
  /// Sizes every buffer for A of n x N and Z of `rows` x N; the other members allocate nothing.
  void reserve(arma::uword n, arma::uword N, arma::uword rows);

  void factorize(const arma::Mat<T>& A);

  /// `A` must be the matrix of the last factorize(). W (rows x n) is filled with NaN if A is not finite.
  void apply(const arma::Mat<T>& Z, const arma::Mat<T>& A, arma::Mat<T>& W);

 private:
  enum class Kind { cholesky, eigen, not_finite };

  bool wide(const arma::Mat<T>& A) const { return A.n_rows <= A.n_cols; }
  T fill_gram(const arma::Mat<T>& A);
  void solve();

  Kind kind_ = Kind::not_finite;
  arma::Mat<T> gram_;   ///< k x k, k = min(n, N): the Cholesky factor or the eigenvectors
  arma::Col<T> scale_;  ///< eigen: 1/lambda, or 0
  arma::Mat<T> X_;      ///< k x rows: right-hand sides, then solutions
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
