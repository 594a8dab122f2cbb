#pragma once
/// The a-step as a damped least-squares (Levenberg) step, docs/methods/gram_tp.md: for a target displacement e = z_l - m_l of a
/// layer's output,
///   da = argmin_d ||W d - e||^2 + lam t ||d||^2 = K^T e,   K = (W W^T + lam t I)^{-1} W,   t = mean of diag(W W^T),
/// W n_l x n_{l-1}. K is found by Cholesky on W's smaller side and kept for a number of batches.

#include <armadillo>

namespace admmbench {

template <class T>
class DampedLeastSquares {
 public:
  /// Sizes everything for W rows x columns.
  void reserve(arma::uword rows, arma::uword columns);

  /// K of W, lam > 0. K is NaN if W is not finite.
  void factorize(const arma::Mat<T>& W, double lam);

  double damping() const { return damping_; }  ///< lam t of the last factorize()

  /// da (columns x B) <- K^T e, e rows x B.
  void apply(const arma::Mat<T>& e, arma::Mat<T>& da) const;

  template <class Archive>
  void archive(Archive& a) {
    a(K_, damping_);
  }

 private:
  bool wide_ = true;   ///< rows <= columns
  arma::Mat<T> gram_;  ///< Gram matrix of the smaller side, then its Cholesky factor
  arma::Mat<T> K_;     ///< K if wide_, else K^T
  double damping_ = 0;
};

}  // namespace admmbench
