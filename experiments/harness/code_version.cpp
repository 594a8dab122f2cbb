#include "experiments/harness/code_version.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace admmbench {

namespace {
constexpr std::pair<std::string_view, std::string_view> versions[] = {
#include "code_versions.inc"
};
}  // namespace

std::string code_version(std::string_view solver) {
  const auto found = std::find_if(std::begin(versions), std::prev(std::end(versions)),
                                  [&](const auto& entry) { return entry.first == solver; });
  return std::string(found->second);  // the last entry stands for all
}

}  // namespace admmbench
