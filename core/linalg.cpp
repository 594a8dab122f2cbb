#include "core/linalg.hpp"

#include <cmath>
#include <stdexcept>

#include "core/rng.hpp"

namespace admmbench {

template <class T>
void gemm(Op op_a, Op op_b, T alpha, const arma::Mat<T>& A, const arma::Mat<T>& B, T beta, arma::Mat<T>& C) {
  const bool ta = op_a == Op::transpose;
  const bool tb = op_b == Op::transpose;
  const arma::uword m = ta ? A.n_cols : A.n_rows;
  const arma::uword k = ta ? A.n_rows : A.n_cols;
  const arma::uword n = tb ? B.n_rows : B.n_cols;
  if ((tb ? B.n_cols : B.n_rows) != k || C.n_rows != m || C.n_cols != n) {
    throw std::logic_error("gemm: shapes do not fit");
  }
  if (m == 0 || n == 0) return;
  const char trans_a = ta ? 'T' : 'N';
  const char trans_b = tb ? 'T' : 'N';
  const auto as_int = [](arma::uword value) { return static_cast<arma::blas_int>(value); };
  const arma::blas_int rows = as_int(m);
  const arma::blas_int columns = as_int(n);
  const arma::blas_int depth = as_int(k);
  const arma::blas_int lda = as_int(A.n_rows);
  const arma::blas_int ldb = as_int(B.n_rows);
  const arma::blas_int ldc = as_int(C.n_rows);
  arma::blas::gemm<T>(&trans_a, &trans_b, &rows, &columns, &depth, &alpha, A.memptr(), &lda, B.memptr(), &ldb,
                      &beta, C.memptr(), &ldc);
}

template <class T>
double norm2(const arma::Mat<T>& A) {
  return inner(A, A);
}

template <class T>
double inner(const arma::Mat<T>& A, const arma::Mat<T>& B) {
  double total = 0;
  for (arma::uword j = 0; j < A.n_cols; ++j) {
    const T* a = A.colptr(j);
    const T* b = B.colptr(j);
    // In double from the first product on: squares of small float32 gradients would underflow.
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (arma::uword i = 0; i < A.n_rows; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    total += sum;
  }
  return total;
}

template <class T>
void axpy(T alpha, const arma::Mat<T>& X, arma::Mat<T>& Y) {
  const T* x = X.memptr();
  T* y = Y.memptr();
  for (arma::uword i = 0; i < X.n_elem; ++i) y[i] += alpha * x[i];
}

template <class T>
void add_column(arma::Mat<T>& A, const arma::Col<T>& v) {
  const T* add = v.memptr();
  for (arma::uword j = 0; j < A.n_cols; ++j) {
    T* a = A.colptr(j);
    for (arma::uword i = 0; i < A.n_rows; ++i) a[i] += add[i];
  }
}

template <class T>
bool all_finite(const arma::Mat<T>& A) {
  return A.is_finite();
}

namespace {

/// w <- A A^T v (rows <= columns) or A^T A v: one product with the Gram matrix of the smaller side.
template <class T>
void gram_times(const arma::Mat<T>& A, const arma::Col<T>& v, arma::Col<T>& half, arma::Col<T>& w) {
  if (A.n_rows <= A.n_cols) {
    half = A.t() * v;
    w = A * half;
  } else {
    half = A * v;
    w = A.t() * half;
  }
}

}  // namespace

template <class T>
double spectral_norm2(const arma::Mat<T>& A, arma::Col<T>& start) {
  const arma::uword n = std::min(A.n_rows, A.n_cols);
  const bool single = std::is_same_v<T, float>;
  const double tolerance = single ? 1e-5 : 1e-10;
  // The perturbation keeps a component along every eigenvector whatever the last call returned.
  constexpr double perturbation = 0.1;
  Rng rng(0x4c616e637a6f73, n);
  arma::Col<T> v(n);
  fill_normal(rng, start.n_elem == n ? perturbation / std::sqrt(static_cast<double>(n)) : 1.0, v);
  if (start.n_elem == n) v += start;

  constexpr arma::uword basis_limit = 80;
  const arma::uword limit = std::min(n, basis_limit);
  arma::Mat<T> basis(n, limit);
  arma::Col<T> half;
  arma::Col<T> w;
  double lambda = 0;
  constexpr int restarts = 100;
  for (int restart = 0; restart < restarts; ++restart) {
    const double length = arma::norm(v);
    if (!(length > 0) || !std::isfinite(length)) break;
    basis.col(0) = v / static_cast<T>(length);
    arma::mat tridiagonal(limit, limit, arma::fill::zeros);
    arma::vec ritz_values;
    arma::mat ritz_vectors;
    double residual = 0;
    arma::uword size = 0;
    for (arma::uword k = 0; k < limit; ++k) {
      gram_times<T>(A, basis.col(k), half, w);
      tridiagonal(k, k) = static_cast<double>(arma::dot(basis.col(k), w));
      // Twice is enough (Parlett): the second pass removes what rounding left of the first.
      for (int pass = 0; pass < 2; ++pass) w -= basis.head_cols(k + 1) * (basis.head_cols(k + 1).t() * w);
      const double beta = arma::norm(w);
      size = k + 1;
      if (!arma::eig_sym(ritz_values, ritz_vectors, tridiagonal.submat(0, 0, k, k))) {
        throw std::runtime_error("spectral_norm2: the tridiagonal eigenvalue solve failed");
      }
      lambda = ritz_values[k];
      residual = beta * std::abs(ritz_vectors(k, k));
      if (residual <= tolerance * lambda || beta <= std::numeric_limits<T>::epsilon() * lambda) break;
      if (k + 1 < limit) {
        tridiagonal(k, k + 1) = tridiagonal(k + 1, k) = beta;
        basis.col(k + 1) = w / static_cast<T>(beta);
      }
    }
    v = basis.head_cols(size) * arma::conv_to<arma::Col<T>>::from(ritz_vectors.col(size - 1));
    if (residual <= tolerance * lambda || size < limit || size == n) break;
  }
  start = v;
  return single ? lambda * (1 + tolerance) : lambda;
}

#define ADMMBENCH_INSTANTIATE(T)                                                             \
  template void gemm(Op, Op, T, const arma::Mat<T>&, const arma::Mat<T>&, T, arma::Mat<T>&); \
  template double norm2(const arma::Mat<T>&);                                                \
  template double inner(const arma::Mat<T>&, const arma::Mat<T>&);                           \
  template void axpy(T, const arma::Mat<T>&, arma::Mat<T>&);                                 \
  template void add_column(arma::Mat<T>&, const arma::Col<T>&);                              \
  template bool all_finite(const arma::Mat<T>&);                                             \
  template double spectral_norm2(const arma::Mat<T>&, arma::Col<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
