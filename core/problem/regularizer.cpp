#include "core/problem/regularizer.hpp"

#include <cmath>

#include "core/compute/elementary.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

void Regularizer::visit(ParameterVisitor& v) {
  v.choice("kind", kind, {"none", "l1", "non_negative"}, "proximal regulariser of every W-step, beside mu");
  if (kind == Kind::l1 || v.wants_all()) v.real("weight", weight, non_negative, "l1 only: weight of ||W||_1");
}

template <class T>
void proximal(const Regularizer& omega, double tau, arma::Mat<T>& W) {
  using elementary::larger;
  if (omega.kind == Regularizer::Kind::l1) {
    for_entries(reads(W), writes(W),
                [threshold = static_cast<T>(omega.weight / tau), w = W.memptr()](std::size_t i) {
                  w[i] = std::copysign(larger(std::abs(w[i]) - threshold, T(0)), w[i]);
                });
  } else if (omega.kind == Regularizer::Kind::nonnegative) {
    for_entries(reads(W), writes(W), [w = W.memptr()](std::size_t i) { w[i] = larger(w[i], T(0)); });
  }
}

template <class T>
double regularizer_value(const Regularizer& omega, const arma::Mat<T>& W) {
  if (omega.kind != Regularizer::Kind::l1) return 0;
  return omega.weight * sum_entries(reads(W), [w = W.memptr()](std::size_t i) {
           return std::abs(static_cast<double>(w[i]));
         });
}

template void proximal(const Regularizer&, double, arma::Mat<float>&);
template void proximal(const Regularizer&, double, arma::Mat<double>&);
template double regularizer_value(const Regularizer&, const arma::Mat<float>&);
template double regularizer_value(const Regularizer&, const arma::Mat<double>&);

}  // namespace admmbench
