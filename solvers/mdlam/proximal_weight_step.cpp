#include "solvers/mdlam/proximal_weight_step.hpp"

#include "core/blocks/linear_residual.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

namespace {

/// X <- scale X - step Y.
template <class T>
void combine(double scale, arma::Mat<T>& X, double step, const arma::Mat<T>& Y) {
  const T s = static_cast<T>(scale);
  const T t = static_cast<T>(step);
  for_entries(reads(X, Y), writes(X),
              [s, t, x = X.memptr(), y = Y.memptr()](std::size_t i) { x[i] = s * x[i] - t * y[i]; });
}

}  // namespace

template <class T>
void proximal_weight_step(const StepRule& rule, const Regularizer& omega, double rho, double mu,
                          const arma::Mat<T>& A, const arma::Col<T>& b, const arma::Mat<T>& z,
                          arma::Mat<T>& W, arma::Mat<T>& WA, SpectralState<T>& ritz,
                          ProximalWeightWorkspace<T>& workspace) {
  const bool regularized = omega.kind != Regularizer::Kind::none;
  arma::Mat<T> E = workspace.residual.view(z.n_rows, z.n_cols);
  arma::Mat<T> G = workspace.gradient.view(W.n_rows, W.n_cols);
  linear_residual(WA, b, z, E);
  gemm(Op::none, Op::transpose, static_cast<T>(rho), E, A, T(0), G);
  const SampleSum& sum = workspace.sum;
  sum(G);
  const double gradient = norm2(G);
  if (gradient == 0 && !regularized) return;

  arma::Mat<T>& GA = E;
  double kappa = 0;
  if (gradient > 0) {
    gemm(Op::none, Op::none, T(1), G, A, T(0), GA);
    kappa = rho * sum.total(norm2(GA)) / gradient;
  }
  const auto lambda_max = [&] { return rho * spectral_norm2(A, ritz, sum); };
  double theta = step_tau(rule, kappa, std::cref(lambda_max));
  if (!regularized) {
    if (!(theta > 0)) return;  // a rounding remnant of a gradient that A does not see
    combine(theta / (theta + mu), W, 1 / (theta + mu), G);
    combine(theta / (theta + mu), WA, 1 / (theta + mu), GA);
    return;
  }

  // G = 0 gives `exact` no curvature; any theta that passes the test below will do.
  if (!(theta > 0)) theta = rule.initial;
  arma::Mat<T> D = workspace.direction.view(W.n_rows, W.n_cols);
  const InnerIteration trials;
  while (true) {
    D = W;
    combine(theta / (theta + mu), D, 1 / (theta + mu), G);
    proximal(omega, theta + mu, D);
    axpy(T(-1), W, D);
    arma::Mat<T>& DA = E;
    gemm(Op::none, Op::none, T(1), D, A, T(0), DA);
    if (!(rho * sum.total(norm2(DA)) > rounding_slack<T> * theta * norm2(D))) {
      axpy(T(1), D, W);
      project(omega, W);  // W + (prox - W) may miss the set by an ulp
      axpy(T(1), DA, WA);
      return;
    }
    theta *= 2;
  }
}

#define ADMMBENCH_INSTANTIATE(T)                                                                     \
  template void proximal_weight_step(                                                                \
      const StepRule&, const Regularizer&, double, double, const arma::Mat<T>&, const arma::Col<T>&, \
      const arma::Mat<T>&, arma::Mat<T>&, arma::Mat<T>&, SpectralState<T>&, ProximalWeightWorkspace<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
