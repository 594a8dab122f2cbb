#pragma once
/// Regularisers Omega(W) with a proximal operator, added to a W-step beside the smooth weight decay (mu/2)||W||^2.

#include <armadillo>

#include "core/parameters.hpp"

namespace admmbench {

struct Regularizer {
  enum class Kind { none, l1, nonnegative };
  Kind kind = Kind::none;
  double weight = 0;  ///< l1: Omega(W) = weight * ||W||_1

  void visit(ParameterVisitor& v);
};

/// W <- prox_{Omega/tau}(W): soft threshold at weight/tau (l1), projection on W >= 0 (non_negative).
template <class T>
void proximal(const Regularizer& omega, double tau, arma::Mat<T>& W);

/// Omega(W); the indicator of non_negative counts as 0 (iterates are feasible after their first W-step).
template <class T>
double regularizer_value(const Regularizer& omega, const arma::Mat<T>& W);

}  // namespace admmbench
