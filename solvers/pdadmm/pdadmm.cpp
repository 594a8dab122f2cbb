#include "solvers/pdadmm/pdadmm.hpp"

#include <algorithm>
#include <numeric>

#include "core/blocks/bias_step.hpp"
#include "core/blocks/input_step.hpp"
#include "core/blocks/layer_variables.hpp"
#include "core/blocks/linear_residual.hpp"
#include "core/blocks/preactivation_step.hpp"
#include "core/compute/buffer.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "solvers/pdadmm/cost.hpp"
#include "solvers/pdadmm/pdadmm_shared.hpp"

namespace admmbench {

void PdadmmParameters::visit(ParameterVisitor& v) {
  v.real("rho", rho, positive,
         "penalty of the constraints p_{l+1} = q_l; convergence theory needs rho > 4 nu");
  v.real("nu", nu, positive, "penalty of z_l = W_l p_l + b_l and of q_l = f(z_l)");
  v.real("mu", mu, non_negative, "weight decay (mu/2)||W||^2");
  v.group("step", step, "step rule of the p- and W-updates");
  v.group("zL", zL, "solver of the z_L-update");
  // Results from before there was a choice keep their hash.
  v.stored_if(z_branch != Branch::three_terms)
      .choice(
          "z_branch", z_branch, {"three_terms", "two_terms"},
          "relu, leaky_relu: branch of z_l by its whole objective, or without (z - z^k)^2 (released code)");
  v.group("regularizer", regularizer, "proximal regulariser of the weights");
  v.choice("start", start, {"independent", "reseeded"},
           "initial draws: independent streams, or the generator re-seeded for every array");
  stages.visit(v);
  v.integer("threads", threads, at_least_one,
            "layers updated at the same time; any number gives the same bits");
  v.boolean("send_u", send_u,
            "bytes_sent of one process counts u among the messages, as in the papers; whether processes send "
            "it says "
            "parallel.send_u");
}

template <class T>
Network<T> Pdadmm<T>::initial_network(const Problem<T>& given, std::uint64_t seed) const {
  return gaussian_network<T>(given.widths, seed, parameters_.start);
}

template <class T>
void Pdadmm<T>::start(Network<T> initial, std::uint64_t seed) {
  parameters_.stages.check(problem().layers());
  exchange_.join(this->team() == nullptr ? nullptr : this->team()->layers);
  if (exchange_.shared()) {
    const auto processes = static_cast<std::size_t>(exchange_.size());
    check_layer_groups(this->team()->layer_groups, processes, problem().layers());
  }
  unsettled_ = false;
  gathered_ = true;
  sum_ = prox_.sum = this->sample_sum();
  bias_.reserve(problem().widths, problem().total_samples(), sum_);
  if (!pool_) {
    configured_ = parameters_;
    pool_ = std::make_unique<WorkerPool>(static_cast<std::size_t>(parameters_.threads));
  }
  parameters_ = configured_;
  seed_ = seed;
  bytes_sent_ = 0;
  ++map_version_;
  stage_ = 0;

  // Scratch is sized for the full depth at once.
  const arma::uword N = problem().samples();
  const auto& widths = problem().widths;
  const arma::uword widest = *std::max_element(widths.begin() + 1, widths.end());
  scratch_.resize(pool_->workers());
  for (Scratch& scratch : scratch_) {
    scratch.output.reserve(widest * N);
    scratch.input.reserve(widest * N);
  }
  prox_.reserve(widths.back(), N, parameters_.zL);

  const arma::uword depth = parameters_.stages.depth(0, problem().layers());
  state_ = {};
  state_.network = parameters_.stages.layers.empty()
                       ? std::move(initial)
                       : first_stage(initial, widths, depth, seed, parameters_.start);
  enter_stage(0);
  allocate(1);
  recompute_products();
  // A proximal term moves W_1 out of the span of x.
  if (owns(1) && parameters_.regularizer.kind == Regularizer::Kind::none) {
    state_.input.initialize(problem(), state_.W(1), state_.Wp(1));
    const bool lipschitz = parameters_.step.kind == StepRule::Kind::lipschitz;
    if (lipschitz && state_.input.active()) state_.input.lambda_max();
  }
}

/// Penalties and widths of a stage; they restart at each.
template <class T>
void Pdadmm<T>::enter_stage(std::size_t stage) {
  const StagePlan& plan = configured_.stages;
  stage_ = stage;
  stage_iteration_ = 0;
  parameters_.rho = plan.value(plan.rho, stage, configured_.rho);
  parameters_.nu = plan.value(plan.rho, stage, configured_.nu);
  parameters_.mu = plan.value(plan.mu, stage, configured_.mu);
  widths_ = stage_widths(problem().widths, plan.depth(stage, problem().layers()));
  groups_ = groups_of(stage);
}

/// Variables of layers first..L by forward pass from the layer before:
///     p_l = q_{l-1},  z_l = W_l p_l + b_l,  q_l = f(z_l),  u_l = 0,
///     z_L = 2Y - 1 (squared loss: the forward value), but 0 while layers are still to come
/// (docs/methods/pdadmm.md#iteration).
template <class T>
void Pdadmm<T>::allocate(arma::uword first) {
  const arma::uword layers = L();
  const arma::uword N = problem().samples();
  state_.z.resize(layers);
  state_.p.resize(layers);
  state_.Wp.resize(layers);
  state_.q.resize(layers - 1);
  state_.u.resize(layers - 1);
  for (arma::uword l = first; l <= layers; ++l) {
    if (l > first) exchange_.transfer(state_.q(l - 1), groups_.owner(l - 1), groups_.owner(l));
    if (has_p(l)) {  // of the layer above the last one, too, whose owner begins with the same
      state_.p(l) = uninitialized<T>(widths_[l - 1], N);
      state_.p(l) = state_.q(l - 1);
    }
    if (!owns(l)) continue;
    state_.Wp(l) = uninitialized<T>(widths_[l], N);
    gemm(Op::none, Op::none, T(1), state_.W(l), p(l), T(0), state_.Wp(l));
    arma::Mat<T>& z = state_.z(l);
    z = uninitialized<T>(widths_[l], N);
    affine(state_.Wp(l), state_.b(l), z);
    if (l < layers) {
      state_.q(l) = uninitialized<T>(widths_[l], N);
      activate(problem().activation, z, state_.q(l));
    } else if (problem().loss == Loss::cross_entropy && !configured_.stages.last(stage_)) {
      z.zeros();
    } else {
      z = initial_output(problem(), z);
    }
  }
  for (arma::uword l = 1; l < layers; ++l) {
    if (!has_q(l)) continue;
    state_.u(l) = uninitialized<T>(widths_[l], N);
    state_.u(l).zeros();
  }

  p_steps_.resize(layers);
  W_steps_.resize(layers);
  for (arma::uword l = 1; l <= layers; ++l) {
    if (owns(l)) reserve_steps(l);
  }
  p_reports_.assign(layers, {});
  W_reports_.assign(layers, {});
  primal_.assign(layers, 0.0);
  dual_.assign(layers, 0.0);
  if (exchange_.shared()) release_others();
  reserve_more();
  project();
}

template <class T>
void Pdadmm<T>::reserve_steps(arma::uword l) {
  p_steps_(l).sum = W_steps_(l).sum = sum_;
  p_steps_(l).ritz_input.resize(l);
  W_steps_(l).gradient.reserve(widths_[l] * widths_[l - 1]);
  W_steps_(l).ritz.resize(l);
  if (parameters_.step.kind != StepRule::Kind::lipschitz) return;
  W_steps_(l).ritz[l - 1].reserve(widths_[l - 1], problem().samples(), sum_);
  if (l > 1) p_steps_(l).ritz_input[l - 1].reserve(widths_[l], widths_[l - 1]);
}

/// The next stage: the old output layer is discarded, layers before it keep W, b, z, q and p
/// (docs/methods/pdadmm.md#stages-continuation-quantisation).
template <class T>
void Pdadmm<T>::hand_over() {
  const arma::uword kept = L() - 1;
  settle();
  exchange_.finish();
  const LayerGroups before = groups_;
  // W_1 stays where it is.
  for (arma::uword l = 2; l <= kept; ++l) {
    exchange_.broadcast(state_.W(l), before.owner(l));
    exchange_.broadcast(state_.b(l), before.owner(l));
  }
  enter_stage(stage_ + 1);
  const arma::uword depth = widths_.size() - 1;
  state_.network = grow(std::move(state_.network), problem().widths, depth, stage_,
                        configured_.stages.last(stage_), seed_, configured_.start);
  if (exchange_.shared()) move_layers(before, kept);
  allocate(kept + 1);
  if (exchange_.shared()) move_steps(before, kept + 1);
  recompute_products();
  ++map_version_;
}

template <class T>
void Pdadmm<T>::recompute_products() {
  for (arma::uword l = state_.input.active() ? 2 : 1; l <= L(); ++l) {
    if (owns(l)) gemm(Op::none, Op::none, T(1), state_.W(l), p(l), T(0), state_.Wp(l));
  }
}

template <class T>
void Pdadmm<T>::step() {
  const StagePlan& plan = configured_.stages;
  if (!plan.last(stage_) && stage_iteration_ == plan.length(stage_)) hand_over();

  update_layers();
  update_interfaces();
  sum_residuals();
  for (arma::uword l = 1; l < L(); ++l) bytes_sent_ += static_cast<double>(interface_bytes(l));
  ++stage_iteration_;
  after_iteration();
  gathered_ = !exchange_.shared();
}

template <class T>
arma::Mat<T> Pdadmm<T>::residual(arma::uword l, std::size_t worker) {
  arma::Mat<T> E = scratch_[worker].output.view(widths_[l], problem().samples());
  linear_residual(state_.Wp(l), state_.b(l), state_.z(l), E);
  return E;
}

/// p_l <- p_l - g/tau, g = nu W_l^T E_l + u_{l-1} + rho (p_l - q_{l-1}).
template <class T>
void Pdadmm<T>::update_p(arma::uword l, std::size_t worker) {
  arma::Mat<T>& pl = state_.p(l);
  const arma::Mat<T>& q = state_.q(l - 1);
  const arma::Mat<T>& u = state_.u(l - 1);
  const T rho = static_cast<T>(parameters_.rho);
  arma::Mat<T> g = scratch_[worker].input.view(pl.n_rows, pl.n_cols);
  for_entries(reads(pl, q, u), writes(g),
              [rho, p = pl.memptr(), q = q.memptr(), u = u.memptr(), g = g.memptr()](std::size_t i) {
                g[i] = u[i] + rho * (p[i] - q[i]);
              });
  arma::Mat<T> E = residual(l, worker);
  p_reports_(l) = input_step(parameters_.step, parameters_.nu, parameters_.rho, l, state_.W(l), E, g, pl,
                             state_.Wp(l), p_steps_(l));
}

/// W_l <- W_l - G/theta, G = nu E_l p_l^T + mu W_l.
template <class T>
void Pdadmm<T>::update_W(arma::uword l, std::size_t worker) {
  arma::Mat<T> E = residual(l, worker);
  if (l == 1 && state_.input.active()) {
    W_reports_(1) = state_.input.step(parameters_.step, parameters_.nu, parameters_.mu, E, state_.Wp(1));
    return;
  }
  W_reports_(l) = weight_step(parameters_.step, parameters_.regularizer, parameters_.nu, parameters_.mu, l,
                              p(l), E, state_.W(l), state_.Wp(l), W_steps_(l));
}

/// b_l <- mean over columns of z_l - W_l p_l, the exact minimiser.
template <class T>
void Pdadmm<T>::update_b(arma::uword l) {
  bias_step(state_.Wp(l), state_.z(l), state_.b(l), &bias_);
}

/// l < L: z_l <- argmin (z - W_l p_l - b_l)^2 + (q_l - f(z))^2 + (z - z_l)^2, entry by entry (z_branch: two_terms: of the
/// branches' minimisers the one with the smaller sum of the first two).
/// l = L: z_L <- argmin R(z) + (nu/2)||z - W_L p_L - b_L||^2.
template <class T>
void Pdadmm<T>::update_z(arma::uword l, std::size_t worker) {
  const arma::Mat<T>& Wp = state_.Wp(l);
  const arma::Col<T>& b = state_.b(l);
  arma::Mat<T>& z = state_.z(l);
  if (l < L()) {
    const bool whole = parameters_.z_branch == PdadmmParameters::Branch::three_terms;
    const auto step = whole ? proximal_preactivation_step<T> : two_term_preactivation_step<T>;
    step(problem().activation, Wp, b, state_.q(l), z);
  } else {
    arma::Mat<T> m = scratch_[worker].output.view(z.n_rows, z.n_cols);
    affine(Wp, b, m);
    output_prox(parameters_.zL, problem().loss, problem().targets(), parameters_.nu, m, z, prox_);
  }
}

/// q_l <- (rho p_{l+1} + u_l + nu f(z_l)) / (rho + nu).
template <class T>
void Pdadmm<T>::update_q(arma::uword l, const arma::Mat<T>& received_p) {
  arma::Mat<T>& q = state_.q(l);
  const arma::Mat<T>& u = state_.u(l);
  const arma::Mat<T>& z = state_.z(l);
  const T rho = static_cast<T>(parameters_.rho);
  const T nu = static_cast<T>(parameters_.nu);
  double change = 0;
  with_activation<T>(problem().activation, [&](auto f) {
    change = sum_entries(
        reads(received_p, u, z, q), writes(q),
        [=, p = received_p.memptr(), u = u.memptr(), z = z.memptr(), q = q.memptr()](std::size_t i) {
          const T next = (rho * p[i] + u[i] + nu * f(z[i])) / (rho + nu);
          const double d = static_cast<double>(next - q[i]);
          q[i] = next;
          return d * d;
        });
  });
  dual_(l) = parameters_.rho * parameters_.rho * change;
}

/// u_l <- u_l + rho (p_{l+1} - q_l).
template <class T>
void Pdadmm<T>::update_u(arma::uword l, const arma::Mat<T>& received_p) {
  primal_(l) = dual_step(parameters_.rho, received_p, state_.q(l), state_.u(l));
}

/// In one address space the message is the matrix itself.
template <class T>
arma::Mat<T> Pdadmm<T>::received_p(arma::uword l, std::size_t /*worker*/) {
  arma::Mat<T>& pl = state_.p(l);
  return arma::Mat<T>(pl.memptr(), pl.n_rows, pl.n_cols, false, true);
}

/// p_{l+1} goes back, q_l and, as in the papers, u_l go forward.
template <class T>
std::size_t Pdadmm<T>::interface_bytes(arma::uword l) const {
  const std::size_t entries = widths_[l] * problem().total_samples();
  return p_bytes(entries) + q_bytes(entries) + (parameters_.send_u ? entries * sizeof(T) : 0);
}

/// L_rho = R + (mu/2) sum ||W||^2 + Omega + (nu/2)(sum ||E_l||^2 + sum ||q_l - f(z_l)||^2)
/// + sum <u_l, p_{l+1} - q_l> + (rho/2) sum ||p_{l+1} - q_l||^2.
template <class T>
double Pdadmm<T>::lagrangian(double& residual, double& bytes_sent) const {
  std::vector<LayerTerms>& layers = terms_;
  layers.assign(L(), {});
  for (arma::uword l = 1; l <= L(); ++l) {
    if (owns(l)) layers[l - 1] = layer_terms(problem(), parameters_.regularizer, state_, l);
  }
  bytes_sent = exchange_.shared() ? exchange_.sent() : bytes_sent_;
  add_terms(exchange_, sum_, layers, bytes_sent);
  double objective = layers.back().loss;
  double relaxed = 0;
  double residual_norm2 = 0;
  double duality = 0;
  for (const LayerTerms& layer : layers) {
    objective += 0.5 * parameters_.mu * layer.weights + layer.omega;
    relaxed += layer.linear;
    relaxed += layer.outputs;
    residual_norm2 += layer.residual;
    duality += layer.duality;
  }
  residual = residual_norm2;
  return objective + 0.5 * parameters_.nu * relaxed + duality + 0.5 * parameters_.rho * residual_norm2;
}

template <class T>
double Pdadmm<T>::objective() const {
  double residual = 0;
  double bytes_sent = 0;
  return lagrangian(residual, bytes_sent);
}

template <class T>
const Network<T>& Pdadmm<T>::network() const {
  if (state_.input.active()) state_.input.form(state_.network.W.front());
  if (!gathered_) gather();
  return state_.network;
}

template <class T>
std::vector<double> Pdadmm<T>::weight_changes(const Network<T>& initial) const {
  std::optional<double> first;
  if (state_.input.active()) first = state_.input.relative_change(state_.Wp(1));
  return relative_changes(state_.network, initial, first);
}

/// objective: L_rho; residual: sum ||p_{l+1} - q_l||^2.
template <class T>
Diagnostics Pdadmm<T>::diagnostics() const {
  double residual = 0;
  double bytes_sent = 0;
  Diagnostics result;
  result.objective = lagrangian(residual, bytes_sent);
  result.residual = residual;
  result.named.emplace_back("bytes_sent", bytes_sent);
  if (!configured_.stages.layers.empty()) {
    result.named.emplace_back("layers", static_cast<double>(L()));
    result.named.emplace_back("rho", parameters_.rho);
  }
  return result;
}

template <class T>
void Pdadmm<T>::visit_state(StateVisitor<T>& visitor) const {
  const Network<T>& whole = network();
  for (arma::uword l = 1; l <= L(); ++l) {
    visitor.matrix(layer_name("W", l), whole.W[l - 1]);
    visitor.vector(layer_name("b", l), whole.b[l - 1]);
    show(visitor, "z", l, state_.z(l));
    if (l > 1) show(visitor, "p", l, state_.p(l));
    if (l < L()) {
      show(visitor, "q", l, state_.q(l));
      show(visitor, "u", l, state_.u(l));
    }
  }
}

template <class T>
void Pdadmm<T>::archive(StateArchive& archive) {
  settle();
  std::size_t stage = stage_;
  exchange_.archive_same(archive, stage);
  while (stage_ < stage) hand_over();  // its variables come into being
  if (state_.input.active()) state_.input.form(state_.network.W.front());
  exchange_.archive_same(archive, stage_iteration_, map_version_, parameters_.rho, parameters_.nu,
                         parameters_.mu, bytes_sent_);
  archive_layers(archive, state_.network.W);
  archive_layers(archive, state_.network.b);
  archive_columns(archive, state_.z);
  archive_columns(archive, state_.p);
  archive_columns(archive, state_.q);
  archive_columns(archive, state_.u);
  archive_columns(archive, state_.Wp);
  if (exchange_.leads()) archive(state_.input);
  archive_layers(archive, p_steps_);
  archive_layers(archive, W_steps_);
  archive_layers(archive, p_reports_);
  archive_layers(archive, W_reports_);
  archive_layers(archive, primal_);
  archive_layers(archive, dual_);
  if (archive.restores() && exchange_.shared()) refresh_copies();
}

template <class T>
void Pdadmm<T>::outputs(const Problem<T>& given, const Samples<T>& split, ForwardWorkspace<T>& workspace,
                        arma::Mat<T>& out) const {
  if (!state_.input.active()) {
    forward(state_.network, given.activation, split.x, workspace, out);
    return;
  }
  arma::Mat<T> z1;
  state_.input.product(split, z1);
  forward_from_first(state_.network, given.activation, z1, workspace, out);
}

/// Whoever writes W_1 from outside needs it explicit, for good.
template <class T>
std::vector<typename FixedPointSolver<T>::Block> Pdadmm<T>::blocks() {
  network();
  state_.input = {};
  std::vector<typename FixedPointSolver<T>::Block> result;
  const auto add = [&](const char* variable, arma::uword l, arma::Mat<T>& value, bool is_weight) {
    result.push_back(
        {layer_name(variable, l), {value.memptr(), static_cast<std::size_t>(value.n_elem)}, is_weight});
  };
  for (arma::uword l = 1; l <= L(); ++l) {
    add("W", l, state_.W(l), true);
    add("b", l, state_.b(l), true);
    add("z", l, state_.z(l), false);
    if (l > 1) add("p", l, state_.p(l), false);
    if (l < L()) {
      add("q", l, state_.q(l), false);
      add("u", l, state_.u(l), false);
    }
  }
  return result;
}

template <class T>
void Pdadmm<T>::variables_changed() {
  project();
  recompute_products();
}

template <class T>
void Pdadmm<T>::weights_changed() {
  recompute_products();
  for (arma::uword l = 1; l <= L(); ++l) {
    if (l > 1) update_p(l, 0);
    update_z(l, 0);
    if (l < L()) update_q(l, received_p(l + 1, 0));
  }
}

template <class T>
double Pdadmm<T>::combined_residual() const {
  return std::accumulate(primal_.begin(), primal_.end(), 0.0) +
         std::accumulate(dual_.begin(), dual_.end(), 0.0);
}

template class Pdadmm<float>;
template class Pdadmm<double>;

namespace {

const RegisterSolver<PdadmmParameters, Pdadmm> registered(
    "pdadmm", "pdADMM: layer-parallel ADMM, a dual on every interface between layers",
    "Wang, Chai, Cheng, Zhao: Toward Model Parallelism for Deep Neural Network based on Gradient-free ADMM "
    "Framework, "
    "ICDM 2020, Algorithm 1",
    {{"papers",
      "ICDM'20 section 5.3: rho = nu = 1e-4 and the released code's backtracking from 10 with growth 2, "
      "FISTA (500, "
      "1e-3, 4) and generator re-seeded for every array",
      [](PdadmmParameters& p) {
        p.rho = p.nu = 1e-4;
        p.step = {StepRule::Kind::backtracking, 10, 2};
        p.zL = {OutputProx::Method::fista, 500, 1e-3, 4};
        p.start = Start::reseeded;
      }},
     {"theory",
      "the theorems' regime rho > 4 nu: rho = 1, nu = 0.01 (Fig. 2 of the pdADMM-G paper), exact steps",
      [](PdadmmParameters& p) {
        p.rho = 1;
        p.nu = 0.01;
        p.step = {};
      }},
     {"tuned", "rho = nu = 1e-4 with exact steps instead of steps 1000 times too short",
      [](PdadmmParameters& p) {
        p.rho = p.nu = 1e-4;
        p.step = {};
      }}},
    {pdadmm_cost});

}  // namespace

}  // namespace admmbench
