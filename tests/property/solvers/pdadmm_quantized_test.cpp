/// pdADMM-G-Q (docs/methods/pdadmm.md): p stays in Delta, the merit does not grow, and whether p moves at all.

#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "solvers/pdadmm/pdadmm_gq.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(pdadmm_quantized_test)
using arma::uword;
using testing::SolverState;

namespace {

const std::vector<uword> widths = {6, 12, 12, 12, 3};
constexpr uword layers = 4;

const LevelSet paper{};
const LevelSet released{LevelSet::Kind::uniform, -1, 2, 1000, 10, {}};

PdadmmGqParameters parameters_with(double rho, double nu, const LevelSet& delta) {
  PdadmmGqParameters p;
  p.rho = rho;
  p.nu = nu;
  p.delta = delta;
  return p;
}

Problem<double> problem_of(std::uint64_t seed) {
  return testing::small_problem<double>(widths, 100, Loss::cross_entropy, Activation::relu, seed);
}

bool in_levels(const arma::mat& x, const Quantizer<double>& quantizer) {
  return std::all_of(x.begin(), x.end(), [&](double value) { return quantizer.nearest(value) == value; });
}

/// Mean share of p that moved per iteration.
double liveness(const PdadmmGqParameters& p, int iterations) {
  const auto problem = problem_of(1);
  PdadmmGq<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
  double sum = 0;
  for (int k = 0; k < iterations; ++k) {
    solver.step();
    sum += testing::named(solver.diagnostics(), "p_moved");
  }
  return sum / iterations;
}

}  // namespace

/// Problem 3's constraint holds from the start on, for every step rule and either grid.
BOOST_DATA_TEST_CASE(p_is_always_in_delta, std::vector<int>({0, 1, 2}) * std::vector<int>({0, 1}), rule,
                     grid) {
  const auto problem = problem_of(1);
  PdadmmGqParameters p = parameters_with(5, 1, grid == 0 ? paper : released);
  p.step = {static_cast<StepRule::Kind>(rule), 20, 2};
  PdadmmGq<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
  const Quantizer<double> quantizer(p.delta);
  for (int k = 0; k < 30; ++k) {
    const SolverState<double> state(solver);
    for (uword l = 2; l <= layers; ++l) BOOST_TEST(in_levels(state("p", l), quantizer));
    solver.step();
  }
  BOOST_TEST(!in_levels(SolverState<double>(solver)("q", 2), quantizer));  // q stays real
}

BOOST_AUTO_TEST_CASE(q_is_in_delta_too_if_asked_for) {
  const auto problem = problem_of(1);
  PdadmmGqParameters p = parameters_with(5, 1, released);
  p.quantize = PdadmmGqParameters::Quantize::pq;
  PdadmmGq<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
  const Quantizer<double> quantizer(p.delta);
  for (int k = 0; k < 30; ++k) {
    solver.step();
    const SolverState<double> state(solver);
    for (uword l = 1; l < layers; ++l) {
      BOOST_TEST(in_levels(state("p", l + 1), quantizer));
      BOOST_TEST(in_levels(state("q", l), quantizer));
    }
  }
}

/// beta_rho (L_rho with the indicator of Delta) does not grow for rho > 4 nu, p in Delta from the start.
BOOST_DATA_TEST_CASE(merit_does_not_grow, std::vector<int>({0, 1}) * std::vector<int>({1, 2, 3}), grid,
                     seed) {
  const auto problem = problem_of(static_cast<std::uint64_t>(seed));
  PdadmmGq<double> solver(parameters_with(5, 1, grid == 0 ? paper : released));
  solver.initialize(problem, gaussian_network<double>(widths, static_cast<std::uint64_t>(seed)), 1);
  solver
      .step();  // Lemma 4, on which the theorem rests, does not hold at p^0 = proj q^0, u^0 = 0 ... but after it
  double last = solver.diagnostics().objective.value();
  for (int k = 0; k < 150; ++k) {
    solver.step();
    const double now = solver.diagnostics().objective.value();
    BOOST_TEST(now <= last + 1e-9 * (1 + std::abs(last)));
    last = now;
  }
}

/// Negative control: below the bound (rho/nu = 0.01) the merit does grow.
BOOST_AUTO_TEST_CASE(merit_grows_for_small_rho) {
  const auto problem = problem_of(1);
  PdadmmGq<double> solver(parameters_with(0.01, 1, released));
  solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
  int increases = 0;
  double last = solver.diagnostics().objective.value();
  for (int k = 0; k < 150; ++k) {
    solver.step();
    const double now = solver.diagnostics().objective.value();
    if (now > last + 1e-9 * (1 + std::abs(last))) ++increases;
    last = now;
  }
  BOOST_TEST(increases > 5);
}

/// What the accuracy of pdADMM-G-Q rests on: with the paper's grid {-1..20}, rho = nu = 1e-4 and the released first tau
/// of 20, an entry moves only if |g/tau| > 0.5: none ever does, p is its rounded start. Controls: the same grid with exact
/// steps, and the released grid at rho = nu = 1, do move p.
BOOST_AUTO_TEST_CASE(paper_grid_freezes_p_at_small_rho) {
  PdadmmGqParameters p = parameters_with(1e-4, 1e-4, paper);
  p.step = {StepRule::Kind::backtracking, 20, 2};
  BOOST_TEST(liveness(p, 100) == 0);
  p.step = {};
  BOOST_TEST(liveness(p, 100) > 0);
  p = parameters_with(1, 1, released);
  p.step = {StepRule::Kind::backtracking, 20, 2};
  BOOST_TEST(liveness(p, 100) > 0.01);
}

/// p on the wire: as many bits as the levels need, 5 for 22, 10 for 1000; q and u at full width unless quantised.
BOOST_AUTO_TEST_CASE(bytes_at_the_quantised_width) {
  const auto problem = problem_of(1);
  const double entries = 3 * 12 * 100;
  const auto bytes = [&](const LevelSet& delta, PdadmmGqParameters::Quantize what) {
    PdadmmGqParameters p = parameters_with(1, 0.1, delta);
    p.quantize = what;
    PdadmmGq<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
    solver.step();
    solver.step();
    return testing::named(solver.diagnostics(), "bytes_sent") / 2 / entries;
  };
  BOOST_TEST(bytes(paper, PdadmmGqParameters::Quantize::p) == 5.0 / 8 + 8 + 8);
  BOOST_TEST(bytes(released, PdadmmGqParameters::Quantize::p) == 10.0 / 8 + 8 + 8);
  BOOST_TEST(bytes(released, PdadmmGqParameters::Quantize::q) == 8 + 10.0 / 8 + 8);
  BOOST_TEST(bytes(paper, PdadmmGqParameters::Quantize::pq) == 2 * 5.0 / 8 + 8);
}

/// Threads change no bit here either.
BOOST_AUTO_TEST_CASE(threads_change_no_bit) {
  const auto problem = problem_of(1);
  const auto run = [&](long threads) {
    PdadmmGqParameters p = parameters_with(1, 0.1, released);
    p.quantize = PdadmmGqParameters::Quantize::pq;
    p.threads = threads;
    PdadmmGq<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
    for (int k = 0; k < 20; ++k) solver.step();
    return SolverState<double>(solver);
  };
  const auto serial = run(1);
  const auto parallel = run(3);
  for (const auto& [name, value] : serial.variables) {
    BOOST_TEST(arma::approx_equal(value, parallel.variables.at(name), "absdiff", 0));
  }
}

BOOST_AUTO_TEST_SUITE_END()
