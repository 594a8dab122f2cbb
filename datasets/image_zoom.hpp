#pragma once
/// `zoom:` of an image set: its images at another size, as pdADMM's released code makes them of half the side.

#include <armadillo>

namespace admmbench {

/// The images in the columns of `x`, rows of pixels from the top, each side scaled by `factor`: m = round(factor * side) pixels,
/// of which pixel i lies at i (side - 1) / (m - 1) of the old ones, with linear interpolation in both directions (what
/// scipy.ndimage.zoom with order 1 does). Images are square and grey, or square with three interleaved values a pixel. Throws
/// DataError where the number of features is neither side^2 nor 3 side^2, or where fewer than 2 pixels a side would be left.
template <class T>
arma::Mat<T> zoomed(const arma::Mat<T>& x, double factor);

}  // namespace admmbench
