#include "core/compute/cholesky.hpp"

#include <algorithm>

#include "core/compute/counters.hpp"

namespace admmbench {

namespace {
arma::blas_int as_int(arma::uword value) { return static_cast<arma::blas_int>(value); }
}  // namespace

template <class T>
bool cholesky(arma::Mat<T>& G) {
  count_solve(std::uint64_t(G.n_rows) * G.n_rows * G.n_rows / 3);
  char lower = 'L';
  arma::blas_int n = as_int(G.n_rows);
  arma::blas_int info = 0;
  arma::lapack::potrf(&lower, &n, G.memptr(), &n, &info);
  return info == 0;
}

template <class T>
void cholesky_solve(const arma::Mat<T>& factor, arma::Mat<T>& X) {
  count_solve(2 * std::uint64_t(factor.n_rows) * factor.n_rows * X.n_cols);
  char lower = 'L';
  arma::blas_int n = as_int(factor.n_rows);
  const arma::blas_int columns = as_int(X.n_cols);
  arma::blas_int info = 0;
  arma::lapack::potrs(&lower, &n, &columns, const_cast<T*>(factor.memptr()), &n, X.memptr(), &n, &info);
}

template <class T>
void cholesky_inverse(arma::Mat<T>& factor) {
  count_solve(2 * std::uint64_t(factor.n_rows) * factor.n_rows * factor.n_rows / 3);
  char lower = 'L';
  arma::blas_int n = as_int(factor.n_rows);
  arma::blas_int info = 0;
  arma::lapack::potri(&lower, &n, factor.memptr(), &n, &info);
  // Both triangles, block by block: a column of the upper triangle is a row of the lower one, a cache line an entry.
  constexpr arma::uword block = 32;
  count_pass(std::uint64_t(factor.n_elem) * sizeof(T));
  for (arma::uword j0 = 0; j0 < factor.n_cols; j0 += block) {
    for (arma::uword i0 = 0; i0 <= j0; i0 += block) {
      for (arma::uword j = j0; j < std::min(j0 + block, factor.n_cols); ++j) {
        for (arma::uword i = i0; i < std::min(i0 + block, j); ++i) factor(i, j) = factor(j, i);
      }
    }
  }
}

#define ADMMBENCH_INSTANTIATE(T)                                    \
  template bool cholesky(arma::Mat<T>&);                            \
  template void cholesky_solve(const arma::Mat<T>&, arma::Mat<T>&); \
  template void cholesky_inverse(arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
