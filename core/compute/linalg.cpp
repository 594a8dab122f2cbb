#include "core/compute/linalg.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/compute/parallel_pass.hpp"
#include "core/compute/rng.hpp"
#include "core/compute/skinny_gemm.hpp"

// LAPACK: eigenvalues and vectors of a real symmetric tridiagonal matrix. The last argument is Fortran's hidden length.
extern "C" void dstev_(const char* job, const arma::blas_int* n, double* diagonal, double* offdiagonal,
                       double* vectors, const arma::blas_int* leading, double* work, arma::blas_int* info,
                       std::size_t);

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
  count_product({ta, tb, m, n, k, beta != T(0)}, sizeof(T));
  constexpr arma::uword narrow = SkinnyGemm::narrow;
  if (!ta && !tb && m <= narrow && n * k >= SkinnyGemm::worth) {
    skinny_gemm(m, n, k, alpha, A.memptr(), B.memptr(), beta, C.memptr());
    return;
  }
  if (!ta && tb && m <= narrow && n * k >= SkinnyGemm::worth) {
    skinny_gemm_transposed(m, n, k, alpha, A.memptr(), B.memptr(), beta, C.memptr());
    return;
  }
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
  const T* a = A.memptr();
  return sum_entries(reads(A),
                     [=](std::size_t i) { return static_cast<double>(a[i]) * static_cast<double>(a[i]); });
}

template <class T>
double inner(const arma::Mat<T>& A, const arma::Mat<T>& B) {
  const T* a = A.memptr();
  const T* b = B.memptr();
  // In double from the first product on: squares of small float32 gradients would underflow.
  return sum_entries(reads(A, B),
                     [=](std::size_t i) { return static_cast<double>(a[i]) * static_cast<double>(b[i]); });
}

template <class T>
void axpy(T alpha, const arma::Mat<T>& X, arma::Mat<T>& Y) {
  const T* x = X.memptr();
  T* y = Y.memptr();
  for_entries(reads(X, Y), writes(Y), [=](std::size_t i) { y[i] += alpha * x[i]; });
}

template <class T>
void add_column(arma::Mat<T>& A, const arma::Col<T>& v) {
  const T* add = v.memptr();
  for_panels(reads(A), writes(A), [&](std::size_t first, std::size_t last) {
    for (std::size_t j = first; j < last; ++j) {
      T* a = A.colptr(j);
      for (arma::uword i = 0; i < A.n_rows; ++i) a[i] += add[i];
    }
  });
}

template <class T>
bool all_finite(const arma::Mat<T>& A) {
  return A.is_finite();
}

namespace {

/// Lanczos vectors kept before a restart.
constexpr arma::uword basis_limit = 80;

/// y <- op(A) x.
template <class T>
void gemv(Op op, const arma::Mat<T>& A, const T* x, T* y) {
  count_iterative(2 * std::uint64_t(A.n_elem));
  const char trans = op == Op::transpose ? 'T' : 'N';
  const auto rows = static_cast<arma::blas_int>(A.n_rows);
  const auto columns = static_cast<arma::blas_int>(A.n_cols);
  const arma::blas_int stride = 1;
  const T one = 1;
  const T zero = 0;
  arma::blas::gemv<T>(&trans, &rows, &columns, &one, A.memptr(), &rows, x, &stride, &zero, y, &stride);
}

template <class T>
double dot(const T* x, const T* y, arma::uword n) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (arma::uword i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(y[i]);
  return sum;
}

/// The largest eigenvalue of the k x k tridiagonal matrix; its eigenvector is left in state.vectors.
template <class T>
double largest_of_tridiagonal(SpectralState<T>& state, arma::uword k) {
  std::copy_n(state.alpha.begin(), k, state.values.begin());
  std::copy_n(state.beta.begin(), k, state.offdiagonal.begin());
  const char job = 'V';
  const auto n = static_cast<arma::blas_int>(k);
  arma::blas_int info = 0;
  dstev_(&job, &n, state.values.data(), state.offdiagonal.data(), state.vectors.data(), &n, state.work.data(),
         &info, 1);
  if (info != 0)
    throw std::runtime_error("spectral_norm2: the tridiagonal eigenvalue problem did not converge");
  return state.values[k - 1];
}

}  // namespace

template <class T>
void SpectralState<T>::reserve(arma::uword rows, arma::uword columns) {
  const arma::uword n = std::min(rows, columns);
  const arma::uword limit = std::min(n, basis_limit);
  if (basis.n_rows != n) {
    ritz.zeros(n);
    basis.zeros(n, limit);
    w.zeros(n);
    for (auto* list : {&alpha, &beta, &values, &offdiagonal}) list->assign(limit, 0.0);
    vectors.assign(limit * limit, 0.0);
    work.assign(2 * limit, 0.0);
  }
  if (const arma::uword longer = std::max(rows, columns); half.n_elem != longer) half.zeros(longer);
}

template <class T>
double spectral_norm2(const arma::Mat<T>& A, SpectralState<T>& state) {
  const arma::uword n = std::min(A.n_rows, A.n_cols);
  constexpr bool single = std::is_same_v<T, float>;
  constexpr double tolerance = single ? 1e-5 : 1e-10;
  const arma::uword limit = std::min(n, basis_limit);
  state.reserve(A.n_rows, A.n_cols);

  // The perturbation keeps a component along every eigenvector whatever the last call returned.
  constexpr double perturbation = 0.1;
  Rng rng(0x4c616e637a6f73, n);
  const double deviation = perturbation / std::sqrt(static_cast<double>(n));
  arma::Col<T>& v = state.ritz;
  for (T& value : v) value += static_cast<T>(deviation * rng.normal());

  const bool wide = A.n_rows <= A.n_cols;
  arma::Col<T>& w = state.w;
  double lambda = 0;
  constexpr int restarts = 100;
  for (int restart = 0; restart < restarts; ++restart) {
    const double length = std::sqrt(dot(v.memptr(), v.memptr(), n));
    if (!(length > 0) || !std::isfinite(length)) break;
    T* first = state.basis.colptr(0);
    for (arma::uword i = 0; i < n; ++i) first[i] = static_cast<T>(static_cast<double>(v[i]) / length);
    double residual = 0;
    arma::uword size = 0;
    for (arma::uword k = 0; k < limit; ++k) {
      // One product with the Gram matrix of the smaller side.
      const T* q = state.basis.colptr(k);
      gemv(wide ? Op::transpose : Op::none, A, q, state.half.memptr());
      gemv(wide ? Op::none : Op::transpose, A, state.half.memptr(), w.memptr());
      state.alpha[k] = dot(q, w.memptr(), n);
      count_iterative(8 * std::uint64_t(k + 1) * n);
      // Twice is enough (Parlett): the second pass removes what rounding left of the first.
      for (int pass = 0; pass < 2; ++pass) {
        for (arma::uword j = 0; j <= k; ++j) {
          const T* against = state.basis.colptr(j);
          const T share = static_cast<T>(dot(against, w.memptr(), n));
          for (arma::uword i = 0; i < n; ++i) w[i] -= share * against[i];
        }
      }
      const double beta = std::sqrt(dot(w.memptr(), w.memptr(), n));
      state.beta[k] = beta;
      size = k + 1;
      lambda = largest_of_tridiagonal(state, size);
      residual = beta * std::abs(state.vectors[size * size - 1]);
      if (residual <= tolerance * lambda || beta <= std::numeric_limits<T>::epsilon() * lambda) break;
      if (k + 1 < limit) {
        T* next = state.basis.colptr(k + 1);
        for (arma::uword i = 0; i < n; ++i) next[i] = static_cast<T>(static_cast<double>(w[i]) / beta);
      }
    }
    const double* weights = state.vectors.data() + size * (size - 1);
    v.zeros();
    for (arma::uword j = 0; j < size; ++j) {
      const T* q = state.basis.colptr(j);
      const T weight = static_cast<T>(weights[j]);
      for (arma::uword i = 0; i < n; ++i) v[i] += weight * q[i];
    }
    if (residual <= tolerance * lambda || size < limit || size == n) break;
  }
  return single ? lambda * (1 + tolerance) : lambda;
}

#define ADMMBENCH_INSTANTIATE(T)                                                             \
  template struct SpectralState<T>;                                                          \
  template void gemm(Op, Op, T, const arma::Mat<T>&, const arma::Mat<T>&, T, arma::Mat<T>&); \
  template double norm2(const arma::Mat<T>&);                                                \
  template double inner(const arma::Mat<T>&, const arma::Mat<T>&);                           \
  template void axpy(T, const arma::Mat<T>&, arma::Mat<T>&);                                 \
  template void add_column(arma::Mat<T>&, const arma::Col<T>&);                              \
  template bool all_finite(const arma::Mat<T>&);                                             \
  template double spectral_norm2(const arma::Mat<T>&, SpectralState<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
