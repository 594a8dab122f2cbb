#include "core/implicit_weight.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/linalg.hpp"

namespace admmbench {

template <class T>
void ImplicitWeight<T>::initialize(const Problem<T>& problem, const arma::Mat<T>& W0,
                                   const arma::Mat<T>& WA) {
  problem_ = problem.gram ? &problem : nullptr;
  if (!active()) return;
  W0_ = W0;
  W0x_ = WA;
  W0_norm2_ = admmbench::norm2(W0);
  s_ = 1;
  C_.zeros(arma::size(WA));
  EK_.zeros(arma::size(WA));
  lambda_ = 0;
  formed_ = true;
  W0_split_.clear();
}

/// G = c E x^T + mu W is never formed:  G x = c E K + mu W x,  and with W = s W^0 + C x^T
///   ||G||^2 = c^2 <E, E K> + 2 c mu <E, W x> + mu^2 ||W||^2.
template <class T>
StepReport ImplicitWeight<T>::step(const StepRule& rule, double c, double mu, arma::Mat<T>& E,
                                   arma::Mat<T>& WA) {
  gemm(Op::none, Op::none, T(1), E, problem_->gram->train, T(0), EK_);
  double gradient = c * c * inner(E, EK_);
  if (mu != 0) gradient += 2 * c * mu * inner(E, WA) + mu * mu * norm2(WA);  // the member: ||W_1||^2
  if (!(gradient > 0)) return {};

  // Gx, in place of E K.
  const T weight = static_cast<T>(c);
  const T decay = static_cast<T>(mu);
  for (arma::uword i = 0; i < EK_.n_elem; ++i) EK_[i] = weight * EK_[i] + decay * WA[i];
  const double kappa = c * admmbench::norm2(EK_) / gradient + mu;
  const double tau = step_tau(rule, kappa, [&] {
    if (lambda_ == 0) {
      SpectralState<T> state;
      lambda_ = spectral_norm2(problem_->x(), state);
    }
    return c * lambda_ + mu;
  });
  if (tau <= 0) return {};

  // W <- W - G/tau = (1 - mu/tau) W - (c/tau) E x^T.
  const T shrink = static_cast<T>(1 - mu / tau);
  const T along = static_cast<T>(-c / tau);
  const T length = static_cast<T>(-1 / tau);
  for (arma::uword i = 0; i < C_.n_elem; ++i) {
    C_[i] = shrink * C_[i] + along * E[i];
    WA[i] += length * EK_[i];
  }
  s_ *= 1 - mu / tau;
  formed_ = false;
  return {tau, gradient, gradient / (tau * tau)};
}

template <class T>
void ImplicitWeight<T>::form(arma::Mat<T>& W) const {
  if (formed_) return;
  W = W0_;
  gemm(Op::none, Op::transpose, T(1), C_, problem_->x(), static_cast<T>(s_), W);
  formed_ = true;
}

template <class T>
void ImplicitWeight<T>::product(const Samples<T>& split, arma::Mat<T>& out) const {
  const arma::Mat<T>* gram = problem_->gram->find(*problem_, split);
  if (gram == nullptr) throw std::logic_error("ImplicitWeight::product: not a split of this problem");
  const auto [place, is_new] = W0_split_.try_emplace(&split);
  if (is_new) {
    place->second.set_size(W0_.n_rows, split.size());
    gemm(Op::none, Op::none, T(1), W0_, split.x, T(0), place->second);
  }
  out = place->second;
  gemm(Op::none, Op::none, T(1), C_, *gram, static_cast<T>(s_), out);
}

template <class T>
double ImplicitWeight<T>::norm2(const arma::Mat<T>& WA) const {
  // <C x^T, C x^T> = <C, C K> = <C, WA - s W^0 x> and <W^0, C x^T> = <C, W^0 x>.
  return s_ * s_ * W0_norm2_ + s_ * inner(C_, W0x_) + inner(C_, WA);
}

template <class T>
double ImplicitWeight<T>::relative_change(const arma::Mat<T>& WA) const {
  // W - W^0 = (s - 1) W^0 + C x^T, whose product with x is W x - W^0 x; see norm2().
  const double shrunk = s_ - 1;
  const double moved =
      shrunk * shrunk * W0_norm2_ + shrunk * inner(C_, W0x_) + inner(C_, WA) - inner(C_, W0x_);
  return std::sqrt(std::max(moved, 0.0) / W0_norm2_);
}

template class ImplicitWeight<float>;
template class ImplicitWeight<double>;

}  // namespace admmbench
