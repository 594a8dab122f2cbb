#include "core/problem/loss.hpp"

#include <algorithm>
#include <cmath>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// log sum_j exp(z_j) - sum_j y_j z_j for one column, without overflow: -log softmax(z)[label] when y is one-hot.
template <class T>
double cross_entropy_column(const T* z, const T* y, arma::uword classes) {
  const T peak = *std::max_element(z, z + classes);
  double sum = 0;
  double target = 0;
  for (arma::uword j = 0; j < classes; ++j) {
    sum += std::exp(static_cast<double>(z[j] - peak));
    target += static_cast<double>(y[j]) * static_cast<double>(z[j] - peak);
  }
  return std::log(sum) - target;
}

}  // namespace

template <class T>
double loss_value(Loss loss, const arma::Mat<T>& z, const arma::Mat<T>& targets) {
  return sum_panels(reads(z, targets), [&](std::size_t first, std::size_t last) {
    double total = 0;
    for (std::size_t n = first; n < last; ++n) {
      const T* zn = z.colptr(n);
      const T* yn = targets.colptr(n);
      if (loss == Loss::cross_entropy) {
        total += cross_entropy_column(zn, yn, z.n_rows);
      } else {
        for (arma::uword j = 0; j < z.n_rows; ++j) {
          const double d = static_cast<double>(zn[j]) - static_cast<double>(yn[j]);
          total += 0.5 * d * d;
        }
      }
    }
    return total;
  });
}

template <class T>
void loss_gradient(Loss loss, const arma::Mat<T>& z, const arma::Mat<T>& targets, T scale,
                   arma::Mat<T>& gradient) {
  gradient.set_size(z.n_rows, z.n_cols);
  for_panels(reads(z, targets), writes(gradient), [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
      const T* zn = z.colptr(n);
      const T* yn = targets.colptr(n);
      T* gn = gradient.colptr(n);
      if (loss == Loss::cross_entropy) {
        const T peak = *std::max_element(zn, zn + z.n_rows);
        T sum = 0;
        for (arma::uword j = 0; j < z.n_rows; ++j) {
          gn[j] = std::exp(zn[j] - peak);
          sum += gn[j];
        }
        for (arma::uword j = 0; j < z.n_rows; ++j) gn[j] = scale * (gn[j] / sum - yn[j]);
      } else {
        for (arma::uword j = 0; j < z.n_rows; ++j) gn[j] = scale * (zn[j] - yn[j]);
      }
    }
  });
}

std::string_view to_string(Loss loss) { return loss == Loss::squared ? "squared" : "cross_entropy"; }

template double loss_value(Loss, const arma::Mat<float>&, const arma::Mat<float>&);
template double loss_value(Loss, const arma::Mat<double>&, const arma::Mat<double>&);
template void loss_gradient(Loss, const arma::Mat<float>&, const arma::Mat<float>&, float, arma::Mat<float>&);
template void loss_gradient(Loss, const arma::Mat<double>&, const arma::Mat<double>&, double,
                            arma::Mat<double>&);

}  // namespace admmbench
