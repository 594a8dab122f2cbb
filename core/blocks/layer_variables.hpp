#pragma once
/// The state that dlADMM and mDLAM share: W, b, z, a of every layer and the cached products W_l a_{l-1}.

#include <vector>

#include "core/blocks/input_span.hpp"
#include "core/problem/network.hpp"
#include "core/problem/per_layer.hpp"
#include "core/problem/problem.hpp"
#include "core/problem/state_visitor.hpp"

namespace admmbench {

template <class T>
struct LayerVariables {
  Network<T> network;         ///< W_l (n_l x n_{l-1}), b_l (n_l)
  PerLayer<arma::Mat<T>> z;   ///< z_l (n_l x N), l = 1..L
  PerLayer<arma::Mat<T>> a;   ///< a_l (n_l x N), l = 1..L-1
  PerLayer<arma::Mat<T>> WA;  ///< W_l a_{l-1} (n_l x N), kept up to date by every block step
  InputSpan<T> input;         ///< W_1 in the span of the training inputs, where that pays and is asked for

  arma::Mat<T>& W(arma::uword l) { return network.W[l - 1]; }  ///< of layer l = 1..L
  arma::Col<T>& b(arma::uword l) { return network.b[l - 1]; }
  const arma::Mat<T>& W(arma::uword l) const { return network.W[l - 1]; }
  const arma::Col<T>& b(arma::uword l) const { return network.b[l - 1]; }

  /// W and b with an implicit W_1 brought up to date.
  const Network<T>& formed() {
    if (input.active()) input.form(network.W.front());
    return network;
  }

  template <class Archive>
  void archive(Archive& archive) {
    formed();
    archive(network);
    archive.columns(z, a, WA);
    archive(input);
  }
};

/// The start from given W, b: hidden z, a by forward pass; z_L = 2Y - 1, or the forward value for squared loss
/// (docs/problem.md#initial-point).
template <class T>
LayerVariables<T> forward_state(const Problem<T>& problem, Network<T> network);

/// relative_changes() of the state's weights, without forming an implicit W_1.
template <class T>
std::vector<double> state_changes(const LayerVariables<T>& state, const Network<T>& initial) {
  std::optional<double> first;
  if (state.input.active()) first = state.input.relative_change(state.WA(1));
  return relative_changes(state.network, initial, first);
}

/// out <- z_L of the forward pass on a split, without forming an implicit W_1.
template <class T>
void state_outputs(LayerVariables<T>& state, const Problem<T>& problem, const Samples<T>& split,
                   ForwardWorkspace<T>& workspace, arma::Mat<T>& out);

/// a_0 = x, a_1, ..., a_{L-1}: the input of layer l is a_{l-1}.
template <class T>
const arma::Mat<T>& layer_input(const Problem<T>& problem, const PerLayer<arma::Mat<T>>& a,
                                arma::uword layer) {
  return layer == 1 ? problem.x() : a(layer - 1);
}

/// z_L of the initial point: 2Y - 1 (cross entropy) or the forward value (squared loss).
template <class T>
arma::Mat<T> initial_output(const Problem<T>& problem, const arma::Mat<T>& forward_value);

/// Shows W_l, b_l, z_l and a_l of all layers; an implicit W_1 as it was formed last.
template <class T>
void visit_layers(const LayerVariables<T>& state, StateVisitor<T>& visitor) {
  for (arma::uword l = 1; l <= state.network.layers(); ++l) {
    visitor.matrix(layer_name("W", l), state.W(l));
    visitor.vector(layer_name("b", l), state.b(l));
    visitor.columns(layer_name("z", l), state.z(l));
    if (l <= state.a.size()) visitor.columns(layer_name("a", l), state.a(l));
  }
}

}  // namespace admmbench
