#pragma once
/// The step on a layer's input v (dlADMM's and mDLAM's a_l, pdADMM's p_l): one gradient step on
///     phi(v) = (c/2)||W v + b 1^T - z||_F^2 + (separable quadratic with curvature d)
///     g = c W^T E + g_separable,   kappa = c ||W g||^2 / ||g||^2 + d,   v <- v - g / tau
/// (docs/problem.md#step-rules; dlADMM's a-step, pdADMM's p-step). The product W g that gives kappa also updates the
/// cached product W v, so the step costs two GEMMs. Where processes share the samples, one sum, of both norms.

#include "core/blocks/weight_step.hpp"

namespace admmbench {

/// W belongs to layer `layer` (n_l x n_{l-1}), the layer that v (n_{l-1} x N) feeds.
/// `E` (n_l x N): the residual on entry, scratch on return.
/// `g` (n_{l-1} x N): the separable part's gradient on entry (nu (a - f(z)) for a; u + rho (p - q) for p), the full
/// gradient on return. `v` and `Wv` are updated together.
template <class T>
StepReport input_step(const StepRule& rule, double c, double d, arma::uword layer, const arma::Mat<T>& W,
                      arma::Mat<T>& E, arma::Mat<T>& g, arma::Mat<T>& v, arma::Mat<T>& Wv,
                      StepWorkspace<T>& workspace);

}  // namespace admmbench
