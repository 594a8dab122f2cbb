#pragma once
/// The W-step: one gradient step,
///     phi(W) = (c/2)||W A + b 1^T - z||_F^2 + (mu/2)||W||_F^2  [+ Omega(W)]
///     G = c E A^T + mu W,   kappa = c ||G A||^2 / ||G||^2 + mu,   W <- prox_{Omega/tau}(W - G / tau)
/// (docs/problem.md#step-rules). The product G A that gives kappa also updates the cached product WA, so the step costs
/// two GEMMs. Where processes share the samples, two sums: of G, and of ||G A||^2; one for each trial with Omega.

#include <armadillo>

#include "core/compute/buffer.hpp"
#include "core/compute/linalg.hpp"
#include "core/problem/regularizer.hpp"
#include "core/problem/step_rule.hpp"

namespace admmbench {

/// Buffers of W-steps and input steps; one object serves all layers of a solver.
template <class T>
struct StepWorkspace {
  Buffer<T> gradient;                  ///< max over layers of n_l * n_{l-1}
  Buffer<T> direction;                 ///< the same, with a regulariser: reserved when first needed
  std::vector<SpectralState<T>> ritz;  ///< lipschitz: ||a_{l-1}||_2^2 of the W-steps, per layer (index l-1)
  std::vector<SpectralState<T>> ritz_input;  ///< and ||W_l||_2^2 of the steps on layer l's input
  SampleSum sum;                             ///< over all samples, where the columns are some of them

  void reserve(const std::vector<arma::uword>& widths);

  template <class Archive>
  void archive(Archive& a) {  // the rest is scratch
    a(ritz, ritz_input);
  }
};

/// What a step did: its tau (0 if the gradient was zero and the block left alone) and the gradient it used.
struct StepReport {
  double tau = 0;
  double gradient_norm2 = 0;
  /// ||v_new - v_old||_F^2, for sufficient-decrease checks.
  double step_norm2 = 0;

  template <class Archive>
  void archive(Archive& a) {
    a(tau, gradient_norm2, step_norm2);
  }
};

/// `E` (n_l x N) holds the residual W A + b - z [- u/rho] on entry and is scratch on return.
/// `W` (n_l x n_{l-1}) and `WA` (n_l x N) are updated together. `layer` is l.
template <class T>
StepReport weight_step(const StepRule& rule, const Regularizer& omega, double c, double mu, arma::uword layer,
                       const arma::Mat<T>& A, arma::Mat<T>& E, arma::Mat<T>& W, arma::Mat<T>& WA,
                       StepWorkspace<T>& workspace);

}  // namespace admmbench
