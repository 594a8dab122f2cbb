#include "core/blocks/linear_residual.hpp"

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void linear_residual(const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& z, arma::Mat<T>& E) {
  for_entries_by_row(reads(WA, z), writes(E),
                     [wa = WA.memptr(), bias = b.memptr(), zp = z.memptr(), e = E.memptr()](
                         std::size_t i, std::size_t row) { e[i] = wa[i] + bias[row] - zp[i]; });
}

template <class T>
void linear_residual(const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& z, T shift,
                     const arma::Mat<T>& u, arma::Mat<T>& E) {
  for_entries_by_row(
      reads(WA, z, u), writes(E),
      [wa = WA.memptr(), bias = b.memptr(), zp = z.memptr(), up = u.memptr(), e = E.memptr(), shift](
          std::size_t i, std::size_t row) { e[i] = wa[i] + bias[row] - zp[i] - shift * up[i]; });
}

template <class T>
double linear_residual_norm2(const arma::Mat<T>& WA, const arma::Col<T>& b, const arma::Mat<T>& z) {
  return sum_entries_by_row(
      reads(WA, z), {},
      [wa = WA.memptr(), bias = b.memptr(), zp = z.memptr()](std::size_t i, std::size_t row) {
        const double e = static_cast<double>(wa[i] + bias[row] - zp[i]);
        return e * e;
      });
}

template <class T>
void affine(const arma::Mat<T>& WA, const arma::Col<T>& b, arma::Mat<T>& m) {
  for_entries_by_row(reads(WA), writes(m),
                     [wa = WA.memptr(), bias = b.memptr(), mp = m.memptr()](std::size_t i, std::size_t row) {
                       mp[i] = wa[i] + bias[row];
                     });
}

template <class T>
void affine(const arma::Mat<T>& WA, const arma::Col<T>& b, T shift, const arma::Mat<T>& u, arma::Mat<T>& m) {
  for_entries_by_row(reads(WA, u), writes(m),
                     [wa = WA.memptr(), bias = b.memptr(), up = u.memptr(), mp = m.memptr(), shift](
                         std::size_t i, std::size_t row) { mp[i] = wa[i] + bias[row] - shift * up[i]; });
}

#define ADMMBENCH_INSTANTIATE(T)                                                                        \
  template void linear_residual(const arma::Mat<T>&, const arma::Col<T>&, const arma::Mat<T>&,          \
                                arma::Mat<T>&);                                                         \
  template void linear_residual(const arma::Mat<T>&, const arma::Col<T>&, const arma::Mat<T>&, T,       \
                                const arma::Mat<T>&, arma::Mat<T>&);                                    \
  template double linear_residual_norm2(const arma::Mat<T>&, const arma::Col<T>&, const arma::Mat<T>&); \
  template void affine(const arma::Mat<T>&, const arma::Col<T>&, arma::Mat<T>&);                        \
  template void affine(const arma::Mat<T>&, const arma::Col<T>&, T, const arma::Mat<T>&, arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
