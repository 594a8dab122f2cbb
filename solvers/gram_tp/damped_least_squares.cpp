#include "solvers/gram_tp/damped_least_squares.hpp"

#include <algorithm>
#include <limits>

#include "core/compute/cholesky.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void DampedLeastSquares<T>::reserve(arma::uword rows, arma::uword columns) {
  wide_ = rows <= columns;
  const arma::uword small = std::min(rows, columns);
  gram_.zeros(small, small);
  K_.zeros(small, std::max(rows, columns));
}

template <class T>
void DampedLeastSquares<T>::factorize(const arma::Mat<T>& W, double lam) {
  if (wide_) {
    gemm(Op::none, Op::transpose, T(1), W, W, T(0), gram_);
    std::copy(W.begin(), W.end(), K_.begin());
  } else {  // (W W^T + d I)^{-1} W = W (W^T W + d I)^{-1}
    gemm(Op::transpose, Op::none, T(1), W, W, T(0), gram_);
    for (arma::uword j = 0; j < W.n_cols; ++j) {
      for (arma::uword i = 0; i < W.n_rows; ++i) K_(j, i) = W(i, j);
    }
  }
  count_pass(reads(W), writes(K_));
  double t = 0;  // trace(W W^T) = trace(W^T W)
  for (arma::uword i = 0; i < gram_.n_rows; ++i) t += static_cast<double>(gram_(i, i));
  damping_ = lam * t / static_cast<double>(W.n_rows);
  for (arma::uword i = 0; i < gram_.n_rows; ++i) gram_(i, i) += static_cast<T>(damping_);
  if (cholesky(gram_)) {
    cholesky_solve(gram_, K_);
  } else {
    K_.fill(std::numeric_limits<T>::quiet_NaN());
  }
}

template <class T>
void DampedLeastSquares<T>::apply(const arma::Mat<T>& e, arma::Mat<T>& da) const {
  gemm(wide_ ? Op::transpose : Op::none, Op::none, T(1), K_, e, T(0), da);
}

template class DampedLeastSquares<float>;
template class DampedLeastSquares<double>;

}  // namespace admmbench
