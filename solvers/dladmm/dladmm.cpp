#include "solvers/dladmm/dladmm.hpp"

#include <algorithm>

#include "core/blocks/bias_step.hpp"
#include "core/blocks/input_step.hpp"
#include "core/blocks/linear_residual.hpp"
#include "core/blocks/preactivation_step.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "solvers/dladmm/cost.hpp"

namespace admmbench {

void RhoRule::visit(ParameterVisitor& v) {
  v.choice("kind", kind, {"constant", "released"}, "constant, or raised while the training cost rises");
  if (kind == Kind::released || v.wants_all()) {
    v.real("factor", factor, above_one, "released only: factor on rho, nu and the first backtracking tau");
    v.real("cap", cap, positive, "released only: largest rho");
    v.integer("patience", patience, at_least_one, "released only: rises of the training cost in a row");
  }
}

void DladmmParameters::visit(ParameterVisitor& v) {
  v.real("rho", rho, positive, "penalty of the output constraint z_L = W_L a_{L-1} + b_L");
  v.real("nu", nu, positive, "penalty of every hidden relation");
  v.real("mu", mu, non_negative, "weight decay (mu/2)||W||^2");
  v.group("step", step, "step rule of the W- and a-updates");
  v.group("zL", zL, "solver of the z_L-update");
  v.group("regularizer", regularizer, "proximal regulariser of the weights");
  v.group("rho_rule", rho_rule, "how rho changes");
  v.choice(
      "sweep", sweep, {"both", "forward"},
      "an iteration's passes: backward, then forward as in the paper; or forward alone, each block once");
  v.boolean("bias", bias, "biases b_l; false: they are 0 and stay so");
  v.choice("start", start, {"independent", "reseeded"},
           "initial draws: independent streams, or the generator re-seeded for every array");
}

template <class T>
Network<T> Dladmm<T>::initial_network(const Problem<T>& given, std::uint64_t seed) const {
  Network<T> network = gaussian_network<T>(given.widths, seed, parameters_.start);
  if (!parameters_.bias) clear_biases(network);
  return network;
}

template <class T>
void Dladmm<T>::start(Network<T> initial, std::uint64_t /*seed*/) {
  if (!parameters_.bias) clear_biases(initial);
  sum_ = this->sample_sum();
  steps_.sum = prox_.sum = sum_;
  bias_.reserve(problem().widths, problem().total_samples(), sum_);
  state_ = forward_state(problem(), std::move(initial));
  // A proximal term moves W_1 out of the span of x.
  if (parameters_.regularizer.kind == Regularizer::Kind::none) {
    state_.input.initialize(problem(), state_.W(1), state_.WA(1));
    if (parameters_.sweep == Sweep::both && problem().layers() > 1 &&
        problem().total_samples() > problem().widths.front()) {
      double_step_.initialize(problem().x(), problem().widths[1], sum_);
    }
  }
  u_.zeros(problem().widths.back(), problem().samples());
  const arma::uword widest = *std::max_element(problem().widths.begin() + 1, problem().widths.end());
  scratch_.reserve(widest * problem().samples());
  gradient_.reserve(widest * problem().samples());
  steps_.reserve(problem().widths);
  if (parameters_.step.kind ==
      StepRule::Kind::lipschitz) {  // here, so that a checkpoint finds the shapes it has
    for (arma::uword l = 1; l <= L(); ++l) {
      steps_.ritz[l - 1].reserve(problem().widths[l - 1], problem().samples(), sum_);
      if (l > 1) steps_.ritz_input[l - 1].reserve(problem().widths[l], problem().widths[l - 1]);
    }
  }
  prox_.reserve(problem().widths.back(), problem().samples(), parameters_.zL);
  last_cost_ = std::numeric_limits<double>::infinity();
  rises_ = 0;
  rho_changes_ = 0;
  previous_z_L_.reset();
}

template <class T>
void Dladmm<T>::sweep_backward() {
  update_z_L();
  update_b(L());
  update_W(L());
  for (arma::uword l = L() - 1; l >= 1; --l) {
    update_a(l);
    update_z(l);
    update_b(l);
    if (l > 1) update_W(l);
  }
}

template <class T>
void Dladmm<T>::step() {
  if (parameters_.sweep == Sweep::both) {
    sweep_backward();
    if (L() > 1) update_W_1_twice();  // due at the end of the backward sweep and again in the forward one
  } else if (L() > 1) {
    update_W(1);
  }
  for (arma::uword l = 1; l < L(); ++l) {
    if (l > 1) update_W(l);
    update_b(l);
    update_z(l);
    update_a(l);
  }
  update_W(L());
  update_b(L());
  if (!previous_z_L_.is_empty()) {
    copy(state_.z(L()), previous_z_L_);
  }
  update_z_L();
  // Dual.
  update_u();
  if (parameters_.rho_rule.kind == RhoRule::Kind::released) update_rho();
}

/// Et_l = W_l a_{l-1} + b_l - z_l [- u/rho for l = L].
template <class T>
arma::Mat<T> Dladmm<T>::residual(arma::uword l) {
  arma::Mat<T> E = scratch_.view(problem().widths[l], problem().samples());
  if (l == L()) {
    linear_residual(state_.WA(l), state_.b(l), state_.z(l), static_cast<T>(1 / parameters_.rho), u_, E);
  } else {
    linear_residual(state_.WA(l), state_.b(l), state_.z(l), E);
  }
  return E;
}

/// W_l: g = c_l Et_l a_{l-1}^T + mu W_l (KDD'19 Eq. 16 and Algorithms 3, 4).
template <class T>
void Dladmm<T>::update_W(arma::uword l) {
  arma::Mat<T> E = residual(l);
  if (l == 1 && state_.input.active()) {
    state_.input.step(parameters_.step, c(l), parameters_.mu, E, state_.WA(1));
    return;
  }
  weight_step(parameters_.step, parameters_.regularizer, c(l), parameters_.mu, l, a(l - 1), E, state_.W(l),
              state_.WA(l), steps_);
}

/// The backward sweep's last step and the forward sweep's first.
template <class T>
void Dladmm<T>::update_W_1_twice() {
  if (!double_step_.active()) {
    update_W(1);
    update_W(1);
    return;
  }
  arma::Mat<T> E = residual(1);
  double_step_.step(parameters_.step, c(1), parameters_.mu, problem().x(), E, state_.W(1), state_.WA(1));
}

/// b_l <- b_l - mean(Et_l), the exact minimiser (the paper's constant nu resp. rho overshoots N-fold).
template <class T>
void Dladmm<T>::update_b(arma::uword l) {
  if (!parameters_.bias) return;
  if (l == L()) {
    bias_step(state_.WA(l), state_.z(l), static_cast<T>(1 / parameters_.rho), u_, state_.b(l), &bias_);
  } else {
    bias_step(state_.WA(l), state_.z(l), state_.b(l), &bias_);
  }
}

/// z_l, l < L: argmin (z - W_l a_{l-1} - b_l)^2 + (a_l - f(z))^2, entry by entry.
template <class T>
void Dladmm<T>::update_z(arma::uword l) {
  preactivation_step(problem().activation, state_.WA(l), state_.b(l), state_.a(l), state_.z(l));
}

/// z_L: argmin R(z) + (rho/2)||z - m||^2 with m = W_L a_{L-1} + b_L - u/rho.
template <class T>
void Dladmm<T>::update_z_L() {
  arma::Mat<T> m = scratch_.view(problem().widths[L()], problem().samples());
  affine(state_.WA(L()), state_.b(L()), static_cast<T>(1 / parameters_.rho), u_, m);
  output_prox(parameters_.zL, problem().loss, problem().targets(), parameters_.rho, m, state_.z(L()), prox_);
}

/// a_l: g = c_{l+1} W_{l+1}^T Et_{l+1} + nu (a_l - f(z_l)) (KDD'19 Algorithms 2, 5).
template <class T>
void Dladmm<T>::update_a(arma::uword l) {
  arma::Mat<T> g = gradient_.view(problem().widths[l], problem().samples());
  const arma::Mat<T>& al = state_.a(l);
  const arma::Mat<T>& zl = state_.z(l);
  const T nu = static_cast<T>(parameters_.nu);
  with_activation<T>(problem().activation, [&](auto f) {
    for_entries(reads(al, zl), writes(g),
                [=, a = al.memptr(), z = zl.memptr(), g = g.memptr()](std::size_t i) {
                  g[i] = nu * (a[i] - f(z[i]));
                });
  });
  arma::Mat<T> E = residual(l + 1);
  input_step(parameters_.step, c(l + 1), parameters_.nu, l + 1, state_.W(l + 1), E, g, state_.a(l),
             state_.WA(l + 1), steps_);
}

/// u <- u + rho r, r = z_L - W_L a_{L-1} - b_L.
template <class T>
void Dladmm<T>::update_u() {
  arma::Mat<T> E = scratch_.view(problem().widths[L()], problem().samples());
  linear_residual(state_.WA(L()), state_.b(L()), state_.z(L()), E);
  axpy(static_cast<T>(-parameters_.rho), E, u_);
}

/// The released code's rule (see RhoRule); the cost is the mean loss of the forward pass on the training set, whose first
/// product is cached.
template <class T>
void Dladmm<T>::update_rho() {
  const RhoRule& rule = parameters_.rho_rule;
  forward_.layer.resize(L());
  arma::Mat<T>& z1 = forward_.layer.front();
  copy(state_.WA(1), z1);
  forward_from_first(state_.network, problem().activation, z1, forward_, output_);
  const double cost = sum_.total(loss_value(problem().loss, output_, problem().targets())) /
                      static_cast<double>(problem().total_samples());
  rises_ = cost > last_cost_ ? rises_ + 1 : 0;
  last_cost_ = cost;
  if (rises_ < rule.patience) return;
  rises_ = 0;
  ++rho_changes_;
  parameters_.rho = std::min(rule.factor * parameters_.rho, std::max(rule.cap, parameters_.rho));
  parameters_.nu = parameters_.rho;
  parameters_.step.initial *= rule.factor;
}

/// R + (mu/2) sum||W||^2 + Omega + (nu/2) sum_{l<L}(||E_l||^2 + ||a_l - f(z_l)||^2) + <u, r> + (rho/2)||r||^2; one sum over the samples.
template <class T>
double Dladmm<T>::lagrangian(double& residual) const {
  const arma::uword layers = L();
  double loss = loss_value(problem().loss, state_.z(L()), problem().targets());
  double relaxed = 0;
  for (arma::uword l = 1; l < layers; ++l) {
    relaxed += linear_residual_norm2(state_.WA(l), state_.b(l), state_.z(l));
    relaxed += activation_residual_norm2(problem().activation, state_.z(l), state_.a(l));
  }
  arma::Mat<T> E = scratch_.view(problem().widths[layers], problem().samples());  // -r
  linear_residual(state_.WA(L()), state_.b(L()), state_.z(L()), E);
  residual = norm2(E);
  double dual = inner(u_, E);
  sum_.scalars(loss, relaxed, residual, dual);

  double objective = loss;
  for (arma::uword l = 1; l <= layers; ++l) {
    if (l == 1 && state_.input.active()) {
      objective += 0.5 * parameters_.mu * state_.input.norm2(state_.WA(1));
      continue;
    }
    const arma::Mat<T>& W = state_.W(l);
    objective += 0.5 * parameters_.mu * norm2(W) + regularizer_value(parameters_.regularizer, W);
  }
  objective += 0.5 * parameters_.nu * relaxed;
  return objective + (-dual + 0.5 * parameters_.rho * residual);
}

template <class T>
double Dladmm<T>::objective() const {
  double residual = 0;
  return lagrangian(residual);
}

/// objective: the augmented Lagrangian; residual: ||r||_F^2.
template <class T>
Diagnostics Dladmm<T>::diagnostics() const {
  double residual = 0;
  Diagnostics result;
  result.objective = lagrangian(residual);
  result.residual = residual;
  if (parameters_.rho_rule.kind != RhoRule::Kind::constant) result.named.emplace_back("rho", parameters_.rho);
  return result;
}

template <class T>
void Dladmm<T>::visit_state(StateVisitor<T>& visitor) const {
  state_.formed();
  visit_layers(state_, visitor);
  visitor.columns("u", u_);
}

template <class T>
void Dladmm<T>::archive(StateArchive& archive) {
  archive(state_);
  archive.columns(u_, previous_z_L_);
  archive(steps_);
  archive(parameters_.rho, parameters_.nu, parameters_.step.initial, rho_changes_, last_cost_, rises_);
}

template <class T>
std::vector<typename FixedPointSolver<T>::Block> Dladmm<T>::blocks() {
  network();  // W_1 formed
  state_.input = {};
  previous_z_L_ = state_.z(L());
  std::vector<typename FixedPointSolver<T>::Block> result;
  const auto add = [&](std::string name, arma::Mat<T>& values, bool is_weight) {
    result.push_back({std::move(name), {values.memptr(), values.n_elem}, is_weight});
  };
  for (arma::uword l = 1; l <= L(); ++l) {
    add(layer_name("W", l), state_.W(l), true);
    add(layer_name("b", l), state_.b(l), true);
    add(layer_name("z", l), state_.z(l), false);
    if (l < L()) add(layer_name("a", l), state_.a(l), false);
  }
  add("u", u_, false);
  return result;
}

template <class T>
void Dladmm<T>::variables_changed() {
  recompute_products();
}

template <class T>
void Dladmm<T>::weights_changed() {
  recompute_products();
  for (arma::uword l = 1; l < L(); ++l) {
    update_z(l);
    update_a(l);
  }
  update_z_L();
}

template <class T>
void Dladmm<T>::recompute_products() {
  for (arma::uword l = 1; l <= L(); ++l) {
    gemm(Op::none, Op::none, T(1), state_.W(l), a(l - 1), T(0), state_.WA(l));
  }
}

template <class T>
double Dladmm<T>::combined_residual() const {
  const arma::Mat<T>& z = state_.z(L());
  const double change =
      sum_entries(reads(z, previous_z_L_), [z = z.memptr(), before = previous_z_L_.memptr()](std::size_t i) {
        const double d = static_cast<double>(z[i]) - static_cast<double>(before[i]);
        return d * d;
      });
  return sum_.total(linear_residual_norm2(state_.WA(L()), state_.b(L()), z) +
                    parameters_.rho * parameters_.rho * change);
}

template class Dladmm<float>;
template class Dladmm<double>;

namespace {

const RegisterSolver<DladmmParameters, Dladmm> registered(
    "dladmm", "dlADMM: ADMM with a backward and a forward sweep, one dual on the output layer",
    "Wang, Yu, Chen, Zhao: ADMM for Efficient Deep Learning with Global Convergence, KDD 2019, Algorithm 1",
    {{"paper", "KDD'19 section 5.1: rho = nu = 1e-6, backtracking from 1 with growth 2",
      [](DladmmParameters& p) {
        p.rho = p.nu = 1e-6;
        p.step = {StepRule::Kind::backtracking, 1, 2};
      }},
     {"released",
      "the released code: as paper, with FISTA (500, 1e-3, 4), the adaptive rho rule (x10 up to 0.1 after "
      "three rises) "
      "and the generator re-seeded for every array",
      [](DladmmParameters& p) {
        p.rho = p.nu = 1e-6;
        p.step = {StepRule::Kind::backtracking, 1, 2};
        p.zL = {OutputProx::Method::fista, 500, 1e-3, 4};
        p.rho_rule.kind = RhoRule::Kind::released;
        p.start = Start::reseeded;
      }},
     {"theory", "Theorem 4.2's regime for either loss: rho = 3 > 2.6 H, nu = 1, exact steps",
      [](DladmmParameters& p) {
        p.rho = 3;
        p.nu = 1;
        p.step = {};
      }}},
    {dladmm_cost});

}  // namespace

}  // namespace admmbench
