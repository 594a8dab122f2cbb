#pragma once
/// The code version of a method or generated data set, made at build time (cmake/SourceHash.cmake).

#include <string>
#include <string_view>

namespace admmbench {

/// SHA-256 of core/ and of the sources of `name`, a solver or "data set NAME"; of all methods' sources for one that the
/// build does not know. For what a user's own repository adds: of its files there and of the whole installed suite.
std::string code_version(std::string_view name);

/// True in a user's program for what its own sources register, not the suite.
bool is_own(std::string_view name);

}  // namespace admmbench
