#include "core/problem/regularizer.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/compute/elementary.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

void Regularizer::visit(ParameterVisitor& v) {
  v.choice("kind", kind, {"none", "l1", "non_negative", "sparse", "levels"},
           "proximal regulariser of every W-step, beside mu");
  if (kind == Kind::l1 || v.wants_all()) v.real("weight", weight, non_negative, "l1 only: weight of ||W||_1");
  if (kind == Kind::sparse || v.wants_all())
    v.real("share", share, unit_interval,
           "sparse only: share of a layer's weights that are kept, the largest");
  if (kind == Kind::levels || v.wants_all()) {
    v.real("spacing", spacing, positive, "levels only: distance of two, in He's deviations sqrt(2/inputs)");
    v.integer("levels", levels, Range{2, infinite, false, true}, "levels only: how many, symmetric about 0");
  }
}

namespace {

/// The smallest t for which at most `kept` entries have |w| >= t: bisection over the representation, which for positive numbers is
/// in the order of their values.
template <class T>
T threshold(const arma::Mat<T>& W, double kept) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  const auto too_many = [&](Bits bits) {
    const T t = std::bit_cast<T>(bits);
    const double below =
        sum_entries(reads(W), [t, w = W.memptr()](std::size_t i) { return std::abs(w[i]) < t ? 1.0 : 0.0; });
    return static_cast<double>(W.n_elem) - below > kept;
  };
  Bits low = 0;
  if (!too_many(low)) return T(0);
  Bits high = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
  while (high - low > 1) {
    const Bits middle = low + (high - low) / 2;
    (too_many(middle) ? low : high) = middle;
  }
  return std::bit_cast<T>(high);
}

}  // namespace

template <class T>
void project(const Regularizer& omega, arma::Mat<T>& W) {
  using elementary::larger;
  T* const w = W.memptr();
  switch (omega.kind) {
    case Regularizer::Kind::nonnegative:
      for_entries(reads(W), writes(W), [w](std::size_t i) { w[i] = larger(w[i], T(0)); });
      return;
    case Regularizer::Kind::sparse: {
      const T t = threshold(W, std::floor(omega.share * static_cast<double>(W.n_elem)));
      for_entries(reads(W), writes(W), [w, t](std::size_t i) { w[i] = std::abs(w[i]) < t ? T(0) : w[i]; });
      return;
    }
    case Regularizer::Kind::levels: {
      const T step = static_cast<T>(omega.spacing * std::sqrt(2.0 / static_cast<double>(W.n_cols)));
      const T highest = static_cast<T>(static_cast<double>(omega.levels - 1) / 2);
      for_entries(reads(W), writes(W), [w, step, highest](std::size_t i) {
        T level = std::floor(w[i] / step + highest + T(0.5));
        level = level < T(0) ? T(0) : level;
        level = 2 * highest < level ? 2 * highest : level;
        w[i] = (level - highest) * step;
      });
      return;
    }
    case Regularizer::Kind::none:
    case Regularizer::Kind::l1:
      return;
  }
}

template <class T>
void proximal(const Regularizer& omega, double tau, arma::Mat<T>& W) {
  using elementary::larger;
  if (omega.kind == Regularizer::Kind::l1) {
    for_entries(reads(W), writes(W),
                [threshold = static_cast<T>(omega.weight / tau), w = W.memptr()](std::size_t i) {
                  w[i] = std::copysign(larger(std::abs(w[i]) - threshold, T(0)), w[i]);
                });
  } else {
    project(omega, W);
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
template void project(const Regularizer&, arma::Mat<float>&);
template void project(const Regularizer&, arma::Mat<double>&);
template double regularizer_value(const Regularizer&, const arma::Mat<float>&);
template double regularizer_value(const Regularizer&, const arma::Mat<double>&);

}  // namespace admmbench
