#pragma once
/// Two W-steps in a row on the first layer, as dlADMM takes them at the turn from its backward to its forward sweep.
/// Nothing but W_1 changes in between and x never does, so the second gradient follows from the first:
///   E' = E - G x / tau   =>   E' x^T = E x^T - G K / tau,   ||G x||^2 = <G K, G>,   K = x x^T  (n_0 x n_0).
/// Two big products (E x^T, and the update of W x for both steps at once) in place of four; where processes share the samples, one sum,
/// of E x^T, in place of four.

#include <array>

#include "core/blocks/weight_step.hpp"

namespace admmbench {

template <class T>
class DoubleWeightStep {
 public:
  /// Computes K and sizes the buffers for W_1 of n_1 rows. Pays for N > n_0. `sum`: over all samples, where x are some of them.
  void initialize(const arma::Mat<T>& x, arma::uword n1, const SampleSum& sum = {});
  bool active() const { return !K_.is_empty(); }

  /// The same as two calls of weight_step() with the residual of W_1 before each. `E` (n_1 x N) is scratch on return.
  std::array<StepReport, 2> step(const StepRule& rule, double c, double mu, const arma::Mat<T>& x,
                                 arma::Mat<T>& E, arma::Mat<T>& W, arma::Mat<T>& WA);

 private:
  arma::Mat<T> K_;      ///< x x^T, n_0 x n_0
  arma::Mat<T> Ex_;     ///< E x^T, n_1 x n_0
  arma::Mat<T> G_;      ///< gradient
  arma::Mat<T> GK_;     ///< G K
  arma::Mat<T> total_;  ///< W_new - W_old of both steps
  SampleSum sum_;
  double lambda_ = 0;  ///< lambda_max(K), computed when first asked for
};

}  // namespace admmbench
