#pragma once
/// Whether the weights that a method returns are those of its network: what is wrong is said before they are multiplied.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/problem/network.hpp"

namespace admmbench {

/// "W2 is 3 x 4; its layer needs 10 x 4", of the first array of `network` that does not fit `widths` (n_0..n_L); empty if all do.
template <class T>
std::string wrong_shape(const Network<T>& network, const std::vector<arma::uword>& widths) {
  const std::size_t layers = widths.size() - 1;
  if (network.W.size() != layers || network.b.size() != layers) {
    return fmt::format("the network has {} W and {} b; it needs {} of each, one a layer", network.W.size(),
                       network.b.size(), layers);
  }
  for (std::size_t l = 1; l <= layers; ++l) {
    const auto& W = network.W[l - 1];
    if (W.n_rows != widths[l] || W.n_cols != widths[l - 1]) {
      return fmt::format("W{} is {} x {}; its layer needs {} x {}", l, W.n_rows, W.n_cols, widths[l],
                         widths[l - 1]);
    }
    const auto& b = network.b[l - 1];
    if (b.n_elem != widths[l])
      return fmt::format("b{} has {} entries; its layer needs {}", l, b.n_elem, widths[l]);
  }
  return {};
}

}  // namespace admmbench
