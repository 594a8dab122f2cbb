#include "solvers/gorth/output_root.hpp"

#include <algorithm>
#include <cmath>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

void OutputRootOptions::visit(ParameterVisitor& v) {
  v.integer("every", every, at_least_one, "batches between second moments of the steps (fewer at the start)");
  v.integer("refresh", refresh, at_least_one, "batches between roots (fewer at the start)");
  v.real("damping", damping, positive, "added to C_l's eigenvalues, whose mean is 1");
  v.real("keep", keep, below_one, "forgetting factor of C_l");
}

template <class T>
void RootWorkspace<T>::reserve(arma::uword n) {
  for (Buffer<double>* buffer : {&vectors_, &scaled_, &inverse_, &direct_}) buffer->reserve(n * n);
  square_.reserve(n * n);
  values_.zeros(n);
  eigen_.reserve(n);
}

namespace {

/// to <- from, entries of another precision.
template <class From, class To>
void convert(const arma::Mat<From>& from, arma::Mat<To>& to) {
  for_entries(reads(from), writes(to),
              [f = from.memptr(), t = to.memptr()](std::size_t i) { t[i] = static_cast<To>(f[i]); });
}

/// out <- Q diag(values)^{2 power} Q^T through scaled = Q diag(values)^power: symmetric to the last bit or nearly.
void spectral_power(const arma::mat& Q, const arma::vec& values, double power, arma::mat& scaled,
                    arma::mat& out) {
  for_panels(reads(Q), writes(scaled),
             [q = Q.memptr(), v = values.memptr(), s = scaled.memptr(), rows = Q.n_rows, power](
                 std::size_t first, std::size_t last) {
               for (std::size_t j = first; j < last; ++j) {
                 const double factor = std::pow(v[j], power);
#pragma omp simd
                 for (std::size_t i = 0; i < rows; ++i) s[j * rows + i] = factor * q[j * rows + i];
               }
             });
  gemm(Op::none, Op::transpose, 1.0, scaled, scaled, 0.0, out);
}

}  // namespace

template <class T>
void OutputRoot<T>::reserve(arma::uword n) {
  C_.zeros(n, n);
  R_.eye(n, n);
  S_.eye(n, n);
  observed_ = false;
}

template <class T>
void OutputRoot<T>::restart() {
  C_.zeros();
  R_.eye();
  S_.eye();
  observed_ = false;
}

template <class T>
void OutputRoot<T>::observe(const arma::Mat<T>& A, double keep) {
  double sum = 0;
  for (arma::uword i = 0; i < A.n_rows; ++i) sum += static_cast<double>(A(i, i));
  const double mean = sum / static_cast<double>(A.n_rows);
  if (!(mean > 0) || !std::isfinite(mean)) return;
  const double old = observed_ ? keep : 0;
  const double share = (1 - old) / mean;
  observed_ = true;
  for_entries(reads(C_, A), writes(C_), [=, c = C_.memptr(), a = A.memptr()](std::size_t i) {
    c[i] = old * c[i] + share * static_cast<double>(a[i]);
  });
}

template <class T>
bool OutputRoot<T>::refresh(double damping, RootWorkspace<T>& workspace, arma::Mat<T>& change) {
  if (!observed_) return false;
  const arma::uword n = C_.n_rows;
  arma::mat vectors = workspace.vectors(n);
  arma::vec values = workspace.values(n);
  copy(C_, vectors);
  if (!workspace.eigen()(vectors, values)) return false;
  for (double& value : values) value = std::max(value, 0.0) + damping;  // rounding makes zeros negative
  arma::mat scaled = workspace.scaled(n);
  arma::mat direct = workspace.direct(n);
  arma::mat inverse = workspace.inverse(n);
  spectral_power(vectors, values, 0.25, scaled, direct);
  spectral_power(vectors, values, -0.25, scaled, inverse);
  convert(S_, vectors);
  gemm(Op::none, Op::none, 1.0, inverse, vectors, 0.0, scaled);
  convert(scaled, change);
  convert(inverse, R_);
  convert(direct, S_);
  return true;
}

template <class T>
void OutputRoot<T>::take(const SampleSum& sum, int rank) {
  sum.from(rank, C_.memptr(), C_.n_elem);
  sum.from(rank, R_.memptr(), R_.n_elem);
  sum.from(rank, S_.memptr(), S_.n_elem);
  sum.from(rank, &observed_, 1);
}

template class RootWorkspace<float>;
template class RootWorkspace<double>;
template class OutputRoot<float>;
template class OutputRoot<double>;

}  // namespace admmbench
