#include "solvers/mac/joint_step.hpp"

#include <algorithm>

#include "core/compute/cholesky.hpp"
#include "core/compute/counters.hpp"
#include "core/compute/linalg.hpp"
#include "solvers/mac/output_fit.hpp"

namespace admmbench {

namespace {

/// Column n of A as a matrix; A's memory.
template <class T>
arma::Mat<T> column(const arma::Mat<T>& A, arma::uword n) {
  return arma::Mat<T>(const_cast<T*>(A.colptr(n)), A.n_rows, 1, false, true);
}

/// Rows [first, first + count) of a column.
template <class T>
arma::Mat<T> part(const arma::Mat<T>& v, arma::uword first, arma::uword count) {
  return arma::Mat<T>(const_cast<T*>(v.memptr()) + first, count, 1, false, true);
}

}  // namespace

template <class T>
void JointStep<T>::reserve(const Problem<T>& problem) {
  const auto& n = problem.widths;
  const arma::uword L = problem.layers();
  arma::uword unknowns = 0;
  offset_.clear();
  for (Matrices* list : {&B_, &gram_, &r_, &move_}) list->clear();
  for (arma::uword l = 1; l < L; ++l) {
    offset_.push_back(unknowns);
    unknowns += n[l];
    if (l > 1) {
      B_.emplace_back(n[l], n[l - 1], arma::fill::zeros);
      gram_.emplace_back(n[l - 1], n[l - 1], arma::fill::zeros);
    }
  }
  for (arma::uword l = 1; l <= L; ++l) {
    r_.emplace_back(n[l], 1, arma::fill::zeros);
    move_.emplace_back(n[l], 1, arma::fill::zeros);
  }
  H_.zeros(unknowns, unknowns);
  delta_.zeros(unknowns, 1);
  output_gram_.zeros(n[L - 1], n[L - 1]);
  trial_.zeros(n[L], 1);
}

/// H and the right side of sample n.
template <class T>
void JointStep<T>::system(const Problem<T>& problem, const Network<T>& network, double mu, const Matrices& a,
                          const Matrices& at, arma::uword n) {
  const arma::uword L = problem.layers();
  const T weight = static_cast<T>(mu);
  H_.zeros();
  with_activation<T>(problem.activation, [&](auto f) {
    for (arma::uword l = 1; l < L; ++l) {
      for (arma::uword i = 0; i < r_(l).n_elem; ++i) r_(l)[i] = a(l)(i, n) - f(at(l)(i, n));
      if (l == 1) continue;
      arma::Mat<T>& B = B_(l - 1);
      for (arma::uword j = 0; j < B.n_cols; ++j) {
        for (arma::uword i = 0; i < B.n_rows; ++i)
          B(i, j) = f.derivative(at(l)(i, n)) * network.W[l - 1](i, j);
      }
    }
  });
  loss_gradient(problem.loss, column(at(L), n), column(problem.targets(), n), T(-1), r_(L));
  for (arma::uword l = 1; l < L; ++l) {
    const arma::uword first = offset_(l);
    const arma::uword size = r_(l).n_elem;
    const bool last = l + 1 == L;
    if (!last) gemm(Op::transpose, Op::none, weight, B_(l), B_(l), T(0), gram_(l));
    const arma::Mat<T>& gram = last ? output_gram_ : gram_(l);
    for (arma::uword j = 0; j < size; ++j) {
      std::copy_n(gram.colptr(j), size, H_.colptr(first + j) + first);
      H_(first + j, first + j) += weight;
      if (last) continue;
      for (arma::uword i = 0; i < B_(l).n_rows; ++i) H_(first + size + i, first + j) = -weight * B_(l)(i, j);
    }
    arma::Mat<T> right = part(delta_, first, size);
    gemm(Op::transpose, Op::none, last ? T(1) : weight, last ? network.W[l] : B_(l), r_(l + 1), T(0), right);
    for (arma::uword i = 0; i < size; ++i) right[i] -= weight * r_(l)[i];
  }
}

/// E_n at a + t delta.
template <class T>
double JointStep<T>::error(const Problem<T>& problem, double mu, const Matrices& a, const Matrices& at,
                           arma::uword n, T t) {
  const arma::uword L = problem.layers();
  double gaps = 0;
  with_activation<T>(problem.activation, [&](auto f) {
    for (arma::uword l = 1; l < L; ++l) {
      for (arma::uword i = 0; i < r_(l).n_elem; ++i) {
        const T coordinate = a(l)(i, n) + t * delta_[offset_(l) + i];
        const double gap = static_cast<double>(coordinate - f(at(l)(i, n) + t * move_(l)[i]));
        gaps += gap * gap;
      }
    }
  });
  for (arma::uword i = 0; i < trial_.n_elem; ++i) trial_[i] = at(L)(i, n) + t * move_(L)[i];
  return loss_value(problem.loss, trial_, column(problem.targets(), n)) + 0.5 * mu * gaps;
}

template <class T>
void JointStep<T>::operator()(const Problem<T>& problem, const Network<T>& network, double mu, long halvings,
                              Matrices& a, Matrices& at) {
  const arma::uword L = problem.layers();
  gemm(Op::transpose, Op::none, static_cast<T>(output_curvature(problem.loss)), network.W[L - 1],
       network.W[L - 1], T(0), output_gram_);
  for (arma::uword n = 0; n < problem.samples(); ++n) {
    system(problem, network, mu, a, at, n);
    if (!cholesky(H_)) continue;  // not finite
    cholesky_solve(H_, delta_);
    for (arma::uword l = 2; l <= L; ++l)
      gemm(Op::none, Op::none, T(1), network.W[l - 1], part(delta_, offset_(l - 1), r_(l - 1).n_elem), T(0),
           move_(l));
    const InnerIteration trials;
    const double before = error(problem, mu, a, at, n, T(0));
    T t = 1;
    long k = 0;
    while (!(error(problem, mu, a, at, n, t) <= before) && k++ < halvings) t /= 2;
    if (k > halvings) continue;
    for (arma::uword l = 1; l <= L; ++l) {
      for (arma::uword i = 0; i < r_(l).n_elem; ++i) {
        if (l < L) a(l)(i, n) += t * delta_[offset_(l) + i];
        at(l)(i, n) += t * move_(l)[i];
      }
    }
  }
}

template class JointStep<float>;
template class JointStep<double>;

}  // namespace admmbench
