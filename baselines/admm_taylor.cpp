#include "baselines/admm_taylor.hpp"

#include <algorithm>

#include "core/blocks/linear_residual.hpp"
#include "core/blocks/preactivation_step.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

void AdmmTaylorParameters::visit(ParameterVisitor& v) {
  v.real("beta", beta, positive, "penalty of every linear relation, beta ||z_l - W_l a_{l-1}||^2");
  v.real("gamma", gamma, positive, "penalty of every activation, gamma ||a_l - f(z_l)||^2");
  v.boolean("multiplier", multiplier, "the multiplier lambda on z_L");
  v.integer("warm_up", warm_up, non_negative, "iterations before lambda moves");
  v.real("growth", growth, at_least_one, "factor on beta and gamma after every iteration; 1 keeps them");
  v.real("cap", cap, positive, "growth above 1 only: largest beta and gamma");
  v.group("zL", zL, "solver of the z_L-update");
}

template <class T>
Network<T> AdmmTaylor<T>::initial_network(const Problem<T>& given, std::uint64_t seed) const {
  Network<T> network = gaussian_network<T>(given.widths, seed);
  for (arma::Col<T>& b : network.b) b.zeros();
  return network;
}

template <class T>
void AdmmTaylor<T>::start(Network<T> initial, std::uint64_t /*seed*/) {
  for (arma::Col<T>& b : initial.b) b.zeros();
  sum_ = this->sample_sum();
  prox_.sum = sum_;
  state_ = forward_state(problem(), std::move(initial));
  lambda_.zeros(problem().widths.back(), problem().samples());
  target_.zeros(problem().widths.back(), problem().samples());
  iteration_ = 0;
  inverses_.assign(L(), {});
  grams_.clear();
  hidden_.clear();
  for (arma::uword l = 1; l <= L(); ++l) {
    inverses_(l).reserve(problem().widths[l - 1], problem().samples(), problem().widths[l], sum_,
                         problem().total_samples());
    if (l == L()) break;
    grams_.emplace_back(problem().widths[l], problem().widths[l], arma::fill::zeros);
    hidden_.emplace_back(problem().widths[l], problem().samples(), arma::fill::zeros);
  }
  inverses_(1).factorize(problem().x());
  prox_.reserve(problem().widths.back(), problem().samples(), parameters_.zL);
}

template <class T>
void AdmmTaylor<T>::step() {
  for (arma::uword l = 1; l < L(); ++l) {
    update_W(l);
    update_a(l);
    update_z(l);
  }
  update_W(L());
  update_z_L();
  if (parameters_.multiplier && iteration_ >= parameters_.warm_up) update_lambda();
  ++iteration_;
  update_penalties();
}

/// W_l <- z_l a_{l-1}^+.
template <class T>
void AdmmTaylor<T>::update_W(arma::uword l) {
  PseudoInverse<T>& inverse = inverses_(l);
  if (l > 1) {
    inverse.fit(state_.z(l), a(l - 1), state_.W(l));
  } else {
    inverse.apply(state_.z(l), a(l - 1), state_.W(l));
  }
  gemm(Op::none, Op::none, T(1), state_.W(l), a(l - 1), T(0), state_.WA(l));
}

/// a_l <- (beta W_{l+1}^T W_{l+1} + gamma I)^{-1} (beta W_{l+1}^T z_{l+1} + gamma f(z_l)). The cached product
/// of layer l + 1 is stale until its W-step.
template <class T>
void AdmmTaylor<T>::update_a(arma::uword l) {
  activate(problem().activation, state_.z(l), hidden_(l));
  ridge_output_step(parameters_.beta, parameters_.gamma, state_.W(l + 1), state_.z(l + 1), hidden_(l),
                    grams_(l), state_.a(l));
}

/// z_l, l < L: argmin gamma (a_l - f(z))^2 + beta (z - W_l a_{l-1})^2, entry by entry.
template <class T>
void AdmmTaylor<T>::update_z(arma::uword l) {
  arma::Mat<T>& z = state_.z(l);
  const arma::Mat<T>& m = state_.WA(l);
  const arma::Mat<T>& al = state_.a(l);
  const T weight = static_cast<T>(parameters_.beta / parameters_.gamma);
  weighted_preactivation_step(problem().activation, weight, m, al, z);
}

/// z_L: argmin l(z) + <z, lambda> + beta ||z - W_L a_{L-1}||^2, the square completed.
template <class T>
void AdmmTaylor<T>::update_z_L() {
  const double c = 2 * parameters_.beta;
  affine(state_.WA(L()), state_.b(L()), static_cast<T>(1 / c), lambda_, target_);
  output_prox(parameters_.zL, problem().loss, problem().targets(), c, target_, state_.z(L()), prox_);
}

/// lambda <- lambda + beta (z_L - W_L a_{L-1}).
template <class T>
void AdmmTaylor<T>::update_lambda() {
  linear_residual(state_.WA(L()), state_.b(L()), state_.z(L()), target_);
  axpy(static_cast<T>(-parameters_.beta), target_, lambda_);
}

template <class T>
void AdmmTaylor<T>::update_penalties() {
  if (parameters_.growth == 1) return;
  // A penalty that starts above the cap stays where it is.
  const auto grow = [&](double& value) {
    value = std::max(value, std::min(parameters_.growth * value, parameters_.cap));
  };
  grow(parameters_.beta);
  grow(parameters_.gamma);
}

/// objective: the function at the head of the header; residual: ||z_L - W_L a_{L-1}||^2.
template <class T>
Diagnostics AdmmTaylor<T>::diagnostics() const {
  const arma::uword layers = L();
  double linear = 0;
  double activation = 0;
  for (arma::uword l = 1; l < layers; ++l) {
    linear += linear_residual_norm2(state_.WA(l), state_.b(l), state_.z(l));
    activation += activation_residual_norm2(problem().activation, state_.z(l), state_.a(l));
  }
  Diagnostics result;
  double residual = linear_residual_norm2(state_.WA(L()), state_.b(L()), state_.z(L()));
  double loss = loss_value(problem().loss, state_.z(L()), problem().targets());
  double dual = inner(state_.z(L()), lambda_);
  sum_.scalars(residual, linear, activation, loss, dual);
  result.residual = residual;
  result.objective = loss + dual + parameters_.beta * (residual + linear) + parameters_.gamma * activation;
  if (parameters_.growth != 1) result.named.emplace_back("beta", parameters_.beta);
  return result;
}

template <class T>
void AdmmTaylor<T>::visit_state(StateVisitor<T>& visitor) const {
  visit_layers(state_, visitor);
  visitor.columns("u", lambda_);
}

template class AdmmTaylor<float>;
template class AdmmTaylor<double>;

namespace {

/// Least squares for every W_l, by Cholesky of the Gram matrix of a_{l-1}'s smaller side, and a ridge solve for every a_l.
IterationCost iteration(const CostShape& s) {
  const std::size_t L = s.layers();
  IterationCost cost = entry_passes((3 + 4 + 6) * s.M(L)) + newton_steps(s, 1);  // z_L and lambda
  for (std::size_t l = 1; l <= L; ++l) {
    const double k = std::min(s.n(l - 1), s.samples);
    if (l > 1) {
      cost += matrix_product(k, k, std::max(s.n(l - 1), s.samples)) + entry_passes(k * k);
      cost.solve_flops += whole_third(k * k * k);
    }
    // A Z^T, W A and W out of its transpose; for N < n: Z^T, and W from the solution and A^T.
    cost += layer_products(s, l, 2) + entry_passes(2 * k * s.n(l));
    cost.solve_flops += 2 * k * k * s.n(l);
    if (l == L) break;
    const double m = s.n(l);
    cost +=
        matrix_product(m, m, s.n(l + 1)) + layer_products(s, l + 1, 1) + entry_passes((2 + 3 + 3) * s.M(l));
    cost.solve_flops += whole_third(m * m * m) + 2 * m * m * s.samples;
  }
  return cost;
}

MemoryCost memory(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  double state = s.parameters() + 2 * s.outputs() + s.hidden_outputs() + s.M(L);  // z, W a; a; lambda
  double scratch = s.M(L) + s.hidden_outputs();
  for (std::size_t l = 1; l <= L; ++l) {
    const double k = std::min(s.n(l - 1), s.samples);
    state += k * k;
    scratch += 2 * k * s.n(l) + 2 * k * k + 6 * k;
    if (l < L) scratch += s.n(l) * s.n(l);
  }
  MemoryCost memory = held_memory(s, o, state, scratch);
  memory.passing = 2 * s.entry_bytes * s.widest() * s.samples;  // right-hand side and solution of an a-step
  return memory;
}

MethodCost cost(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  const double grams = sum_layers(2, L, [&](auto l) { return s.n(l - 1) * s.n(l - 1); });
  return {iteration(s), memory(s, o), {s.weights() + grams, static_cast<double>(L)}, {}};
}

const RegisterSolver<AdmmTaylorParameters, AdmmTaylor> registered(
    "admm_taylor", "ADMM with exact least-squares solves (cubic cost), multiplier on the output, no biases",
    "Taylor et al.: Training Neural Networks Without Gradients: A Scalable ADMM Approach, ICML 2016, "
    "Algorithm 1, arXiv 1605.02026",
    {{"kdd", "as the baseline of the dlADMM paper (KDD'19 section 5.1): rho = 1 for every penalty",
      [](AdmmTaylorParameters& p) { p.beta = p.gamma = 1; }},
     {"growing",
      "the variant of a replication (github.com/GrumpyZhou/IDP): penalties from 1e-6, times 1.05 per "
      "iteration, no multiplier",
      [](AdmmTaylorParameters& p) {
        p.beta = p.gamma = 1e-6;
        p.growth = 1.05;
        p.multiplier = false;
      }}},
    {cost});

}  // namespace

}  // namespace admmbench
