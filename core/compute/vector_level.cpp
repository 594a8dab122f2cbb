#include "core/compute/vector_level.hpp"

#include <array>
#include <cstdlib>

namespace admmbench {

namespace {

thread_local std::optional<VectorLevel> asked_here;

constexpr std::array levels{VectorLevel::v4, VectorLevel::v3, VectorLevel::base};

/// The highest level that this processor has, or what ADMMBENCH_VECTORS says, if it has that.
VectorLevel level_of_process() {
  const char* asked = std::getenv("ADMMBENCH_VECTORS");
  std::optional<VectorLevel> highest;
  for (const VectorLevel level : levels) {
    if (!has_vector_level(level)) continue;
    if (asked != nullptr && to_string(level) == asked) return level;
    if (!highest) highest = level;
  }
  return highest.value_or(VectorLevel::base);
}

}  // namespace

bool has_vector_level(VectorLevel level) {
#ifdef ADMMBENCH_VECTOR_LEVELS
  __builtin_cpu_init();
  // The features that the compiler uses of a level; a processor that has these has the rest of it.
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                  __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
  if (level == VectorLevel::v3) return v3;
  if (level == VectorLevel::v4) {
    return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
  }
#endif
  return level == VectorLevel::base;
}

VectorLevel vector_level() {
  static const VectorLevel of_process = level_of_process();
  return asked_here.value_or(of_process);
}

std::string_view to_string(VectorLevel level) {
  if (level == VectorLevel::v4) return "x86-64-v4";
  if (level == VectorLevel::v3) return "x86-64-v3";
#ifdef ADMMBENCH_VECTOR_LEVELS
  return "x86-64-v2";
#else
  return "native";
#endif
}

UseVectorLevel::UseVectorLevel(VectorLevel level) : before_(asked_here) { asked_here = level; }
UseVectorLevel::~UseVectorLevel() { asked_here = before_; }

}  // namespace admmbench
