#include "core/parameters.hpp"

#include <fmt/format.h>

#include <cmath>

namespace admmbench {

std::string to_string(const Range& range) {
  const bool bounded_below = std::isfinite(range.low);
  const bool bounded_above = std::isfinite(range.high);
  if (bounded_below && bounded_above) {
    return fmt::format("in {}{}, {}{}", range.low_open ? '(' : '[', range.low, range.high,
                       range.high_open ? ')' : ']');
  }
  if (bounded_below) return fmt::format("{} {}", range.low_open ? ">" : ">=", range.low);
  if (bounded_above) return fmt::format("{} {}", range.high_open ? "<" : "<=", range.high);
  return "finite";
}

namespace detail {

void PreferWord::member(const Member& member) {
  const auto dot = path_.find('.');
  if (member.name != path_.substr(0, dot)) return;
  if (dot != std::string_view::npos) {
    if (const auto* group = std::get_if<kind::Group>(&member.kind)) {
      PreferWord below(path_.substr(dot + 1), word_);
      group->visit(below);
    }
  } else if (const auto* words = std::get_if<kind::Word>(&member.kind)) {
    const auto found = std::find(words->words.begin(), words->words.end(), word_);
    if (found != words->words.end()) words->index = static_cast<int>(found - words->words.begin());
  }
}

}  // namespace detail

}  // namespace admmbench
