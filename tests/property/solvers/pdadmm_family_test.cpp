/// pdadmm beside its relatives: without options, with ever finer levels, and through the fixed-point interface.
/// Its own equations are checked by tests/oracle.

#include <boost/test/unit_test.hpp>

#include "solvers/pdadmm/pdadmm_gq.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(pdadmm_family_test)

namespace {

double relative_gap(const arma::mat& ours, const arma::mat& reference) {
  return arma::norm(ours - reference, "fro") / std::max(1e-12, arma::norm(reference, "fro"));
}

}  // namespace

/// pdadmm_g without its options is pdadmm, bit by bit.
BOOST_AUTO_TEST_CASE(pdadmm_g_without_options_is_pdadmm) {
  const auto problem = testing::small_problem<double>({5, 8, 6, 3}, 30, Loss::cross_entropy);
  const auto start = gaussian_network<double>(problem.widths, 3);
  Pdadmm<double> plain(PdadmmParameters{});
  PdadmmG<double> graph(PdadmmGParameters{});
  plain.initialize(problem, start, 3);
  graph.initialize(problem, start, 3);
  for (int k = 0; k < 10; ++k) {
    plain.step();
    graph.step();
  }
  const testing::SolverState<double> a(plain);
  const testing::SolverState<double> b(graph);
  for (const auto& [name, value] : a.variables)
    BOOST_TEST(arma::approx_equal(value, b.variables.at(name), "absdiff", 0));
}

/// With ever finer levels pdadmm_gq tends to pdadmm: the gap after five iterations is of the order of the
/// spacing.
BOOST_AUTO_TEST_CASE(fine_levels_approach_the_unquantised_iteration) {
  const auto problem = testing::small_problem<double>({5, 8, 6, 3}, 30, Loss::cross_entropy);
  const auto start = gaussian_network<double>(problem.widths, 3);
  PdadmmGqParameters parameters;
  parameters.rho = 1;
  parameters.nu = 0.1;
  Pdadmm<double> plain(parameters);
  plain.initialize(problem, start, 3);
  for (int k = 0; k < 5; ++k) plain.step();
  const testing::SolverState<double> exact(plain);
  double last = arma::datum::inf;
  for (const long bits : {6L, 9L, 12L, 16L}) {
    parameters.delta = {LevelSet::Kind::bits, -4, 4, 2, bits, {}};
    PdadmmGq<double> solver(parameters);
    solver.initialize(problem, start, 3);
    for (int k = 0; k < 5; ++k) solver.step();
    const double gap = relative_gap(testing::SolverState<double>(solver)("W", 2), exact("W", 2));
    BOOST_TEST(gap < last);
    last = gap;
  }
  BOOST_TEST(last < 1e-3);
}

/// The blocks of the fixed-point interface are the variables themselves, and writing them back changes
/// nothing.
BOOST_AUTO_TEST_CASE(fixed_point_blocks_alias_the_state) {
  const auto problem = testing::small_problem<double>({5, 8, 6, 3}, 30, Loss::cross_entropy);
  const auto start = gaussian_network<double>(problem.widths, 3);
  Pdadmm<double> solver(PdadmmParameters{});
  Pdadmm<double> other(PdadmmParameters{});
  solver.initialize(problem, start, 3);
  other.initialize(problem, gaussian_network<double>(problem.widths, 4), 4);
  solver.step();
  const auto from = solver.blocks();
  const auto to = other.blocks();
  BOOST_TEST(from.size() == 3 * 3 + 3 * 2);
  for (std::size_t i = 0; i < from.size(); ++i) {
    BOOST_TEST(from[i].name == to[i].name);
    std::copy(from[i].values.begin(), from[i].values.end(), to[i].values.begin());
  }
  other.variables_changed();
  BOOST_TEST(std::abs(solver.diagnostics().objective.value() - other.diagnostics().objective.value()) <
             1e-12 * std::abs(solver.diagnostics().objective.value()));
  solver.step();
  other.step();
  BOOST_TEST(relative_gap(testing::SolverState<double>(other)("W", 2),
                          testing::SolverState<double>(solver)("W", 2)) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
