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
void GramPreconditioner<T>::observe(const arma::Mat<T>& At, double keep, const SampleSum& sum,
                                    arma::uword samples) {
  const double old = std::min(keep, seen_ / (seen_ + 1));
  // The old mean counts in one process.
  gemm(Op::none, Op::transpose, static_cast<T>((1 - old) / static_cast<double>(samples)), At, At,
       sum.leads() ? static_cast<T>(old) : T(0), G_);
  sum(G_);
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
double precondition_inputs(const arma::Mat<T>& x, double eps, arma::Mat<T>& out, arma::Mat<T>* gram,
                           const SampleSum& sum, arma::uword samples) {
  for (arma::uword n = 0; n < x.n_cols; ++n) {
    std::copy_n(x.colptr(n), x.n_rows, out.colptr(n));
    out(x.n_rows, n) = T(1);
  }
  count_pass(reads(x), writes(out));
  const T share = static_cast<T>(1 / static_cast<double>(samples));
  // g is the mean of the diagonal of the large Gram matrix on either side: ||[x; 1]||^2 / (N (n_0 + 1)).
  const double g = sum.total(norm2(out)) / static_cast<double>(samples) / static_cast<double>(out.n_rows);
  const bool by_samples = sum.alone() && samples < out.n_rows;
  const arma::uword side = by_samples ? samples : out.n_rows;
  arma::Mat<T> G(side, side);
  gemm(by_samples ? Op::transpose : Op::none, by_samples ? Op::none : Op::transpose, share, out, out, T(0),
       G);
  sum(G);
  if (gram != nullptr && !by_samples) *gram = G;
  for (arma::uword i = 0; i < G.n_rows; ++i) G(i, i) += static_cast<T>(eps * g);
  invert_positive_definite(G);
  const arma::Mat<T> inputs = out;
  if (by_samples) {
    gemm(Op::none, Op::none, T(1), inputs, G, T(0), out);
  } else {
    gemm(Op::none, Op::none, T(1), G, inputs, T(0), out);
  }
  return g;
}

template <class T>
void invert_positive_definite(arma::Mat<T>& A) {
  if (!cholesky(A)) {
    A.fill(std::numeric_limits<T>::quiet_NaN());
    return;
  }
  cholesky_inverse(A);
}

#define ADMMBENCH_INSTANTIATE(T)                                                                 \
  template class GramPreconditioner<T>;                                                          \
  template double precondition_inputs(const arma::Mat<T>&, double, arma::Mat<T>&, arma::Mat<T>*, \
                                      const SampleSum&, arma::uword);                            \
  template void invert_positive_definite(arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
