#define BOOST_TEST_MODULE allocation
/// step() allocates nothing after its first call: malloc and its kin are counted while it runs. What BLAS and LAPACK
/// allocate inside themselves is theirs (OpenBLAS's small-matrix kernels take a packing buffer from malloc) and not
/// counted.

#include <dlfcn.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>

#include "solvers/solver.hpp"
#include "tests/support/small_problem.hpp"

#if !defined(__SANITIZE_ADDRESS__)

namespace {
std::atomic<bool> counting{false};
std::atomic<long> allocations{0};

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

void count(void* caller) {
  if (!counting.load(std::memory_order_relaxed)) return;
  Dl_info library{};
  const bool known = dladdr(caller, &library) != 0 && library.dli_fname != nullptr;
  if (known && (std::strstr(library.dli_fname, "blas") || std::strstr(library.dli_fname, "lapack"))) return;
  allocations.fetch_add(1, std::memory_order_relaxed);
}
}  // namespace

// The program's own definitions come before libc's, for every library in it (operator new calls malloc).
extern "C" {
void* malloc(std::size_t size) {
  static const auto original = next<void* (*)(std::size_t)>("malloc");
  count(__builtin_return_address(0));
  return original(size);
}
void* realloc(void* memory, std::size_t size) {
  static const auto original = next<void* (*)(void*, std::size_t)>("realloc");
  count(__builtin_return_address(0));
  return original(memory, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  static const auto original = next<int (*)(void**, std::size_t, std::size_t)>("posix_memalign");
  count(__builtin_return_address(0));
  return original(memory, alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  static const auto original = next<void* (*)(std::size_t, std::size_t)>("aligned_alloc");
  count(__builtin_return_address(0));
  return original(alignment, size);
}
}

using namespace admmbench;

namespace {

template <class T>
long allocations_of_steps(const SolverInfo& info, int steps) {
  const auto problem = testing::small_problem<T>({6, 70, 70, 3}, 90, Loss::cross_entropy);
  const auto solver = info.make_default()->template make<T>();
  solver->initialize(problem, gaussian_network<T>(problem.widths, 1), 1);
  solver->step();
  allocations = 0;
  counting = true;
  for (int k = 0; k < steps; ++k) solver->step();
  counting = false;
  return allocations;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_counter_counts) {
  allocations = 0;
  counting = true;
  const auto memory = std::make_unique<std::vector<double>>(100);
  counting = false;
  BOOST_TEST(memory->size() == 100);
  BOOST_TEST(allocations >= 2);
}

/// Methods whose W- or a-solve is LAPACK's with its own work space are named here, with the reason.
BOOST_AUTO_TEST_CASE(steps_allocate_nothing_after_the_first) {
  for (const SolverInfo& info : registered_solvers()) {
    BOOST_TEST_CONTEXT(info.name) {
      BOOST_TEST(allocations_of_steps<double>(info, 5) == 0);
      BOOST_TEST(allocations_of_steps<float>(info, 5) == 0);
    }
  }
}

#endif
