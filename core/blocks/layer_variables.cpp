#include "core/blocks/layer_variables.hpp"

#include "core/blocks/linear_residual.hpp"
#include "core/compute/buffer.hpp"
#include "core/compute/linalg.hpp"

namespace admmbench {

template <class T>
arma::Mat<T> initial_output(const Problem<T>& problem, const arma::Mat<T>& forward_value) {
  if (problem.loss == Loss::squared) return forward_value;
  return T(2) * problem.targets() - T(1);
}

template <class T>
LayerVariables<T> forward_state(const Problem<T>& problem, Network<T> network) {
  LayerVariables<T> state;
  state.network = std::move(network);
  const arma::uword layers = problem.layers();
  for (arma::uword l = 1; l <= layers; ++l) {
    const arma::Mat<T>& input = layer_input(problem, state.a, l);
    arma::Mat<T> WA = uninitialized<T>(problem.widths[l], problem.samples());
    gemm(Op::none, Op::none, T(1), state.W(l), input, T(0), WA);
    arma::Mat<T> z = uninitialized<T>(WA.n_rows, WA.n_cols);
    affine(WA, state.b(l), z);
    state.WA.push_back(std::move(WA));
    if (l < layers) {
      arma::Mat<T> a = uninitialized<T>(z.n_rows, z.n_cols);
      activate(problem.activation, z, a);
      state.a.push_back(std::move(a));
    } else {
      z = initial_output(problem, z);
    }
    state.z.push_back(std::move(z));
  }
  return state;
}

template <class T>
void state_outputs(LayerVariables<T>& state, const Problem<T>& problem, const Samples<T>& split,
                   ForwardWorkspace<T>& workspace, arma::Mat<T>& out) {
  if (!state.input.active()) {
    forward(state.network, problem.activation, split.x, workspace, out);
    return;
  }
  // The forward pass leaves the first layer's buffer free.
  workspace.layer.resize(problem.layers());
  arma::Mat<T>& z1 = workspace.layer.front();
  state.input.product(split, z1);
  forward_from_first(state.network, problem.activation, z1, workspace, out);
}

template LayerVariables<float> forward_state(const Problem<float>&, Network<float>);
template LayerVariables<double> forward_state(const Problem<double>&, Network<double>);
template void state_outputs(LayerVariables<float>&, const Problem<float>&, const Samples<float>&,
                            ForwardWorkspace<float>&, arma::Mat<float>&);
template void state_outputs(LayerVariables<double>&, const Problem<double>&, const Samples<double>&,
                            ForwardWorkspace<double>&, arma::Mat<double>&);
template arma::Mat<float> initial_output(const Problem<float>&, const arma::Mat<float>&);
template arma::Mat<double> initial_output(const Problem<double>&, const arma::Mat<double>&);

}  // namespace admmbench
