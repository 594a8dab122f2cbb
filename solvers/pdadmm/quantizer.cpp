#include "solvers/pdadmm/quantizer.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <utility>

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

namespace {

constexpr unsigned word_bits = 64;
constexpr unsigned most_code_bits = 16;

/// Where entry i of a block is: it begins at bit `shift` of `word`, and may go on in the next one.
template <unsigned bits, unsigned i>
struct PlaceOfCode {
  static constexpr unsigned word = i * bits / word_bits;
  static constexpr unsigned shift = i * bits % word_bits;
  static constexpr bool goes_on = shift + bits > word_bits;
};

template <unsigned bits, unsigned i>
void put_code(const std::uint16_t* codes, std::uint64_t* words) {
  using Place = PlaceOfCode<bits, i>;
  words[Place::word] |= std::uint64_t{codes[i]} << Place::shift;
  if constexpr (Place::goes_on)
    words[Place::word + 1] |= std::uint64_t{codes[i]} >> (word_bits - Place::shift);
}

template <unsigned bits, unsigned i>
void take_code(const std::uint64_t* words, std::uint16_t* codes) {
  using Place = PlaceOfCode<bits, i>;
  constexpr std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  std::uint64_t value = words[Place::word] >> Place::shift;
  if constexpr (Place::goes_on) value |= words[Place::word + 1] << (word_bits - Place::shift);
  codes[i] = static_cast<std::uint16_t>(value & mask);
}

// Written out for every width: shifts by constants.
template <unsigned bits, unsigned... i>
void pack_block(const std::uint16_t* codes, std::uint64_t* words, std::integer_sequence<unsigned, i...>) {
  std::array<std::uint64_t, bits> packed{};
  (put_code<bits, i>(codes, packed.data()), ...);
  std::copy(packed.begin(), packed.end(), words);
}
template <unsigned bits, unsigned... i>
void unpack_block(const std::uint64_t* words, std::uint16_t* codes, std::integer_sequence<unsigned, i...>) {
  (take_code<bits, i>(words, codes), ...);
}

using Block = std::make_integer_sequence<unsigned, CodeMessage::block>;

struct WidthOfCodes {
  void (*pack)(const std::uint16_t*, std::uint64_t*);
  void (*unpack)(const std::uint64_t*, std::uint16_t*);
};

template <unsigned... before>
constexpr std::array<WidthOfCodes, sizeof...(before)> all_widths(std::integer_sequence<unsigned, before...>) {
  return {WidthOfCodes{
      [](const std::uint16_t* codes, std::uint64_t* words) { pack_block<before + 1>(codes, words, Block()); },
      [](const std::uint64_t* words, std::uint16_t* codes) {
        unpack_block<before + 1>(words, codes, Block());
      }}...};
}

/// Index: bits - 1.
constexpr auto widths_of_codes = all_widths(std::make_integer_sequence<unsigned, most_code_bits>());

}  // namespace

void CodeMessage::reserve(std::size_t entries, unsigned bits) {
  entries_ = entries;
  bits_ = bits;
  words_.assign((entries + block - 1) / block * bits, 0);
}

void CodeMessage::pack(std::size_t k, const Codes& codes) {
  widths_of_codes[bits_ - 1].pack(codes.data(), words_.data() + k * bits_);
}

void CodeMessage::unpack(std::size_t k, Codes& codes) const {
  widths_of_codes[bits_ - 1].unpack(words_.data() + k * bits_, codes.data());
}

std::uint32_t CodeMessage::get(std::size_t entry) const {
  Codes codes{};
  unpack(entry / block, codes);
  return codes[entry % block];
}

template class Quantizer<float>;
template class Quantizer<double>;

}  // namespace admmbench
