#include "solvers/bcd/proximal_fit.hpp"

#include <algorithm>
#include <limits>

#include "core/compute/cholesky.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void ProximalFit<T>::reserve(arma::uword n, arma::uword N, arma::uword rows, const SampleSum& sum) {
  sum_ = sum;
  const arma::uword k = sum.alone() ? std::min(n, N) : n;
  joint_.zeros(k, k + rows);
}

template <class T>
void ProximalFit<T>::multiply_gram(double rho, const arma::Mat<T>& A) {
  rho_ = static_cast<T>(rho);
  arma::Mat<T> G = gram();
  if (wide(A)) {
    gemm(Op::none, Op::transpose, rho_, A, A, T(0), G);
  } else {
    gemm(Op::transpose, Op::none, rho_, A, A, T(0), G);
  }
}

template <class T>
void ProximalFit<T>::factor_gram(double alpha) {
  arma::Mat<T> G = gram();
  for (arma::uword i = 0; i < G.n_rows; ++i) G(i, i) += static_cast<T>(alpha);
  good_ = cholesky(G);
}

template <class T>
void ProximalFit<T>::factorize(double alpha, double rho, const arma::Mat<T>& A) {
  multiply_gram(rho, A);
  arma::Mat<T> G = gram();
  sum_(G);
  factor_gram(alpha);
}

/// The transpose of the step: (alpha I + rho A A^T)^{-1} A E^T, for the right side in X.
template <class T>
void ProximalFit<T>::solve_wide(arma::Mat<T>& W) {
  arma::Mat<T> step = X();
  cholesky_solve(gram(), step);
  count_pass(reads(W, W), writes(W));
  for (arma::uword j = 0; j < W.n_cols; ++j) {
    for (arma::uword i = 0; i < W.n_rows; ++i) W(i, j) += step(j, i);
  }
}

template <class T>
void ProximalFit<T>::apply(const arma::Mat<T>& E, const arma::Mat<T>& A, arma::Mat<T>& W) {
  if (!good_) {
    W.fill(std::numeric_limits<T>::quiet_NaN());
    return;
  }
  arma::Mat<T> right = X();
  if (wide(A)) {
    gemm(Op::none, Op::transpose, rho_, A, E, T(0), right);
    sum_(right);
    solve_wide(W);
    return;
  }
  count_pass(reads(E), writes(E));
  for (arma::uword j = 0; j < E.n_rows; ++j) {
    for (arma::uword i = 0; i < E.n_cols; ++i) right(i, j) = E(j, i);
  }
  cholesky_solve(gram(), right);
  gemm(Op::transpose, Op::transpose, rho_, right, A, T(1), W);
}

template <class T>
void ProximalFit<T>::fit(double alpha, double rho, const arma::Mat<T>& E, const arma::Mat<T>& A,
                         arma::Mat<T>& W) {
  if (sum_.alone()) {
    factorize(alpha, rho, A);
    apply(E, A, W);
    return;
  }
  multiply_gram(rho, A);
  arma::Mat<T> right = X();
  gemm(Op::none, Op::transpose, rho_, A, E, T(0), right);
  sum_(joint_);
  factor_gram(alpha);
  if (good_) {
    solve_wide(W);
  } else {
    W.fill(std::numeric_limits<T>::quiet_NaN());
  }
}

template class ProximalFit<float>;
template class ProximalFit<double>;

}  // namespace admmbench
