#include "core/problem.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace admmbench {

template <class T>
arma::Mat<T> one_hot(const arma::Row<arma::uword>& labels, arma::uword classes) {
  arma::Mat<T> y(classes, labels.n_elem, arma::fill::zeros);
  for (arma::uword n = 0; n < labels.n_elem; ++n) {
    if (labels[n] >= classes) {
      throw std::invalid_argument(
          fmt::format("label {} of sample {} is not in 0..{}", labels[n], n, classes - 1));
    }
    y(labels[n], n) = T(1);
  }
  return y;
}

template arma::Mat<float> one_hot(const arma::Row<arma::uword>&, arma::uword);
template arma::Mat<double> one_hot(const arma::Row<arma::uword>&, arma::uword);

}  // namespace admmbench
