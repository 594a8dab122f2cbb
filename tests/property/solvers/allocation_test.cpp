/// step() allocates nothing after its first call: malloc and its kin are counted while it runs. What BLAS and LAPACK
/// allocate inside themselves is theirs (OpenBLAS's small-matrix kernels take a packing buffer from malloc) and not
/// counted.

#include <dlfcn.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>

#include "solvers/solver.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"

BOOST_AUTO_TEST_SUITE(allocation_test)

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
void* realloc(void* ptr, std::size_t size) {
  static const auto original = next<void* (*)(void*, std::size_t)>("realloc");
  count(__builtin_return_address(0));
  return original(ptr, size);
}
int posix_memalign(void** memptr, std::size_t alignment, std::size_t size) {
  static const auto original = next<int (*)(void**, std::size_t, std::size_t)>("posix_memalign");
  count(__builtin_return_address(0));
  return original(memptr, alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  static const auto original = next<void* (*)(std::size_t, std::size_t)>("aligned_alloc");
  count(__builtin_return_address(0));
  return original(alignment, size);
}
}

using namespace admmbench;

namespace {

/// 90 samples of 6 features, or 20 of 50 with W_1 in their span.
template <class T>
Problem<T> problem_of(bool wide) {
  auto problem = wide ? testing::small_problem<T>({50, 30, 30, 3}, 20, Loss::cross_entropy)
                      : testing::small_problem<T>({6, 70, 70, 3}, 90, Loss::cross_entropy);
  if (wide) problem.gram = input_gram(problem);
  problem.iterations = 30;  // for presets whose step lengths follow a schedule over the run
  return problem;
}

/// Allocations of the iterations after the first: enough for the band of mdlam to reach the hidden blocks.
template <class T>
long allocations_of(const ConfiguredSolver& configured, bool wide) {
  constexpr int steps = 20;
  const auto problem = problem_of<T>(wide);
  const auto solver = configured.template make<T>();
  solver->initialize(problem, solver->initial_network(problem, 1), 1);
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

BOOST_AUTO_TEST_CASE(steps_allocate_nothing_after_the_first) {
  for (const SolverInfo& info : registered_solvers()) {
    for (const bool wide : {false, true}) {
      BOOST_TEST_CONTEXT(info.name << (wide ? ", W_1 in the span of x" : "")) {
        BOOST_TEST(allocations_of<double>(*info.make_default(), wide) == 0);
        BOOST_TEST(allocations_of<float>(*info.make_default(), wide) == 0);
      }
    }
  }
}

/// Presets that grow the network in stages, which need a network of ten layers, are left out.
BOOST_AUTO_TEST_CASE(presets_allocate_nothing_after_the_first_step) {
  int covered = 0;
  for (const SolverInfo& info : registered_solvers()) {
    for (const Preset& preset : info.presets) {
      if (preset.name.starts_with("released-")) continue;
      ++covered;
      for (const bool wide : {false, true}) {
        BOOST_TEST_CONTEXT(info.name << ", preset " << preset.name
                                     << (wide ? ", W_1 in the span of x" : "")) {
          const auto configured = info.make_default();
          BOOST_REQUIRE(configured->apply_preset(preset.name));
          BOOST_TEST(allocations_of<double>(*configured, wide) == 0);
          BOOST_TEST(allocations_of<float>(*configured, wide) == 0);
        }
      }
    }
  }
  BOOST_TEST(covered > 8);
}

/// What experiments switch on besides.
BOOST_AUTO_TEST_CASE(options_allocate_nothing_after_the_first_step) {
  using Values = std::map<std::string, std::string>;
  const std::vector<std::pair<std::string, Values>> cases{
      {"dladmm", {{"step.rule", "lipschitz"}, {"mu", "0.1"}}},
      {"dladmm", {{"regularizer.kind", "l1"}, {"regularizer.weight", "0.01"}}},
      {"dlam", {{"step.rule", "lipschitz"}}},
      {"dlam", {{"regularizer.kind", "l1"}, {"regularizer.weight", "0.01"}}},
      {"mdlam", {{"decay", "gradient"}, {"mu", "0.1"}}},
      {"pdadmm", {{"threads", "2"}, {"step.rule", "lipschitz"}}},
      {"pdadmm", {{"threads", "2"}}},
      {"pdadmm_g", {{"continuation.kind", "released"}}},
      {"pdadmm_gq", {{"quantize", "pq"}}},
      {"aa_dladmm", {{"base", "dladmm"}}},
      {"aa_dladmm", {{"base", "pdadmm"}}},
      {"aa_dladmm", {{"variables", "weights"}, {"type", "1"}}},
      {"aa_dladmm", {{"safeguard.merit", "residual"}}},
      {"adam", {{"batch_size", "32"}}},
      {"adam", {{"batch_size", "32"}, {"regularizer.kind", "sparse"}}},
      {"dladmm", {{"regularizer.kind", "sparse"}}},
      {"mdlam", {{"regularizer.kind", "levels"}}},
      {"sgd", {{"momentum", "0.9"}, {"batch_size", "32"}}},
      {"sgd", {{"batch_size", "32"}, {"regularizer.kind", "l1"}}},
  };
  for (const auto& [name, values] : cases) {
    BOOST_TEST_CONTEXT(name << ", " << values.begin()->first << " " << values.begin()->second) {
      const auto configured = testing::configured(find_solver(name), values);
      BOOST_TEST(allocations_of<double>(*configured, false) == 0);
      BOOST_TEST(allocations_of<float>(*configured, true) == 0);
    }
  }
}

#endif

BOOST_AUTO_TEST_SUITE_END()
