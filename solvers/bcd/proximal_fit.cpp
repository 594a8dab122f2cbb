#include "solvers/bcd/proximal_fit.hpp"

#include <algorithm>
#include <limits>

#include "core/compute/cholesky.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void ProximalFit<T>::reserve(arma::uword n, arma::uword N, arma::uword rows) {
  const arma::uword k = std::min(n, N);
  gram_.zeros(k, k);
  X_.zeros(k, rows);
}

template <class T>
void ProximalFit<T>::factorize(double alpha, double rho, const arma::Mat<T>& A) {
  rho_ = static_cast<T>(rho);
  if (wide(A)) {
    gemm(Op::none, Op::transpose, rho_, A, A, T(0), gram_);
  } else {
    gemm(Op::transpose, Op::none, rho_, A, A, T(0), gram_);
  }
  for (arma::uword i = 0; i < gram_.n_rows; ++i) gram_(i, i) += static_cast<T>(alpha);
  good_ = cholesky(gram_);
}

template <class T>
void ProximalFit<T>::apply(const arma::Mat<T>& E, const arma::Mat<T>& A, arma::Mat<T>& W) {
  if (!good_) {
    W.fill(std::numeric_limits<T>::quiet_NaN());
    return;
  }
  if (wide(A)) {  // the transpose of the step: (alpha I + rho A A^T)^{-1} A E^T
    gemm(Op::none, Op::transpose, rho_, A, E, T(0), X_);
    cholesky_solve(gram_, X_);
    count_pass(reads(W, W), writes(W));
    for (arma::uword j = 0; j < W.n_cols; ++j) {
      for (arma::uword i = 0; i < W.n_rows; ++i) W(i, j) += X_(j, i);
    }
    return;
  }
  count_pass(reads(E), writes(E));
  for (arma::uword j = 0; j < E.n_rows; ++j) {
    for (arma::uword i = 0; i < E.n_cols; ++i) X_(i, j) = E(j, i);
  }
  cholesky_solve(gram_, X_);
  gemm(Op::transpose, Op::transpose, rho_, X_, A, T(1), W);
}

template class ProximalFit<float>;
template class ProximalFit<double>;

}  // namespace admmbench
