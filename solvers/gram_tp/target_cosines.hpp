#pragma once
/// How much a method of target propagation differs from gradient descent: angles of its directions with the negative gradient.

#include "solvers/gram_tp/target_layers.hpp"

namespace admmbench {

/// Per layer, with the negative gradient of the mean loss: of D_l = e_l At_{l-1}^T P_{l-1}, and of e_l At_{l-1}^T.
struct TargetCosines {
  std::vector<double> step;
  std::vector<double> target;
};

/// At the current weights, on the first `size` samples of the training set, labels as they are, with factorisations of its own;
/// sums over the samples where processes share them.
/// `gradients`: e_l by back-propagation.
template <class T>
TargetCosines target_cosines(const Problem<T>& problem, const TargetLayers<T>& layers, arma::uword size,
                             bool gradients);

}  // namespace admmbench
