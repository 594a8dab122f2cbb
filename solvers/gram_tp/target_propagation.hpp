#pragma once
/// One batch of target propagation (docs/methods/gram_tp.md, section 1): a forward pass, an output prox, and a backward sweep
/// of damped least-squares a-steps and z-steps that stay in the linear region of the forward pass. The auxiliaries are
/// anchored at the forward pass of the batch, so nothing is kept per sample.
///
/// Inputs of a layer carry a row of ones, At_{l-1} = [a_{l-1}; 1], and its weights the bias as last column, [W_l b_l].

#include <armadillo>
#include <vector>

#include "core/blocks/output_prox.hpp"
#include "core/compute/buffer.hpp"
#include "core/problem/activation.hpp"
#include "solvers/gram_tp/damped_least_squares.hpp"

namespace admmbench {

template <class T>
class TargetPropagation {
 public:
  /// Sizes everything for batches of at most `columns` columns; widths = n_0..n_L.
  void reserve(const std::vector<arma::uword>& widths, arma::uword columns, const OutputProx& zL);

  /// Columns are those of the samples here.
  void share(const SampleSum& sum) { prox_.sum = sum; }

  /// The batch that follows has `columns` columns.
  void set_columns(arma::uword columns) { columns_ = columns; }
  arma::uword columns() const { return columns_; }
  arma::uword layers() const { return widths_.size() - 1; }

  /// Views of the current batch, B columns each.
  arma::Mat<T> At(arma::uword l) { return At_[l].view(widths_[l] + 1, columns_); }  ///< [a_l; 1], l = 0..L-1
  arma::Mat<T> m(arma::uword l) {
    return m_[l - 1].view(widths_[l], columns_);
  }  ///< W_l a_{l-1} + b_l, l = 1..L
  arma::Mat<T> e(arma::uword l) { return e_[l - 1].view(widths_[l], columns_); }  ///< z_l - m_l, l = 1..L
  arma::Mat<T> da(arma::uword l) {
    return da_[l - 1].view(widths_[l], columns_);
  }  ///< of a_l - f(m_l), l = 1..L-1

  /// m_l = [W_l b_l] At_{l-1}, a_l = f(m_l) for l = 1..L; At(0) is filled by the caller, its row of ones excepted.
  void forward(const std::vector<arma::Mat<T>>& Wb, Activation f);

  /// e_L = z_L - m_L, z_L = argmin_z R(z) + (c/2)||z - m_L||^2; `targets` n_L x B. Returns ||e_L||^2.
  double output_target(const OutputProx& zL, Loss loss, const arma::Mat<T>& targets, double c);

  /// da_{l-1} = K_l^T e_l, and e_{l-1} = region_displacement(m_{l-1}, da_{l-1}); l = 2..L. Returns
  /// ||e_{l-1}||^2.
  double input_target(arma::uword l, const DampedLeastSquares<T>& K, Activation f);

  /// Back-propagation in place of targets: e_L = -dR/dm_L; returns ||e_L||^2.
  double output_gradient(Loss loss, const arma::Mat<T>& targets);

  /// da_{l-1} = W_l^T e_l, and e_{l-1} = f'(m_{l-1}) da_{l-1}; l = 2..L. Returns ||e_{l-1}||^2.
  double input_gradient(arma::uword l, const arma::Mat<T>& W, Activation f);

 private:
  std::vector<arma::uword> widths_;
  arma::uword columns_ = 0;
  std::vector<Buffer<T>> At_;
  std::vector<Buffer<T>> m_;
  std::vector<Buffer<T>> e_;
  std::vector<Buffer<T>> da_;
  OutputProxWorkspace<T> prox_;
};

/// dz <- f'(m) da / sup f'^2, entry by entry: with f replaced by its tangent at m, one majorised gradient step from dz = 0 on
/// ||da - f'(m) dz||^2. For piecewise-linear f it is what the linear region of m can do of da: da where f' = 1, nothing where
/// f' = 0. Returns ||dz||^2.
template <class T>
double region_displacement(Activation f, const arma::Mat<T>& m, const arma::Mat<T>& da, arma::Mat<T>& dz);

/// Keeps of dz what lowers h(dz) = dz^2 + (f(m) + da - f(m + dz))^2 below h(0), entry by entry, and sets the rest to 0.
/// Returns the sum of (f(m) + da - f(m + dz))^2.
template <class T>
double keep_descending(Activation f, const arma::Mat<T>& m, const arma::Mat<T>& da, arma::Mat<T>& dz);

}  // namespace admmbench
