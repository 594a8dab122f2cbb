#include "core/compute/eigen.hpp"

#include <algorithm>
#include <limits>

#include "core/compute/counters.hpp"
#include "core/compute/linalg.hpp"

namespace admmbench {

namespace {
arma::blas_int as_int(arma::uword value) { return static_cast<arma::blas_int>(value); }
constexpr arma::uword qr_block = 64;  // columns that LAPACK factorises at a time
}  // namespace

template <class T>
void SymmetricEigen<T>::reserve(arma::uword n) {
  // syevd's documented minimum for eigenvectors; a query's answer cannot be represented exactly in float32.
  const arma::uword work = std::max<arma::uword>(1 + 6 * n + 2 * n * n, (qr_block + 2) * n);
  if (work_.n_elem < work) work_.zeros(work);
  if (integer_work_.size() < 3 + 5 * n) integer_work_.resize(3 + 5 * n);
}

template <class T>
bool SymmetricEigen<T>::operator()(arma::Mat<T>& A, arma::Col<T>& values) {
  count_solve(static_cast<std::uint64_t>(eigen_flops(static_cast<double>(A.n_rows))));
  if (!all_finite(A)) {
    A.fill(std::numeric_limits<T>::quiet_NaN());
    return false;
  }
  char vectors = 'V';
  char lower = 'L';
  arma::blas_int n = as_int(A.n_rows);
  arma::blas_int work_size = as_int(work_.n_elem);
  arma::blas_int integer_work_size = static_cast<arma::blas_int>(integer_work_.size());
  arma::blas_int info = 0;
  arma::lapack::syevd(&vectors, &lower, &n, A.memptr(), &n, values.memptr(), work_.memptr(), &work_size,
                      integer_work_.data(), &integer_work_size, &info);
  if (info != 0) A.fill(std::numeric_limits<T>::quiet_NaN());
  return info == 0;
}

template <class T>
void Orthonormalizer<T>::reserve(arma::uword n) {
  if (tau_.n_elem < n) tau_.zeros(n);
  if (work_.n_elem < qr_block * n) work_.zeros(qr_block * n);
}

template <class T>
void Orthonormalizer<T>::operator()(arma::Mat<T>& A) {
  count_solve(static_cast<std::uint64_t>(orthonormal_flops(static_cast<double>(A.n_rows))));
  arma::blas_int n = as_int(A.n_rows);
  arma::blas_int work_size = as_int(work_.n_elem);
  arma::blas_int info = 0;
  arma::lapack::geqrf(&n, &n, A.memptr(), &n, tau_.memptr(), work_.memptr(), &work_size, &info);
  arma::lapack::orgqr(&n, &n, &n, A.memptr(), &n, tau_.memptr(), work_.memptr(), &work_size, &info);
}

double orthonormal_flops(double n) {
  const double factorisation = n * n * n / 3;
  return 8 * static_cast<double>(static_cast<std::uint64_t>(factorisation));
}

template class SymmetricEigen<float>;
template class SymmetricEigen<double>;
template class Orthonormalizer<float>;
template class Orthonormalizer<double>;

}  // namespace admmbench
