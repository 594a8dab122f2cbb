#pragma once
/// Loss R of the output layer, summed over samples (docs/problem.md#loss-and-penalties):
///   cross_entropy  R(z) = -sum_n log softmax(z_n)[label_n]
///   squared        R(z) = 1/2 ||z - T||_F^2

#include <armadillo>

#include "core/problem/choices.hpp"

namespace admmbench {

/// R(z), summed over the columns of `z` (n_L x N). `targets` (n_L x N) is one-hot Y or T.
template <class T>
double loss_value(Loss loss, const arma::Mat<T>& z, const arma::Mat<T>& targets);

/// gradient <- scale * dR/dz, n_L x N. `gradient` may be `z` itself.
template <class T>
void loss_gradient(Loss loss, const arma::Mat<T>& z, const arma::Mat<T>& targets, T scale,
                   arma::Mat<T>& gradient);

}  // namespace admmbench
