#include "solvers/mdlam/mdlam.hpp"

#include <algorithm>

#include "core/blocks/bias_step.hpp"
#include "core/blocks/linear_residual.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "solvers/mdlam/cost.hpp"

namespace admmbench {

void EpsSchedule::visit(ParameterVisitor& v) {
  v.real("initial", initial, positive, "half width of the band in the first iteration");
  v.real("factor", factor, {0, 1, true, false}, "factor on eps after every iteration; 1 keeps it fixed");
  v.real("floor", floor, non_negative, "smallest eps: eps <- max(factor eps, floor)");
}

void MdlamParameters::visit(ParameterVisitor& v) {
  v.real("rho", rho, positive, "penalty of every linear relation z_l = W_l a_{l-1} + b_l");
  v.real("mu", mu, non_negative, "weight decay (mu/2)||W||^2");
  v.choice("decay", decay, {"proximal", "gradient"},
           "mu by the proximal form, or in gradient and kappa as in the released code");
  v.boolean("accelerate", accelerate,
            "Nesterov extrapolation of W and a with a monotone safeguard per block");
  v.group("eps", eps, "schedule of the band |a_l - f(z_l)| <= eps");
  v.group("step", step, "step rule of the W- and a-updates");
  v.group("zL", zL, "solver of the z_L-update");
  v.group("regularizer", regularizer, "proximal regulariser of the weights");
  v.boolean("bias", bias, "biases b_l; false: they are 0 and stay so, as in the paper's problem");
  v.choice("start", start, {"independent", "reseeded"},
           "initial draws: independent streams, or the generator re-seeded for every array");
}

template <class T>
Network<T> Mdlam<T>::initial_network(const Problem<T>& given, std::uint64_t seed) const {
  Network<T> network = gaussian_network<T>(given.widths, seed, parameters_.start);
  if (!parameters_.bias) clear_biases(network);
  return network;
}

template <class T>
void Mdlam<T>::start(Network<T> initial, std::uint64_t /*seed*/) {
  if (!parameters_.bias) clear_biases(initial);
  sum_ = this->sample_sum();
  weights_.sum = gradient_weights_.sum = band_.sum = prox_.sum = sum_;
  extrapolation_.share(sum_);
  bias_.reserve(problem().widths, problem().total_samples(), sum_);
  state_ = forward_state(problem(), std::move(initial));
  // A proximal term moves W_1 out of the span of x.
  if (parameters_.regularizer.kind == Regularizer::Kind::none) {
    state_.input.initialize(problem(), state_.W(1), state_.WA(1));
  }
  eps_ = last_eps_ = parameters_.eps.initial;
  eps_changes_ = 0;
  empty_boxes_ = 0;
  extrapolation_.reset();
  reserve_buffers();
}

/// Sizes every buffer; an implicit W_1 needs none of n_1 x n_0.
template <class T>
void Mdlam<T>::reserve_buffers() {
  const bool implicit = state_.input.active();
  arma::uword largest_W = 0;
  arma::uword widest = 0;
  for (arma::uword l = 1; l <= L(); ++l) {
    if (l > 1 || !implicit) largest_W = std::max(largest_W, state_.W(l).n_elem);
    widest = std::max(widest, problem().widths[l]);
  }
  const arma::uword largest_z = widest * problem().samples();
  scratch_.reserve(problem().widths.back() * problem().samples());
  weights_.residual.reserve(largest_z);
  if (parameters_.decay == Decay::gradient) {
    gradient_weights_.reserve(problem().widths);
  } else {
    weights_.gradient.reserve(largest_W);
  }
  if (parameters_.regularizer.kind != Regularizer::Kind::none) weights_.direction.reserve(largest_W);
  band_.residual.reserve(largest_z);
  band_.gradient.reserve(largest_z);
  band_.direction.reserve(largest_z);
  prox_.reserve(problem().widths.back(), problem().samples(), parameters_.zL);
  ritz_W_.assign(L(), {});
  ritz_a_.assign(L(), {});
  if (parameters_.step.kind == StepRule::Kind::lipschitz) {
    if (implicit) state_.input.lambda_max();
    for (arma::uword l = 1; l <= L(); ++l) {
      SpectralState<T>& ritz =
          parameters_.decay == Decay::gradient ? gradient_weights_.ritz[l - 1] : ritz_W_(l);
      if (l > 1 || !implicit) ritz.reserve(problem().widths[l - 1], problem().samples(), sum_);
      if (l < L()) ritz_a_(l).reserve(problem().widths[l + 1], problem().widths[l]);
    }
  }
  if (parameters_.accelerate) {
    previous_W_ = state_.network.W;
    if (implicit) {
      previous_W_(1).reset();
      extrapolation_.reserve_span(state_.input, state_.WA(1));
    }
    previous_a_ = state_.a;
    extrapolation_.reserve(std::max(largest_W, largest_z), largest_z);
  }
}

template <class T>
void Mdlam<T>::step() {
  extrapolation_.begin_iteration();
  for (arma::uword l = 1; l <= L(); ++l) {
    update_W(l);
    update_b(l);
    if (l < L()) {
      update_z(l);
      update_a(l);
    } else {
      update_z_L();
    }
  }
  update_eps();
}

/// The proximal gradient step at (W, WA): g = rho E_l a_{l-1}^T, W <- (theta W - g)/(theta + mu).
template <class T>
void Mdlam<T>::plain_W(arma::uword l, arma::Mat<T>& W, arma::Mat<T>& WA) {
  const bool implicit = l == 1 && state_.input.active();
  if (implicit || parameters_.decay == Decay::gradient) {
    arma::Mat<T> E = weights_.residual.view(WA.n_rows, WA.n_cols);
    linear_residual(WA, state_.b(l), state_.z(l), E);
    if (implicit && parameters_.decay == Decay::gradient) {
      state_.input.step(parameters_.step, parameters_.rho, parameters_.mu, E, WA);
      return;
    }
    if (implicit) {
      state_.input.proximal_step(parameters_.step, parameters_.rho, parameters_.mu, E, WA);
      return;
    }
    weight_step(parameters_.step, parameters_.regularizer, parameters_.rho, parameters_.mu, l, a(l - 1), E, W,
                WA, gradient_weights_);
    return;
  }
  proximal_weight_step(parameters_.step, parameters_.regularizer, parameters_.rho, parameters_.mu, a(l - 1),
                       state_.b(l), state_.z(l), W, WA, ritz_W_(l), weights_);
}

/// (mu/2)||W_l||^2 + Omega(W_l).
template <class T>
double Mdlam<T>::decay_of_W(arma::uword l, const arma::Mat<T>& W, const arma::Mat<T>& WA) const {
  double value = regularizer_value(parameters_.regularizer, W);
  if (parameters_.mu != 0) {
    const bool implicit = l == 1 && state_.input.active();
    value += 0.5 * parameters_.mu * (implicit ? state_.input.norm2(WA) : norm2(W));
  }
  return value;
}

/// The terms of F that W_l touches; of the samples here, the weights' in one process.
template <class T>
double Mdlam<T>::terms_of_W(arma::uword l, const arma::Mat<T>& W, const arma::Mat<T>& WA) const {
  const double fit = 0.5 * parameters_.rho * linear_residual_norm2(WA, state_.b(l), state_.z(l));
  return sum_.leads() ? fit + decay_of_W(l, W, WA) : fit;
}

template <class T>
void Mdlam<T>::update_W(arma::uword l) {
  arma::Mat<T>& W = state_.W(l);
  arma::Mat<T>& WA = state_.WA(l);
  const auto step = [&](arma::Mat<T>& at, arma::Mat<T>& product) { plain_W(l, at, product); };
  const auto terms = [&](const arma::Mat<T>& at, const arma::Mat<T>& product) {
    return terms_of_W(l, at, product);
  };
  if (!parameters_.accelerate) {
    step(W, WA);
  } else if (l == 1 && state_.input.active()) {
    extrapolation_.update_span(
        state_.input, WA, [&](arma::Mat<T>& product) { step(W, product); },
        [&](const arma::Mat<T>& product) { return terms(W, product); });
  } else {
    const auto multiply = [&](const arma::Mat<T>& at, arma::Mat<T>& product) {
      gemm(Op::none, Op::none, T(1), at, a(l - 1), T(0), product);
    };
    extrapolation_.update(W, WA, previous_W_(l), multiply, step, terms);
  }
}

/// b_l <- b_l - mean(E_l), the exact minimiser.
template <class T>
void Mdlam<T>::update_b(arma::uword l) {
  if (!parameters_.bias) return;
  bias_step(state_.WA(l), state_.z(l), state_.b(l), &bias_);
}

/// z_l, l < L: clip(W_l a_{l-1} + b_l, B1, B2).
template <class T>
void Mdlam<T>::update_z(arma::uword l) {
  empty_boxes_ += band_preactivation_step(problem().activation, static_cast<T>(eps_), state_.WA(l),
                                          state_.b(l), state_.a(l), state_.z(l));
}

/// z_L: argmin R(z) + (rho/2)||z - W_L a_{L-1} - b_L||^2.
template <class T>
void Mdlam<T>::update_z_L() {
  arma::Mat<T>& z = state_.z(L());
  arma::Mat<T> m = scratch_.view(z.n_rows, z.n_cols);
  affine(state_.WA(L()), state_.b(L()), m);
  output_prox(parameters_.zL, problem().loss, problem().targets(), parameters_.rho, m, z, prox_);
}

/// The projected gradient step at (a, WA), WA = W_{l+1} a.
template <class T>
void Mdlam<T>::plain_a(arma::uword l, arma::Mat<T>& a, arma::Mat<T>& WA) {
  band_input_step(parameters_.step, problem().activation, eps_, parameters_.rho, state_.W(l + 1),
                  state_.b(l + 1), state_.z(l + 1), state_.z(l), a, WA, ritz_a_(l), band_);
}

/// The term of F that a_l touches, given WA = W_{l+1} a_l.
template <class T>
double Mdlam<T>::terms_of_a(arma::uword l, const arma::Mat<T>& WA) const {
  return 0.5 * parameters_.rho * linear_residual_norm2(WA, state_.b(l + 1), state_.z(l + 1));
}

template <class T>
void Mdlam<T>::update_a(arma::uword l) {
  arma::Mat<T>& a = state_.a(l);
  arma::Mat<T>& WA = state_.WA(l + 1);
  const auto step = [&](arma::Mat<T>& at, arma::Mat<T>& product) { plain_a(l, at, product); };
  if (!parameters_.accelerate) {
    step(a, WA);
    return;
  }
  const auto multiply = [&](const arma::Mat<T>& at, arma::Mat<T>& product) {
    gemm(Op::none, Op::none, T(1), state_.W(l + 1), at, T(0), product);
  };
  const auto terms = [&](const arma::Mat<T>&, const arma::Mat<T>& product) { return terms_of_a(l, product); };
  extrapolation_.update(a, WA, previous_a_(l), multiply, step, terms);
}

template <class T>
void Mdlam<T>::update_eps() {
  last_eps_ = eps_;
  eps_ = std::max(parameters_.eps.factor * eps_, parameters_.eps.floor);
  if (eps_ == last_eps_) return;
  ++eps_changes_;
  // While the band is wide a_l may be orders of magnitude larger than later on, and so is the rounding that
  // its updates leave in the cached products: in float32 that would outweigh the residuals.
  if constexpr (std::is_same_v<T, float>) recompute_products();
}

template <class T>
void Mdlam<T>::recompute_products() {
  for (arma::uword l = 1; l <= L(); ++l) {
    if (l == 1 && state_.input.active()) {
      state_.input.recompute(state_.WA(1));
    } else {
      gemm(Op::none, Op::none, T(1), state_.W(l), a(l - 1), T(0), state_.WA(l));
    }
  }
}

/// F without the band's indicator, and sum_l ||E_l||^2 in `residual`; one sum over the samples.
template <class T>
double Mdlam<T>::merit(double& residual) const {
  double loss = loss_value(problem().loss, state_.z(L()), problem().targets());
  residual = linear_residuals();
  sum_.scalars(loss, residual);
  double objective = loss;
  for (arma::uword l = 1; l <= L(); ++l) objective += decay_of_W(l, state_.W(l), state_.WA(l));
  return objective + 0.5 * parameters_.rho * residual;
}

template <class T>
double Mdlam<T>::objective() const {
  double residual = 0;
  return merit(residual);
}

/// objective: F without the band's indicator; residual: sum_l ||E_l||^2.
template <class T>
Diagnostics Mdlam<T>::diagnostics() const {
  Diagnostics result;
  double residual = 0;
  result.objective = merit(residual);
  result.residual = residual;
  result.named.emplace_back("eps", last_eps_);
  result.named.emplace_back("empty_boxes", sum_.total(static_cast<double>(empty_boxes_)));
  if (parameters_.accelerate)
    result.named.emplace_back("safeguard_redos", static_cast<double>(extrapolation_.redos()));
  return result;
}

template <class T>
void Mdlam<T>::visit_state(StateVisitor<T>& visitor) const {
  state_.formed();
  visit_layers(state_, visitor);
}

template <class T>
void Mdlam<T>::archive(StateArchive& archive) {
  auto empty_boxes = static_cast<arma::uword>(sum_.total(static_cast<double>(empty_boxes_)));
  archive(state_, eps_, last_eps_, eps_changes_, empty_boxes);
  if (archive.restores()) empty_boxes_ = sum_.leads() ? empty_boxes : 0;
  archive(extrapolation_, previous_W_);
  archive.columns(previous_a_);
  archive(ritz_W_, ritz_a_, gradient_weights_);
}

template <class T>
std::vector<typename FixedPointSolver<T>::Block> Mdlam<T>::blocks() {
  network();  // W_1 formed
  state_.input = {};
  reserve_buffers();
  std::vector<typename FixedPointSolver<T>::Block> result;
  const auto add = [&](const char* name, arma::uword l, arma::Mat<T>& values, bool is_weight) {
    result.push_back({layer_name(name, l), {values.memptr(), values.n_elem}, is_weight});
  };
  for (arma::uword l = 1; l <= L(); ++l) {
    add("W", l, state_.W(l), true);
    add("b", l, state_.b(l), true);
    add("z", l, state_.z(l), false);
    if (l < L()) add("a", l, state_.a(l), false);
  }
  return result;
}

template <class T>
void Mdlam<T>::variables_changed() {
  for (arma::uword l = 1; l < L(); ++l) {
    clip_to_band(problem().activation, static_cast<T>(eps_), state_.z(l), state_.a(l));
  }
  recompute_products();
}

template <class T>
void Mdlam<T>::weights_changed() {
  recompute_products();
  for (arma::uword l = 1; l < L(); ++l) {
    update_z(l);
    plain_a(l, state_.a(l), state_.WA(l + 1));
  }
  update_z_L();
}

template <class T>
double Mdlam<T>::combined_residual() const {
  return sum_.total(linear_residuals());
}

/// sum_l ||E_l||^2 of the samples here.
template <class T>
double Mdlam<T>::linear_residuals() const {
  double sum = 0;
  for (arma::uword l = 1; l <= L(); ++l) {
    sum += linear_residual_norm2(state_.WA(l), state_.b(l), state_.z(l));
  }
  return sum;
}

template class Mdlam<float>;
template class Mdlam<double>;

namespace {

/// mDLAM's released code, Cora (docs/methods/mdlam.md#paper-against-code): the Nesterov term is identically zero there.
void released(MdlamParameters& p) {
  p.rho = 1e-3;
  p.mu = 0.05;
  p.decay = Decay::gradient;
  p.accelerate = false;
  p.eps = {100, 0.5, 0.001};
  p.step = {StepRule::Kind::backtracking, 1, 2};
  p.zL = {OutputProx::Method::fista, 500, 1e-4, 4};
  p.start = Start::reseeded;
}

constexpr const char* reference =
    "Wang, Li, Zhao: Accelerated Gradient-free Neural Network Training by Multi-convex Alternating "
    "Optimization, Neurocomputing 487 (2022), arXiv 1811.04187";
constexpr const char* released_meaning =
    "the released code's Cora settings: acceleration off, rho 1e-3, mu 0.05 in the gradient, eps "
    "100/0.5/0.001, backtracking "
    "from 1 with growth 2, FISTA (500, 1e-4, 4), the generator re-seeded for every array";

const RegisterSolver<MdlamParameters, Mdlam> registered_mdlam(
    "mdlam", "mDLAM: accelerated alternating minimisation over eps-bands, without duals", reference,
    {{"released", released_meaning, [](MdlamParameters& p) { released(p); }}}, {mdlam_cost});

const RegisterSolver<DlamParameters, Mdlam> registered_dlam(
    "dlam", "DLAM: mdlam without acceleration, what mDLAM's released code really runs", reference,
    {{"released", released_meaning, [](DlamParameters& p) { released(p); }}}, {dlam_cost});

}  // namespace

}  // namespace admmbench
