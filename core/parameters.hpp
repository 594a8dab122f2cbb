#pragma once
/// Parameters are declared once. A parameter struct has in-class defaults and one function,
///
///     void visit(ParameterVisitor& v) {
///       v.real("rho", rho, positive, "penalty of the output constraint");
///     }
///
/// and reading from YAML, validation, the resolved configuration, the JSON Schema, `admmbench describe`, completion and the
/// documentation are all visitors of that declaration. The keys of experiment files are declared in the same way.

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
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

/// What a text must look like, beyond not being empty.
struct TextForm {
  std::string_view pattern;        ///< regular expression, for the JSON Schema
  std::size_t longest;             ///< characters; 0: any number
  bool (*fits)(std::string_view);  ///< at least as strict as the pattern
  std::string_view wrong;          ///< "has other characters; allowed: a-z", said after the text
};

/// What a list must hold.
struct ListForm {
  /// Whether one item may be written without the brackets, and whether it is stored so; counts: one number n stands for 0, ..., n-1.
  enum class Alone { no, read, stored, counts };
  std::string_view items = "texts";  ///< "a list of ..."
  std::string_view least = {};       ///< "one width": what an empty list lacks; nothing: it may be empty
  bool distinct = false;
  Alone alone = Alone::no;
  std::size_t stages = 0;  ///< one item, which holds for all, or so many; 0: any number
};

class ParameterVisitor;

/// The kinds of values that are declared: where a value is, and what it may be.
namespace kind {
struct Real {
  static constexpr std::string_view type = "real";
  double& value;
  Range range;
};
struct Integer {
  static constexpr std::string_view type = "integer";
  long& value;
  Range range;
};
/// Numbers that have no default: without the key they stay empty.
struct OptionalReal {
  static constexpr std::string_view type = "real";
  std::optional<double>& value;
  Range range;
};
struct OptionalInteger {
  static constexpr std::string_view type = "integer";
  std::optional<long>& value;
  Range range;
};
struct Boolean {
  static constexpr std::string_view type = "boolean";
  bool& value;
};
/// One word out of `words`; `index` is its position.
struct Word {
  int& index;
  const std::vector<std::string>& words;
};
/// A number, or `word` which stands for an empty optional (batch_size: full | n).
struct IntegerOrWord {
  std::optional<long>& value;
  std::string_view word;
  Range range;
};
struct Reals {
  static constexpr std::string_view type = "reals";
  static constexpr std::string_view item = "real";
  std::vector<double>& values;
  Range range;
  ListForm form;
};
struct Integers {
  static constexpr std::string_view type = "integers";
  static constexpr std::string_view item = "integer";
  std::vector<long>& values;
  Range range;
  ListForm form;
};
/// `form`: null if any text will do.
struct Text {
  static constexpr std::string_view type = "text";
  std::string& value;
  const TextForm* form;
};
struct Texts {
  static constexpr std::string_view type = "texts";
  std::vector<std::string>& values;
  ListForm form;
};
/// A mapping with members of its own; `visit` declares them.
struct Group {
  static constexpr std::string_view type = "group";
  std::function<void(ParameterVisitor&)> visit;
  bool optional = false;  ///< `null` leaves it out
};
/// Every name that no declaration before it takes, for a program that the suite does not know: (name, value in JSON).
struct Rest {
  static constexpr std::string_view type = "any";
  std::vector<std::pair<std::string, std::string>>& named;
};
/// A value that whoever reads the mapping reads himself, because it depends on others. `form` names it: "[dataset]" is a
/// list of what "dataset" stands for, "{profile}" a mapping to it.
struct Other {
  std::string_view form;
};
}  // namespace kind

using Kind = std::variant<kind::Real, kind::Integer, kind::OptionalReal, kind::OptionalInteger, kind::Boolean,
                          kind::Word, kind::IntegerOrWord, kind::Reals, kind::Integers, kind::Text,
                          kind::Texts, kind::Group, kind::Rest, kind::Other>;

/// A declared member of a mapping, as it passes a visitor.
struct Member {
  std::string_view name;
  std::string_view meaning;
  Kind kind;
  bool needed = false;  ///< an error if it is not given
  bool stored = true;   ///< part of the resolved configuration
};

/// Functions for the kinds, one overload each: std::visit(overloaded{[](kind::Real&) {}, [](auto&) {}}, member.kind).
template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

class ParameterVisitor {
 public:
  virtual ~ParameterVisitor() = default;

  /// The one hook: called for every member, in the order of the declaration. A visitor that wants the members of a group
  /// calls group.visit(*this), or hands it another visitor. A group whose first member is a word may be written as that
  /// word alone (step: exact).
  virtual void member(const Member& member) = 0;

  /// True for visitors that list the declaration: they must be shown members that apply to some choices only.
  bool wants_all() const { return wants_all_; }

  // How to declare. The two modifiers hold for the next member: v.needed().integer("runs", ...).

  ParameterVisitor& needed() {
    needed_ = true;
    return *this;
  }
  ParameterVisitor& stored_if(bool condition) {
    stored_ = condition;
    return *this;
  }

  void real(std::string_view name, double& value, Range range, std::string_view meaning) {
    show(name, meaning, kind::Real{value, range});
  }
  void real(std::string_view name, std::optional<double>& value, Range range, std::string_view meaning) {
    show(name, meaning, kind::OptionalReal{value, range});
  }
  void integer(std::string_view name, long& value, Range range, std::string_view meaning) {
    show(name, meaning, kind::Integer{value, range});
  }
  void integer(std::string_view name, std::optional<long>& value, Range range, std::string_view meaning) {
    show(name, meaning, kind::OptionalInteger{value, range});
  }
  void boolean(std::string_view name, bool& value, std::string_view meaning) {
    show(name, meaning, kind::Boolean{value});
  }
  void integer_or_word(std::string_view name, std::optional<long>& value, std::string_view word, Range range,
                       std::string_view meaning) {
    show(name, meaning, kind::IntegerOrWord{value, word, range});
  }
  void reals(std::string_view name, std::vector<double>& values, std::string_view meaning) {
    reals(name, values, any_number, {}, meaning);
  }
  void reals(std::string_view name, std::vector<double>& values, Range range, ListForm form,
             std::string_view meaning) {
    show(name, meaning, kind::Reals{values, range, form});
  }
  void integers(std::string_view name, std::vector<long>& values, Range range, ListForm form,
                std::string_view meaning) {
    show(name, meaning, kind::Integers{values, range, form});
  }
  void text(std::string_view name, std::string& value, std::string_view meaning,
            const TextForm* form = nullptr) {
    show(name, meaning, kind::Text{value, form});
  }
  void texts(std::string_view name, std::vector<std::string>& values, ListForm form,
             std::string_view meaning) {
    show(name, meaning, kind::Texts{values, form});
  }
  /// To be declared last, and not in a group.
  void rest(std::vector<std::pair<std::string, std::string>>& named, std::string_view meaning) {
    show("*", meaning, kind::Rest{named});
  }
  void other(std::string_view name, std::string_view form, std::string_view meaning) {
    show(name, meaning, kind::Other{form});
  }

  /// An enumeration whose values are 0, 1, ... in the order of `words`.
  template <class Enum>
  void choice(std::string_view name, Enum& value, const std::vector<std::string>& words,
              std::string_view meaning) {
    int index = static_cast<int>(value);
    show(name, meaning, kind::Word{index, words});
    value = static_cast<Enum>(index);
  }
  /// One of `words`, kept as text.
  void choice(std::string_view name, std::string& value, const std::vector<std::string>& words,
              std::string_view meaning) {
    int index = static_cast<int>(std::find(words.begin(), words.end(), value) - words.begin());
    show(name, meaning, kind::Word{index, words});
    value = words.at(static_cast<std::size_t>(index));
  }

  /// A nested parameter struct.
  template <class Members>
  void group(std::string_view name, Members& members, std::string_view meaning) {
    show(name, meaning, kind::Group{[&members](ParameterVisitor& v) { members.visit(v); }});
  }
  /// The same, its members declared in place.
  void group(std::string_view name, std::function<void(ParameterVisitor&)> members,
             std::string_view meaning) {
    show(name, meaning, kind::Group{std::move(members)});
  }
  /// The same, where the group may be missing.
  template <class Members>
  void group(std::string_view name, std::optional<Members>& members, std::string_view meaning) {
    stored_ = stored_ && members.has_value();
    show(name, meaning,
         kind::Group{[&members](ParameterVisitor& v) {
                       if (v.wants_all() && !members) {
                         Members defaults;
                         defaults.visit(v);
                       } else {
                         if (!members) members.emplace();
                         members->visit(v);
                       }
                     },
                     true});
  }

 protected:
  explicit ParameterVisitor(bool wants_all = false) : wants_all_(wants_all) {}
  ParameterVisitor(const ParameterVisitor&) = default;
  ParameterVisitor& operator=(const ParameterVisitor&) = default;

 private:
  void show(std::string_view name, std::string_view meaning, Kind kind) {
    const Member shown{name, meaning, std::move(kind), std::exchange(needed_, false),
                       std::exchange(stored_, true)};
    member(shown);
  }

  bool wants_all_;
  bool needed_ = false;
  bool stored_ = true;
};

namespace detail {
class PreferWord final : public ParameterVisitor {
 public:
  PreferWord(std::string_view path, std::string_view word) : path_(path), word_(word) {}
  void member(const Member& member) override;

 private:
  std::string_view path_;
  std::string_view word_;
};
}  // namespace detail

/// Sets the word parameter `path` ("step.rule") of anything with visit() to `word`; does nothing where it has none.
template <class Parameters>
void prefer_word(Parameters& parameters, std::string_view path, std::string_view word) {
  detail::PreferWord visitor(path, word);
  parameters.visit(visitor);
}

}  // namespace admmbench
