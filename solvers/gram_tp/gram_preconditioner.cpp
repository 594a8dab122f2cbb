#include "solvers/gram_tp/gram_preconditioner.hpp"

#include <algorithm>
#include <limits>

#include "core/compute/cholesky.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// A <- A + eps g I with g the mean of A's diagonal.
template <class T>
void damp(double eps, arma::Mat<T>& A) {
  double sum = 0;
  for (arma::uword i = 0; i < A.n_rows; ++i) sum += static_cast<double>(A(i, i));
  const T add = static_cast<T>(eps * sum / static_cast<double>(A.n_rows));
  for (arma::uword i = 0; i < A.n_rows; ++i) A(i, i) += add;
}

}  // namespace

template <class T>
void GramPreconditioner<T>::reserve(arma::uword rows) {
  G_.zeros(rows, rows);
  P_.zeros(rows, rows);
  seen_ = 0;
}

template <class T>
void GramPreconditioner<T>::observe(const arma::Mat<T>& At, double keep) {
  const double old = std::min(keep, seen_ / (seen_ + 1));
  gemm(Op::none, Op::transpose, static_cast<T>((1 - old) / static_cast<double>(At.n_cols)), At, At,
       static_cast<T>(old), G_);
  ++seen_;
}

template <class T>
void GramPreconditioner<T>::invert(double eps) {
  copy(G_, P_);
  damp(eps, P_);
  invert_positive_definite(P_);
}

template <class T>
void GramPreconditioner<T>::apply(const arma::Mat<T>& At, arma::Mat<T>& out) const {
  gemm(Op::none, Op::none, T(1), P_, At, T(0), out);
}

template <class T>
void GramPreconditioner<T>::apply_right(const arma::Mat<T>& S, T beta, arma::Mat<T>& out) const {
  gemm(Op::none, Op::none, T(1), S, P_, beta, out);
}

template <class T>
void precondition_inputs(const arma::Mat<T>& x, double eps, arma::Mat<T>& out) {
  const arma::uword N = x.n_cols;
  for (arma::uword n = 0; n < N; ++n) {
    std::copy_n(x.colptr(n), x.n_rows, out.colptr(n));
    out(x.n_rows, n) = T(1);
  }
  count_pass(reads(x), writes(out));
  const T share = static_cast<T>(1 / static_cast<double>(N));
  // g is the mean of the diagonal of the large Gram matrix on either side: ||[x; 1]||^2 / (N (n_0 + 1)).
  const double g = norm2(out) / static_cast<double>(N) / static_cast<double>(out.n_rows);
  const bool by_samples = N < out.n_rows;
  arma::Mat<T> G(by_samples ? N : out.n_rows, by_samples ? N : out.n_rows);
  gemm(by_samples ? Op::transpose : Op::none, by_samples ? Op::none : Op::transpose, share, out, out, T(0),
       G);
  for (arma::uword i = 0; i < G.n_rows; ++i) G(i, i) += static_cast<T>(eps * g);
  invert_positive_definite(G);
  const arma::Mat<T> inputs = out;
  if (by_samples) {
    gemm(Op::none, Op::none, T(1), inputs, G, T(0), out);
  } else {
    gemm(Op::none, Op::none, T(1), G, inputs, T(0), out);
  }
}

template <class T>
void invert_positive_definite(arma::Mat<T>& A) {
  if (!cholesky(A)) {
    A.fill(std::numeric_limits<T>::quiet_NaN());
    return;
  }
  cholesky_inverse(A);
}

#define ADMMBENCH_INSTANTIATE(T)                                                 \
  template class GramPreconditioner<T>;                                          \
  template void precondition_inputs(const arma::Mat<T>&, double, arma::Mat<T>&); \
  template void invert_positive_definite(arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
