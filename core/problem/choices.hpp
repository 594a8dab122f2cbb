#pragma once
/// The words of a problem, without the linear algebra: what an experiment file says and a result file stores.

#include <string_view>

namespace admmbench {

/// Of the hidden layers (core/problem/activation.hpp).
enum class Activation { relu, leaky_relu, identity, tanh, sigmoid, sign, step };

/// Of the output layer (core/problem/loss.hpp).
enum class Loss { cross_entropy, squared };

/// The names used in experiment files.
std::string_view to_string(Activation kind);
std::string_view to_string(Loss loss);

}  // namespace admmbench
