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
void PseudoInverse<T>::reserve(arma::uword n, arma::uword N, arma::uword rows, const SampleSum& sum,
                               arma::uword samples) {
  sum_ = sum;
  samples_ = samples;
  const arma::uword k = sum.alone() ? std::min(n, N) : n;
  joint_.zeros(k, k + rows);
  scale_.zeros(k);
  VX_.zeros(k, rows);
  char vectors = 'V';
  arma::blas_int order = as_int(k);
  const arma::blas_int query = -1;
  T best_work = 0;
  arma::blas_int best_integer_work = 0;
  arma::blas_int info = 0;
  arma::blas_int asked = query;
  arma::blas_int asked_integer = query;
  arma::lapack::syevd(&vectors, &lower, &order, joint_.memptr(), &order, scale_.memptr(), &best_work, &asked,
                      &best_integer_work, &asked_integer, &info);
  // syevd needs 1 + 6k + 2k^2; pocon 3k. float32 cannot hold the query's answer exactly: one value to spare
  // would not do, so the documented minimum is taken where it is larger.
  work_.zeros(std::max({static_cast<arma::uword>(best_work), 1 + 6 * k + 2 * k * k, 3 * k}));
  integer_work_.zeros(std::max({static_cast<arma::uword>(best_integer_work), 3 + 5 * k, k}));
}

/// The Gram matrix of A's smaller side.
template <class T>
void PseudoInverse<T>::multiply_gram(const arma::Mat<T>& A) {
  arma::Mat<T> G = gram();
  if (wide(A)) {
    gemm(Op::none, Op::transpose, T(1), A, A, T(0), G);
  } else {
    gemm(Op::transpose, Op::none, T(1), A, A, T(0), G);
  }
}

/// Its 1-norm (not finite if A is not).
template <class T>
T PseudoInverse<T>::gram_norm() {
  const arma::Mat<T> G = gram();
  count_pass(reads(G));
  T norm = 0;
  for (arma::uword j = 0; j < G.n_cols; ++j) {
    T sum = 0;
    for (arma::uword i = 0; i < G.n_rows; ++i) sum += std::abs(G(i, j));
    if (!(sum <= norm)) norm = sum;
    if (!std::isfinite(sum)) break;
  }
  return norm;
}

template <class T>
void PseudoInverse<T>::factorize(const arma::Mat<T>& A) {
  multiply_gram(A);
  arma::Mat<T> G = gram();
  sum_(G);
  factor_gram(A);
}

/// From the Gram matrix of all samples.
template <class T>
void PseudoInverse<T>::factor_gram(const arma::Mat<T>& A) {
  const T norm = gram_norm();
  kind_ = Kind::not_finite;
  if (!std::isfinite(norm)) return;

  const T tolerance = static_cast<T>(std::max(A.n_rows, sum_.alone() ? A.n_cols : samples_)) *
                      std::numeric_limits<T>::epsilon();
  arma::Mat<T> G = gram();
  arma::blas_int k = as_int(G.n_rows);
  arma::blas_int info = 0;
  if (cholesky(G)) {
    T reciprocal_condition = 0;
    arma::lapack::pocon(&lower, &k, G.memptr(), &k, &norm, &reciprocal_condition, work_.memptr(),
                        integer_work_.memptr(), &info);
    if (info == 0 && reciprocal_condition > tolerance) {
      kind_ = Kind::cholesky;
      return;
    }
  }
  const InnerIteration fallback;  // whether it comes to this depends on the data
  multiply_gram(A);
  sum_(G);
  gram_norm();
  count_solve(9 * std::uint64_t(G.n_rows) * G.n_rows * G.n_rows);  // nominal, all eigenvectors
  char vectors = 'V';
  arma::blas_int work_size = as_int(work_.n_elem);
  arma::blas_int integer_work_size = as_int(integer_work_.n_elem);
  arma::lapack::syevd(&vectors, &lower, &k, G.memptr(), &k, scale_.memptr(), work_.memptr(), &work_size,
                      integer_work_.memptr(), &integer_work_size, &info);
  if (info != 0) return;
  const T cut = tolerance * std::max(scale_[scale_.n_elem - 1], T(0));
  for (T& value : scale_) value = value > cut ? 1 / value : T(0);
  kind_ = Kind::eigen;
}

/// X <- G^+ X.
template <class T>
void PseudoInverse<T>::solve() {
  arma::Mat<T> right = X();
  const arma::Mat<T> factor = gram();
  if (kind_ == Kind::cholesky) {
    cholesky_solve(factor, right);
    return;
  }
  const InnerIteration fallback;
  gemm(Op::transpose, Op::none, T(1), factor, right, T(0), VX_);
  count_pass(reads(VX_), writes(VX_));
  for (arma::uword j = 0; j < VX_.n_cols; ++j) {
    for (arma::uword i = 0; i < VX_.n_rows; ++i) VX_(i, j) *= scale_[i];
  }
  gemm(Op::none, Op::none, T(1), factor, VX_, T(0), right);
}

/// W^T = (A A^T)^+ (A Z^T), for the right side in X.
template <class T>
void PseudoInverse<T>::solve_wide(arma::Mat<T>& W) {
  if (kind_ == Kind::not_finite) {
    W.fill(std::numeric_limits<T>::quiet_NaN());
    return;
  }
  solve();
  transpose_into(X(), W);
}

template <class T>
void PseudoInverse<T>::apply(const arma::Mat<T>& Z, const arma::Mat<T>& A, arma::Mat<T>& W) {
  if (kind_ == Kind::not_finite) {
    W.fill(std::numeric_limits<T>::quiet_NaN());
    return;
  }
  arma::Mat<T> right = X();
  if (wide(A)) {
    gemm(Op::none, Op::transpose, T(1), A, Z, T(0), right);
    sum_(right);
    solve_wide(W);
  } else {  // W = (Z (A^T A)^+) A^T
    transpose_into(Z, right);
    solve();
    gemm(Op::transpose, Op::transpose, T(1), right, A, T(0), W);
  }
}

template <class T>
void PseudoInverse<T>::fit(const arma::Mat<T>& Z, const arma::Mat<T>& A, arma::Mat<T>& W) {
  if (sum_.alone()) {
    factorize(A);
    apply(Z, A, W);
    return;
  }
  multiply_gram(A);
  arma::Mat<T> right = X();
  gemm(Op::none, Op::transpose, T(1), A, Z, T(0), right);
  sum_(joint_);
  factor_gram(A);
  solve_wide(W);
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
