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

}  // namespace admmbench
