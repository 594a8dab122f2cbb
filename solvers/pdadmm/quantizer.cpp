#include "solvers/pdadmm/quantizer.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace admmbench {

namespace {
constexpr double most_levels = 65536;
}  // namespace

void LevelSet::visit(ParameterVisitor& v) {
  v.choice("kind", kind, {"uniform", "bits", "list"}, "how the level set is given");
  if (kind != Kind::list || v.wants_all()) {
    v.real("low", low, any_number, "uniform, bits: lowest level");
    v.real("high", high, any_number, "uniform, bits: highest level");
  }
  if (kind == Kind::uniform || v.wants_all()) {
    v.integer("levels", levels, {2, most_levels}, "uniform: number of levels");
  }
  if (kind == Kind::bits || v.wants_all()) v.integer("bits", bits, {1, 16}, "bits: 2^bits levels");
  if (kind == Kind::list || v.wants_all()) v.reals("values", values, "list: the levels, increasing");
}

template <class T>
Quantizer<T>::Quantizer(const LevelSet& set) {
  if (set.kind == LevelSet::Kind::list) {
    for (const double value : set.values) levels_.push_back(static_cast<T>(value));
  } else {
    if (!(set.low < set.high)) throw std::invalid_argument("delta: low must be smaller than high");
    const long count = set.kind == LevelSet::Kind::bits ? 1L << set.bits : set.levels;
    for (long i = 0; i < count; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(count - 1);
      levels_.push_back(static_cast<T>(i + 1 == count ? set.high : set.low + share * (set.high - set.low)));
    }
  }
  if (levels_.size() < 2 || static_cast<double>(levels_.size()) > most_levels) {
    throw std::invalid_argument("delta: needs 2 to 65536 levels, got " + std::to_string(levels_.size()));
  }
  for (std::size_t i = 0; i + 1 < levels_.size(); ++i) {
    if (!std::isfinite(levels_[i]) || !(levels_[i] < levels_[i + 1]) || !std::isfinite(levels_[i + 1])) {
      throw std::invalid_argument(
          "delta: levels must be finite, increasing and different in the run's precision; level " +
          std::to_string(i + 2) + " is not");
    }
    midpoints_.push_back(0.5 * (static_cast<double>(levels_[i]) + static_cast<double>(levels_[i + 1])));
  }
  first_ = static_cast<double>(levels_.front());
  density_ = static_cast<double>(levels_.size() - 1) / (static_cast<double>(levels_.back()) - first_);
}

template <class T>
std::uint32_t Quantizer<T>::code(T x_) const {
  const auto x = static_cast<double>(x_);
  // The code is the number of midpoints below x: a tie stays at the lower level.
  const auto last = static_cast<double>(midpoints_.size());
  const double guess = (x - first_) * density_;
  if (!(guess > -1)) return 0;  // also NaN
  auto i = static_cast<std::size_t>(std::clamp(guess + 0.5, 0.0, last));
  constexpr int near = 2;
  for (int moves = 0; moves <= near; ++moves) {
    if (i > 0 && !(midpoints_[i - 1] < x)) {
      --i;
    } else if (i < midpoints_.size() && midpoints_[i] < x) {
      ++i;
    } else {
      return static_cast<std::uint32_t>(i);
    }
  }
  // A list with uneven gaps.
  return static_cast<std::uint32_t>(std::lower_bound(midpoints_.begin(), midpoints_.end(), x) -
                                    midpoints_.begin());
}

template <class T>
unsigned Quantizer<T>::bits() const {
  return static_cast<unsigned>(std::bit_width(levels_.size() - 1));
}

void CodeMessage::reserve(std::size_t entries, std::size_t code_bytes) {
  code_bytes_ = code_bytes;
  memory_.assign(entries * code_bytes, 0);
}

template class Quantizer<float>;
template class Quantizer<double>;

}  // namespace admmbench
