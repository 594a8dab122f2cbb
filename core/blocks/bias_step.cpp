#include "core/blocks/bias_step.hpp"

#include <algorithm>
#include <array>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// Rows are handled in strips whose running sums stay on the stack, four columns for one trip through them; `entry(n, i)`
/// is the residual's entry (i, n).
constexpr std::size_t strip = 256;

template <class T, class Entry>
void subtract_row_means(std::size_t columns, arma::Col<T>& b, Entry entry) {
  const std::size_t strips = (b.n_elem + strip - 1) / strip;
  const bool threaded = strips > 1 && columns * b.n_elem >= Panels::worth_threads;
  const VectorLevel level = vector_level();
  for_tasks(strips, threaded, [&](std::size_t s) {
    const std::size_t first = s * strip;
    const std::size_t rows = std::min<std::size_t>(strip, b.n_elem - first);
    vectorized(level, [columns, first, rows, entry, bias = b.memptr() + first] {
      std::array<double, strip> sum{};
      const auto at = [&](std::size_t n, std::size_t i) { return static_cast<double>(entry(n, first + i)); };
      std::size_t n = 0;
      for (; n + 4 <= columns; n += 4) {
#pragma omp simd
        for (std::size_t i = 0; i < rows; ++i) {
          sum[i] += (at(n, i) + at(n + 1, i)) + (at(n + 2, i) + at(n + 3, i));
        }
      }
      for (; n < columns; ++n) {
#pragma omp simd
        for (std::size_t i = 0; i < rows; ++i) sum[i] += at(n, i);
      }
      for (std::size_t i = 0; i < rows; ++i) bias[i] -= static_cast<T>(sum[i] / static_cast<double>(columns));
    });
  });
}

}  // namespace

template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, arma::Col<T>& b) {
  const arma::uword rows = z.n_rows;
  count_pass(reads(WA, z));
  subtract_row_means(
      z.n_cols, b,
      [wa = WA.memptr(), zp = z.memptr(), bias = b.memptr(), rows](std::size_t n, std::size_t i) {
        return wa[n * rows + i] + bias[i] - zp[n * rows + i];
      });
}

template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, T shift, const arma::Mat<T>& u,
               arma::Col<T>& b) {
  const arma::uword rows = z.n_rows;
  count_pass(reads(WA, z, u));
  subtract_row_means(z.n_cols, b,
                     [wa = WA.memptr(), zp = z.memptr(), up = u.memptr(), bias = b.memptr(), shift, rows](
                         std::size_t n, std::size_t i) {
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
