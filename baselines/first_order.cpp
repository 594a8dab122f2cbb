#include "baselines/first_order.hpp"

#include <algorithm>
#include <numeric>

#include "core/layer_state.hpp"
#include "core/panels.hpp"

namespace admmbench {

template <class T>
void FirstOrder<T>::initialize(const Problem<T>& problem, Network<T> initial, std::uint64_t seed) {
  problem_ = &problem;
  network_ = std::move(initial);
  gradient_ = network_;
  const arma::uword samples = problem.samples();
  const arma::uword batch =
      batch_.batch_size ? std::min<arma::uword>(arma::uword(*batch_.batch_size), samples) : samples;
  backprop_.reserve(problem.widths, batch);
  if (batch < samples) {
    x_.assign(problem.widths.front() * batch, T(0));
    targets_.assign(problem.widths.back() * batch, T(0));
    order_.resize(samples);
    std::iota(order_.begin(), order_.end(), arma::uword(0));
  }
  // A stream of its own, so that the order of the batches does not depend on the shape of the network.
  constexpr std::uint64_t batch_stream = 0x6261746368;
  rng_.emplace(seed, batch_stream);
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
  const arma::Mat<T>& x = problem_->x();
  const arma::Mat<T>& targets = problem_->targets();
  if (order_.empty()) {
    update_from(x, targets);
    return;
  }
  shuffle(*rng_, order_);
  const arma::uword batch = x_.size() / x.n_rows;
  for (arma::uword first = 0; first < order_.size(); first += batch) {
    const arma::uword columns = std::min<arma::uword>(batch, order_.size() - first);
    count_pass(traffic<T>(1, 1).bytes * columns * (x.n_rows + targets.n_rows));
    for (arma::uword n = 0; n < columns; ++n) {
      const arma::uword sample = order_[first + n];
      std::copy_n(x.colptr(sample), x.n_rows, x_.data() + n * x.n_rows);
      std::copy_n(targets.colptr(sample), targets.n_rows, targets_.data() + n * targets.n_rows);
    }
    update_from(arma::Mat<T>(x_.data(), x.n_rows, columns, false, true),
                arma::Mat<T>(targets_.data(), targets.n_rows, columns, false, true));
  }
}

template <class T>
void FirstOrder<T>::update_from(const arma::Mat<T>& x, const arma::Mat<T>& targets) {
  backprop_(network_, problem_->activation, problem_->loss, batch_.mu, x, targets, gradient_);
  begin_update(++t_);
  for (arma::uword l = 0; l < network_.layers(); ++l) {
    update(2 * l, network_.W[l].memptr(), gradient_.W[l].memptr(), network_.W[l].n_elem);
    update(2 * l + 1, network_.b[l].memptr(), gradient_.b[l].memptr(), network_.b[l].n_elem);
  }
}

template <class T>
Diagnostics FirstOrder<T>::diagnostics() const {
  ForwardWorkspace<T> workspace;
  Diagnostics result;
  result.objective = evaluate(network_, *problem_, *problem_->train, workspace).mean_loss;
  return result;
}

template <class T>
void FirstOrder<T>::visit_state(StateVisitor<T>& visitor) const {
  for (arma::uword l = 1; l <= network_.layers(); ++l) {
    visitor.matrix(layer_name("W", l), network_.W[l - 1]);
    visitor.vector(layer_name("b", l), network_.b[l - 1]);
  }
}

template class FirstOrder<float>;
template class FirstOrder<double>;

}  // namespace admmbench
