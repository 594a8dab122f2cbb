#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace admmbench {

/// The place of `value` in `values`, to which it is added if it is not there: numbers things in order of appearance.
template <class Value>
std::size_t find_or_add(std::vector<Value>& values, const Value& value) {
  const auto found = std::find(values.begin(), values.end(), value);
  if (found != values.end()) return static_cast<std::size_t>(found - values.begin());
  values.push_back(value);
  return values.size() - 1;
}

}  // namespace admmbench
