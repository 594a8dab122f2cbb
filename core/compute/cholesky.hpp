#pragma once
/// Symmetric positive definite systems by Cholesky (LAPACK), in place and counted. Only the lower triangle of a factor is
/// meaningful.

#include <armadillo>

namespace admmbench {

/// G <- its Cholesky factor; false if G is not positive definite (or not finite).
template <class T>
bool cholesky(arma::Mat<T>& G);

/// X <- G^{-1} X from the Cholesky factor of G.
template <class T>
void cholesky_solve(const arma::Mat<T>& factor, arma::Mat<T>& X);

/// Bytes that BLAS packs for cholesky_solve() of `columns` right-hand sides, with any kernels: 256 rows of them at a time.
inline double packed_by_solve(double columns, double entry_bytes) { return 256 * columns * entry_bytes; }

/// factor <- G^{-1}, both triangles, from the Cholesky factor of G.
template <class T>
void cholesky_inverse(arma::Mat<T>& factor);

}  // namespace admmbench
