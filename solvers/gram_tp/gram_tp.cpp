#include "solvers/gram_tp/gram_tp.hpp"

#include <algorithm>
#include <cmath>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/problem/hidden_layers.hpp"
#include "solvers/gram_tp/cost.hpp"
#include "solvers/gram_tp/target_cosines.hpp"

namespace admmbench {

void TargetStepRule::visit(ParameterVisitor& v) {
  v.choice("rule", rule, {"relative", "fixed", "majorised"},
           "how eta_l is found; only majorised has a descent theorem");
  if (rule == Rule::relative || v.wants_all()) {
    v.real("length", length, positive, "relative only: ||step|| / ||W_l||, summed over the layers");
  }
  if (rule == Rule::fixed || v.wants_all()) {
    v.reals(
        "eta", eta,
        "fixed only: eta_1, eta_2, ..., eta_L; with fewer, the second last serves all hidden layers above");
  }
  if (rule == Rule::majorised || v.wants_all()) {
    v.real("relaxation", relaxation, positive,
           "majorised only: factor on the minimiser along D_l; the theorem needs at most 2");
  }
}

void GramTpParameters::visit(ParameterVisitor& v) {
  v.integer_or_word("batch_size", batch_size, "full", at_least_one,
                    "samples per update; the last batch of a pass may be smaller");
  v.real("c", c, positive, "penalty of the output constraint z_L = m_L");
  v.real("lam", lam, positive, "damping of the a-steps, in units of the mean of diag(W_l W_l^T)");
  v.real("eps_input", eps_input, positive, "damping of the metric of x, in units of the mean of diag(G_0)");
  v.real("eps", eps, positive, "damping of the metric of a_l, in units of the mean of diag(G_l)");
  v.group("step", step, "length of the W-steps");
  v.real("momentum", momentum, below_one, "heavy-ball momentum of the W-steps");
  v.real("mu", mu, non_negative,
         "decoupled weight decay: W_l shrinks by 1 - s mu in every update (s: schedule)");
  v.group("schedule", schedule, "decay s of the step length over the run");
  v.group("safeguard", safeguard, "what happens when the loss rises");
  v.integer("refresh", refresh, at_least_one, "batches between factorisations (fewer at the start)");
  v.integer("observe", observe, at_least_one, "batches between updates of G_l and of the step rule's means");
  v.real("keep", keep, below_one, "forgetting factor of G_l");
  v.choice("train", train, {"all", "last_layer", "hidden"},
           "controls: the output layer alone on random features, or the hidden layers alone");
  visit_initial_weights(v, weights);
  v.group("zL", zL, "solver of the z_L-update");
}

template <class T>
Network<T> GramTp<T>::initial_network(const Problem<T>& given, std::uint64_t seed) const {
  return initial_weights<T>(p_.weights, given.widths, seed);
}

template <class T>
void GramTp<T>::start(Network<T> initial, std::uint64_t seed) {
  using Train = GramTpParameters::Train;
  if (p_.train == Train::hidden)
    require_hidden_layers(problem(), "gram_tp with train: hidden would train nothing");
  batches_.initialize(problem(), p_.batch_size, seed, this->sample_sum());
  TargetLayerOptions options;
  options.c = p_.c;
  options.lam = p_.lam;
  options.eps_input = p_.eps_input;
  options.eps = p_.eps;
  options.keep = p_.keep;
  options.relaxation = p_.step.relaxation;
  options.hidden = p_.train != Train::last_layer;
  options.output = p_.train != Train::hidden;
  options.zL = p_.zL;
  layers_.start(problem(), initial, batches_, this->sample_sum(), options);
  V_.clear();
  for (const arma::Mat<T>& Wb : layers_.weights()) V_.emplace_back(Wb.n_rows, Wb.n_cols, arma::fill::zeros);
  layer_step_.assign(layers_.L(), {});
  pass_.start(p_.safeguard, p_.observe, layers_);
}

/// One pass over the training set.
template <class T>
void GramTp<T>::step() {
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

/// G_l, (G_l + eps g_l I)^{-1} and K_l where they are due. Factorisations come at intervals that grow up to `refresh`: the
/// weights move most at first.
template <class T>
void GramTp<T>::refresh_metrics() {
  const bool due = pass_.factorises(p_.observe, p_.refresh);
  layers_.refresh(due || pass_.t % p_.observe == 0, due, due);
}

template <class T>
void GramTp<T>::take_steps() {
  pass_.add_residual(layers_.propagate_targets(), layers_);
  layers_.sum_products();
  for (arma::uword l = 1; l <= layers_.L(); ++l)
    if (layers_.trains(l) && layers_.owns(l)) update_W(l);
  layers_.spread_weights();
}

/// Whether eta_l needs D_l before it is known, in this batch.
template <class T>
bool GramTp<T>::measures() const {
  return p_.step.rule != Rule::fixed && (pass_.t < p_.observe || pass_.t % p_.observe == 0);
}

/// Takes D_l of this batch into the means of the step rule, and finds eta_l.
template <class T>
void GramTp<T>::measure(arma::uword l, const arma::Mat<T>& D) {
  LayerStep& rule = layer_step_[l - 1];
  ++rule.samples;
  rule.direction += (norm2(D) - rule.direction) / rule.samples;
  rule.scale += (norm2(layers_.Wb(l)) - rule.scale) / rule.samples;
  const double length = p_.step.length / static_cast<double>(layers_.L());
  pass_.eta[l - 1] = rule.direction > 0 ? length * std::sqrt(rule.scale / rule.direction) : 0;
}

/// V_l <- momentum V_l + s eta_l D_l; [W_l b_l] <- (1 - s mu) [W_l b_l] + V_l, biases without decay.
template <class T>
void GramTp<T>::update_W(arma::uword l) {
  const double s = p_.schedule.factor(passes(), problem().iterations);
  arma::Mat<T>& V = V_[l - 1];
  if (p_.step.rule == Rule::fixed) pass_.eta[l - 1] = fixed_length(l);
  if (measures() || !layers_.sum().alone()) {
    arma::Mat<T> D = layers_.scratch(l);
    layers_.step_direction(l, D);
    if (measures()) measure(l, D);
    const T eta = static_cast<T>(s * pass_.guard.factor() * pass_.eta[l - 1]);
    const T momentum = static_cast<T>(p_.momentum);
    T* v = V.memptr();
    const T* d = D.memptr();
    for_entries(reads(V, D), writes(V), [=](std::size_t i) { v[i] = momentum * v[i] + eta * d[i]; });
  } else {
    layers_.direction(l, layers_.propagation().e(l), s * pass_.guard.factor() * pass_.eta[l - 1], p_.momentum,
                      V);
  }
  if (p_.mu > 0) layers_.network().W[l - 1] *= static_cast<T>(1 - s * p_.mu);
  axpy(T(1), V, layers_.Wb(l));
}

template <class T>
double GramTp<T>::passes() const {
  return static_cast<double>(pass_.t) / static_cast<double>(batches_.count());
}

/// eta_l as given: the first is layer 1's, the last the output layer's.
template <class T>
double GramTp<T>::fixed_length(arma::uword l) const {
  const std::vector<double>& eta = p_.step.eta;
  if (l == layers_.L()) return eta.back();
  return eta[std::min<std::size_t>(l - 1, eta.size() < 2 ? 0 : eta.size() - 2)];
}

/// After a rise of the loss: no velocity, and factorisations in the next batch.
template <class T>
void GramTp<T>::go_back() {
  for (arma::Mat<T>& V : V_) V.zeros();
  pass_.next_refresh = pass_.t + 1;
}

template <class T>
Diagnostics GramTp<T>::diagnostics() const {
  Diagnostics result = pass_.diagnostics(layers_.sum());
  const TargetCosines cosines = target_cosines(problem(), layers_, batches_.size(), false);
  for (arma::uword l = 1; l <= layers_.L(); ++l) {
    double eta = pass_.eta[l - 1];
    layers_.sum().from(layers_.owner(l), &eta, 1);
    result.named.emplace_back(layer_name("eta", l), eta);
    result.named.emplace_back(layer_name("cosine", l), cosines.step[l - 1]);
    result.named.emplace_back(layer_name("target_cosine", l), cosines.target[l - 1]);
  }
  return result;
}

/// What the owners of layers alone have, in all processes: for a checkpoint.
template <class T>
void GramTp<T>::collect_owned() {
  for (arma::uword l = 1; l <= layers_.L(); ++l) {
    layers_.from_owner(l, V_[l - 1]);
    layers_.sum().from(layers_.owner(l), &layer_step_[l - 1], 1);
    layers_.sum().from(layers_.owner(l), &pass_.eta[l - 1], 1);
  }
}

template <class T>
void GramTp<T>::archive(StateArchive& archive) {
  if (!archive.restores()) collect_owned();
  archive(batches_, layers_, V_, layer_step_);
  pass_.archive(archive, layers_.sum());
}

template class GramTp<float>;
template class GramTp<double>;

namespace {
const RegisterSolver<GramTpParameters, GramTp> registered(
    "gram_tp", "the suite's own: target propagation with W-steps in the metric of the layer inputs",
    "docs/methods/gram_tp.md",
    {{"tpf", "the feasibility study's settings at 784-1000-1000-10: step lengths by hand",
      [](GramTpParameters& p) {
        p.c = 0.3;
        p.lam = 0.1;
        p.eps_input = 10;
        p.step.rule = TargetStepRule::Rule::fixed;
        p.refresh = 20;
        p.observe = 4;
        p.schedule = {Schedule::Shape::half, 10};
        p.safeguard.on = false;
      }},
     {"last_layer", "control: the output layer alone, on the random features of the initial weights",
      [](GramTpParameters& p) { p.train = GramTpParameters::Train::last_layer; }},
     {"majorised", "block descent in every batch (Proposition 1)",
      [](GramTpParameters& p) {
        p.step.rule = TargetStepRule::Rule::majorised;
        p.momentum = 0;
      }}},
    {gram_tp_cost, true});
}  // namespace

}  // namespace admmbench
