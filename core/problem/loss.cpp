#include "core/problem/loss.hpp"

#include <algorithm>
#include <array>

#include "core/compute/elementary.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// Sum over `columns` columns of log sum_j exp(z_j) - sum_j y_j z_j, without overflow: -log softmax(z)[label] when y is
/// one-hot. Exponentials are taken of as many columns at once as the buffer holds: a column alone is too short a loop.
template <class T>
double cross_entropy(const T* z, const T* y, std::size_t classes, std::size_t columns) {
  constexpr std::size_t room = 512;
  std::array<double, room> e;
  const std::size_t part = std::min(classes, room);  // of a column
  const std::size_t at_once = room / std::max<std::size_t>(part, 1);
  double total = 0;
  for (std::size_t begin = 0; begin < columns; begin += at_once) {
    const std::size_t count = std::min(at_once, columns - begin);
    std::array<double, room> peak;
    std::array<double, room> sum{};
    for (std::size_t n = 0; n < count; ++n) {
      const T* zn = z + (begin + n) * classes;
      peak[n] = static_cast<double>(*std::max_element(zn, zn + classes));
    }
    for (std::size_t top = 0; top < classes; top += part) {
      const std::size_t length = std::min(part, classes - top);
      for (std::size_t n = 0; n < count; ++n) {
        const T* zn = z + (begin + n) * classes + top;
        for (std::size_t j = 0; j < length; ++j) e[n * length + j] = static_cast<double>(zn[j]) - peak[n];
      }
      for (std::size_t n = 0; n < count; ++n) {
        const T* yn = y + (begin + n) * classes + top;
        for (std::size_t j = 0; j < length; ++j) total -= static_cast<double>(yn[j]) * e[n * length + j];
      }
#pragma omp simd
      for (std::size_t i = 0; i < count * length; ++i) e[i] = elementary::exp(e[i]);
      for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t j = 0; j < length; ++j) sum[n] += e[n * length + j];
      }
    }
    for (std::size_t n = 0; n < count; ++n) total += elementary::log(sum[n]);
  }
  return total;
}

template <class T>
double squared(const T* z, const T* y, std::size_t entries) {
  LaneSum sum;
  sum.add(0, entries, [z, y](std::size_t i) {
    const double d = static_cast<double>(z[i]) - static_cast<double>(y[i]);
    return 0.5 * d * d;
  });
  return sum.total();
}

/// g <- scale (softmax(z) - y) for every column.
template <class T>
void cross_entropy_gradient(const T* z, const T* y, T scale, std::size_t classes, std::size_t columns, T* g) {
  for (std::size_t n = 0; n < columns; ++n) {
    const T* zn = z + n * classes;
    const T peak = *std::max_element(zn, zn + classes);
    for (std::size_t j = 0; j < classes; ++j) g[n * classes + j] = zn[j] - peak;
  }
  // Over all columns at once: a column alone is too short a loop.
#pragma omp simd
  for (std::size_t i = 0; i < columns * classes; ++i) g[i] = elementary::exp(g[i]);
  for (std::size_t n = 0; n < columns; ++n) {
    T* gn = g + n * classes;
    T sum = 0;
    for (std::size_t j = 0; j < classes; ++j) sum += gn[j];
    for (std::size_t j = 0; j < classes; ++j) gn[j] = scale * (gn[j] / sum - y[n * classes + j]);
  }
}

}  // namespace

template <class T>
double loss_value(Loss loss, const arma::Mat<T>& z, const arma::Mat<T>& targets) {
  return sum_panels(reads(z, targets), [loss, rows = z.n_rows, z = z.memptr(), y = targets.memptr()](
                                           std::size_t first, std::size_t last) {
    return loss == Loss::cross_entropy ? cross_entropy(z + first * rows, y + first * rows, rows, last - first)
                                       : squared(z + first * rows, y + first * rows, (last - first) * rows);
  });
}

template <class T>
void loss_gradient(Loss loss, const arma::Mat<T>& z, const arma::Mat<T>& targets, T scale,
                   arma::Mat<T>& gradient) {
  gradient.set_size(z.n_rows, z.n_cols);
  if (loss == Loss::squared) {
    for_entries(reads(z, targets), writes(gradient),
                [scale, z = z.memptr(), y = targets.memptr(), g = gradient.memptr()](std::size_t i) {
                  g[i] = scale * (z[i] - y[i]);
                });
    return;
  }
  for_panels(reads(z, targets), writes(gradient),
             [scale, rows = z.n_rows, z = z.memptr(), y = targets.memptr(), g = gradient.memptr()](
                 std::size_t first, std::size_t last) {
               const std::size_t begin = first * rows;
               cross_entropy_gradient(z + begin, y + begin, scale, rows, last - first, g + begin);
             });
}

std::string_view to_string(Loss loss) { return loss == Loss::squared ? "squared" : "cross_entropy"; }

template double loss_value(Loss, const arma::Mat<float>&, const arma::Mat<float>&);
template double loss_value(Loss, const arma::Mat<double>&, const arma::Mat<double>&);
template void loss_gradient(Loss, const arma::Mat<float>&, const arma::Mat<float>&, float, arma::Mat<float>&);
template void loss_gradient(Loss, const arma::Mat<double>&, const arma::Mat<double>&, double,
                            arma::Mat<double>&);

}  // namespace admmbench
