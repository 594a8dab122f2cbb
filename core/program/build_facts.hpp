#pragma once
/// What only the build of a program knows. The source of build_facts() is made by cmake/SourceHash.cmake: once for the
/// suite's own program, once for every program that admmbench_add_tool() builds in a user's repository.

#include <span>
#include <string_view>

namespace admmbench {

struct CodeVersion {
  std::string_view name;    ///< of a solver; "data set NAME" for a generated data set; "*": all methods
  std::string_view sha256;  ///< of its sources
  bool own = false;         ///< of a user's program: its own, not the suite's
};

struct BuildFacts {
  std::span<const CodeVersion> code_versions;  ///< the last one is "*"
  std::string_view share;  ///< share folder of the installed suite; empty for the suite's own program
};

BuildFacts build_facts();

}  // namespace admmbench
