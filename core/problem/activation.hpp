#pragma once
/// Activation functions f of the hidden layers (docs/problem.md#notation). The output layer is linear.

#include <armadillo>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/compute/elementary.hpp"
#include "core/problem/choices.hpp"

namespace admmbench {

/// Slope of leaky_relu on the negative side (PyTorch's default).
inline constexpr double leaky_slope = 0.01;

template <class T>
struct Relu {
  T operator()(T z) const { return z > T(0) ? z : T(0); }
  T derivative(T z) const { return z > T(0) ? T(1) : T(0); }
};

template <class T>
struct LeakyRelu {
  T operator()(T z) const { return z > T(0) ? z : T(leaky_slope) * z; }
  T derivative(T z) const { return z > T(0) ? T(1) : T(leaky_slope); }
};

template <class T>
struct Identity {
  T operator()(T z) const { return z; }
  T derivative(T) const { return T(1); }
};

template <class T>
struct Tanh {
  T operator()(T z) const { return elementary::tanh(z); }
  T derivative(T z) const {
    const T f = elementary::tanh(z);
    return T(1) - f * f;
  }
};

template <class T>
struct Sigmoid {
  T operator()(T z) const {
    // exp of a non-positive number: no overflow.
    const T e = elementary::exp(-std::abs(z));
    return (z >= T(0) ? T(1) : e) / (T(1) + e);
  }
  T derivative(T z) const {
    const T f = (*this)(z);
    return f * (T(1) - f);
  }
};

/// From `low` to 1 at 0, which belongs to the upper side. The derivative is 0 wherever there is one: nothing passes backwards.
template <class T, int low>
struct Jump {
  /// NaN stays what it is.
  T operator()(T z) const { return z >= T(0) ? T(1) : z < T(0) ? T(low) : z; }
  T derivative(T) const { return T(0); }
};
template <class T>
using Sign = Jump<T, -1>;
template <class T>
using Step = Jump<T, 0>;

/// Calls `body(f)` with the function object of `kind`, so that loops over entries are compiled once per
/// activation and carry no branch.
template <class T, class Body>
decltype(auto) with_activation(Activation kind, Body&& body) {
  switch (kind) {
    case Activation::leaky_relu:
      return std::forward<Body>(body)(LeakyRelu<T>{});
    case Activation::identity:
      return std::forward<Body>(body)(Identity<T>{});
    case Activation::tanh:
      return std::forward<Body>(body)(Tanh<T>{});
    case Activation::sigmoid:
      return std::forward<Body>(body)(Sigmoid<T>{});
    case Activation::sign:
      return std::forward<Body>(body)(Sign<T>{});
    case Activation::step:
      return std::forward<Body>(body)(Step<T>{});
    case Activation::relu:
      break;
  }
  return std::forward<Body>(body)(Relu<T>{});
}

/// Throws std::invalid_argument, naming `method`, if the derivative of `kind` is 0 wherever there is one.
void require_derivative(Activation kind, std::string_view method);

/// a <- f(z) entry by entry; `a` takes the shape of `z` (no allocation if it has it already).
template <class T>
void activate(Activation kind, const arma::Mat<T>& z, arma::Mat<T>& a);

/// ||a - f(z)||_F^2, summed in double.
template <class T>
double activation_residual_norm2(Activation kind, const arma::Mat<T>& z, const arma::Mat<T>& a);

}  // namespace admmbench
