#pragma once
/// Level sets Delta = {delta_1 < ... < delta_m} and messages that carry levels as integer codes (pdADMM-G-Q,
/// docs/methods/pdadmm.md#iteration).

#include <cstdint>
#include <vector>

#include "core/compute/vector_level.hpp"
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
  /// ceil(log2(m)).
  unsigned bits() const;
  /// Bytes of a code on the wire: 1 for up to 8 bits, 2 for up to 16.
  std::size_t code_bytes() const { return bits() <= 8 ? 1 : 2; }

 private:
  std::vector<T> levels_;
  std::vector<double> midpoints_;  ///< between neighbouring levels
  double first_ = 0;  ///< a first guess of the code is (x - first) * density, exact for uniform sets
  double density_ = 0;
};

/// The codes of a matrix as they are sent.
class CodeMessage {
 public:
  void reserve(std::size_t entries, std::size_t code_bytes);
  void set(std::size_t entry, std::uint32_t code) {
    if (code_bytes_ == 1) {
      memory_[entry] = static_cast<std::uint8_t>(code);
    } else {
      memory_[2 * entry] = static_cast<std::uint8_t>(code & 0xffU);
      memory_[2 * entry + 1] = static_cast<std::uint8_t>(code >> 8U);
    }
  }
  std::uint32_t get(std::size_t entry) const {
    if (code_bytes_ == 1) return memory_[entry];
    return static_cast<std::uint32_t>(memory_[2 * entry]) | static_cast<std::uint32_t>(memory_[2 * entry + 1])
                                                                << 8U;
  }
  std::size_t bytes() const { return memory_.size(); }
  template <class Archive>
  void archive(Archive& a) {
    a(memory_, code_bytes_);
  }
  /// Of one code, for the counters of passes (core/compute/parallel_pass.hpp).
  friend std::size_t entry_bytes(const CodeMessage& message) { return message.code_bytes_; }

 private:
  std::vector<std::uint8_t> memory_;
  std::size_t code_bytes_ = 1;
};

}  // namespace admmbench
