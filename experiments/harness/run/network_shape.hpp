#pragma once
/// Whether the weights that a method returns are those of its network: what is wrong is said before they are multiplied.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/problem/network.hpp"

namespace admmbench {

/// "W2 is 3 x 4; its layer needs 10 x 4", of the first array of `network` that does not fit `widths` (n_0..n_L); empty if all do. A
/// network of d < L layers, as of a method that adds them in stages, has widths n_0..n_{d-1}, n_L.
template <class T>
std::string wrong_shape(const Network<T>& network, const std::vector<arma::uword>& widths) {
  const std::size_t layers = network.W.size();
  if (layers == 0 || layers >= widths.size() || network.b.size() != layers) {
    return fmt::format("the network has {} W and {} b; it needs {} of each, one a layer", network.W.size(),
                       network.b.size(), widths.size() - 1);
  }
  for (std::size_t l = 1; l <= layers; ++l) {
    const arma::uword outputs = l == layers ? widths.back() : widths[l];
    const auto& W = network.W[l - 1];
    if (W.n_rows != outputs || W.n_cols != widths[l - 1])
      return fmt::format("W{} is {} x {}; its layer needs {} x {}", l, W.n_rows, W.n_cols, outputs,
                         widths[l - 1]);
    const auto& b = network.b[l - 1];
    if (b.n_elem != outputs)
      return fmt::format("b{} has {} entries; its layer needs {}", l, b.n_elem, outputs);
  }
  return {};
}

}  // namespace admmbench
