/// The layers where processes share the samples: after one sum the W-steps are divided among them.

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "solvers/gram_tp/target_layers.hpp"

namespace admmbench {

template <class T>
void TargetLayers<T>::reserve_shared() {
  S_.clear();
  products_.clear();
  if (sum_.alone()) return;
  std::size_t entries = 0;
  for (arma::uword l = 1; l <= L(); ++l) {
    if (trains(l)) entries += Wb(l).n_elem;
  }
  products_.assign(entries, T(0));
  S_.reserve(L());  // growing a vector would copy the views, and copies own their memory
  T* next = products_.data();
  for (arma::uword l = 1; l <= L(); ++l) {
    const arma::uword rows = trains(l) ? n(l) : 0;
    S_.emplace_back(next, rows, n(l - 1) + 1, false, true);
    next += S_.back().n_elem;
  }
}

template <class T>
void TargetLayers<T>::sum_products() {
  if (sum_.alone()) return;
  const T share = static_cast<T>(1 / static_cast<double>(batch_));
  for (arma::uword l = 1; l <= L(); ++l) {
    if (trains(l)) gemm(Op::none, Op::transpose, share, propagation_.e(l), inputs(l), T(0), S_[l - 1]);
  }
  sum_.entries(products_.data(), products_.size());
}

template <class T>
void TargetLayers<T>::step_direction(arma::uword l, arma::Mat<T>& D) {
  if (sum_.alone()) {
    direction(l, propagation_.e(l), 1, 0, D);
  } else if (has_metric(l)) {
    preconditioner_[l - 1].apply_right(S_[l - 1], T(0), D);
  } else {
    copy(S_[l - 1], D);
  }
}

template <class T>
void TargetLayers<T>::spread_weights() {
  for (arma::uword l = 1; l <= L(); ++l) {
    if (trains(l)) from_owner(l, Wb(l));
  }
}

/// For a checkpoint.
template <class T>
void TargetLayers<T>::collect_inverses() {
  for (arma::uword l = 1; l <= L(); ++l) {
    if (has_metric(l)) preconditioner_[l - 1].take_inverse(sum_, owner(l));
  }
}

#define ADMMBENCH_INSTANTIATE(T)                                             \
  template void TargetLayers<T>::reserve_shared();                           \
  template void TargetLayers<T>::sum_products();                             \
  template void TargetLayers<T>::step_direction(arma::uword, arma::Mat<T>&); \
  template void TargetLayers<T>::spread_weights();                           \
  template void TargetLayers<T>::collect_inverses();
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
