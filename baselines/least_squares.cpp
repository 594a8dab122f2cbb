#include "baselines/least_squares.hpp"

#include <algorithm>
#include <limits>

#include "core/compute/cholesky.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

arma::blas_int as_int(arma::uword value) { return static_cast<arma::blas_int>(value); }

char lower = 'L';

template <class T>
void transpose_into(const arma::Mat<T>& A, arma::Mat<T>& out) {
  count_pass(reads(A), writes(out));
  for (arma::uword j = 0; j < A.n_cols; ++j) {
    for (arma::uword i = 0; i < A.n_rows; ++i) out(j, i) = A(i, j);
  }
}

}  // namespace

template <class T>
void PseudoInverse<T>::reserve(arma::uword n, arma::uword N, arma::uword rows) {
  const arma::uword k = std::min(n, N);
  gram_.zeros(k, k);
  scale_.zeros(k);
  X_.zeros(k, rows);
  VX_.zeros(k, rows);
  char vectors = 'V';
  arma::blas_int order = as_int(k);
  const arma::blas_int query = -1;
  T best_work = 0;
  arma::blas_int best_integer_work = 0;
  arma::blas_int info = 0;
  arma::blas_int asked = query;
  arma::blas_int asked_integer = query;
  arma::lapack::syevd(&vectors, &lower, &order, gram_.memptr(), &order, scale_.memptr(), &best_work, &asked,
                      &best_integer_work, &asked_integer, &info);
  // syevd needs 1 + 6k + 2k^2; pocon 3k. float32 cannot hold the query's answer exactly: one value to spare
  // would not do, so the documented minimum is taken where it is larger.
  work_.zeros(std::max({static_cast<arma::uword>(best_work), 1 + 6 * k + 2 * k * k, 3 * k}));
  integer_work_.zeros(std::max({static_cast<arma::uword>(best_integer_work), 3 + 5 * k, k}));
}

/// The Gram matrix of A's smaller side; returns its 1-norm (not finite if A is not).
template <class T>
T PseudoInverse<T>::fill_gram(const arma::Mat<T>& A) {
  if (wide(A)) {
    gemm(Op::none, Op::transpose, T(1), A, A, T(0), gram_);
  } else {
    gemm(Op::transpose, Op::none, T(1), A, A, T(0), gram_);
  }
  count_pass(reads(gram_));
  T norm = 0;
  for (arma::uword j = 0; j < gram_.n_cols; ++j) {
    T sum = 0;
    for (arma::uword i = 0; i < gram_.n_rows; ++i) sum += std::abs(gram_(i, j));
    if (!(sum <= norm)) norm = sum;
    if (!std::isfinite(sum)) break;
  }
  return norm;
}

template <class T>
void PseudoInverse<T>::factorize(const arma::Mat<T>& A) {
  const T norm = fill_gram(A);
  kind_ = Kind::not_finite;
  if (!std::isfinite(norm)) return;

  const T tolerance = static_cast<T>(std::max(A.n_rows, A.n_cols)) * std::numeric_limits<T>::epsilon();
  arma::blas_int k = as_int(gram_.n_rows);
  arma::blas_int info = 0;
  if (cholesky(gram_)) {
    T reciprocal_condition = 0;
    arma::lapack::pocon(&lower, &k, gram_.memptr(), &k, &norm, &reciprocal_condition, work_.memptr(),
                        integer_work_.memptr(), &info);
    if (info == 0 && reciprocal_condition > tolerance) {
      kind_ = Kind::cholesky;
      return;
    }
  }
  const InnerIteration fallback;  // whether it comes to this depends on the data
  fill_gram(A);
  count_solve(9 * std::uint64_t(gram_.n_rows) * gram_.n_rows * gram_.n_rows);  // nominal, all eigenvectors
  char vectors = 'V';
  arma::blas_int work_size = as_int(work_.n_elem);
  arma::blas_int integer_work_size = as_int(integer_work_.n_elem);
  arma::lapack::syevd(&vectors, &lower, &k, gram_.memptr(), &k, scale_.memptr(), work_.memptr(), &work_size,
                      integer_work_.memptr(), &integer_work_size, &info);
  if (info != 0) return;
  const T cut = tolerance * std::max(scale_[scale_.n_elem - 1], T(0));
  for (T& value : scale_) value = value > cut ? 1 / value : T(0);
  kind_ = Kind::eigen;
}

/// X_ <- G^+ X_.
template <class T>
void PseudoInverse<T>::solve() {
  if (kind_ == Kind::cholesky) {
    cholesky_solve(gram_, X_);
    return;
  }
  const InnerIteration fallback;
  gemm(Op::transpose, Op::none, T(1), gram_, X_, T(0), VX_);
  count_pass(reads(VX_), writes(VX_));
  for (arma::uword j = 0; j < VX_.n_cols; ++j) {
    for (arma::uword i = 0; i < VX_.n_rows; ++i) VX_(i, j) *= scale_[i];
  }
  gemm(Op::none, Op::none, T(1), gram_, VX_, T(0), X_);
}

template <class T>
void PseudoInverse<T>::apply(const arma::Mat<T>& Z, const arma::Mat<T>& A, arma::Mat<T>& W) {
  if (kind_ == Kind::not_finite) {
    W.fill(std::numeric_limits<T>::quiet_NaN());
    return;
  }
  if (wide(A)) {  // W^T = (A A^T)^+ (A Z^T)
    gemm(Op::none, Op::transpose, T(1), A, Z, T(0), X_);
    solve();
    transpose_into(X_, W);
  } else {  // W = (Z (A^T A)^+) A^T
    transpose_into(Z, X_);
    solve();
    gemm(Op::transpose, Op::transpose, T(1), X_, A, T(0), W);
  }
}

template <class T>
void ridge_output_step(double beta, double gamma, const arma::Mat<T>& W, const arma::Mat<T>& z,
                       const arma::Mat<T>& h, arma::Mat<T>& gram, arma::Mat<T>& a) {
  gemm(Op::transpose, Op::none, static_cast<T>(beta), W, W, T(0), gram);
  for (arma::uword i = 0; i < gram.n_rows; ++i) gram(i, i) += static_cast<T>(gamma);
  gemm(Op::transpose, Op::none, static_cast<T>(beta), W, z, T(0), a);
  axpy(static_cast<T>(gamma), h, a);
  if (cholesky(gram)) {
    cholesky_solve(gram, a);
  } else {
    a.fill(std::numeric_limits<T>::quiet_NaN());
  }
}

#define ADMMBENCH_INSTANTIATE(T)                                                            \
  template class PseudoInverse<T>;                                                          \
  template void ridge_output_step(double, double, const arma::Mat<T>&, const arma::Mat<T>&, \
                                  const arma::Mat<T>&, arma::Mat<T>&, arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
