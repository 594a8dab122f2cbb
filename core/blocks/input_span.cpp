#include "core/blocks/input_span.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

template <class T>
void InputSpan<T>::initialize(const Problem<T>& problem, const arma::Mat<T>& W0, const arma::Mat<T>& WA) {
  problem_ = problem.gram ? &problem : nullptr;
  if (!active()) return;
  W0_ = W0;
  W0x_ = WA;
  W0_norm2_ = admmbench::norm2(W0);
  point_.s = 1;
  point_.C.zeros(arma::size(WA));
  EK_.zeros(arma::size(WA));
  lambda_ = 0;
  formed_ = true;
  W0_split_.clear();
}

/// G = c E x^T + mu W is never formed:  G x = c E K + mu W x,  and with W = s W^0 + C x^T
///   ||G||^2 = c^2 <E, E K> + 2 c mu <E, W x> + mu^2 ||W||^2.
template <class T>
StepReport InputSpan<T>::step(const StepRule& rule, double c, double mu, arma::Mat<T>& E, arma::Mat<T>& WA) {
  gemm(Op::none, Op::none, T(1), E, problem_->gram->train, T(0), EK_);
  double gradient = c * c * inner(E, EK_);
  if (mu != 0) gradient += 2 * c * mu * inner(E, WA) + mu * mu * norm2(WA);  // the member: ||W_1||^2
  if (!(gradient > 0)) return {};

  // Gx, in place of E K.
  const T weight = static_cast<T>(c);
  const T decay = static_cast<T>(mu);
  T* const Gx = EK_.memptr();
  for_entries(reads(EK_, WA), writes(EK_),
              [=, wa = WA.memptr()](std::size_t i) { Gx[i] = weight * Gx[i] + decay * wa[i]; });
  const double kappa = c * admmbench::norm2(EK_) / gradient + mu;
  const double tau = step_tau(rule, kappa, [&] { return c * lambda_max() + mu; });
  if (tau <= 0) return {};

  // W <- W - G/tau = (1 - mu/tau) W - (c/tau) E x^T.
  const T shrink = static_cast<T>(1 - mu / tau);
  const T along = static_cast<T>(-c / tau);
  const T length = static_cast<T>(-1 / tau);
  arma::Mat<T>& C = point_.C;
  for_entries(reads(C, E, WA, EK_), writes(C, WA),
              [=, c_ = C.memptr(), e = E.memptr(), wa = WA.memptr()](std::size_t i) {
                c_[i] = shrink * c_[i] + along * e[i];
                wa[i] += length * Gx[i];
              });
  point_.s *= 1 - mu / tau;
  formed_ = false;
  return {tau, gradient, gradient / (tau * tau)};
}

template <class T>
double InputSpan<T>::lambda_max() {
  if (lambda_ == 0) {
    SpectralState<T> state;
    lambda_ = spectral_norm2(problem_->x(), state);
  }
  return lambda_;
}

/// As in step(), but mu stays out of gradient and kappa: kappa = c ||G x||^2 / ||G||^2 = c ||E K||^2 / <E, E K>.
template <class T>
void InputSpan<T>::proximal_step(const StepRule& rule, double c, double mu, arma::Mat<T>& E,
                                 arma::Mat<T>& WA) {
  gemm(Op::none, Op::none, T(1), E, problem_->gram->train, T(0), EK_);
  const double gradient = inner(E, EK_);
  if (!(gradient > 0)) return;
  const double theta = step_tau(rule, c * admmbench::norm2(EK_) / gradient, [&] { return c * lambda_max(); });
  if (!(theta > 0)) return;
  const double shrink = theta / (theta + mu);
  const T keep = static_cast<T>(shrink);
  const T along = static_cast<T>(c / (theta + mu));
  arma::Mat<T>& C = point_.C;
  for_entries(reads(C, E, WA, EK_), writes(C, WA),
              [=, c_ = C.memptr(), e = E.memptr(), wa = WA.memptr(), ek = EK_.memptr()](std::size_t i) {
                c_[i] = keep * c_[i] - along * e[i];
                wa[i] = keep * wa[i] - along * ek[i];
              });
  point_.s *= shrink;
  formed_ = false;
}

template <class T>
void InputSpan<T>::set_point(const SpanPoint<T>& point) {
  point_.s = point.s;
  copy(point.C, point_.C);
  formed_ = false;
}

template <class T>
void InputSpan<T>::extrapolate(double omega, const SpanPoint<T>& previous) {
  point_.s += omega * (point_.s - previous.s);
  const T weight = static_cast<T>(omega);
  for_entries(reads(point_.C, previous.C), writes(point_.C),
              [weight, now = point_.C.memptr(), before = previous.C.memptr()](std::size_t i) {
                now[i] += weight * (now[i] - before[i]);
              });
  formed_ = false;
}

template <class T>
void InputSpan<T>::recompute(arma::Mat<T>& WA) const {
  copy(W0x_, WA);
  gemm(Op::none, Op::none, T(1), point_.C, problem_->gram->train, static_cast<T>(point_.s), WA);
}

template <class T>
void InputSpan<T>::form(arma::Mat<T>& W) const {
  if (formed_) return;
  copy(W0_, W);
  gemm(Op::none, Op::transpose, T(1), point_.C, problem_->x(), static_cast<T>(point_.s), W);
  formed_ = true;
}

template <class T>
void InputSpan<T>::product(const Samples<T>& split, arma::Mat<T>& out) const {
  const arma::Mat<T>* gram = problem_->gram->find(*problem_, split);
  if (gram == nullptr) throw std::logic_error("InputSpan::product: not a split of this problem");
  const auto [place, is_new] = W0_split_.try_emplace(&split);
  if (is_new) {
    place->second.set_size(W0_.n_rows, split.size());
    gemm(Op::none, Op::none, T(1), W0_, split.x, T(0), place->second);
  }
  copy(place->second, out);
  gemm(Op::none, Op::none, T(1), point_.C, *gram, static_cast<T>(point_.s), out);
}

template <class T>
double InputSpan<T>::norm2(const arma::Mat<T>& WA) const {
  // <C x^T, C x^T> = <C, C K> = <C, WA - s W^0 x> and <W^0, C x^T> = <C, W^0 x>.
  return point_.s * point_.s * W0_norm2_ + point_.s * inner(point_.C, W0x_) + inner(point_.C, WA);
}

template <class T>
double InputSpan<T>::relative_change(const arma::Mat<T>& WA) const {
  // W - W^0 = (s - 1) W^0 + C x^T, whose product with x is W x - W^0 x; see norm2().
  const double shrunk = point_.s - 1;
  const double moved = shrunk * shrunk * W0_norm2_ + shrunk * inner(point_.C, W0x_) + inner(point_.C, WA) -
                       inner(point_.C, W0x_);
  return std::sqrt(std::max(moved, 0.0) / W0_norm2_);
}

template class InputSpan<float>;
template class InputSpan<double>;

}  // namespace admmbench
