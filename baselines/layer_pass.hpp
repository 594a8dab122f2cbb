#pragma once
/// A forward pass that keeps every z_l and a_l, and backward passes from any dR/dz_L that leave them as they are: for methods that
/// need the layers' inputs and output gradients themselves and not only their products (K-FAC's factors).

#include <armadillo>
#include <vector>

#include "core/compute/buffer.hpp"
#include "core/problem/network.hpp"

namespace admmbench {

template <class T>
class LayerPass {
 public:
  /// Sizes every buffer for batches of at most `columns` columns; widths = n_0..n_L.
  void reserve(const std::vector<arma::uword>& widths, arma::uword columns);

  /// z_l = W_l a_{l-1} + b_l, a_l = f(z_l) for the batch x (n_0 x B), which must outlive the passes that follow.
  void forward(const Network<T>& network, Activation f, const arma::Mat<T>& x);

  /// delta_l <- (W_{l+1}^T delta_{l+1}) o f'(z_l) for l = L-1..1; delta_L is filled by the caller.
  void backward(const Network<T>& network, Activation f);

  /// delta_l <- delta_l o f'(z_l): for methods with another way back.
  void times_slope(arma::uword l, Activation f);

  /// Views of the current batch, B columns each.
  arma::Mat<T> z(arma::uword l) { return z_[l - 1].view(widths_[l], columns_); }          ///< l = 1..L
  arma::Mat<T> a(arma::uword l);                                                          ///< l = 0..L-1
  arma::Mat<T> delta(arma::uword l) { return delta_[l - 1].view(widths_[l], columns_); }  ///< l = 1..L

  arma::uword columns() const { return columns_; }
  arma::uword layers() const { return widths_.size() - 1; }

  /// Entries of its memory for batches of `batch` columns.
  static double entries(double outputs, double hidden_outputs) { return 2 * outputs + hidden_outputs; }

 private:
  std::vector<arma::uword> widths_;
  arma::uword columns_ = 0;
  const arma::Mat<T>* x_ = nullptr;
  std::vector<Buffer<T>> z_, a_, delta_;  ///< index l-1
};

}  // namespace admmbench
