#pragma once
/// The order of pdADMM's updates and messages in an iteration, and what else it does where several processes share its layers
/// (docs/distributed.md#layers): members of Pdadmm for pdadmm.cpp, which alone includes them.

#include <algorithm>

#include "core/compute/parallel_pass.hpp"
#include "solvers/pdadmm/pdadmm.hpp"

namespace admmbench {

/// u <- u + rho (p - q); the sum of the squares of p - q.
template <class T>
double dual_step(double penalty, const arma::Mat<T>& p_next, const arma::Mat<T>& q, arma::Mat<T>& u) {
  const T rho = static_cast<T>(penalty);
  return sum_entries(reads(p_next, q, u), writes(u),
                     [rho, p = p_next.memptr(), q = q.memptr(), u = u.memptr()](std::size_t i) {
                       const T r = p[i] - q[i];
                       u[i] += rho * r;
                       return static_cast<double>(r) * static_cast<double>(r);
                     });
}

/// Every process has the terms of its own layers and samples, the others 0: after it all have those of all.
inline void add_terms(LayerExchange& exchange, const SampleSum& samples, std::vector<LayerTerms>& layers,
                      double& bytes_sent) {
  if (!exchange.shared() && samples.alone()) return;
  std::vector<double> values;
  for (const LayerTerms& t : layers) {
    const bool counted = samples.leads();  // what has no samples is the same in all of them
    values.insert(values.end(), {t.loss, counted ? t.weights : 0, counted ? t.omega : 0, t.linear, t.outputs,
                                 t.residual, t.duality});
  }
  values.push_back(exchange.shared() || samples.leads() ? bytes_sent : 0);
  samples.entries(values.data(), values.size());
  exchange.sum(values);
  auto value = values.begin();
  for (LayerTerms& t : layers) {
    for (double* term : {&t.loss, &t.weights, &t.omega, &t.linear, &t.outputs, &t.residual, &t.duality})
      *term = *value++;
  }
  bytes_sent = *value;
}

/// As the experiment says for the whole network, else balanced.
template <class T>
LayerGroups Pdadmm<T>::groups_of(std::size_t stage) const {
  const StagePlan& plan = configured_.stages;
  const arma::uword depth = plan.depth(stage, problem().layers());
  if (!exchange_.shared()) return LayerGroups(std::vector<std::size_t>{depth});
  const std::vector<long>& given = this->team()->layer_groups;
  if (!given.empty() && plan.last(stage))
    return LayerGroups(std::vector<std::size_t>(given.begin(), given.end()));
  CostShape shape;
  for (const arma::uword width : stage_widths(problem().widths, depth))
    shape.widths.push_back(static_cast<double>(width));
  shape.samples = static_cast<double>(problem().total_samples());
  shape.entry_bytes = sizeof(T);
  CostOptions options;
  options.span = problem().gram != nullptr && configured_.regularizer.kind == Regularizer::Kind::none;
  return LayerGroups(balanced_counts(layer_work(shape, options), static_cast<std::size_t>(exchange_.size())));
}

/// What this process sends in an iteration of a stage.
template <class T>
double Pdadmm<T>::bytes_of_stage(std::size_t stage) const {
  const LayerGroups groups = groups_of(stage);
  const auto widths = stage_widths(problem().widths, groups.layers());
  const arma::uword first = groups.first(exchange_.rank());
  const arma::uword last = groups.last(exchange_.rank());
  if (first > last) return 0;
  std::size_t bytes = 0;
  if (first > 1) bytes += p_bytes(widths[first - 1] * problem().samples());
  if (last < groups.layers()) {
    const std::size_t entries = widths[last] * problem().samples();
    bytes += q_bytes(entries) + (sends_u() ? entries * sizeof(T) : 0) + further_bytes(entries);
  }
  return static_cast<double>(bytes);
}

template <class T>
void Pdadmm<T>::progress(std::size_t worker) {
  if (worker != 0 || !exchange_.shared()) return;
  using Variable = LayerExchange::Variable;
  const arma::uword last = last_layer();
  if (p_ready_.exchange(false)) exchange_.send(Variable::p, p_message(first_layer()));
  if (q_ready_.exchange(false)) exchange_.send(Variable::q, q_message(last));
  if (u_ready_.exchange(false))
    exchange_.send(Variable::u, bytes_of(state_.u(last).memptr(), state_.u(last).n_elem));
  exchange_.progress();
}

/// Phase 1: each layer updates what it owns. The first layer of a group goes first, so that its p is on its way while the others
/// work; unless q of the layer before has not come yet.
template <class T>
void Pdadmm<T>::update_layers() {
  if (first_layer() > L()) return;  // of a group without layers
  using Variable = LayerExchange::Variable;
  if (group_above()) exchange_.receive(Variable::p, p_message(last_layer() + 1));
  if (!sum_.alone()) {  // sums over the samples: in the same order in all processes, and by this thread
    settle();
    for (arma::uword l = first_layer(); l <= last_layer(); ++l) update_layer(l, 0);
    return;
  }
  const bool in_time = exchange_.arrived(Variable::q) && exchange_.arrived(Variable::u);
  if (in_time) settle();
  const arma::uword begin = first_layer() + (in_time ? 0 : 1);
  pool_->for_each(last_layer() + 1 - begin, [this, begin](std::size_t index, std::size_t worker) {
    update_layer(begin + index, worker);
  });
  if (!in_time) {
    settle();
    update_layer(first_layer(), 0);
  }
  progress(0);
}

template <class T>
void Pdadmm<T>::update_layer(arma::uword l, std::size_t worker) {
  if (l > 1) update_p(l, worker);
  if (l == first_layer() && group_below()) p_ready_ = true;
  progress(worker);
  update_W(l, worker);
  progress(worker);
  update_b(l);
  update_z(l, worker);
  progress(worker);
}

/// Phase 2: p_{l+1} has arrived at layer l. The last layer of a group goes first if its p has come from another process already.
template <class T>
void Pdadmm<T>::update_interfaces() {
  if (first_layer() > L()) return;
  using Variable = LayerExchange::Variable;
  if (group_below()) {
    const arma::uword l = first_layer() - 1;
    exchange_.receive(Variable::q, q_message(l));
    if (sends_u()) exchange_.receive(Variable::u, bytes_of(state_.u(l).memptr(), state_.u(l).n_elem));
    unsettled_ = true;
    settled_rho_ = parameters_.rho;
  }
  exchange_.finish_sending(Variable::q);
  exchange_.finish_sending(Variable::u);
  const arma::uword first = first_layer();
  const arma::uword last = last_layer();
  const auto update = [this](arma::uword from) {
    return [this, from](std::size_t index, std::size_t worker) { update_interface(from + index, worker); };
  };
  if (!group_above()) {
    pool_->for_each(last - first, update(first));
  } else if (exchange_.arrived(Variable::p)) {
    exchange_.finish_receiving(Variable::p);
    pool_->for_each(last + 1 - first, [this, first, last](std::size_t index, std::size_t worker) {
      update_interface(index == 0 ? last : first + index - 1, worker);
    });
  } else {
    pool_->for_each(last - first, update(first));
    exchange_.finish_receiving(Variable::p);
    update_interface(last, 0);
  }
  progress(0);
}

template <class T>
void Pdadmm<T>::update_interface(arma::uword l, std::size_t worker) {
  const bool sent = l == last_layer() && group_above();
  const arma::Mat<T> p_next = received_p(l + 1, worker);
  update_q(l, p_next);
  if (sent) q_ready_ = true;
  progress(worker);
  update_u(l, p_next);
  if (sent && sends_u()) u_ready_ = true;
  progress(worker);
}

/// Unless it is sent, u is what the group below makes of it, by the same operations on the same values.
template <class T>
void Pdadmm<T>::settle() {
  if (!unsettled_) return;
  using Variable = LayerExchange::Variable;
  const arma::uword l = first_layer() - 1;
  exchange_.finish_receiving(Variable::q);
  q_received(l);
  if (sends_u()) {
    exchange_.finish_receiving(Variable::u);
  } else {
    dual_step(settled_rho_, state_.p(l + 1), state_.q(l), state_.u(l));
  }
  exchange_.finish_sending(Variable::p);
  unsettled_ = false;
}

/// The norms of the interfaces are those of all samples.
template <class T>
void Pdadmm<T>::sum_residuals() {
  if (sum_.alone() || L() == 1) return;
  std::vector<double> norms(primal_.begin(), primal_.end());
  norms.insert(norms.end(), dual_.begin(), dual_.end());
  sum_.entries(norms.data(), norms.size());
  for (arma::uword l = 1; l <= L(); ++l) {
    primal_(l) = norms[l - 1];
    dual_(l) = norms[L() + l - 1];
  }
}

/// z, p and q of the layers that are kept go to who has them in this stage.
template <class T>
void Pdadmm<T>::move_layers(const LayerGroups& before, arma::uword kept) {
  const arma::uword N = problem().samples();
  state_.z.resize(L());
  state_.p.resize(L());
  state_.Wp.resize(L());
  state_.q.resize(L() - 1);
  state_.u.resize(L() - 1);
  for (arma::uword l = 1; l <= kept; ++l) {
    const int from = before.owner(l);
    const int to = groups_.owner(l);
    exchange_.transfer(state_.z(l), from, to);
    exchange_.transfer(state_.q(l), from, to);
    if (groups_.owner(l + 1) != to) exchange_.transfer(state_.q(l), from, groups_.owner(l + 1));
    if (owns(l) && state_.Wp(l).is_empty()) state_.Wp(l) = uninitialized<T>(widths_[l], N);
    if (l == 1) continue;
    exchange_.transfer(state_.p(l), from, to);
    if (groups_.owner(l - 1) != to) exchange_.transfer(state_.p(l), from, groups_.owner(l - 1));
  }
}

/// What the steps of the first `count` layers remember, of which the last one is new in this stage.
template <class T>
void Pdadmm<T>::move_steps(const LayerGroups& before, arma::uword count) {
  if (parameters_.step.kind != StepRule::Kind::lipschitz) return;
  for (arma::uword l = 1; l <= count; ++l) {
    const int from = before.owner(l);
    if (from == exchange_.rank()) reserve_steps(l);
    exchange_.transfer(p_steps_(l), from, groups_.owner(l));
    exchange_.transfer(W_steps_(l), from, groups_.owner(l));
  }
}

/// Gives the memory of variables back that other processes have.
template <class T>
void Pdadmm<T>::release_others() {
  for (arma::uword l = 1; l <= L(); ++l) {
    if (!owns(l)) {
      state_.z(l).reset();
      state_.Wp(l).reset();
    }
    if (!has_p(l)) state_.p(l).reset();
    if (l < L() && !has_q(l)) {
      state_.q(l).reset();
      state_.u(l).reset();
    }
  }
}

/// After the owners' variables have been restored.
template <class T>
void Pdadmm<T>::refresh_copies() {
  for (arma::uword l = 1; l < L(); ++l) {
    const int below = groups_.owner(l);
    const int above = groups_.owner(l + 1);
    exchange_.transfer(state_.q(l), below, above);
    exchange_.transfer(state_.u(l), below, above);
    exchange_.transfer(state_.p(l + 1), above, below);
  }
  double bytes = bytes_of_stage(stage_) * static_cast<double>(stage_iteration_);
  for (std::size_t stage = 0; stage < stage_; ++stage)
    bytes += bytes_of_stage(stage) * static_cast<double>(configured_.stages.length(stage));
  exchange_.set_sent(bytes);
  gathered_ = false;
}

template <class T>
void Pdadmm<T>::gather() const {
  for (arma::uword l = 2; l <= L(); ++l) {
    exchange_.transfer(state_.network.W[l - 1], groups_.owner(l), 0);
    exchange_.transfer(state_.network.b[l - 1], groups_.owner(l), 0);
  }
  gathered_ = true;
}

template <class T>
void Pdadmm<T>::show(StateVisitor<T>& visitor, const char* name, arma::uword l, arma::Mat<T>& value) const {
  const int owner = groups_.owner(l);
  if (!exchange_.leads()) {
    if (owner == exchange_.rank()) exchange_.transfer(value, owner, 0);
  } else if (owner == 0) {
    visitor.columns(layer_name(name, l), value);
  } else {
    arma::Mat<T> here;
    exchange_.transfer(here, owner, 0);
    visitor.columns(layer_name(name, l), here);
  }
}

}  // namespace admmbench
