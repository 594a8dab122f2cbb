#include "solvers/gram_tp/gram_tp.hpp"

#include <algorithm>
#include <cmath>

#include "core/blocks/layer_variables.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/problem/backprop.hpp"
#include "core/problem/hidden_layers.hpp"
#include "solvers/gram_tp/cost.hpp"

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
  if (p_.train == GramTpParameters::Train::hidden)
    require_hidden_layers(problem(), "gram_tp with train: hidden would train nothing");
  batches_.initialize(problem(), p_.batch_size, seed);
  const arma::uword B = batches_.size();
  propagation_.reserve(problem().widths, B, p_.zL);

  Wb_.clear();
  V_.clear();
  for (arma::uword l = 1; l <= L(); ++l) {
    Wb_.push_back(arma::join_rows(initial.W[l - 1], initial.b[l - 1]));
    V_.emplace_back(n(l), n(l - 1) + 1, arma::fill::zeros);
  }
  backup_ = Wb_;
  network_ = joint_views(Wb_);

  K_.assign(L(), {});
  preconditioner_.assign(L(), {});
  arma::uword scratch = 0;
  arma::uword moved = 0;
  arma::uword largest = 0;
  for (arma::uword l = 1; l <= L(); ++l) {
    if (l > 1) {
      K_[l - 1].reserve(n(l), n(l - 1));
      preconditioner_[l - 1].reserve(n(l - 1) + 1);
    }
    scratch = std::max(scratch, (n(l - 1) + 1) * std::min(n(l), B));
    moved = std::max(moved, n(l) * B);
    largest = std::max(largest, Wb_[l - 1].n_elem);
  }
  scratch_.product.reserve(scratch);
  scratch_.moved.reserve(moved);
  scratch_.D.zeros(largest, 1);
  PX_ = uninitialized<T>(n(0) + 1, problem().samples());
  precondition_inputs(problem().x(), p_.eps_input, PX_);
  PX_batch_.reserve((n(0) + 1) * B);
  targets_.reserve(n(L()) * B);

  layer_step_.assign(L(), {});
  penalty_.assign(L(), 0.0);
  t_ = 0;
  next_refresh_ = 0;
  loss_safeguard_.initialize(p_.safeguard, p_.observe);
  factor_ = 1;
  fallbacks_ = 0;
  majorised_left_ = 0;
  descent_violation_ = 0;
  residual_ = 0;
}

/// One pass over the training set.
template <class T>
void GramTp<T>::step() {
  batches_.shuffle();
  residual_ = 0;
  residuals_ = 0;
  descent_violation_ = 0;
  for (arma::uword k = 0; k < batches_.count(); ++k, ++t_) {
    load(k);
    propagation_.forward(Wb_, problem().activation);
    const double loss = mean_loss(propagation_.m(L()));
    const LossSafeguard::Verdict verdict = loss_safeguard_.observe(loss);
    if (verdict == LossSafeguard::Verdict::go_back) {
      go_back();
      continue;
    }
    if (verdict == LossSafeguard::Verdict::keep) copy_weights(Wb_, backup_);
    refresh_metrics();
    if (majorises()) {
      minimise_blocks(loss);
    } else {
      propagate_targets();
      for (arma::uword l = 1; l <= L(); ++l)
        if (trains(l)) update_W(l);
    }
    this->updated();
  }
}

template <class T>
void GramTp<T>::load(arma::uword k) {
  propagation_.set_columns(batches_.columns(k));
  arma::Mat<T> x = propagation_.At(0);
  gather(batches_, k, problem().x(), x);
  arma::Mat<T> targets = targets_.view(n(L()), propagation_.columns());
  gather(batches_, k, problem().targets(), targets);
  if (!trains(1)) return;
  arma::Mat<T> PX = PX_batch_.view(n(0) + 1, propagation_.columns());
  gather(batches_, k, PX_, PX);
}

/// R / B at outputs z of the batch (n_L x B).
template <class T>
double GramTp<T>::mean_loss(const arma::Mat<T>& z) {
  return loss_value(problem().loss, z, targets_.view(n(L()), propagation_.columns())) /
         static_cast<double>(z.n_cols);
}

template <class T>
bool GramTp<T>::trains(arma::uword l) const {
  if (p_.train == GramTpParameters::Train::all) return true;
  return (l == L()) == (p_.train == GramTpParameters::Train::last_layer);
}

/// The lowest layer that trains: targets below it are not needed.
template <class T>
arma::uword GramTp<T>::lowest() const {
  return p_.train == GramTpParameters::Train::last_layer ? L() : 1;
}

/// G_l, (G_l + eps g_l I)^{-1} and K_l where they are due. Factorisations come at intervals that grow up to `refresh`: the
/// weights move most at first.
template <class T>
void GramTp<T>::refresh_metrics() {
  const bool due = t_ >= next_refresh_;
  for (arma::uword l = std::max<arma::uword>(2, lowest()); l <= L(); ++l) {
    if (trains(l)) {
      if (due || t_ % p_.observe == 0) preconditioner_[l - 1].observe(propagation_.At(l - 1), p_.keep);
      if (due) preconditioner_[l - 1].invert(p_.eps);
    }
    // A layer of few outputs costs less to factorise than the product that uses it.
    if (l > lowest() && (due || 4 * n(l) <= propagation_.columns()))
      K_[l - 1].factorize(network_.W[l - 1], p_.lam);
  }
  if (due) next_refresh_ = t_ + std::clamp(t_, std::min(p_.observe, p_.refresh), p_.refresh);
}

/// e_L by the output prox, then e_{L-1}, ..., e_1 by a- and z-steps.
template <class T>
void GramTp<T>::propagate_targets() {
  double sum =
      propagation_.output_target(p_.zL, problem().loss, targets_.view(n(L()), propagation_.columns()), p_.c);
  for (arma::uword l = L(); l > lowest(); --l)
    sum += propagation_.input_target(l, K_[l - 1], problem().activation);
  add_residual(sum);
}

/// Takes sum_l ||e_l||^2 of this batch into the mean over the pass.
template <class T>
void GramTp<T>::add_residual(double sum) {
  residual_ += (sum / static_cast<double>(propagation_.columns()) - residual_) / ++residuals_;
}

/// D <- beta D + (scale / B) e_l At_{l-1}^T (G_{l-1} + eps g I)^{-1}, the inverse applied to the smaller side.
template <class T>
void GramTp<T>::direction(arma::uword l, double scale, double beta, arma::Mat<T>& D) {
  const arma::uword B = propagation_.columns();
  const T share = static_cast<T>(scale / static_cast<double>(B));
  const arma::Mat<T> e_l = propagation_.e(l);
  if (l == 1) {
    gemm(Op::none, Op::transpose, share, e_l, PX_batch_.view(n(0) + 1, B), static_cast<T>(beta), D);
  } else if (n(l) < B) {
    arma::Mat<T> S = scratch_.product.view(n(l), n(l - 1) + 1);
    gemm(Op::none, Op::transpose, share, e_l, propagation_.At(l - 1), T(0), S);
    preconditioner_[l - 1].apply_right(S, static_cast<T>(beta), D);
  } else {
    arma::Mat<T> PAt = scratch_.product.view(n(l - 1) + 1, B);
    preconditioner_[l - 1].apply(propagation_.At(l - 1), PAt);
    gemm(Op::none, Op::transpose, share, e_l, PAt, static_cast<T>(beta), D);
  }
}

/// D At_{l-1}, n_l x B.
template <class T>
arma::Mat<T> GramTp<T>::displacement(arma::uword l, const arma::Mat<T>& D) {
  arma::Mat<T> moved = scratch_.moved.view(n(l), propagation_.columns());
  gemm(Op::none, Op::none, T(1), D, propagation_.At(l - 1), T(0), moved);
  return moved;
}

/// Whether eta_l needs D_l before it is known, in this batch.
template <class T>
bool GramTp<T>::measures() const {
  return p_.step.rule != Rule::fixed && (t_ < p_.observe || t_ % p_.observe == 0);
}

/// Takes D_l of this batch into the means of the step rule, and finds eta_l.
template <class T>
void GramTp<T>::measure(arma::uword l, const arma::Mat<T>& D) {
  LayerStep& rule = layer_step_[l - 1];
  ++rule.samples;
  rule.direction += (norm2(D) - rule.direction) / rule.samples;
  rule.scale += (norm2(Wb(l)) - rule.scale) / rule.samples;
  const double length = p_.step.length / static_cast<double>(L());
  rule.eta = rule.direction > 0 ? length * std::sqrt(rule.scale / rule.direction) : 0;
}

/// V_l <- momentum V_l + s eta_l D_l; [W_l b_l] <- (1 - s mu) [W_l b_l] + V_l, biases without decay.
template <class T>
void GramTp<T>::update_W(arma::uword l) {
  LayerStep& rule = layer_step_[l - 1];
  const double s = p_.schedule.factor(passes(), problem().iterations);
  arma::Mat<T>& V = V_[l - 1];
  if (p_.step.rule == Rule::fixed) rule.eta = fixed_length(l);
  if (measures()) {
    arma::Mat<T> D(scratch_.D.memptr(), V.n_rows, V.n_cols, false, true);
    direction(l, 1, 0, D);
    measure(l, D);
    const T eta = static_cast<T>(s * factor_ * rule.eta);
    const T momentum = static_cast<T>(p_.momentum);
    T* v = V.memptr();
    const T* d = D.memptr();
    for_entries(reads(V, D), writes(V), [=](std::size_t i) { v[i] = momentum * v[i] + eta * d[i]; });
  } else {
    direction(l, s * factor_ * rule.eta, p_.momentum, V);
  }
  if (p_.mu > 0) network_.W[l - 1] *= static_cast<T>(1 - s * p_.mu);
  axpy(T(1), V, Wb(l));
}

template <class T>
double GramTp<T>::passes() const {
  return static_cast<double>(t_) / static_cast<double>(batches_.count());
}

/// eta_l as given: the first is layer 1's, the last the output layer's.
template <class T>
double GramTp<T>::fixed_length(arma::uword l) const {
  const std::vector<double>& eta = p_.step.eta;
  if (l == L()) return eta.back();
  return eta[std::min<std::size_t>(l - 1, eta.size() < 2 ? 0 : eta.size() - 2)];
}

/// One round of block minimisations of the batch objective
///   B F = R(z_L) + sum_l (c_l/2) ||W_l a_{l-1} + b_l - z_l||^2 + sum_{l<L} (nu_l/2) ||a_l - f(z_l)||^2,
///   c_L = c, nu_{l-1} = lam t_l c_l, c_l = nu_l for l < L,
/// from the forward pass, where B F = R(m_L). No block raises F (docs/methods/gram_tp.md, Proposition 1).
template <class T>
void GramTp<T>::minimise_blocks(double loss) {
  if (majorised_left_ > 0) --majorised_left_;
  const arma::uword B = propagation_.columns();
  propagation_.output_target(p_.zL, problem().loss, targets_.view(n(L()), B), p_.c);
  arma::Mat<T> z_L = scratch_.moved.view(n(L()), B);
  const arma::Mat<T> m_L = propagation_.m(L());
  std::copy(m_L.begin(), m_L.end(), z_L.begin());
  axpy(T(1), propagation_.e(L()), z_L);
  double F = mean_loss(z_L) * static_cast<double>(B);

  std::vector<double>& c = penalty_;
  c[L() - 1] = p_.c;
  for (arma::uword l = L(); l > lowest(); --l) {
    K_[l - 1].factorize(network_.W[l - 1], p_.lam);
    propagation_.input_target(l, K_[l - 1], problem().activation);
    c[l - 2] = c[l - 1] * K_[l - 1].damping();
    arma::Mat<T> dz = propagation_.e(l - 1);
    F += c[l - 2] / 2 *
         keep_descending(problem().activation, propagation_.m(l - 1), propagation_.da(l - 1), dz);
  }
  // From the displacements to the residuals at the new a: e_l <- z_l - W_l a_{l-1} - b_l.
  for (arma::uword l = L(); l > lowest(); --l) {
    const arma::Mat<T> da = propagation_.da(l - 1);
    arma::Mat<T> e_l = propagation_.e(l);
    gemm(Op::none, Op::none, T(-1), network_.W[l - 1], da, T(1), e_l);
    arma::Mat<T> At = propagation_.At(l - 1);
    for_panels(reads(da, At), writes(At),
               [a = At.memptr(), d = da.memptr(), rows = da.n_rows, stride = At.n_rows](std::size_t first,
                                                                                        std::size_t last) {
                 for (std::size_t n = first; n < last; ++n) {
#pragma omp simd
                   for (std::size_t i = 0; i < rows; ++i) a[n * stride + i] += d[n * rows + i];
                 }
               });
  }
  double sum = 0;
  for (arma::uword l = lowest(); l <= L(); ++l) {
    const double left = update_W_majorised(l);
    F += c[l - 1] / 2 * left;
    sum += left;
  }
  add_residual(sum);
  descent_violation_ = std::max(descent_violation_, F / static_cast<double>(B) - loss);
}

/// [W_l b_l] <- [W_l b_l] + eta D_l with eta = relaxation times the minimiser of ||W_l a_{l-1} + b_l - z_l||^2 along D_l;
/// returns what is left of it. The velocity is that step.
template <class T>
double GramTp<T>::update_W_majorised(arma::uword l) {
  const double before = norm2(propagation_.e(l));
  if (!trains(l)) return before;
  arma::Mat<T> D(scratch_.D.memptr(), V_[l - 1].n_rows, V_[l - 1].n_cols, false, true);
  direction(l, 1, 0, D);
  const arma::Mat<T> moved = displacement(l, D);
  const double slope = inner(propagation_.e(l), moved);
  const double curvature = norm2(moved);
  if (!(slope > 0) || !(curvature > 0)) return before;
  const double eta = p_.step.relaxation * slope / curvature;
  layer_step_[l - 1].eta = eta;
  axpy(static_cast<T>(eta), D, Wb(l));
  return before - 2 * eta * slope + eta * eta * curvature;
}

/// Back to the weights of before the rise, half the step length, and majorised steps for a while.
template <class T>
void GramTp<T>::go_back() {
  copy_weights(backup_, Wb_);
  for (arma::Mat<T>& V : V_) V.zeros();
  factor_ /= 2;
  ++fallbacks_;
  majorised_left_ = p_.safeguard.window;
  loss_safeguard_.restart();
  next_refresh_ = t_ + 1;
}

namespace {

/// Cosine of the angle between -g and D, [W b]-shaped.
template <class T>
double descent_cosine(const arma::Mat<T>& gW, const arma::Col<T>& gb, const arma::Mat<T>& D) {
  const arma::Mat<T> g = arma::join_rows(gW, gb);
  const double norms = std::sqrt(norm2(g) * norm2(D));
  return norms > 0 ? -inner(g, D) / norms : 0;
}

}  // namespace

template <class T>
Diagnostics GramTp<T>::diagnostics() const {
  Diagnostics result;
  result.residual = residual_;
  result.named = {{"step_factor", factor_},
                  {"fallbacks", static_cast<double>(fallbacks_)},
                  {"descent_violation", descent_violation_}};
  const Cosines cosines = probe();
  for (arma::uword l = 1; l <= L(); ++l) {
    result.named.emplace_back(layer_name("eta", l), layer_step_[l - 1].eta);
    result.named.emplace_back(layer_name("cosine", l), cosines.step[l - 1]);
    result.named.emplace_back(layer_name("target_cosine", l), cosines.target[l - 1]);
  }
  return result;
}

/// Directions and gradient at the current weights on the first samples of the training set, with factorisations of its own.
template <class T>
typename GramTp<T>::Cosines GramTp<T>::probe() const {
  const arma::uword B = batches_.size();
  const auto first = [&](const arma::Mat<T>& A) {
    return arma::Mat<T>(const_cast<T*>(A.memptr()), A.n_rows, B, false, true);
  };
  TargetPropagation<T> propagation;
  propagation.reserve(problem().widths, B, p_.zL);
  propagation.At(0).head_rows(n(0)) = first(problem().x());
  propagation.forward(Wb_, problem().activation);
  propagation.output_target(p_.zL, problem().loss, first(problem().targets()), p_.c);
  Network<T> gradient = network_;
  Backprop<T> backprop;
  backprop.reserve(problem().widths, B);
  backprop(network_, problem().activation, problem().loss, 0, first(problem().x()),
           first(problem().targets()), gradient);

  Cosines cosines{std::vector<double>(L(), 0.0), std::vector<double>(L(), 0.0)};
  for (arma::uword l = L(); l >= 1; --l) {
    const arma::Mat<T> target = propagation.e(l) * propagation.At(l - 1).t();
    arma::Mat<T> D = target;
    if (l == 1) {
      D = propagation.e(1) * first(PX_).t();
    } else {
      GramPreconditioner<T> metric;
      metric.reserve(n(l - 1) + 1);
      metric.observe(propagation.At(l - 1), 0);
      metric.invert(p_.eps);
      metric.apply_right(target, T(0), D);
      DampedLeastSquares<T> K;
      K.reserve(n(l), n(l - 1));
      K.factorize(network_.W[l - 1], p_.lam);
      propagation.input_target(l, K, problem().activation);
    }
    cosines.target[l - 1] = descent_cosine(gradient.W[l - 1], gradient.b[l - 1], target);
    cosines.step[l - 1] = descent_cosine(gradient.W[l - 1], gradient.b[l - 1], D);
  }
  return cosines;
}

template <class T>
void GramTp<T>::visit_state(StateVisitor<T>& visitor) const {
  for (arma::uword l = 1; l <= L(); ++l) {
    visitor.matrix(layer_name("W", l), network_.W[l - 1]);
    visitor.vector(layer_name("b", l), network_.b[l - 1]);
  }
}

template <class T>
void GramTp<T>::archive(StateArchive& archive) {
  archive(batches_, Wb_, V_, backup_, K_, preconditioner_);
  archive(layer_step_, penalty_, t_, next_refresh_, loss_safeguard_, factor_, fallbacks_, majorised_left_);
  archive(descent_violation_, residual_, residuals_);
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
