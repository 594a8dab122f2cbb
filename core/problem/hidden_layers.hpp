#pragma once
/// Networks without hidden layers (`hidden: []`), which a method may make no sense for.

#include <stdexcept>
#include <string>

#include "core/problem/problem.hpp"

namespace admmbench {

/// Throws std::invalid_argument with the sentence `why` if the network has one layer only.
template <class T>
void require_hidden_layers(const Problem<T>& problem, const std::string& why) {
  if (problem.layers() < 2) throw std::invalid_argument("a network of one layer (hidden: []): " + why);
}

}  // namespace admmbench
