#include "solvers/pdadmm/pdadmm_state.hpp"

#include "core/blocks/linear_residual.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
LayerTerms layer_terms(const Problem<T>& problem, const Regularizer& regularizer, const PdadmmState<T>& state,
                       arma::uword l) {
  LayerTerms terms;
  const arma::uword layers = state.network.layers();
  const arma::Mat<T>& W = state.W(l);
  terms.weights = l == 1 && state.input.active() ? state.input.norm2(state.Wp(1)) : norm2(W);
  terms.omega = regularizer_value(regularizer, W);
  terms.linear = linear_residual_norm2(state.Wp(l), state.b(l), state.z(l));
  if (l == layers) {
    terms.loss = loss_value(problem.loss, state.z(l), problem.targets());
    return terms;
  }
  terms.outputs = activation_residual_norm2(problem.activation, state.z(l), state.q(l));
  const arma::Mat<T>& u = state.u(l);
  const arma::Mat<T>& q = state.q(l);
  const arma::Mat<T>& p_next = state.p(l + 1);
  terms.residual = sum_entries(reads(p_next, q), [p = p_next.memptr(), q = q.memptr()](std::size_t i) {
    const double r = static_cast<double>(p[i]) - static_cast<double>(q[i]);
    return r * r;
  });
  terms.duality =
      sum_entries(reads(u, p_next, q), [u = u.memptr(), p = p_next.memptr(), q = q.memptr()](std::size_t i) {
        return static_cast<double>(u[i]) * (static_cast<double>(p[i]) - static_cast<double>(q[i]));
      });
  return terms;
}

template LayerTerms layer_terms(const Problem<float>&, const Regularizer&, const PdadmmState<float>&,
                                arma::uword);
template LayerTerms layer_terms(const Problem<double>&, const Regularizer&, const PdadmmState<double>&,
                                arma::uword);

}  // namespace admmbench
