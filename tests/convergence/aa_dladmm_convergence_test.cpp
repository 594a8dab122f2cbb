/// Acceleration on the teacher-student regression of docs/methods/aa_dladmm.md (rho 5, nu 1, mu 0.01, step rule lipschitz): the
/// base map's objective after 400 iterations is reached in at most half of them, mean over 10 seeds.

#include <boost/test/unit_test.hpp>

#include "solvers/solver.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/teacher_student.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(aa_dladmm_convergence_test)
using admmbench::testing::configured;
using admmbench::testing::teacher_student;

namespace {

constexpr int iterations = 400;
constexpr std::uint64_t seeds = 10;

using Values = std::map<std::string, std::string>;

std::unique_ptr<Solver<double>> start(const std::string& base, long m, Values values,
                                      const Problem<double>& problem, std::uint64_t seed) {
  values.insert({{"base", base},
                 {"m", std::to_string(m)},
                 {"base_params.rho", "5"},
                 {"base_params.nu", "1"},
                 {"base_params.mu", "0.01"}});
  auto solver = configured(find_solver("aa_dladmm"), values)->make_float64();
  solver->initialize(problem, gaussian_network<double>(problem.widths, seed), seed);
  return solver;
}

/// Mean number of iterations after which the accelerated objective is at most the base's after 400; 400 if never.
double mean_iterations_to_base(const std::string& base, long m, const Values& values = {}) {
  double total = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto problem = teacher_student<double>(seed);
    const auto plain = start(base, 0, values, problem, seed);
    for (int k = 0; k < iterations; ++k) plain->step();
    const double goal = plain->diagnostics().objective.value();
    const auto fast = start(base, m, values, problem, seed);
    int k = 0;
    do {
      fast->step();
      ++k;
    } while (k < iterations && fast->diagnostics().objective.value() > goal);
    total += k;
  }
  return total / seeds;
}

}  // namespace

BOOST_AUTO_TEST_CASE(dladmm_is_reached_in_half_of_the_iterations) {
  for (const long m : {4L, 8L, 12L}) {
    BOOST_TEST_CONTEXT("m = " << m) { BOOST_TEST(mean_iterations_to_base("dladmm", m) <= 0.5 * iterations); }
  }
}

BOOST_AUTO_TEST_CASE(pdadmm_is_reached_in_half_of_the_iterations) {
  for (const long m : {4L, 8L, 12L}) {
    BOOST_TEST_CONTEXT("m = " << m) { BOOST_TEST(mean_iterations_to_base("pdadmm", m) <= 0.5 * iterations); }
  }
}

BOOST_AUTO_TEST_CASE(type_one_is_as_good) {
  for (const char* base : {"dladmm", "pdadmm"}) {
    BOOST_TEST_CONTEXT(base) {
      BOOST_TEST(mean_iterations_to_base(base, 8, {{"type", "1"}}) <= 0.5 * iterations);
    }
  }
}

/// Negative control, and the reason for the default merit: the primal-dual residual falls neither along dlADMM nor along
/// pdADMM, so judged by it points that are better are refused and worse ones are taken.
BOOST_AUTO_TEST_CASE(judged_by_the_residual_it_is_not) {
  for (const char* base : {"dladmm", "pdadmm"}) {
    BOOST_TEST_CONTEXT(base) {
      BOOST_TEST(mean_iterations_to_base(base, 8, {{"safeguard.merit", "residual"}}) > 0.5 * iterations);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
