#pragma once
/// Gradients of the mean loss by back-propagation, for the gradient baselines and for diagnosis:
///   F(W, b) = (1/B) R(z_L) + (mu/2) sum ||W_l||^2  over a batch of B columns
/// (docs/methods/gradient.md).

#include "core/problem/network.hpp"
#include "core/problem/problem.hpp"

namespace admmbench {

template <class T>
class Backprop {
 public:
  /// Sizes every buffer for batches of at most `columns` columns.
  void reserve(const std::vector<arma::uword>& widths, arma::uword columns);

  /// gradient <- dF/dW_l, dF/db_l for the batch x (n0 x B), targets (n_L x B).
  void operator()(const Network<T>& network, Activation f, Loss loss, double mu, const arma::Mat<T>& x,
                  const arma::Mat<T>& targets, Network<T>& gradient);

 private:
  std::vector<std::vector<T>> z_;  ///< pre-activations, then deltas dF/dz_l
  std::vector<std::vector<T>> a_;  ///< activations
  std::vector<arma::uword> widths_;
};

}  // namespace admmbench
