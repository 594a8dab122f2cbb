#include "core/blocks/bias_step.hpp"

#include <algorithm>
#include <array>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// Rows are handled in strips whose running sums stay on the stack, four columns for one trip through them; `entry(n, i)`
/// is the residual's entry (i, n); `finish(i, sum)` takes the sum of row i.
constexpr std::size_t strip = 256;

template <class Entry, class Finish>
void sum_rows(std::size_t columns, std::size_t all_rows, Entry entry, Finish finish) {
  const std::size_t strips = (all_rows + strip - 1) / strip;
  const bool threaded = strips > 1 && columns * all_rows >= Panels::worth_threads;
  const VectorLevel level = vector_level();
  for_tasks(strips, threaded, [&](std::size_t s) {
    const std::size_t first = s * strip;
    const std::size_t rows = std::min<std::size_t>(strip, all_rows - first);
    vectorized(level, [columns, first, rows, entry, finish] {
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
      for (std::size_t i = 0; i < rows; ++i) finish(first + i, sum[i]);
    });
  });
}

template <class T, class Entry>
void subtract_row_means(std::size_t columns, arma::Col<T>& b, Entry entry, SharedBias* shared) {
  if (shared == nullptr || shared->sum.alone()) {
    sum_rows(columns, b.n_elem, entry, [bias = b.memptr(), columns](std::size_t i, double sum) {
      bias[i] -= static_cast<T>(sum / static_cast<double>(columns));
    });
    return;
  }
  double* const total = shared->total.data();
  sum_rows(columns, b.n_elem, entry, [total](std::size_t i, double sum) { total[i] = sum; });
  shared->sum.entries(total, b.n_elem);
  for (arma::uword i = 0; i < b.n_elem; ++i)
    b[i] -= static_cast<T>(total[i] / static_cast<double>(shared->samples));
}

}  // namespace

void SharedBias::reserve(const std::vector<arma::uword>& widths, arma::uword samples_of_all,
                         const SampleSum& over) {
  sum = over;
  samples = samples_of_all;
  if (!sum.alone()) total.assign(*std::max_element(widths.begin() + 1, widths.end()), 0.0);
}

template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, arma::Col<T>& b, SharedBias* shared) {
  const arma::uword rows = z.n_rows;
  count_pass(reads(WA, z));
  subtract_row_means(
      z.n_cols, b,
      [wa = WA.memptr(), zp = z.memptr(), bias = b.memptr(), rows](std::size_t n, std::size_t i) {
        return wa[n * rows + i] + bias[i] - zp[n * rows + i];
      },
      shared);
}

template <class T>
void bias_step(const arma::Mat<T>& WA, const arma::Mat<T>& z, T shift, const arma::Mat<T>& u, arma::Col<T>& b,
               SharedBias* shared) {
  const arma::uword rows = z.n_rows;
  count_pass(reads(WA, z, u));
  subtract_row_means(
      z.n_cols, b,
      [wa = WA.memptr(), zp = z.memptr(), up = u.memptr(), bias = b.memptr(), shift, rows](std::size_t n,
                                                                                           std::size_t i) {
        return wa[n * rows + i] + bias[i] - zp[n * rows + i] - shift * up[n * rows + i];
      },
      shared);
}

#define ADMMBENCH_INSTANTIATE(T)                                                                           \
  template void bias_step(const arma::Mat<T>&, const arma::Mat<T>&, arma::Col<T>&, SharedBias*);           \
  template void bias_step(const arma::Mat<T>&, const arma::Mat<T>&, T, const arma::Mat<T>&, arma::Col<T>&, \
                          SharedBias*);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
