#include "solvers/gorth/gorth.hpp"

#include <algorithm>
#include <cmath>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/problem/hidden_layers.hpp"
#include "solvers/gorth/cost.hpp"
#include "solvers/gram_tp/target_cosines.hpp"

namespace admmbench {

void HeadOptions::visit(ParameterVisitor& v) {
  v.choice("rule", rule, {"adamw", "whitened"}, "AdamW on the gradient, or a hidden layer's step");
  if (rule == Rule::whitened || v.wants_all()) {
    v.real("length", length, positive,
           "whitened only: ||step|| of the output layer / ||[W_L b_L]|| at the start");
  }
  if (rule == Rule::whitened && !v.wants_all()) return;
  v.real("learning_rate", learning_rate, positive, "adamw only: step length");
  factors.visit(v);
}

void WhitenedStepRule::visit(ParameterVisitor& v) {
  v.choice("rule", rule, {"initial_norm", "majorised"},
           "how long the steps are; only majorised has a descent theorem");
  if (rule == Rule::initial_norm || v.wants_all()) {
    v.real("length", length, positive,
           "initial_norm only: ||step|| of a hidden layer / ||[W_l b_l]|| at the start");
  }
  if (rule == Rule::majorised || v.wants_all()) {
    v.real("relaxation", relaxation, positive,
           "majorised only: factor on the minimiser along D_l; the theorem needs at most 2");
  }
}

void GorthParameters::visit(ParameterVisitor& v) {
  v.integer_or_word("batch_size", batch_size, "full", at_least_one,
                    "samples per update; the last batch of a pass may be smaller");
  v.choice("signal", signal, {"targets", "gradient"},
           "e_l: from targets by damped least squares, or back-propagated gradients");
  v.real("c", c, positive, "penalty of the output constraint z_L = m_L");
  v.real("lam", lam, positive, "damping of the a-steps, in units of the mean of diag(W_l W_l^T)");
  v.real("eps_input", eps_input, positive, "damping of the metric of x, in units of the mean of diag(G_0)");
  v.real("eps", eps, positive, "damping of the metric of a_l, in units of the mean of diag(G_l)");
  v.real("label_smoothing", label_smoothing, below_one,
         "ls of the labels (1 - ls) y + ls / n_L that are trained on (cross entropy only)");
  v.group("step", step, "length of the hidden layers' steps");
  v.real("momentum", momentum, below_one, "decay b of the hidden layers' momentum (Nesterov's)");
  v.group("output_root", output_root, "whitening of the outputs: R_l = (C_l + damping I)^{-1/2}");
  v.group("head", head, "step of the output layer");
  v.real("mu", mu, non_negative,
         "decoupled weight decay: W_l shrinks by 1 - s mu in every update (s: schedule)");
  v.group("schedule", schedule, "decay s of all step lengths over the run");
  v.group("safeguard", safeguard, "what happens when the loss rises");
  v.integer("refresh", refresh, at_least_one, "batches between inverses of the metrics (fewer at the start)");
  v.integer("observe", observe, at_least_one, "batches between updates of G_l");
  v.real("keep", keep, below_one, "forgetting factor of G_l");
  v.integer("target_refresh", target_refresh, at_least_one,
            "targets only: batches between factorisations of K_l");
  visit_initial_weights(v, weights);
  v.group("zL", zL, "solver of the z_L-update");
}

template <class T>
Network<T> Gorth<T>::initial_network(const Problem<T>& given, std::uint64_t seed) const {
  return initial_weights<T>(p_.weights, given.widths, seed);
}

template <class T>
TargetLayerOptions Gorth<T>::layer_options() const {
  TargetLayerOptions options;
  options.c = p_.c;
  options.lam = p_.lam;
  options.eps_input = p_.eps_input;
  options.eps = p_.eps;
  options.keep = p_.keep;
  options.relaxation = p_.step.relaxation;
  options.smoothing = p_.label_smoothing;
  options.top_metric = whitens_head();
  options.input_gram = true;
  options.zL = p_.zL;
  return options;
}

template <class T>
void Gorth<T>::start(Network<T> initial, std::uint64_t seed) {
  require_hidden_layers(
      problem(), "gorth whitens the steps of hidden weights, and there are none: what is left is adam");
  batches_.initialize(problem(), p_.batch_size, seed, this->sample_sum());
  layers_.start(problem(), initial, batches_, this->sample_sum(), layer_options());
  const arma::uword L = layers_.L();
  whitened_.assign(whitened(), {});
  arma::uword widest = 0;
  arma::uword largest = 0;
  for (arma::uword l = 1; l <= whitened(); ++l) {
    const arma::Mat<T>& Wb = layers_.Wb(l);
    WhitenedLayer& layer = whitened_[l - 1];
    layer.V.zeros(Wb.n_rows, Wb.n_cols);
    layer.root.reserve(Wb.n_rows);
    layer.norm = std::sqrt(norm2(Wb));
    widest = std::max(widest, Wb.n_rows);
    largest = std::max(largest, Wb.n_elem);
  }
  scratch_.whitened.reserve(widest * batches_.most_columns());
  scratch_.unrooted.reserve(largest);
  scratch_.weighted.reserve(largest);
  scratch_.root.reserve(widest);
  head_m_.zeros(arma::size(layers_.Wb(L)));
  head_v_.zeros(arma::size(layers_.Wb(L)));
  taken_ = 0;
  pass_.start(p_.safeguard, p_.observe, layers_);
}

/// One pass over the training set.
template <class T>
void Gorth<T>::step() {
  batches_.shuffle();
  pass_.begin();
  for (arma::uword k = 0; k < batches_.count(); ++k, ++pass_.t) {
    layers_.load(batches_, k);
    const double loss = layers_.forward();
    if (pass_.guard.goes_back(loss, layers_.weights())) {
      go_back();
      continue;
    }
    refresh_metrics();
    if (majorises()) {
      pass_.minimise_blocks(layers_, loss);
    } else {
      take_steps();
    }
    this->updated();
  }
}

/// G_l and (G_l + eps g_l I)^{-1} where they are due, at gram_tp's intervals that grow up to `refresh`; K_l at intervals that do not.
template <class T>
void Gorth<T>::refresh_metrics() {
  const bool due = pass_.factorises(p_.observe, p_.refresh);
  const bool targets = p_.signal == StepSignal::targets && (due || pass_.t % p_.target_refresh == 0);
  layers_.refresh(due || pass_.t % p_.observe == 0, due, targets);
}

template <class T>
void Gorth<T>::propagate() {
  const double sum =
      p_.signal == StepSignal::targets ? layers_.propagate_targets() : layers_.propagate_gradients();
  pass_.add_residual(sum, layers_);
}

template <class T>
void Gorth<T>::take_steps() {
  propagate();
  const double passes = static_cast<double>(pass_.t) / static_cast<double>(batches_.count());
  const double s = p_.schedule.factor(passes, problem().iterations);
  const double scale = s * pass_.guard.factor();
  layers_.sum_products();
  if (p_.mu > 0) shrink(s);
  for (arma::uword l = 1; l <= whitened(); ++l)
    if (layers_.owns(l)) update_whitened(l, scale);
  if (!whitens_head() && layers_.owns(layers_.L())) update_head(scale);
  layers_.spread_weights();
  ++taken_;
}

/// W_l <- (1 - s mu) W_l, biases as they are.
template <class T>
void Gorth<T>::shrink(double s) {
  const T kept = static_cast<T>(1 - s * p_.mu);
  for (arma::uword l = 1; l <= layers_.L(); ++l)
    if (layers_.owns(l)) layers_.network().W[l - 1] *= kept;
}

namespace {
constexpr long early = 20;  ///< steps in which every second moment gives a root
}  // namespace

/// Every `every` steps, and after 0, 1, 2, 3, 5 and 7 of them: the first second moments are of the first few steps alone.
template <class T>
bool Gorth<T>::observes_steps() const {
  return taken_ % p_.output_root.every == 0 || taken_ <= 3 || taken_ == 5 || taken_ == 7;
}

template <class T>
bool Gorth<T>::roots_are_due() const {
  return taken_ % p_.output_root.refresh == 0 || (taken_ < early && observes_steps());
}

/// D_l, whitened on both sides; R_l times the sum over the samples where processes share them.
template <class T>
void Gorth<T>::whitened_direction(arma::uword l, arma::Mat<T>& D) {
  const arma::Mat<T>& R = whitened_[l - 1].root.inverse_root();
  if (layers_.sum().alone()) {
    arma::Mat<T> Re = scratch_.whitened.view(layers_.n(l), layers_.columns());
    gemm(Op::none, Op::none, T(1), R, layers_.propagation().e(l), T(0), Re);
    layers_.direction(l, Re, 1, 0, D);
  } else {
    arma::Mat<T> summed = scratch_.unrooted.view(D.n_rows, D.n_cols);
    layers_.step_direction(l, summed);
    gemm(Op::none, Op::none, T(1), R, summed, T(0), D);
  }
}

/// A step of layer l, `scale` its factor on the length.
template <class T>
void Gorth<T>::update_whitened(arma::uword l, double scale) {
  WhitenedLayer& layer = whitened_[l - 1];
  arma::Mat<T> H = layers_.scratch(l);
  whitened_direction(l, H);
  const T b = static_cast<T>(p_.momentum);
  const T rest = static_cast<T>(1 - p_.momentum);
  for_entries(reads(layer.V, H), writes(layer.V, H),
              [=, v = layer.V.memptr(), h = H.memptr()](std::size_t i) {
                const T d = rest * h[i];
                v[i] = b * v[i] + d;
                h[i] = b * v[i] + d;
              });
  if (observes_steps()) observe_step(l, H);
  if (roots_are_due()) change_coordinates(l, H);
  const double size = std::sqrt(norm2(H));
  if (!(size > 0)) return;
  axpy(static_cast<T>(scale * length(l) * layer.norm / size), H, layers_.Wb(l));
}

/// Takes the step before the root, U = S_l H_l, into C_l.
template <class T>
void Gorth<T>::observe_step(arma::uword l, const arma::Mat<T>& H) {
  OutputRoot<T>& root = whitened_[l - 1].root;
  arma::Mat<T> U = scratch_.unrooted.view(H.n_rows, H.n_cols);
  gemm(Op::none, Op::none, T(1), root.root(), H, T(0), U);
  arma::Mat<T> A = scratch_.root.square(H.n_rows);
  second_moment(l, U, A);
  root.observe(A, p_.output_root.keep);
}

/// A <- U (G_{l-1}/g_{l-1} + eps I) U^T: in the coordinates that whiten the inputs it is the step times itself.
template <class T>
void Gorth<T>::second_moment(arma::uword l, const arma::Mat<T>& U, arma::Mat<T>& A) {
  if (l == 1 && layers_.input_gram().is_empty()) {
    inputs_moment(U, A);
    return;
  }
  const arma::Mat<T>& G = l == 1 ? layers_.input_gram() : layers_.gram(l);
  double g = 0;
  for (arma::uword i = 0; i < G.n_rows; ++i) g += static_cast<double>(G(i, i));
  g /= static_cast<double>(G.n_rows);
  if (!(g > 0)) g = 1;  // all inputs are 0
  arma::Mat<T> Y = scratch_.weighted.view(U.n_rows, U.n_cols);
  copy(U, Y);
  gemm(Op::none, Op::none, static_cast<T>(1 / g), U, G, static_cast<T>(l == 1 ? p_.eps_input : p_.eps), Y);
  gemm(Op::none, Op::transpose, T(1), Y, U, T(0), A);
}

/// The same of layer 1 with fewer samples than inputs, through U [x; 1].
template <class T>
void Gorth<T>::inputs_moment(const arma::Mat<T>& U, arma::Mat<T>& A) {
  const arma::Mat<T>& x = problem().x();
  const arma::uword features = x.n_rows;
  const arma::Mat<T> weights(const_cast<T*>(U.memptr()), U.n_rows, features, false, true);
  arma::Mat<T> Y = scratch_.weighted.view(U.n_rows, x.n_cols);
  gemm(Op::none, Op::none, T(1), weights, x, T(0), Y);
  const arma::Col<T> bias(const_cast<T*>(U.colptr(features)), U.n_rows, false, true);
  add_column(Y, bias);
  const double share = 1 / (static_cast<double>(x.n_cols) * layers_.input_mean());
  gemm(Op::none, Op::transpose, static_cast<T>(p_.eps_input), U, U, T(0), A);
  gemm(Op::none, Op::transpose, static_cast<T>(share), Y, Y, T(1), A);
}

/// New roots, and V_l and H_l in their coordinates.
template <class T>
void Gorth<T>::change_coordinates(arma::uword l, arma::Mat<T>& H) {
  WhitenedLayer& layer = whitened_[l - 1];
  arma::Mat<T> change = scratch_.root.square(H.n_rows);
  if (!layer.root.refresh(p_.output_root.damping, scratch_.root, change)) return;
  arma::Mat<T> changed = scratch_.unrooted.view(H.n_rows, H.n_cols);
  for (arma::Mat<T>* A : {&layer.V, &H}) {
    gemm(Op::none, Op::none, T(1), change, *A, T(0), changed);
    copy(changed, *A);
  }
}

template <class T>
void Gorth<T>::update_head(double scale) {
  const arma::uword L = layers_.L();
  arma::Mat<T> gradient = layers_.scratch(L);
  if (layers_.sum().alone()) {
    layers_.direction(L, layers_.propagation().e(L), -1, 0, gradient);
  } else {
    layers_.step_direction(L, gradient);
    gradient *= T(-1);
  }
  adamw_.begin(taken_ + 1, p_.head.learning_rate * scale, 0);
  adamw_(T(1), layers_.Wb(L).memptr(), gradient.memptr(), head_m_.memptr(), head_v_.memptr(),
         gradient.n_elem);
}

/// After a rise of the loss: no momentum, no roots, and inverses in the next batch.
template <class T>
void Gorth<T>::go_back() {
  for (WhitenedLayer& layer : whitened_) {
    layer.V.zeros();
    layer.root.restart();
  }
  head_m_.zeros();
  head_v_.zeros();
  taken_ = 0;
  pass_.next_refresh = pass_.t + 1;
}

template <class T>
Diagnostics Gorth<T>::diagnostics() const {
  Diagnostics result = pass_.diagnostics(layers_.sum());
  const TargetCosines cosines =
      target_cosines(problem(), layers_, batches_.size(), p_.signal == StepSignal::gradient);
  for (arma::uword l = 1; l <= layers_.L(); ++l)
    result.named.emplace_back(layer_name("target_cosine", l), cosines.target[l - 1]);
  return result;
}

template <class T>
void Gorth<T>::visit_state(StateVisitor<T>& visitor) const {
  Solver<T>::visit_state(visitor);
  const auto show = [&](const char* name, arma::uword l, const arma::Mat<T>& value) {
    if (layers_.sum().alone()) {
      visitor.matrix(layer_name(name, l), value);
      return;
    }
    arma::Mat<T> owners = value;
    layers_.from_owner(l, owners);
    visitor.matrix(layer_name(name, l), owners);
  };
  for (arma::uword l = 1; l <= whitened(); ++l) {
    show("V", l, whitened_[l - 1].V);
    show("R", l, whitened_[l - 1].root.inverse_root());
    show("S", l, whitened_[l - 1].root.root());
  }
}

/// What the owners of layers alone have, in all processes: for a checkpoint.
template <class T>
void Gorth<T>::collect_owned() {
  const arma::uword L = layers_.L();
  for (arma::uword l = 1; l <= whitened(); ++l) {
    layers_.from_owner(l, whitened_[l - 1].V);
    whitened_[l - 1].root.take(layers_.sum(), layers_.owner(l));
  }
  layers_.from_owner(L, head_m_);
  layers_.from_owner(L, head_v_);
}

template <class T>
void Gorth<T>::archive(StateArchive& archive) {
  if (!archive.restores()) collect_owned();
  archive(batches_, layers_, whitened_, head_m_, head_v_, taken_);
  pass_.archive(archive, layers_.sum());
}

template class Gorth<float>;
template class Gorth<double>;

namespace {
void as_studied(GorthParameters& p) { p.schedule.shape = Schedule::Shape::cosine; }

const RegisterSolver<GorthParameters, Gorth> registered(
    "gorth", "the suite's own: target propagation or gradients, inputs and outputs of the layers whitened",
    "docs/methods/gorth.md",
    {{"images", "the second study's settings on images: cosine decay, 200 to 300 units a layer", as_studied},
     {"tabular", "the second study's on letter and satellite: longer steps, 100 units a layer",
      [](GorthParameters& p) {
        as_studied(p);
        p.step.length = 0.027;
      }},
     {"gradient", "`images` on back-propagated gradients",
      [](GorthParameters& p) {
        as_studied(p);
        p.signal = StepSignal::gradient;
      }},
     {"rare_roots", "`images` with second moments every 20 batches and roots every 100",
      [](GorthParameters& p) {
        as_studied(p);
        p.output_root.every = 20;
        p.output_root.refresh = 100;
      }},
     {"majorised", "block descent in every batch (Proposition 1 of gram_tp)",
      [](GorthParameters& p) { p.step.rule = WhitenedStepRule::Rule::majorised; }}},
    {gorth_cost, true});
}  // namespace

}  // namespace admmbench
