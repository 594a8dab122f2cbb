#include "baselines/first_order.hpp"

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void FirstOrder<T>::start(Network<T> initial, std::uint64_t seed) {
  network_ = std::move(initial);
  gradient_ = network_;
  batches_.initialize(problem(), batch_.batch_size, seed);
  backprop_.reserve(problem().widths, batches_.size());
  if (!batches_.whole()) {
    x_.assign(problem().widths.front() * batches_.size(), T(0));
    targets_.assign(problem().widths.back() * batches_.size(), T(0));
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
    update_from(x, targets);
    return;
  }
  batches_.shuffle();
  for (arma::uword k = 0; k < batches_.count(); ++k) {
    arma::Mat<T> x_k(x_.data(), x.n_rows, batches_.columns(k), false, true);
    arma::Mat<T> targets_k(targets_.data(), targets.n_rows, batches_.columns(k), false, true);
    gather(batches_, k, x, x_k);
    gather(batches_, k, targets, targets_k);
    update_from(x_k, targets_k);
  }
}

template <class T>
void FirstOrder<T>::update_from(const arma::Mat<T>& x, const arma::Mat<T>& targets) {
  backprop_(network_, problem().activation, problem().loss, batch_.mu, x, targets, gradient_);
  const double passes = static_cast<double>(t_) / static_cast<double>(batches_.count());
  begin_update(++t_, batch_.schedule.factor(passes, problem().iterations));
  for (arma::uword l = 0; l < network_.layers(); ++l) {
    update(2 * l, network_.W[l].memptr(), gradient_.W[l].memptr(), network_.W[l].n_elem);
    update(2 * l + 1, network_.b[l].memptr(), gradient_.b[l].memptr(), network_.b[l].n_elem);
  }
}

template class FirstOrder<float>;
template class FirstOrder<double>;

}  // namespace admmbench
