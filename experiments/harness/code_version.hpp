#pragma once
/// The code version of a method, made at build time (cmake/SourceHash.cmake).

#include <string>
#include <string_view>

namespace admmbench {

/// SHA-256 of core/ and of the sources of `solver`; of all methods' sources for one that the build does not know.
std::string code_version(std::string_view solver);

}  // namespace admmbench
