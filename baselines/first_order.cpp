#include "baselines/first_order.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// Arrays of `network`'s shapes, one after the other in `memory`.
template <class T>
Network<T> packed_like(const Network<T>& network, std::vector<T>& memory) {
  std::size_t entries = 0;
  for (arma::uword l = 0; l < network.layers(); ++l) entries += network.W[l].n_elem + network.b[l].n_elem;
  memory.assign(entries, T(0));
  Network<T> views;
  // Growing a vector would copy the views, and copies own their memory.
  views.W.reserve(network.layers());
  views.b.reserve(network.layers());
  T* next = memory.data();
  for (arma::uword l = 0; l < network.layers(); ++l) {
    views.W.emplace_back(next, network.W[l].n_rows, network.W[l].n_cols, false, true);
    next += network.W[l].n_elem;
    views.b.emplace_back(next, network.b[l].n_elem, false, true);
    next += network.b[l].n_elem;
  }
  return views;
}

}  // namespace

template <class T>
void FirstOrder<T>::start(Network<T> initial, std::uint64_t seed) {
  network_ = std::move(initial);
  sum_ = this->sample_sum();
  gradient_ = sum_.alone() ? network_ : packed_like(network_, packed_);
  batches_.initialize(problem(), batch_.batch_size, seed, sum_);
  backprop_.reserve(problem().widths, batches_.most_columns());
  if (!batches_.whole()) {
    x_.assign(problem().widths.front() * batches_.most_columns(), T(0));
    targets_.assign(problem().widths.back() * batches_.most_columns(), T(0));
  }
  t_ = 0;
  std::vector<arma::uword> sizes;
  for (arma::uword l = 0; l < network_.layers(); ++l) {
    sizes.push_back(network_.W[l].n_elem);
    sizes.push_back(network_.b[l].n_elem);
  }
  reserve(sizes);
}

template <class T>
void FirstOrder<T>::step() {
  const arma::Mat<T>& x = problem().x();
  const arma::Mat<T>& targets = problem().targets();
  if (batches_.whole()) {
    batch_of_all_ = batches_.columns_of_all(0);
    update_from(x, targets);
    this->updated();
    return;
  }
  batches_.shuffle();
  for (arma::uword k = 0; k < batches_.count(); ++k) {
    arma::Mat<T> x_k(x_.data(), x.n_rows, batches_.columns(k), false, true);
    arma::Mat<T> targets_k(targets_.data(), targets.n_rows, batches_.columns(k), false, true);
    gather(batches_, k, x, x_k);
    gather(batches_, k, targets, targets_k);
    batch_of_all_ = batches_.columns_of_all(k);
    update_from(x_k, targets_k);
    this->updated();
  }
}

template <class T>
void FirstOrder<T>::archive(StateArchive& archive) {
  archive(network_, batches_, t_);
  archive_moments(archive);
}

template <class T>
void FirstOrder<T>::update_from(const arma::Mat<T>& x, const arma::Mat<T>& targets) {
  compute_gradient(network_, x, targets, gradient_);
  next_update();
  for (arma::uword l = 0; l < network_.layers(); ++l) {
    update(2 * l, network_.W[l].memptr(), gradient_.W[l].memptr(), network_.W[l].n_elem);
    update(2 * l + 1, network_.b[l].memptr(), gradient_.b[l].memptr(), network_.b[l].n_elem);
  }
}

template <class T>
void FirstOrder<T>::compute_gradient(const Network<T>& at, const arma::Mat<T>& x, const arma::Mat<T>& targets,
                                     Network<T>& gradient) {
  if (sum_.alone()) {
    backprop_(at, problem().activation, problem().loss, batch_.mu, x, targets, gradient);
    return;
  }
  if (&gradient != &gradient_) throw std::logic_error("a shared gradient is gradient()");
  if (x.n_cols == 0) {  // none of this batch's samples is here
    std::fill(packed_.begin(), packed_.end(), T(0));
  } else {
    backprop_(at, problem().activation, problem().loss, 0, x, targets, gradient, batch_of_all_);
  }
  sum_.entries(packed_.data(), packed_.size());
  if (batch_.mu == 0) return;
  for (arma::uword l = 0; l < at.layers(); ++l) axpy(static_cast<T>(batch_.mu), at.W[l], gradient.W[l]);
}

template <class T>
void FirstOrder<T>::next_update() {
  const double passes = static_cast<double>(t_) / static_cast<double>(batches_.count());
  begin_update(++t_, batch_.schedule.factor(passes, problem().iterations));
}

template class FirstOrder<float>;
template class FirstOrder<double>;

namespace {

/// Forward, weight gradients, and the way back from layer L to 2; in batches the weights count again each time.
IterationCost pass_cost(const CostShape& s, const CostOptions& o, double update) {
  const double batches = s.batches();
  const double mu = o.decay == CostOptions::Decay::none ? 0 : 3;
  IterationCost cost = layer_passes(s, 7, 7, 6);
  for (std::size_t l = 1; l <= s.layers(); ++l) {
    const double times = l == 1 ? 2 : 3;
    cost += layer_products(s, l, times) + entry_passes(batches * ((update + mu) * s.w(l) + update * s.n(l)));
    cost.products += times * (batches - 1);
    cost.product_entries += times * (batches - 1) * s.w(l);
  }
  if (s.batched()) cost += entry_passes(2 * (s.n(0) + s.n(s.layers())) * s.samples);  // gathered
  return cost;
}

}  // namespace

MethodCost first_order_cost(const CostShape& s, const CostOptions& o, double update, double moments) {
  double scratch = s.parameters() + s.batch_size() / s.samples * (s.outputs() + s.hidden_outputs());
  if (s.batched()) scratch += (s.n(0) + s.n(s.layers())) * s.batch_size();
  const double batches = s.batches();
  return {pass_cost(s, o, update),
          held_memory(s, o, s.parameters() + moments * s.parameters(), scratch,
                      s.batched() ? index_bytes * s.samples : 0),
          {batches * s.parameters(), batches},
          {}};
}

}  // namespace admmbench
