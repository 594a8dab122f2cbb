#pragma once

#include "core/network.hpp"

namespace admmbench {

/// Sets all b_l to 0, for methods whose parameter `bias` is false.
template <class T>
void clear_biases(Network<T>& network) {
  for (arma::Col<T>& b : network.b) b.zeros();
}

}  // namespace admmbench
