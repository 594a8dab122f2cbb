#pragma once
/// Which vector instructions element-wise passes use, decided while the program runs: the code of a pass is compiled for
/// each of the x86-64 levels of the psABI, so that one program runs everywhere at the speed of a native build.
///
///     x86-64-v2   SSE4.2, 128 bits; what the program needs at least
///     x86-64-v3   AVX2, 256 bits
///     x86-64-v4   AVX-512, 512 bits
///
/// All of them give the same bits: no pass lets the compiler fuse multiply and add, and the order of sums does not depend
/// on the width (core/compute/parallel_pass.hpp). With ADMMBENCH_NATIVE, and on other processors, there is one level.

#include <optional>
#include <string_view>

#if defined(__x86_64__) && !defined(ADMMBENCH_ONE_VECTOR_LEVEL)
#define ADMMBENCH_VECTOR_LEVELS 1
#endif

namespace admmbench {

enum class VectorLevel { base, v3, v4 };

/// What the calling thread's passes use: the processor's, or what the environment variable ADMMBENCH_VECTORS asks for
/// (x86-64-v2, x86-64-v3 or x86-64-v4), if the processor has it. A value that is none of them is ignored.
VectorLevel vector_level();

/// "x86-64-v3"; the base's name is that of the level the program was compiled for, "native" with ADMMBENCH_NATIVE.
std::string_view to_string(VectorLevel level);

/// Whether this processor, and this program, has the level.
bool has_vector_level(VectorLevel level);

/// While it lives, the calling thread's passes use `level`, which the processor must have.
class UseVectorLevel {
 public:
  explicit UseVectorLevel(VectorLevel level);
  ~UseVectorLevel();
  UseVectorLevel(const UseVectorLevel&) = delete;
  UseVectorLevel& operator=(const UseVectorLevel&) = delete;

 private:
  std::optional<VectorLevel> before_;
};

namespace detail {

// Everything that `body` calls is inlined into these and so compiled for their level. `body` comes by value: what it
// captured is then in registers, where a store of the pass cannot change it.
#ifdef ADMMBENCH_VECTOR_LEVELS
#ifdef __clang__
#define ADMMBENCH_V4 "arch=x86-64-v4"
#else
#define ADMMBENCH_V4 "arch=x86-64-v4,prefer-vector-width=512"  // GCC takes half of it by itself
#endif
template <class Body>
[[gnu::flatten, gnu::noinline, gnu::target(ADMMBENCH_V4)]] auto run_v4(Body body) {
  return body();
}
template <class Body>
[[gnu::flatten, gnu::noinline, gnu::target("arch=x86-64-v3")]] auto run_v3(Body body) {
  return body();
}
#undef ADMMBENCH_V4
#endif
template <class Body>
[[gnu::flatten, gnu::noinline]] auto run_base(Body body) {
  return body();
}

}  // namespace detail

/// In the body of a loop: it stays as it is, where vectors would need gathers or scatters, or would not pay.
inline void not_vectorized() { asm volatile(""); }

/// body(), compiled for `level`. To be vectorised it captures by value, matrices as pointers.
template <class Body>
auto vectorized(VectorLevel level, const Body& body) {
#ifdef ADMMBENCH_VECTOR_LEVELS
  if (level == VectorLevel::v4) return detail::run_v4(body);
  if (level == VectorLevel::v3) return detail::run_v3(body);
#else
  static_cast<void>(level);
#endif
  return detail::run_base(body);
}

}  // namespace admmbench
