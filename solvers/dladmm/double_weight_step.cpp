#include "solvers/dladmm/double_weight_step.hpp"

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void DoubleWeightStep<T>::initialize(const arma::Mat<T>& x, arma::uword n1, const SampleSum& sum) {
  sum_ = sum;
  K_.set_size(x.n_rows, x.n_rows);
  gemm(Op::none, Op::transpose, T(1), x, x, T(0), K_);
  sum_(K_);
  for (auto* buffer : {&Ex_, &G_, &GK_, &total_}) buffer->zeros(n1, x.n_rows);
  lambda_ = 0;
}

template <class T>
std::array<StepReport, 2> DoubleWeightStep<T>::step(const StepRule& rule, double c, double mu,
                                                    const arma::Mat<T>& x, arma::Mat<T>& E, arma::Mat<T>& W,
                                                    arma::Mat<T>& WA) {
  gemm(Op::none, Op::transpose, T(1), E, x, T(0), Ex_);
  sum_(Ex_);
  total_.zeros();
  count_pass(writes(total_));
  std::array<StepReport, 2> reports;
  for (StepReport& report : reports) {
    T* const g = G_.memptr();
    T* const ex = Ex_.memptr();
    T* const w = W.memptr();
    for_entries(reads(Ex_, W), writes(G_),
                [=, along = static_cast<T>(c), decay = static_cast<T>(mu)](std::size_t i) {
                  g[i] = along * ex[i] + decay * w[i];
                });
    const double gradient = norm2(G_);
    if (gradient == 0) continue;
    gemm(Op::none, Op::none, T(1), G_, K_, T(0), GK_);
    const double kappa = c * inner(GK_, G_) / gradient + mu;
    const double tau = step_tau(rule, kappa, [&] {
      if (lambda_ == 0) {
        SpectralState<T> state;
        lambda_ = spectral_norm2(x, state, sum_);
      }
      return c * lambda_ + mu;
    });
    if (tau <= 0) continue;
    const T length = static_cast<T>(-1 / tau);
    for_entries(reads(G_, GK_, W, total_, Ex_), writes(W, total_, Ex_),
                [=, gk = GK_.memptr(), total = total_.memptr()](std::size_t i) {
                  w[i] += length * g[i];
                  total[i] += length * g[i];
                  ex[i] += length * gk[i];
                });
    report = {tau, gradient, gradient / (tau * tau)};
  }
  if (reports[0].tau > 0 || reports[1].tau > 0) gemm(Op::none, Op::none, T(1), total_, x, T(1), WA);
  return reports;
}

template class DoubleWeightStep<float>;
template class DoubleWeightStep<double>;

}  // namespace admmbench
