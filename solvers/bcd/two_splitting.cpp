#include "solvers/bcd/two_splitting.hpp"

#include "core/blocks/linear_residual.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "solvers/bcd/bcd.hpp"

namespace admmbench {

template <class T>
TwoSplitting<T>::TwoSplitting(const BcdParameters& p, const Problem<T>& problem, Network<T> initial,
                              const SampleSum& sum)
    : p_(p), problem_(problem), sum_(sum) {
  LayerVariables<T> forward = forward_state(problem, std::move(initial));
  network_ = std::move(forward.network);
  V_ = std::move(forward.a);
  T_ = std::move(forward.z);
  affine(forward.WA(L()), network_.b[L() - 1], T_(L()));  // the forward value for either loss
  V_.push_back(T_(L()));
  require_derivative(problem.activation, "bcd with splitting: two");
  const auto& n = problem.widths;
  workspace_.reserve(n, problem.samples());
  workspace_.sum = sum;
  prox_.reserve(n.back(), problem.samples(), p.zL);
  prox_.sum = sum;
  ridge_.assign(L(), {});
  for (arma::uword l = 1; l <= L(); ++l) {
    ridge_(l).reserve(n[l - 1], n[l]);
    ridge_(l).share(sum, problem.total_samples());
    if (l < L()) gram_.emplace_back(n[l], n[l], arma::fill::zeros);
  }
  ridge_(1).factorize(p.gamma * curvature(1), p.alpha, problem.x());  // x never changes
}

/// Bound of f_l'^2.
template <class T>
double TwoSplitting<T>::curvature(arma::uword l) const {
  const double c = slope_bound(problem_.activation);
  return l == L() ? 1 : c * c;
}

template <class T>
void TwoSplitting<T>::step() {
  update_V_L();
  update_W_L();
  if (L() > 1) update_V_below_output();
  for (arma::uword l = L() - 1; l >= 1; --l) {
    update_W(l);
    if (l > 1)
      sample_step(problem_.activation, p_.halvings, network_.W[l - 1], V_(l), T_(l), T_(l - 1), gram_(l - 1),
                  V_(l - 1), workspace_);
  }
}

/// V_L <- argmin R(V) + (gamma/2)||V - T_L||^2 + (alpha/2)||V - V_L||^2.
template <class T>
void TwoSplitting<T>::update_V_L() {
  arma::Mat<T>& V_L = V_(L());
  arma::Mat<T> m = workspace_.S.view(V_L.n_rows, V_L.n_cols);
  const double c = p_.gamma + p_.alpha;
  for_entries(reads(T_(L()), V_L), writes(m),
              [gamma = T(p_.gamma / c), alpha = T(p_.alpha / c), m = m.memptr(), z = T_(L()).memptr(),
               v = V_L.memptr()](std::size_t i) { m[i] = gamma * z[i] + alpha * v[i]; });
  output_prox(p_.zL, problem_.loss, problem_.targets(), c, m, V_L, prox_);
}

/// S <- V_L - T_L.
template <class T>
void TwoSplitting<T>::output_gap(arma::Mat<T>& S) const {
  for_entries(
      reads(V_(L()), T_(L())), writes(S),
      [s = S.memptr(), v = V_(L()).memptr(), z = T_(L()).memptr()](std::size_t i) { s[i] = v[i] - z[i]; });
}

/// W_L, b_L: argmin (gamma/2)||V_L - W At||^2 + (alpha/2)||W - W_L||^2 with At = [V_{L-1}; 1], as a step
///   gamma (V_L - T_L) At^T (alpha I + gamma At At^T)^{-1}
template <class T>
void TwoSplitting<T>::update_W_L() {
  const arma::uword l = L();
  arma::Mat<T> S = workspace_.S.view(problem_.widths[l], problem_.samples());
  arma::Mat<T> D = workspace_.D.view(S.n_rows, S.n_cols);
  output_gap(S);
  if (l > 1) ridge_(l).factorize(p_.gamma, p_.alpha, V(l - 1));
  const arma::Mat<T>& delta = ridge_(l).apply(p_.gamma, S, V(l - 1));
  bordered_product(delta, V(l - 1), D);
  axpy(T(1), D, T_(l));
  add_bordered(delta, network_.W[l - 1], network_.b[l - 1]);
}

/// W_l, b_l, l < L: every unit a step on (gamma/2)||V_lh - f(w^T At)||^2 with damping alpha.
template <class T>
void TwoSplitting<T>::update_W(arma::uword l) {
  if (l > 1) ridge_(l).factorize(p_.gamma * curvature(l), p_.alpha, V(l - 1));
  unit_step(problem_.activation, p_.gamma, p_.halvings, ridge_(l), V(l - 1), V_(l), network_.W[l - 1],
            network_.b[l - 1], T_(l), workspace_);
}

/// V_{L-1} <- (I + W_L^T W_L)^{-1} (f(T_{L-1}) + W_L^T (V_L - b_L)), as a step.
template <class T>
void TwoSplitting<T>::update_V_below_output() {
  const arma::uword l = L() - 1;
  arma::Mat<T> S = workspace_.S.view(problem_.widths[L()], problem_.samples());
  arma::Mat<T> D = workspace_.D.view(S.n_rows, S.n_cols);
  arma::Mat<T> delta = workspace_.delta.view(problem_.widths[l], problem_.samples());
  output_gap(S);
  input_direction(problem_.activation, 1, 1, network_.W[l], S, V_(l), T_(l), gram_(l), delta);
  full_step(network_.W[l], delta, V_(l), T_(L()), D);
}

template <class T>
double TwoSplitting<T>::objective(double& residual) const {
  residual = activation_residual_norm2(Activation::identity, T_(L()), V_(L()));
  for (arma::uword l = 1; l < L(); ++l)
    residual += activation_residual_norm2(problem_.activation, T_(l), V_(l));
  double loss = loss_value(problem_.loss, V_(L()), problem_.targets());
  sum_.scalars(loss, residual);
  return loss + 0.5 * p_.gamma * residual;
}

template <class T>
void TwoSplitting<T>::visit_state(StateVisitor<T>& visitor) const {
  for (arma::uword l = 1; l <= L(); ++l) {
    visitor.matrix(layer_name("W", l), network_.W[l - 1]);
    visitor.vector(layer_name("b", l), network_.b[l - 1]);
    visitor.columns(layer_name("a", l), V_(l));
  }
}

template class TwoSplitting<float>;
template class TwoSplitting<double>;

}  // namespace admmbench
