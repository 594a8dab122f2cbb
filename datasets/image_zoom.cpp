#include "datasets/image_zoom.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "datasets/data_request.hpp"

namespace admmbench {
namespace {

struct ImageShape {
  arma::uword side;
  arma::uword channels;
};

ImageShape shape_of(arma::uword features) {
  for (const arma::uword channels : {1u, 3u}) {
    const arma::uword pixels = features / channels;
    const auto side = static_cast<arma::uword>(std::llround(std::sqrt(static_cast<double>(pixels))));
    if (side > 1 && side * side * channels == features) return {side, channels};
  }
  throw DataError(fmt::format(
      "`zoom:` is for square images, of n x n or n x n x 3 features; the samples have {}", features));
}

/// Row i holds the two weights with which new pixel i is made of the old ones: m x side, all else 0.
arma::mat interpolation(arma::uword side, arma::uword m) {
  arma::mat weights(m, side, arma::fill::zeros);
  const double spacing = static_cast<double>(side - 1) / static_cast<double>(m - 1);
  for (arma::uword i = 0; i < m; ++i) {
    const double at = static_cast<double>(i) * spacing;
    const auto left = std::min(static_cast<arma::uword>(at), side - 2);
    const double share = at - static_cast<double>(left);
    weights(i, left) = 1 - share;
    weights(i, left + 1) += share;
  }
  return weights;
}

}  // namespace

template <class T>
arma::Mat<T> zoomed(const arma::Mat<T>& x, double factor) {
  const auto [side, channels] = shape_of(x.n_rows);
  const auto m = static_cast<arma::uword>(std::llround(factor * static_cast<double>(side)));
  if (m < 2)
    throw DataError(
        fmt::format("`zoom: {}` leaves {} pixels of a side of {}; at least 2 are needed", factor, m, side));
  const arma::mat across = interpolation(side, m);
  arma::Mat<T> result(m * m * channels, x.n_cols);
  arma::mat channel(side, side);
  arma::mat small(m, m);
  for (arma::uword sample = 0; sample < x.n_cols; ++sample) {
    for (arma::uword c = 0; c < channels; ++c) {
      for (arma::uword pixel = 0; pixel < side * side; ++pixel)
        channel[pixel] = static_cast<double>(x(pixel * channels + c, sample));
      small = across * channel * across.t();  // a column holds a row of pixels: both sides are treated alike
      for (arma::uword pixel = 0; pixel < m * m; ++pixel)
        result(pixel * channels + c, sample) = static_cast<T>(small[pixel]);
    }
  }
  return result;
}

template arma::Mat<float> zoomed(const arma::Mat<float>&, double);
template arma::Mat<double> zoomed(const arma::Mat<double>&, double);

}  // namespace admmbench
