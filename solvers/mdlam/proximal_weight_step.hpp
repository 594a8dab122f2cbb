#pragma once
/// mDLAM's W-step: a proximal gradient step on  phi(W) + (mu/2)||W||^2 + Omega(W)  with
/// phi(W) = (rho/2)||W A + b 1^T - z||_F^2,
///   G = rho E A^T,   kappa = rho ||G A||^2 / ||G||^2,
///   W <- prox_{Omega/(theta+mu)}((theta W - G)/(theta + mu))
/// (docs/methods/mdlam.md#iteration). Weight decay enters through the proximal operator, so
/// kappa leaves it out (weight_step.hpp takes mu into G and kappa instead).

#include <armadillo>

#include "core/compute/buffer.hpp"
#include "core/compute/linalg.hpp"
#include "core/problem/regularizer.hpp"
#include "core/problem/step_rule.hpp"

namespace admmbench {

/// Scratch of proximal_weight_step(); one object serves all layers.
template <class T>
struct ProximalWeightWorkspace {
  Buffer<T> residual;   ///< n_l x N: E, then G A
  Buffer<T> gradient;   ///< n_l x n_{l-1}
  Buffer<T> direction;  ///< n_l x n_{l-1}; only with a regulariser
  SampleSum sum;        ///< over all samples, where the columns are some of them
};

/// `A` (n_{l-1} x N) is the layer's input; `W` and `WA` = W A are updated together, without a further
/// product: both steps are the same linear combination. Two GEMMs. With a regulariser W moves in another
/// direction than -G, so theta is doubled until rho ||D A||^2 <= theta ||D||^2 for the difference D, one GEMM
/// per trial. A block whose gradient is exactly zero is left as it is. Where processes share the samples, two sums: of G, and of
/// ||G A||^2; one for each trial with Omega.
template <class T>
void proximal_weight_step(const StepRule& rule, const Regularizer& omega, double rho, double mu,
                          const arma::Mat<T>& A, const arma::Col<T>& b, const arma::Mat<T>& z,
                          arma::Mat<T>& W, arma::Mat<T>& WA, SpectralState<T>& ritz,
                          ProximalWeightWorkspace<T>& workspace);

}  // namespace admmbench
