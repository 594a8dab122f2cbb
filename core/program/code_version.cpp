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

bool is_own(std::string_view name) {
  const BuildFacts facts = build_facts();
  if (facts.share.empty()) return false;
  // Also one whose registration the build did not understand: it is none of the suite's.
  return std::none_of(facts.code_versions.begin(), facts.code_versions.end(),
                      [&](const CodeVersion& entry) { return entry.name == name && !entry.own; });
}

}  // namespace admmbench
