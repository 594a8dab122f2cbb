#include "baselines/newton_schulz.hpp"

#include <algorithm>
#include <cmath>

#include "core/compute/counters.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

constexpr double quintic[] = {3.4445, -4.7750, 2.0315};
constexpr double norm_epsilon = 1e-7;

/// out <- scale A^T, in squares that stay in cache.
template <class T>
void scaled_transpose(T scale, const arma::Mat<T>& A, arma::Mat<T>& out) {
  constexpr arma::uword block = 32;
  count_pass(reads(A), writes(out));
  for (arma::uword j0 = 0; j0 < A.n_cols; j0 += block) {
    for (arma::uword i0 = 0; i0 < A.n_rows; i0 += block) {
      for (arma::uword j = j0; j < std::min(j0 + block, A.n_cols); ++j) {
        for (arma::uword i = i0; i < std::min(i0 + block, A.n_rows); ++i) out(j, i) = scale * A(i, j);
      }
    }
  }
}

}  // namespace

template <class T>
void NewtonSchulz<T>::reserve(arma::uword rows, arma::uword columns) {
  const arma::uword side = std::min(rows, columns);
  X_.reserve(rows * columns);
  next_.reserve(rows * columns);
  A_.reserve(side * side);
  B_.reserve(side * side);
}

template <class T>
void NewtonSchulz<T>::operator()(arma::Mat<T>& U) {
  const bool tall = U.n_rows > U.n_cols;
  const arma::uword rows = std::min(U.n_rows, U.n_cols);
  const arma::uword columns = std::max(U.n_rows, U.n_cols);
  const T scale = static_cast<T>(1 / (std::sqrt(norm2(U)) + norm_epsilon));
  Buffer<T>* now = &X_;
  Buffer<T>* after = &next_;
  {
    arma::Mat<T> X = now->view(rows, columns);
    if (tall) {
      scaled_transpose(scale, U, X);
    } else {
      for_entries(reads(U), writes(X),
                  [scale, u = U.memptr(), x = X.memptr()](std::size_t i) { x[i] = scale * u[i]; });
    }
  }
  arma::Mat<T> A = A_.view(rows, rows);
  arma::Mat<T> B = B_.view(rows, rows);
  for (int k = 0; k < newton_schulz_steps; ++k) {
    const arma::Mat<T> X = now->view(rows, columns);
    arma::Mat<T> next = after->view(rows, columns);
    gemm(Op::none, Op::transpose, T(1), X, X, T(0), A);
    gemm(Op::none, Op::none, T(quintic[2]), A, A, T(0), B);
    for_entries(reads(A, B), writes(B),
                [a = A.memptr(), b = B.memptr()](std::size_t i) { b[i] = T(quintic[1]) * a[i] + b[i]; });
    for (arma::uword i = 0; i < rows; ++i) B(i, i) += T(quintic[0]);
    gemm(Op::none, Op::none, T(1), B, X, T(0), next);
    std::swap(now, after);
  }
  const arma::Mat<T> X = now->view(rows, columns);
  if (tall) {
    scaled_transpose(T(1), X, U);
  } else {
    copy(X, U);
  }
}

IterationCost newton_schulz_cost(double rows, double columns) {
  const double n = std::min(rows, columns);
  const double m = std::max(rows, columns);
  const IterationCost step =
      matrix_product(n, n, m) + matrix_product(n, n, n) + entry_passes(3 * n * n) + matrix_product(n, m, n);
  return newton_schulz_steps * step + entry_passes((1 + 2 + 2) * n * m);
}

double newton_schulz_entries(double largest_matrix, double largest_side) {
  return 2 * largest_matrix + 2 * largest_side * largest_side;
}

template class NewtonSchulz<float>;
template class NewtonSchulz<double>;

}  // namespace admmbench
