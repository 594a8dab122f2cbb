/// The variants of gram_tp that experiments/own/ablation.yaml compares, all off by default: several sweeps and duals of the
/// outputs, a metric on the output side, extrapolation between passes.

#include <algorithm>

#include "core/blocks/layer_variables.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "solvers/gram_tp/gram_tp.hpp"

namespace admmbench {

void TargetVariants::visit(ParameterVisitor& v) {
  v.integer("sweeps", sweeps, at_least_one, "alternations of z_L and a_{L-1} in every batch");
  v.real("dual", dual, non_negative,
         "step of the scaled duals of z_L = m_L, one per sample, from pass to pass; 0: none");
  v.real(
      "eps_output", eps_output, non_negative,
      "damping of a metric of e_l on the output side of D_l, in units of the mean of its diagonal; 0: none");
  v.group("passes", passes, "extrapolation between passes");
  v.integer("threads", threads, at_least_one, "layers whose W-steps are made at a time");
}

/// variants.sweeps alternations of z_L = argmin R(z) + (c/2)||z - (W_L a_{L-1} + b_L) - u||^2 and of a_{L-1}; then
/// e_L = z_L - u - m_L. Without duals u = 0.
template <class T>
void GramTp<T>::alternate_output() {
  const arma::uword B = sweep_.columns();
  const arma::Mat<T> u = batch_u_.view(n(L()), B);
  const bool duals = p_.variants.dual > 0;
  arma::Mat<T> centre = centre_.view(n(L()), B);
  for (long s = 0; s < p_.variants.sweeps; ++s) {
    const arma::Mat<T> m_L = sweep_.m(L());
    std::copy(m_L.begin(), m_L.end(), centre.begin());
    if (duals) axpy(T(1), u, centre);
    if (s > 0) {
      sweep_.input_target(L(), K_[L() - 1], problem_->activation);
      gemm(Op::none, Op::none, T(1), network_.W[L() - 1], sweep_.da(L() - 1), T(1), centre);
    }
    sweep_.output_target(p_.zL, problem_->loss, targets_.view(n(L()), B), p_.c, centre);
    arma::Mat<T> e_L = sweep_.e(L());
    if (duals) axpy(T(-1), u, e_L);
  }
}

/// u <- u + dual (m_L - z_L) for the samples of batch k, with z_L of their last visit; 0 in the first pass.
template <class T>
void GramTp<T>::take_duals(arma::uword k) {
  arma::Mat<T> u = batch_u_.view(n(L()), sweep_.columns());
  gather(batches_, k, u_, u);
  if (passes() < 1) return;
  arma::Mat<T> z = centre_.view(n(L()), sweep_.columns());
  gather(batches_, k, z_, z);
  const auto step = static_cast<T>(p_.variants.dual);
  axpy(step, sweep_.m(L()), u);
  axpy(-step, z, u);
}

/// Keeps u and z_L = m_L + e_L + u for the next visit of the samples of batch k.
template <class T>
void GramTp<T>::store_outputs(arma::uword k) {
  const arma::Mat<T> u = batch_u_.view(n(L()), sweep_.columns());
  const arma::Mat<T> e_L = sweep_.e(L());
  const arma::Mat<T> m_L = sweep_.m(L());
  for (arma::uword j = 0; j < u.n_cols; ++j) {
    const arma::uword sample = batches_.sample(batches_.first(k) + j);
    for (arma::uword i = 0; i < u.n_rows; ++i) {
      u_(i, sample) = u(i, j);
      z_(i, sample) = m_L(i, j) + e_L(i, j) + u(i, j);
    }
  }
  count_pass(reads(u, m_L, e_L), writes(u_, z_));
}

/// G^e_l and their inverses, at the same batches as G_l.
template <class T>
void GramTp<T>::observe_targets() {
  if (!refreshed_ && t_ % p_.observe != 0) return;
  for (arma::uword l = lowest(); l <= L(); ++l) {
    if (!trains(l)) continue;
    metric_e_[l - 1].observe(sweep_.e(l), p_.keep);
    if (refreshed_) metric_e_[l - 1].invert(p_.variants.eps_output);
  }
}

/// e_l <- (G^e_l + eps_output g^e_l I)^{-1} e_l.
template <class T>
void GramTp<T>::precondition_target(arma::uword l, Buffer<T>& scratch) {
  arma::Mat<T> e_l = sweep_.e(l);
  arma::Mat<T> product = scratch.view(e_l.n_rows, e_l.n_cols);
  metric_e_[l - 1].apply(e_l, product);
  copy(product, e_l);
}

/// Mean loss on the first samples of the training set, sixteen batches of them.
template <class T>
double GramTp<T>::probe_loss() {
  const arma::uword N = std::min<arma::uword>(problem_->samples(), 16 * batches_.size());
  const auto first = [N](const arma::Mat<T>& A) {
    return arma::Mat<T>(const_cast<T*>(A.memptr()), A.n_rows, N, false, true);
  };
  forward(network_, problem_->activation, first(problem_->x()), probe_workspace_, probe_out_);
  return loss_value(problem_->loss, probe_out_, first(problem_->targets())) / static_cast<double>(N);
}

/// variants.passes: takes the extrapolated weights if their loss on the first samples is not higher.
template <class T>
void GramTp<T>::accelerate_pass() {
  if (!passes_acceleration_.on()) return;
  const double plain = probe_loss();
  if (!passes_acceleration_.propose(Wb_)) return;
  const bool better = probe_loss() <= plain;
  passes_acceleration_.settle(better, Wb_);
  ++(better ? passes_accepted_ : passes_refused_);
}

// The class as a whole is instantiated in gram_tp.cpp.
template void GramTp<float>::alternate_output();
template void GramTp<float>::take_duals(arma::uword);
template void GramTp<float>::store_outputs(arma::uword);
template void GramTp<float>::observe_targets();
template void GramTp<float>::precondition_target(arma::uword, Buffer<float>&);
template double GramTp<float>::probe_loss();
template void GramTp<float>::accelerate_pass();
template void GramTp<double>::alternate_output();
template void GramTp<double>::take_duals(arma::uword);
template void GramTp<double>::store_outputs(arma::uword);
template void GramTp<double>::observe_targets();
template void GramTp<double>::precondition_target(arma::uword, Buffer<double>&);
template double GramTp<double>::probe_loss();
template void GramTp<double>::accelerate_pass();

}  // namespace admmbench
