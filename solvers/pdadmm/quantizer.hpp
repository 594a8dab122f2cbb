#pragma once
/// Level sets Delta = {delta_1 < ... < delta_m} and messages that carry levels as integer codes (pdADMM-G-Q,
/// docs/methods/pdadmm.md#iteration).

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/compute/parallel_pass.hpp"
#include "core/parameters.hpp"

namespace admmbench {

/// Delta as an experiment file gives it.
struct LevelSet {
  enum class Kind { uniform, bits, list };
  Kind kind = Kind::uniform;
  double low = -1;  ///< the paper's {-1, 0, ..., 20}
  double high = 20;
  long levels = 22;            ///< uniform: low, low + h, ..., high
  long bits = 8;               ///< bits: 2^bits levels from low to high
  std::vector<double> values;  ///< list: the levels themselves, increasing

  void visit(ParameterVisitor& v);
};

/// Nearest-level projection on Delta, and the codes 0..m-1 of its levels. T is the type of the quantised variable.
template <class T>
class Quantizer {
 public:
  /// Throws std::invalid_argument if the set is no increasing list of 2 to 65536 levels that are different in T.
  explicit Quantizer(const LevelSet& set);

  /// The code of the level nearest to x; of two at the same distance, the lower one. NaN gives code 0.
  std::uint32_t code(T x) const;
  /// The level of a code.
  T level(std::uint32_t code) const {
    not_vectorized();  // a table: vectors would have to gather
    return levels_[code];
  }
  T nearest(T x) const { return level(code(x)); }

  std::size_t size() const { return levels_.size(); }
  /// Of a code on the wire: ceil(log2(m)), 1 to 16.
  unsigned bits() const;

 private:
  std::vector<T> levels_;
  std::vector<double> midpoints_;  ///< between neighbouring levels
  double first_ = 0;  ///< a first guess of the code is (x - first) * density, exact for uniform sets
  double density_ = 0;
};

/// The codes of a matrix as they are sent, b bits each without gaps: entry i is bits i b, ..., i b + b - 1 of the message, the lowest
/// first. They are written and read by blocks of 64 entries, which are b words of 64 bits, so that several threads can.
class CodeMessage {
 public:
  static constexpr std::size_t block = 64;
  using Codes = std::array<std::uint16_t, block>;

  /// ceil(entries bits / 8).
  static constexpr std::size_t bytes_of(std::size_t entries, unsigned bits) {
    return (entries * bits + 7) / 8;
  }

  void reserve(std::size_t entries, unsigned bits);
  std::size_t entries() const { return entries_; }
  std::size_t bytes() const { return bytes_of(entries_, bits_); }

  /// The codes of entries 64 k, 64 k + 1, ...; those beyond the last entry must be 0.
  void pack(std::size_t k, const Codes& codes);
  void unpack(std::size_t k, Codes& codes) const;
  std::uint32_t get(std::size_t entry) const;

  /// As it is sent and received.
  std::span<std::byte> wire() { return std::as_writable_bytes(std::span(words_)).first(bytes()); }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t entries_ = 0;
  unsigned bits_ = 1;
};

/// body(k, first, last) for every block k of a message of so many entries and its entries [first, last), on the threads of passes.
/// `bytes`: what the pass reads and writes, for the counters.
template <class Body>
void for_code_blocks(std::size_t entries, std::size_t bytes, const Body& body) {
  constexpr std::size_t block = CodeMessage::block;
  count_pass(bytes);
  const Panels panels(block, (entries + block - 1) / block);
  for_tasks(panels.count, panels.threaded, [&](std::size_t panel) {
    for (std::size_t k = panels.first(panel); k < panels.last(panel); ++k)
      body(k, k * block, std::min(entries, (k + 1) * block));
  });
}

}  // namespace admmbench
