#include "core/blocks/backtracking.hpp"

#include <algorithm>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void row_errors(Activation f, const arma::Mat<T>& a, const arma::Mat<T>& at, const arma::Mat<T>& D,
                const std::vector<T>& t, std::vector<double>& errors) {
  count_pass(reads(a, at, D));
  constexpr arma::uword rows_at_a_time = 64;  // their sums, in `errors` from the first on, stay in cache
  const arma::uword tasks = (a.n_rows + rows_at_a_time - 1) / rows_at_a_time;
  const VectorLevel level = vector_level();
  with_activation<T>(f, [&](auto activation) {
    for_tasks(tasks, a.n_elem >= Panels::worth_threads, [&](std::size_t task) {
      const arma::uword first = task * rows_at_a_time;
      const arma::uword rows = std::min(rows_at_a_time, a.n_rows - first);
      vectorized(level,
                 [=, stride = a.n_rows, columns = a.n_cols, a = a.memptr() + first, z = at.memptr() + first,
                  d = D.memptr() + first, t = t.data() + first, sum = errors.data() + first] {
                   std::fill_n(sum, rows, 0.0);
                   for (arma::uword n = 0; n < columns; ++n) {
#pragma omp simd
                     for (arma::uword i = 0; i < rows; ++i) {
                       const arma::uword k = n * stride + i;
                       const double gap = static_cast<double>(a[k] - activation(z[k] + t[i] * d[k]));
                       sum[i] += gap * gap;
                     }
                   }
                 });
    });
  });
}

template <class T>
void column_errors(Activation f, const arma::Mat<T>& a, const arma::Mat<T>& at, const arma::Mat<T>& D,
                   const std::vector<T>& t, std::vector<double>& errors) {
  with_activation<T>(f, [&](auto activation) {
    for_panels(
        reads(a, at, D), {},
        [activation, rows = a.n_rows, a = a.memptr(), z = at.memptr(), d = D.memptr(), t = t.data(),
         out = errors.data()](std::size_t first, std::size_t last) {
          for (std::size_t n = first; n < last; ++n) {
            LaneSum sum;
            sum.add(0, rows,
                    [=, length = t[n], a = a + n * rows, z = z + n * rows, d = d + n * rows](std::size_t i) {
                      const double gap = static_cast<double>(a[i] - activation(z[i] + length * d[i]));
                      return gap * gap;
                    });
            out[n] = sum.total();
          }
        });
  });
}

#define ADMMBENCH_INSTANTIATE(T)                                                                         \
  template void row_errors(Activation, const arma::Mat<T>&, const arma::Mat<T>&, const arma::Mat<T>&,    \
                           const std::vector<T>&, std::vector<double>&);                                 \
  template void column_errors(Activation, const arma::Mat<T>&, const arma::Mat<T>&, const arma::Mat<T>&, \
                              const std::vector<T>&, std::vector<double>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
