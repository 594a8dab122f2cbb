#include "core/blocks/bias_step.hpp"

#include <algorithm>
#include <array>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// Rows are handled in strips whose running sums stay on the stack; `entry(n, i)` is the residual's entry (i, n).
template <class T, class Entry>
void subtract_row_means(arma::uword columns, arma::Col<T>& b, Entry entry) {
  constexpr arma::uword strip = 256;
  const arma::uword strips = (b.n_elem + strip - 1) / strip;
  const bool threaded = strips > 1 && columns * b.n_elem >= Panels::worth_threads;
  for_tasks(strips, threaded, [&](std::size_t s) {
    const arma::uword first = s * strip;
    const arma::uword rows = std::min(strip, b.n_elem - first);
    std::array<double, strip> sum{};
    for (arma::uword n = 0; n < columns; ++n) {
      for (arma::uword i = 0; i < rows; ++i) sum[i] += static_cast<double>(entry(n, first + i));
    }
    for (arma::uword i = 0; i < rows; ++i) {
      b[first + i] -= static_cast<T>(sum[i] / static_cast<double>(columns));
    }
  });
}

}  // namespace

template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, arma::Col<T>& b) {
  const arma::uword rows = z.n_rows;
  count_pass(reads(WA, z));
  subtract_row_means(z.n_cols, b,
                     [wa = WA.memptr(), zp = z.memptr(), bias = b.memptr(), rows](auto n, auto i) {
                       return wa[n * rows + i] + bias[i] - zp[n * rows + i];
                     });
}

template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, T shift, const arma::Mat<T>& u,
               arma::Col<T>& b) {
  const arma::uword rows = z.n_rows;
  count_pass(reads(WA, z, u));
  subtract_row_means(
      z.n_cols, b,
      [wa = WA.memptr(), zp = z.memptr(), up = u.memptr(), bias = b.memptr(), shift, rows](auto n, auto i) {
        return wa[n * rows + i] + bias[i] - zp[n * rows + i] - shift * up[n * rows + i];
      });
}

template void bias_step(const arma::Mat<float>&, const arma::Mat<float>&, arma::Col<float>&);
template void bias_step(const arma::Mat<double>&, const arma::Mat<double>&, arma::Col<double>&);
template void bias_step(const arma::Mat<float>&, const arma::Mat<float>&, float, const arma::Mat<float>&,
                        arma::Col<float>&);
template void bias_step(const arma::Mat<double>&, const arma::Mat<double>&, double, const arma::Mat<double>&,
                        arma::Col<double>&);

}  // namespace admmbench
