#include "solvers/gram_tp/target_layers.hpp"

#include <algorithm>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void TargetLayers<T>::start(const Problem<T>& problem, const Network<T>& initial, const Batches<T>& batches,
                            const SampleSum& sum, const TargetLayerOptions& options) {
  problem_ = &problem;
  sum_ = sum;
  options_ = options;
  const arma::uword size = batches.most_columns();
  propagation_.reserve(problem.widths, size, options.zL);
  propagation_.share(sum_);
  Wb_.clear();
  for (arma::uword l = 1; l <= L(); ++l) Wb_.push_back(arma::join_rows(initial.W[l - 1], initial.b[l - 1]));
  network_ = joint_views(Wb_);

  K_.assign(L(), {});
  preconditioner_.assign(L(), {});
  arma::uword product = 0;
  arma::uword moved = 0;
  arma::uword largest = 0;
  for (arma::uword l = 1; l <= L(); ++l) {
    if (l > 1) K_[l - 1].reserve(n(l), n(l - 1));
    if (has_metric(l)) preconditioner_[l - 1].reserve(n(l - 1) + 1);
    product = std::max(product, (n(l - 1) + 1) * (sum_.alone() ? std::min(n(l), size) : n(l)));
    moved = std::max(moved, n(l) * size);
    largest = std::max(largest, Wb_[l - 1].n_elem);
  }
  product_.reserve(product);
  moved_.reserve(moved);
  D_.zeros(largest, 1);
  PX_ = uninitialized<T>(n(0) + 1, problem.samples());
  G0_.reset();
  g0_ = precondition_inputs(problem.x(), options.eps_input, PX_, options.input_gram ? &G0_ : nullptr, sum_,
                            problem.total_samples());
  PX_batch_.reserve((n(0) + 1) * size);
  targets_.reserve(n(L()) * size);
  penalty_.assign(L(), 0.0);
  reserve_shared();
}

template <class T>
void TargetLayers<T>::load(const Batches<T>& batches, arma::uword k) {
  batch_ = batches.columns_of_all(k);
  propagation_.set_columns(batches.columns(k));
  arma::Mat<T> x = propagation_.At(0);
  gather(batches, k, problem_->x(), x);
  arma::Mat<T> y = targets();
  gather(batches, k, problem_->targets(), y);
  if (options_.smoothing > 0 && problem_->loss == Loss::cross_entropy) {
    const T kept = static_cast<T>(1 - options_.smoothing);
    const T shared = static_cast<T>(options_.smoothing / static_cast<double>(n(L())));
    for_entries(reads(y), writes(y), [=, y = y.memptr()](std::size_t i) { y[i] = kept * y[i] + shared; });
  }
  if (!trains(1)) return;
  arma::Mat<T> PX = PX_batch_.view(n(0) + 1, columns());
  gather(batches, k, PX_, PX);
}

template <class T>
double TargetLayers<T>::forward() {
  propagation_.forward(Wb_, problem_->activation);
  return mean_loss(propagation_.m(L()));
}

/// R / B at outputs z of the batch (n_L x B); one sum over the samples.
template <class T>
double TargetLayers<T>::mean_loss(const arma::Mat<T>& z) {
  return sum_.total(loss_value(problem_->loss, z, targets())) / static_cast<double>(batch_);
}

template <class T>
void TargetLayers<T>::refresh(bool observes, bool inverts, bool targets) {
  for (arma::uword l = std::max<arma::uword>(2, lowest()); l <= L(); ++l) {
    if (has_metric(l)) {
      if (observes) preconditioner_[l - 1].observe(propagation_.At(l - 1), options_.keep, sum_, batch_);
      if (inverts && owns(l)) preconditioner_[l - 1].invert(options_.eps);
    }
    // A layer of few outputs costs less to factorise than the product that uses it.
    if (l > lowest() && (targets || 4 * n(l) <= batch_)) K_[l - 1].factorize(network_.W[l - 1], options_.lam);
  }
}

template <class T>
double TargetLayers<T>::propagate_targets() {
  double sum = propagation_.output_target(options_.zL, problem_->loss, targets(), options_.c);
  for (arma::uword l = L(); l > lowest(); --l)
    sum += propagation_.input_target(l, K_[l - 1], problem_->activation);
  return sum;
}

template <class T>
double TargetLayers<T>::propagate_gradients() {
  double sum = propagation_.output_gradient(problem_->loss, targets());
  for (arma::uword l = L(); l > lowest(); --l)
    sum += propagation_.input_gradient(l, network_.W[l - 1], problem_->activation);
  return sum;
}

template <class T>
void TargetLayers<T>::direction(arma::uword l, const arma::Mat<T>& e, double scale, double beta,
                                arma::Mat<T>& D) {
  const T share = static_cast<T>(scale / static_cast<double>(batch_));
  if (l == 1 || !has_metric(l)) {
    gemm(Op::none, Op::transpose, share, e, inputs(l), static_cast<T>(beta), D);
    sum_(D);
  } else if (n(l) < columns() || !sum_.alone()) {
    arma::Mat<T> S = product_.view(n(l), n(l - 1) + 1);
    gemm(Op::none, Op::transpose, share, e, propagation_.At(l - 1), T(0), S);
    sum_(S);
    if (owns(l)) preconditioner_[l - 1].apply_right(S, static_cast<T>(beta), D);
    from_owner(l, D);
  } else {
    arma::Mat<T> PAt = product_.view(n(l - 1) + 1, columns());
    preconditioner_[l - 1].apply(propagation_.At(l - 1), PAt);
    gemm(Op::none, Op::transpose, share, e, PAt, static_cast<T>(beta), D);
  }
}

template <class T>
typename TargetLayers<T>::Round TargetLayers<T>::minimise_blocks(double loss, std::vector<double>& eta) {
  propagation_.output_target(options_.zL, problem_->loss, targets(), options_.c);
  arma::Mat<T> z_L = moved_.view(n(L()), columns());
  const arma::Mat<T> m_L = propagation_.m(L());
  std::copy(m_L.begin(), m_L.end(), z_L.begin());
  axpy(T(1), propagation_.e(L()), z_L);
  double F = mean_loss(z_L) * static_cast<double>(batch_);

  std::vector<double>& c = penalty_;
  c[L() - 1] = options_.c;
  double hidden = 0;
  for (arma::uword l = L(); l > lowest(); --l) {
    K_[l - 1].factorize(network_.W[l - 1], options_.lam);
    propagation_.input_target(l, K_[l - 1], problem_->activation);
    c[l - 2] = c[l - 1] * K_[l - 1].damping();
    arma::Mat<T> dz = propagation_.e(l - 1);
    const double kept =
        c[l - 2] / 2 *
        keep_descending(problem_->activation, propagation_.m(l - 1), propagation_.da(l - 1), dz);
    (sum_.alone() ? F : hidden) += kept;
  }
  if (!sum_.alone()) F += sum_.total(hidden);
  take_residuals();
  Round round;
  for (arma::uword l = lowest(); l <= L(); ++l) {
    const double left = update_W_majorised(l, eta[l - 1]);
    F += c[l - 1] / 2 * left;
    round.residual += left;
  }
  if (!sum_.leads()) round.residual = 0;
  round.violation = F / static_cast<double>(batch_) - loss;
  return round;
}

/// From the displacements to the residuals at the new a: a_{l-1} <- a_{l-1} + da, e_l <- z_l - W_l a_{l-1} - b_l.
template <class T>
void TargetLayers<T>::take_residuals() {
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
}

/// [W_l b_l] <- [W_l b_l] + eta D_l with eta = relaxation times the minimiser of ||W_l a_{l-1} + b_l - z_l||^2 along D_l;
/// returns what is left of it, over all samples: two sums.
template <class T>
double TargetLayers<T>::update_W_majorised(arma::uword l, double& eta) {
  const arma::Mat<T> e_l = propagation_.e(l);
  double before = norm2(e_l);
  if (!trains(l)) return sum_.total(before);
  arma::Mat<T> D = scratch(l);
  direction(l, e_l, 1, 0, D);
  arma::Mat<T> moved = moved_.view(n(l), columns());
  gemm(Op::none, Op::none, T(1), D, propagation_.At(l - 1), T(0), moved);
  double slope = inner(e_l, moved);
  double curvature = norm2(moved);
  sum_.scalars(before, slope, curvature);
  if (!(slope > 0) || !(curvature > 0)) return before;
  eta = options_.relaxation * slope / curvature;
  axpy(static_cast<T>(eta), D, Wb(l));
  return before - 2 * eta * slope + eta * eta * curvature;
}

template class TargetLayers<float>;
template class TargetLayers<double>;

}  // namespace admmbench
