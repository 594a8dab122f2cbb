#include "core/blocks/input_step.hpp"

#include "core/compute/linalg.hpp"

namespace admmbench {

template <class T>
StepReport input_step(const StepRule& rule, double c, double d, arma::uword layer, const arma::Mat<T>& W,
                      arma::Mat<T>& E, arma::Mat<T>& g, arma::Mat<T>& v, arma::Mat<T>& Wv,
                      StepWorkspace<T>& workspace) {
  gemm(Op::transpose, Op::none, static_cast<T>(c), W, E, T(1), g);
  const SampleSum& sum = workspace.sum;
  double gradient = norm2(g);
  if (gradient == 0 && sum.alone()) return {};

  arma::Mat<T>& Wg = E;
  gemm(Op::none, Op::none, T(1), W, g, T(0), Wg);
  double curvature = norm2(Wg);
  sum.scalars(gradient, curvature);
  if (gradient == 0) return {};
  const double kappa = c * curvature / gradient + d;
  const double tau =
      step_tau(rule, kappa, [&] { return c * spectral_norm2(W, workspace.ritz_input[layer - 1]) + d; });
  axpy(static_cast<T>(-1 / tau), g, v);
  axpy(static_cast<T>(-1 / tau), Wg, Wv);
  return {tau, gradient, gradient / (tau * tau)};
}

template StepReport input_step(const StepRule&, double, double, arma::uword, const arma::Mat<float>&,
                               arma::Mat<float>&, arma::Mat<float>&, arma::Mat<float>&, arma::Mat<float>&,
                               StepWorkspace<float>&);
template StepReport input_step(const StepRule&, double, double, arma::uword, const arma::Mat<double>&,
                               arma::Mat<double>&, arma::Mat<double>&, arma::Mat<double>&, arma::Mat<double>&,
                               StepWorkspace<double>&);

}  // namespace admmbench
