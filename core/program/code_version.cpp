#include "core/program/code_version.hpp"

#include <algorithm>

#include "core/program/build_facts.hpp"

namespace admmbench {

std::string code_version(std::string_view name) {
  const auto versions = build_facts().code_versions;
  const auto found = std::find_if(versions.begin(), versions.end() - 1,
                                  [&](const CodeVersion& entry) { return entry.name == name; });
  return std::string(found->sha256);  // the last entry stands for all
}

}  // namespace admmbench
