#include "core/problem/regularizer.hpp"

#include <algorithm>
#include <cmath>

#include "core/compute/parallel_pass.hpp"

namespace admmbench {

void Regularizer::visit(ParameterVisitor& v) {
  v.choice("kind", kind, {"none", "l1", "non_negative"}, "proximal regulariser of every W-step, beside mu");
  if (kind == Kind::l1 || v.wants_all()) v.real("weight", weight, non_negative, "l1 only: weight of ||W||_1");
}

template <class T>
void proximal(const Regularizer& omega, double tau, arma::Mat<T>& W) {
  if (omega.kind != Regularizer::Kind::none) count_pass(reads(W), writes(W));
  if (omega.kind == Regularizer::Kind::l1) {
    const T threshold = static_cast<T>(omega.weight / tau);
    for (T& w : W) w = std::copysign(std::max(std::abs(w) - threshold, T(0)), w);
  } else if (omega.kind == Regularizer::Kind::nonnegative) {
    for (T& w : W) w = std::max(w, T(0));
  }
}

template <class T>
double regularizer_value(const Regularizer& omega, const arma::Mat<T>& W) {
  if (omega.kind != Regularizer::Kind::l1) return 0;
  count_pass(reads(W));
  double sum = 0;
  for (const T w : W) sum += std::abs(static_cast<double>(w));
  return omega.weight * sum;
}

template void proximal(const Regularizer&, double, arma::Mat<float>&);
template void proximal(const Regularizer&, double, arma::Mat<double>&);
template double regularizer_value(const Regularizer&, const arma::Mat<float>&);
template double regularizer_value(const Regularizer&, const arma::Mat<double>&);

}  // namespace admmbench
