#include "core/blocks/bordered_ridge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/compute/cholesky.hpp"
#include "core/compute/counters.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// out[i] <- sum_n A(i, n), in double.
template <class T>
void row_sums(const arma::Mat<T>& A, T scale, T* out) {
  count_pass(reads(A));
  constexpr arma::uword rows_at_a_time = 64;
  for (arma::uword first = 0; first < A.n_rows; first += rows_at_a_time) {
    const arma::uword rows = std::min(rows_at_a_time, A.n_rows - first);
    double sum[rows_at_a_time] = {};
    for (arma::uword n = 0; n < A.n_cols; ++n) {
      const T* column = A.colptr(n) + first;
      for (arma::uword i = 0; i < rows; ++i) sum[i] += static_cast<double>(column[i]);
    }
    for (arma::uword i = 0; i < rows; ++i)
      out[first + i] = static_cast<T>(static_cast<double>(scale) * sum[i]);
  }
}

}  // namespace

template <class T>
void BorderedRidge<T>::reserve(arma::uword n, arma::uword rows) {
  joint_.zeros(n, n + 1);
  gram_.zeros(n + 1, n + 1);
  R_.zeros(rows, n + 1);
  X_.zeros(n + 1, rows);
}

/// gram <- lam I + c At At^T from the block and its border.
template <class T>
void BorderedRidge<T>::fill(double c, double lam, arma::uword samples) {
  const arma::uword n = joint_.n_rows;
  arma::Mat<T> known = block();
  const T* border = joint_.colptr(n);
  count_pass(reads(known), writes(known));
  for (arma::uword j = 0; j < n; ++j) {
    std::copy_n(known.colptr(j), n, gram_.colptr(j));
    gram_(j, n) = gram_(n, j) = border[j];
  }
  gram_(n, n) = static_cast<T>(c * static_cast<double>(samples));
  for (arma::uword i = 0; i <= n; ++i) gram_(i, i) += static_cast<T>(lam);
}

template <class T>
void BorderedRidge<T>::factorize(double c, double lam, const arma::Mat<T>& A) {
  const T weight = static_cast<T>(c);
  const arma::uword samples = sum_.alone() ? A.n_cols : samples_;
  arma::Mat<T> gram = block();
  gemm(Op::none, Op::transpose, weight, A, A, T(0), gram);
  row_sums(A, weight, joint_.colptr(A.n_rows));
  sum_(joint_);
  fill(c, lam, samples);
  double largest = 0;
  for (arma::uword i = 0; i < gram_.n_rows; ++i)
    largest = std::max(largest, static_cast<double>(gram_(i, i)));
  good_ = cholesky(gram_);
  double ridge =
      largest * static_cast<double>(gram_.n_rows) * static_cast<double>(std::numeric_limits<T>::epsilon());
  const InnerIteration counting;  // whether it comes to this depends on the data
  constexpr int tries = 4;
  for (int k = 0; k < tries && !good_ && std::isfinite(largest); ++k, ridge *= 10) {
    fill(c, std::max(lam, ridge), samples);
    good_ = cholesky(gram_);
  }
}

template <class T>
const arma::Mat<T>& BorderedRidge<T>::apply(double scale, const arma::Mat<T>& S, const arma::Mat<T>& A) {
  const arma::uword n = A.n_rows;
  if (!good_) {
    R_.fill(std::numeric_limits<T>::quiet_NaN());
    return R_;
  }
  arma::Mat<T> weights(R_.memptr(), R_.n_rows, n, false, true);
  gemm(Op::none, Op::transpose, static_cast<T>(scale), S, A, T(0), weights);
  row_sums(S, static_cast<T>(scale), R_.colptr(n));
  sum_.entries(R_.memptr(), R_.n_elem);
  count_pass(reads(R_, R_), writes(R_, R_));
  for (arma::uword j = 0; j <= n; ++j) {
    for (arma::uword i = 0; i < R_.n_rows; ++i) X_(j, i) = R_(i, j);
  }
  cholesky_solve(gram_, X_);
  for (arma::uword j = 0; j <= n; ++j) {
    for (arma::uword i = 0; i < R_.n_rows; ++i) R_(i, j) = X_(j, i);
  }
  return R_;
}

IterationCost bordered_factor_cost(double n, double samples) {
  IterationCost cost = matrix_product(n, n, samples) + entry_passes(n * samples + 2 * n * n);
  cost.solve_flops = whole_third((n + 1) * (n + 1) * (n + 1));
  return cost;
}

IterationCost bordered_apply_cost(double n, double samples, double rows) {
  IterationCost cost = matrix_product(rows, n, samples) + entry_passes(rows * samples + 4 * rows * (n + 1));
  cost.solve_flops = 2 * (n + 1) * (n + 1) * rows;
  return cost;
}

template <class T>
void add_bordered(const arma::Mat<T>& R, arma::Mat<T>& W, arma::Col<T>& b) {
  for_entries(reads(W, R.memptr()), writes(W),
              [w = W.memptr(), r = R.memptr()](std::size_t i) { w[i] += r[i]; });
  for (arma::uword i = 0; i < b.n_elem; ++i) b[i] += R(i, W.n_cols);
}

template class BorderedRidge<float>;
template class BorderedRidge<double>;
template void add_bordered(const arma::Mat<float>&, arma::Mat<float>&, arma::Col<float>&);
template void add_bordered(const arma::Mat<double>&, arma::Mat<double>&, arma::Col<double>&);

}  // namespace admmbench
