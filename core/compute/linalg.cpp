#include "core/compute/linalg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "core/compute/parallel_pass.hpp"
#include "core/compute/rng.hpp"
#include "core/compute/skinny_gemm.hpp"

// LAPACK: eigenvalues and vectors of a real symmetric tridiagonal matrix. The last argument is Fortran's hidden length.
extern "C" void dstev_(const char* job, const arma::blas_int* n, double* diagonal, double* offdiagonal,
                       double* vectors, const arma::blas_int* leading, double* work, arma::blas_int* info,
                       std::size_t);

namespace admmbench {

namespace {

arma::blas_int as_int(std::size_t value) { return static_cast<arma::blas_int>(value); }

/// C <- alpha op(A) op(B) + beta C, by BLAS.
template <class T>
struct BlasProduct {
  bool transpose_A, transpose_B;
  std::size_t m, n, k;
  T alpha, beta;
  const T* A;
  const T* B;
  T* C;
  std::size_t lda, ldb, ldc;

  void operator()() const {
    const char trans_a = transpose_A ? 'T' : 'N';
    const char trans_b = transpose_B ? 'T' : 'N';
    const arma::blas_int rows = as_int(m);
    const arma::blas_int columns = as_int(n);
    const arma::blas_int depth = as_int(k);
    const arma::blas_int strides[] = {as_int(lda), as_int(ldb), as_int(ldc)};
    arma::blas::gemm<T>(&trans_a, &trans_b, &rows, &columns, &depth, &alpha, A, &strides[0], B, &strides[1],
                        &beta, C, &strides[2]);
  }

  BlasProduct columns(std::size_t begin, std::size_t count) const {
    BlasProduct part = *this;
    part.n = count;
    part.B += transpose_B ? begin : begin * ldb;
    part.C += begin * ldc;
    return part;
  }
};

/// C's columns cut into parts at multiples of `unit`, as alike as that allows.
struct ColumnParts {
  static constexpr std::size_t unit = 24;
  std::size_t columns, parts;

  std::size_t begin(std::size_t part) const {
    const std::size_t units = (columns + unit - 1) / unit;
    return std::min(columns, units * part / parts * unit);
  }
  std::size_t size(std::size_t part) const { return begin(part + 1) - begin(part); }
  std::size_t smallest() const {
    std::size_t result = columns;
    for (std::size_t part = 0; part < parts; ++part) result = std::min(result, size(part));
    return result;
  }
};

/// On the threads of ComputeThreads, each with a part of C's columns. The same bits for any number of threads: kernels of OpenBLAS
/// take columns by 4, 8, 12 or 24, the first ones and the rest in another order of additions, so parts begin at multiples of 24
/// (rows cannot be cut: its Haswell kernels treat them by where a block ends). Parts are large enough to be worth the waking of a
/// thread, and for the kernel of the whole: up to 10^6 multiplications there is another one.
template <class T>
void multiply(const BlasProduct<T>& product) {
  constexpr std::size_t smallest_part = std::size_t(1) << 20;  // multiplications
  WorkerPool* pool = compute_threads();
  ColumnParts cut{product.n, pool == nullptr ? 1 : pool->workers()};
  while (cut.parts > 1 && product.m * product.k * cut.smallest() < smallest_part) --cut.parts;
  if (cut.parts < 2) {
    product();
    return;
  }
  pool->for_each(cut.parts, [&](std::size_t part, std::size_t /*worker*/) {
    product.columns(cut.begin(part), cut.size(part))();
  });
}

/// "A^T (4 x 5)": op(A) and its shape.
template <class T>
std::string factor_text(const char* name, bool transposed, const arma::Mat<T>& factor) {
  const arma::uword rows = transposed ? factor.n_cols : factor.n_rows;
  const arma::uword columns = transposed ? factor.n_rows : factor.n_cols;
  return fmt::format("{}{} ({} x {})", name, transposed ? "^T" : "", rows, columns);
}

}  // namespace

template <class T>
void gemm(Op op_a, Op op_b, T alpha, const arma::Mat<T>& A, const arma::Mat<T>& B, T beta, arma::Mat<T>& C) {
  const bool ta = op_a == Op::transpose;
  const bool tb = op_b == Op::transpose;
  const arma::uword m = ta ? A.n_cols : A.n_rows;
  const arma::uword k = ta ? A.n_rows : A.n_cols;
  const arma::uword n = tb ? B.n_rows : B.n_cols;
  if ((tb ? B.n_cols : B.n_rows) != k || C.n_rows != m || C.n_cols != n) {
    throw std::logic_error(fmt::format(
        "gemm: C <- {} {} does not fit C ({} x {}): the second factor needs {} rows, C the shape {} x {}",
        factor_text("A", ta, A), factor_text("B", tb, B), C.n_rows, C.n_cols, k, m, n));
  }
  if (m == 0 || n == 0) return;
  count_product({ta, tb, m, n, k, beta != T(0)}, sizeof(T));
  constexpr arma::uword narrow = SkinnyGemm::narrow;
  const bool skinny = !ta && m <= narrow && n * k >= SkinnyGemm::worth;
  if (skinny && !tb) {
    skinny_gemm(m, n, k, alpha, A.memptr(), B.memptr(), beta, C.memptr());
  } else if (skinny) {
    skinny_gemm_transposed(m, n, k, alpha, A.memptr(), B.memptr(), beta, C.memptr());
  } else {
    multiply(BlasProduct<T>{ta, tb, m, n, k, alpha, beta, A.memptr(), B.memptr(), C.memptr(), A.n_rows,
                            B.n_rows, C.n_rows});
  }
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
  for_entries_by_row(reads(A), writes(A),
                     [a = A.memptr(), add](std::size_t i, std::size_t row) { a[i] += add[row]; });
}

template <class T>
void row_sums(const arma::Mat<T>& A, arma::Col<T>& sums) {
  sums.zeros();
  count_pass(reads(A));
  vectorized(vector_level(), [sum = sums.memptr(), a = A.memptr(), rows = A.n_rows, columns = A.n_cols] {
    for (std::size_t n = 0; n < columns; ++n) {
#pragma omp simd
      for (std::size_t i = 0; i < rows; ++i) sum[i] += a[n * rows + i];
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
double dot(const T* x, const T* y, std::size_t n) {
  return vectorized(vector_level(), [=] {
    LaneSum sum;
    sum.add(0, n, [=](std::size_t i) { return static_cast<double>(x[i]) * static_cast<double>(y[i]); });
    return sum.total();
  });
}

/// y <- y + alpha x.
template <class T>
void add_scaled(T alpha, const T* x, T* y, std::size_t n) {
  vectorized(vector_level(), [=] {
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) y[i] += alpha * x[i];
  });
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
void SpectralState<T>::reserve(arma::uword rows, arma::uword columns, const SampleSum& sum) {
  if (!sum.alone()) columns = std::max(rows, columns);
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
double spectral_norm2(const arma::Mat<T>& A, SpectralState<T>& state, const SampleSum& sum) {
  const bool wide = !sum.alone() || A.n_rows <= A.n_cols;
  const arma::uword n = wide ? A.n_rows : A.n_cols;
  constexpr bool single = std::is_same_v<T, float>;
  constexpr double tolerance = single ? 1e-5 : 1e-10;
  const arma::uword limit = std::min(n, basis_limit);
  state.reserve(A.n_rows, A.n_cols, sum);

  // The perturbation keeps a component along every eigenvector whatever the last call returned.
  constexpr double perturbation = 0.1;
  Rng rng(0x4c616e637a6f73, n);
  const double deviation = perturbation / std::sqrt(static_cast<double>(n));
  arma::Col<T>& v = state.ritz;
  for (T& value : v) value += static_cast<T>(deviation * rng.normal());

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
      sum(w);
      state.alpha[k] = dot(q, w.memptr(), n);
      count_iterative(8 * std::uint64_t(k + 1) * n);
      // Twice is enough (Parlett): the second pass removes what rounding left of the first.
      for (int pass = 0; pass < 2; ++pass) {
        for (arma::uword j = 0; j <= k; ++j) {
          const T* against = state.basis.colptr(j);
          const T share = static_cast<T>(dot(against, w.memptr(), n));
          add_scaled(-share, against, w.memptr(), n);
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
      add_scaled(weight, q, v.memptr(), n);
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
  template void row_sums(const arma::Mat<T>&, arma::Col<T>&);                                \
  template bool all_finite(const arma::Mat<T>&);                                             \
  template double spectral_norm2(const arma::Mat<T>&, SpectralState<T>&, const SampleSum&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
