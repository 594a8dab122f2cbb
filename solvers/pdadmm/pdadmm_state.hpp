#pragma once
/// The variables of pdADMM (docs/methods/pdadmm.md#iteration).

#include "core/blocks/input_span.hpp"
#include "core/problem/network.hpp"
#include "core/problem/per_layer.hpp"
#include "core/problem/regularizer.hpp"

namespace admmbench {

/// All variables; where processes share the layers, those of the process's own and copies of its neighbours', the others empty.
template <class T>
struct PdadmmState {
  Network<T> network;         ///< W_l (n_l x n_{l-1}), b_l (n_l)
  PerLayer<arma::Mat<T>> z;   ///< z_l (n_l x N)
  PerLayer<arma::Mat<T>> p;   ///< p_l (n_{l-1} x N), l >= 2; p(1) is empty: p_1 = x
  PerLayer<arma::Mat<T>> q;   ///< q_l (n_l x N), l < L
  PerLayer<arma::Mat<T>> u;   ///< u_l (n_l x N), l < L: the dual of p_{l+1} = q_l
  PerLayer<arma::Mat<T>> Wp;  ///< W_l p_l (n_l x N), kept up to date by every block step
  InputSpan<T> input;         ///< W_1 in the span of the training inputs, where that pays and is asked for

  arma::Mat<T>& W(arma::uword l) { return network.W[l - 1]; }
  arma::Col<T>& b(arma::uword l) { return network.b[l - 1]; }
  const arma::Mat<T>& W(arma::uword l) const { return network.W[l - 1]; }
  const arma::Col<T>& b(arma::uword l) const { return network.b[l - 1]; }
};

/// What a layer adds to L_rho, before nu, rho and mu.
struct LayerTerms {
  double loss = 0;      ///< R(z_L), of layer L
  double weights = 0;   ///< ||W_l||^2
  double omega = 0;     ///< the regulariser of W_l
  double linear = 0;    ///< ||z_l - W_l p_l - b_l||^2
  double outputs = 0;   ///< ||q_l - f(z_l)||^2
  double residual = 0;  ///< ||p_{l+1} - q_l||^2
  double duality = 0;   ///< <u_l, p_{l+1} - q_l>
};

template <class T>
LayerTerms layer_terms(const Problem<T>& problem, const Regularizer& regularizer, const PdadmmState<T>& state,
                       arma::uword l);

}  // namespace admmbench
