#pragma once
/// Regularisers Omega(W) with a proximal operator, added to a W-step beside the smooth weight decay (mu/2)||W||^2.

#include <armadillo>

#include "core/parameters.hpp"

namespace admmbench {

struct Regularizer {
  enum class Kind { none, l1, nonnegative, sparse, levels };
  Kind kind = Kind::none;
  double weight = 0;   ///< l1: Omega(W) = weight * ||W||_1
  double share = 0.1;  ///< sparse: of a layer's entries, those that may differ from 0
  double spacing = 1;  ///< levels: distance of neighbours, in He's standard deviation sqrt(2/n_{l-1})
  long levels = 3;     ///< how many, symmetric about 0; an odd number has 0 among them

  void visit(ParameterVisitor& v);
};

/// W <- prox_{Omega/tau}(W), W_l of n_l x n_{l-1}: soft threshold at weight/tau (l1), or the nearest point of a constraint's set.
template <class T>
void proximal(const Regularizer& omega, double tau, arma::Mat<T>& W);

/// W <- the nearest point of the constraint's set; l1 and none have no set and leave W alone.
/// non_negative: W >= 0. sparse: all but the floor(share n) largest |w| of the n entries become 0; equal ones stand or fall together, so
/// that fewer may be left. levels: the nearest of `levels` equidistant values, the greater of two. NaN stays NaN.
template <class T>
void project(const Regularizer& omega, arma::Mat<T>& W);

/// Omega(W); the indicator of a constraint counts as 0 (iterates are feasible after their first W-step).
template <class T>
double regularizer_value(const Regularizer& omega, const arma::Mat<T>& W);

}  // namespace admmbench
