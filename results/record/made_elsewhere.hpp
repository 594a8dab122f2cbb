#pragma once
/// What the attribute `solver` says of runs that no method of the suite made.

#include <string_view>

namespace admmbench {

/// A program of the user's own, which the harness ran (docs/reference/solver-protocol.md).
inline constexpr std::string_view external_name = "external";
/// A run that was brought in as a file (docs/reference/results.md#imported-runs).
inline constexpr std::string_view imported_name = "imported";

}  // namespace admmbench
