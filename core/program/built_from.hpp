#pragma once
/// The revision of the sources that this program was compiled from; defined in a file that cmake/BuiltFrom.cmake makes
/// in every build.

#include <string_view>

namespace admmbench {

/// Commit, 40 hexadecimal digits, with "-dirty" appended if sources of the program had been changed since; "unknown"
/// outside git. In a program of a user's repository: of the installed suite.
std::string_view built_from();

}  // namespace admmbench
