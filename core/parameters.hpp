#pragma once
/// Parameters are declared once. A parameter struct has in-class defaults and one function,
///
///     void visit(ParameterVisitor& v) {
///       v.real("rho", rho, positive, "penalty of the output constraint");
///     }
///
/// and reading from YAML, validation, the resolved configuration, `admmbench describe` and the documentation
/// are all visitors of that declaration.

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace admmbench {

/// Allowed interval of a number.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;

  bool contains(double value) const {
    return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
  }
};

inline constexpr double infinite = std::numeric_limits<double>::infinity();
inline constexpr Range positive{0, infinite, true, true};
inline constexpr Range non_negative{0, infinite, false, true};
inline constexpr Range above_one{1, infinite, true, true};
inline constexpr Range at_least_one{1, infinite, false, true};
inline constexpr Range unit_interval{0, 1, false, false};
inline constexpr Range below_one{0, 1, false, true};
inline constexpr Range any_number{-infinite, infinite, true, true};

/// "> 0", "in [0, 1)", ...: the range as shown to people.
std::string to_string(const Range& range);

class ParameterVisitor {
 public:
  virtual ~ParameterVisitor() = default;

  virtual void real(std::string_view name, double& value, Range range, std::string_view meaning) = 0;
  virtual void integer(std::string_view name, long& value, Range range, std::string_view meaning) = 0;
  virtual void boolean(std::string_view name, bool& value, std::string_view meaning) = 0;
  /// One word out of `words`; `index` is its position.
  virtual void word(std::string_view name, int& index, const std::vector<std::string>& words,
                    std::string_view meaning) = 0;
  /// A number, or `word` which stands for an empty optional (batch_size: full | n).
  virtual void integer_or_word(std::string_view name, std::optional<long>& value, std::string_view word,
                               Range range, std::string_view meaning) = 0;
  /// A list of numbers.
  virtual void reals(std::string_view name, std::vector<double>& values, std::string_view meaning) = 0;
  /// Members visited between begin_group and end_group belong to the mapping `name`. A group whose first
  /// member is a word may be written as that word alone (step: exact).
  virtual void begin_group(std::string_view name, std::string_view meaning) = 0;
  virtual void end_group() = 0;
  /// True for visitors that list the declaration: they must be shown members that apply to some choices only.
  virtual bool wants_all() const { return false; }

  /// An enumeration whose values are 0, 1, ... in the order of `words`.
  template <class Enum>
  void choice(std::string_view name, Enum& value, const std::vector<std::string>& words,
              std::string_view meaning) {
    int index = static_cast<int>(value);
    word(name, index, words, meaning);
    value = static_cast<Enum>(index);
  }

  /// A nested parameter struct.
  template <class Group>
  void group(std::string_view name, Group& members, std::string_view meaning) {
    begin_group(name, meaning);
    members.visit(*this);
    end_group();
  }
};

}  // namespace admmbench
