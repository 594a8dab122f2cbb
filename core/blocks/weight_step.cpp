#include "core/blocks/weight_step.hpp"

#include <algorithm>

#include "core/compute/counters.hpp"
#include "core/compute/linalg.hpp"

namespace admmbench {

template <class T>
void StepWorkspace<T>::reserve(const std::vector<arma::uword>& widths) {
  arma::uword largest = 0;
  for (std::size_t l = 1; l < widths.size(); ++l) largest = std::max(largest, widths[l] * widths[l - 1]);
  gradient.reserve(largest);
  ritz.resize(widths.size() - 1);
  ritz_input.resize(widths.size() - 1);
}

namespace {

/// The step with a proximal term: W_new - W is no longer along -G, so tau grows until the majoriser holds for
/// the difference D itself, c ||D A||^2 + mu ||D||^2 <= tau ||D||^2. D A also updates WA.
template <class T>
StepReport proximal_step(const Regularizer& omega, double c, double mu, double tau, double gradient_norm2,
                         const arma::Mat<T>& A, arma::Mat<T>& G, arma::Mat<T>& DA, arma::Mat<T>& W,
                         arma::Mat<T>& WA, Buffer<T>& direction, const SampleSum& sum) {
  direction.reserve(W.n_elem);
  arma::Mat<T> D = direction.view(W.n_rows, W.n_cols);
  const InnerIteration trials;
  while (true) {
    D = W;
    axpy(static_cast<T>(-1 / tau), G, D);
    proximal(omega, tau, D);
    axpy(T(-1), W, D);
    gemm(Op::none, Op::none, T(1), D, A, T(0), DA);
    const double step = norm2(D);
    if (c * sum.total(norm2(DA)) + mu * step <= rounding_slack<T> * tau * step) {
      axpy(T(1), D, W);
      project(omega, W);  // W + (prox - W) may miss the set by an ulp
      axpy(T(1), DA, WA);
      return {tau, gradient_norm2, step};
    }
    tau *= 2;
  }
}

}  // namespace

template <class T>
StepReport weight_step(const StepRule& rule, const Regularizer& omega, double c, double mu, arma::uword layer,
                       const arma::Mat<T>& A, arma::Mat<T>& E, arma::Mat<T>& W, arma::Mat<T>& WA,
                       StepWorkspace<T>& workspace) {
  arma::Mat<T> G = workspace.gradient.view(W.n_rows, W.n_cols);
  const SampleSum& sum = workspace.sum;
  gemm(Op::none, Op::transpose, static_cast<T>(c), E, A, T(0), G);
  sum(G);
  if (mu != 0) axpy(static_cast<T>(mu), W, G);
  const double gradient = norm2(G);
  if (gradient == 0 && omega.kind == Regularizer::Kind::none) return {};

  arma::Mat<T>& GA = E;
  gemm(Op::none, Op::none, T(1), G, A, T(0), GA);
  const double kappa = gradient == 0 ? mu : c * sum.total(norm2(GA)) / gradient + mu;
  double tau =
      step_tau(rule, kappa, [&] { return c * spectral_norm2(A, workspace.ritz[layer - 1], sum) + mu; });
  if (omega.kind != Regularizer::Kind::none) {
    if (tau <= 0) tau = rule.initial;
    return proximal_step(omega, c, mu, tau, gradient, A, G, E, W, WA, workspace.direction, sum);
  }
  if (tau <= 0) return {};  // A = 0 and mu = 0 can only come with G = 0; a rounding remnant has no curvature
  axpy(static_cast<T>(-1 / tau), G, W);
  axpy(static_cast<T>(-1 / tau), GA, WA);
  return {tau, gradient, gradient / (tau * tau)};
}

template struct StepWorkspace<float>;
template struct StepWorkspace<double>;
template StepReport weight_step(const StepRule&, const Regularizer&, double, double, arma::uword,
                                const arma::Mat<float>&, arma::Mat<float>&, arma::Mat<float>&,
                                arma::Mat<float>&, StepWorkspace<float>&);
template StepReport weight_step(const StepRule&, const Regularizer&, double, double, arma::uword,
                                const arma::Mat<double>&, arma::Mat<double>&, arma::Mat<double>&,
                                arma::Mat<double>&, StepWorkspace<double>&);

}  // namespace admmbench
