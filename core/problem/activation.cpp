#include "core/problem/activation.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void activate(Activation kind, const arma::Mat<T>& z, arma::Mat<T>& a) {
  a.set_size(z.n_rows, z.n_cols);
  with_activation<T>(kind, [&](auto f) {
    for_entries(reads(z), writes(a), [f, z = z.memptr(), a = a.memptr()](std::size_t i) { a[i] = f(z[i]); });
  });
}

template <class T>
double activation_residual_norm2(Activation kind, const arma::Mat<T>& z, const arma::Mat<T>& a) {
  return with_activation<T>(kind, [&](auto f) {
    return sum_entries(reads(a, z), [f, z = z.memptr(), a = a.memptr()](std::size_t i) {
      const double gap = static_cast<double>(a[i]) - static_cast<double>(f(z[i]));
      return gap * gap;
    });
  });
}

void require_derivative(Activation kind, std::string_view method) {
  if (kind != Activation::sign && kind != Activation::step) return;
  throw std::invalid_argument(
      std::string(method) + " needs the activation's derivative, which of " + std::string(to_string(kind)) +
      " is 0; methods that do without: bcd (three splitting), dladmm, dlam, mdlam, pdadmm");
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
    case Activation::sign:
      return "sign";
    case Activation::step:
      return "step";
    case Activation::relu:
      break;
  }
  return "relu";
}

template void activate(Activation, const arma::Mat<float>&, arma::Mat<float>&);
template void activate(Activation, const arma::Mat<double>&, arma::Mat<double>&);
template double activation_residual_norm2(Activation, const arma::Mat<float>&, const arma::Mat<float>&);
template double activation_residual_norm2(Activation, const arma::Mat<double>&, const arma::Mat<double>&);

}  // namespace admmbench
