#include "core/problem/activation.hpp"

#include <algorithm>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void activate(Activation kind, const arma::Mat<T>& z, arma::Mat<T>& a) {
  a.set_size(z.n_rows, z.n_cols);
  with_activation<T>(
      kind, [&](auto f) { for_entries(reads(z), writes(a), [&](std::size_t i) { a[i] = f(z[i]); }); });
}

std::string_view to_string(Activation kind) {
  switch (kind) {
    case Activation::leaky_relu:
      return "leaky_relu";
    case Activation::identity:
      return "identity";
    case Activation::tanh:
      return "tanh";
    case Activation::sigmoid:
      return "sigmoid";
    case Activation::relu:
      break;
  }
  return "relu";
}

template void activate(Activation, const arma::Mat<float>&, arma::Mat<float>&);
template void activate(Activation, const arma::Mat<double>&, arma::Mat<double>&);

}  // namespace admmbench
