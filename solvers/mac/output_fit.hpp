#pragma once
/// Steps on the output layer alone, R(W At; Y), At = [A; 1]:
///   W <- W - dR/dz At^T (h At At^T + lam I)^{-1},   z = W At,
/// with a bound h of R's curvature in z: 1 for the squared loss, whose minimum one step reaches for lam -> 0, and 1/2 for cross entropy
/// (D. Böhning: Multinomial logistic regression algorithm, Ann. Inst. Statist. Math. 44, 1992). R never rises.

#include "core/blocks/bordered_ridge.hpp"
#include "core/problem/loss.hpp"

namespace admmbench {

/// h.
inline double output_curvature(Loss loss) { return loss == Loss::squared ? 1.0 : 0.5; }

/// `steps` of them, `ridge` being factorised for h, lam and A (n x N). W (m x n), b (m), z = W A + b (m x N) and R(z) = `value` are
/// changed together; S and D, m x N, are scratch. A step at which rounding makes R rise is not taken.
template <class T>
void fit_output(Loss loss, const arma::Mat<T>& targets, const arma::Mat<T>& A, BorderedRidge<T>& ridge,
                long steps, arma::Mat<T>& W, arma::Col<T>& b, arma::Mat<T>& z, double& value, arma::Mat<T>& S,
                arma::Mat<T>& D);

}  // namespace admmbench
