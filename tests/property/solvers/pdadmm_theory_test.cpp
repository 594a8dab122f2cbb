/// The convergence statements of pdADMM (ICDM 2020; docs/methods/pdadmm.md#theory), each with its assumption and a negative
/// control. Lemma and theorem numbers are the paper's.

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "solvers/pdadmm/pdadmm_gq.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(pdadmm_theory_test)
using arma::uword;
using testing::SolverState;

namespace {

const std::vector<uword> widths = {6, 12, 12, 12, 3};
constexpr uword layers = 4;

PdadmmParameters parameters_with(double rho, double nu) {
  PdadmmParameters p;
  p.rho = rho;
  p.nu = nu;
  return p;
}

Problem<double> problem_of(std::uint64_t seed, Loss loss = Loss::cross_entropy) {
  return testing::small_problem<double>(widths, 100, loss, Activation::relu, seed);
}

double square_distance(const arma::mat& a, const arma::mat& b) { return arma::accu(arma::square(a - b)); }

/// max |u_l - nu (q_l - relu(z_l))| over all interfaces.
double lemma_4_gap(const SolverState<double>& s, double nu) {
  double gap = 0;
  for (uword l = 1; l < layers; ++l) {
    const arma::mat expected = nu * (s("q", l) - arma::clamp(s("z", l), 0, arma::datum::inf));
    gap = std::max(gap, arma::abs(s("u", l) - expected).max());
  }
  return gap;
}

/// The right-hand side of Lemma 1 for the step from `a` to `b`, with the tau and theta that the step used.
double guaranteed_decrease(const Pdadmm<double>& solver, const SolverState<double>& a,
                           const SolverState<double>& b, double rho, double nu) {
  const double samples = static_cast<double>(a("z", 1).n_cols);
  const double c1 = nu / 2 - 2 * nu * nu / rho;
  const double c2 = rho / 2 - 2 * nu * nu / rho - nu / 2;
  double sum = 0;
  for (uword l = 1; l <= layers; ++l) {
    if (l > 1) sum += solver.p_report(l).tau / 2 * square_distance(a("p", l), b("p", l));
    sum += solver.W_report(l).tau / 2 * square_distance(a("W", l), b("W", l));
    sum += nu * samples / 2 * square_distance(a("b", l), b("b", l));  // b is repeated over the samples
    sum += (l < layers ? c1 : nu / 2) * square_distance(a("z", l), b("z", l));
    if (l < layers) sum += c2 * square_distance(a("q", l), b("q", l));
  }
  return sum;
}

int increases(const PdadmmParameters& parameters, std::uint64_t seed, int iterations) {
  const auto problem = problem_of(seed);
  Pdadmm<double> solver(parameters);
  solver.initialize(problem, gaussian_network<double>(widths, seed), seed);
  double last = solver.diagnostics().objective.value();
  int count = 0;
  for (int k = 0; k < iterations; ++k) {
    solver.step();
    const double now = solver.diagnostics().objective.value();
    if (now > last + 1e-9 * (1 + std::abs(last))) ++count;
    last = now;
  }
  return count;
}

}  // namespace

/// Lemma 4, u_l = nu (q_l - f(z_l)): the optimality condition of the q-step, for any rho and nu, given real-valued q.
BOOST_DATA_TEST_CASE(lemma_4_dual_identity, std::vector<double>({5, 1, 0.01}), rho) {
  const auto problem = problem_of(1);
  Pdadmm<double> solver(parameters_with(rho, 1));
  solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
  for (int k = 0; k < 100; ++k) {
    solver.step();
    const SolverState<double> state(solver);
    BOOST_TEST(lemma_4_gap(state, 1) < 1e-11);
  }
}

/// Negative control: projecting q on a level set breaks it.
BOOST_AUTO_TEST_CASE(lemma_4_fails_when_q_is_quantised) {
  const auto problem = problem_of(1);
  PdadmmGqParameters p;
  p.rho = 5;
  p.nu = 1;
  p.quantize = PdadmmGqParameters::Quantize::pq;
  PdadmmGq<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
  for (int k = 0; k < 10; ++k) solver.step();
  BOOST_TEST(lemma_4_gap(SolverState<double>(solver), 1) > 1e-2);
}

/// Lemma 1, sufficient decrease, for rho > max(4 nu S^2, (sqrt(17) + 1)/2 nu), S = 1 for ReLU, with the measured tau and
/// theta of every step rule; z is solved with its three-term objective and z_L to a gradient of 1e-10.
BOOST_DATA_TEST_CASE(lemma_1_sufficient_decrease, std::vector<int>({0, 1, 2}) * std::vector<int>({0, 1}),
                     rule, loss) {
  constexpr double rho = 5;
  constexpr double nu = 1;
  const auto problem = problem_of(2, static_cast<Loss>(loss));
  PdadmmParameters p = parameters_with(rho, nu);
  p.step = {static_cast<StepRule::Kind>(rule), 1, 2};
  Pdadmm<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(widths, 2), 2);
  double last = solver.diagnostics().objective.value();
  SolverState<double> before(solver);
  for (int k = 0; k < 150; ++k) {
    solver.step();
    SolverState<double> after(solver);
    const double now = solver.diagnostics().objective.value();
    BOOST_TEST(last - now >=
               guaranteed_decrease(solver, before, after, rho, nu) - 1e-9 * (1 + std::abs(now)));
    last = now;
    before = std::move(after);
  }
}

/// Negative control: the same inequality with constants that the lemma does not grant (twice the steps' curvature) fails.
BOOST_AUTO_TEST_CASE(lemma_1_is_not_slack) {
  constexpr double rho = 5;
  constexpr double nu = 1;
  const auto problem = problem_of(2);
  Pdadmm<double> solver(parameters_with(rho, nu));
  solver.initialize(problem, gaussian_network<double>(widths, 2), 2);
  double last = solver.diagnostics().objective.value();
  SolverState<double> before(solver);
  int violations = 0;
  for (int k = 0; k < 150; ++k) {
    solver.step();
    SolverState<double> after(solver);
    const double now = solver.diagnostics().objective.value();
    if (last - now < 2 * guaranteed_decrease(solver, before, after, rho, nu)) ++violations;
    last = now;
    before = std::move(after);
  }
  BOOST_TEST(violations > 0);
}

/// Theorem 1: L_rho does not increase for rho > 4 nu.
BOOST_DATA_TEST_CASE(augmented_lagrangian_descends, std::vector<int>({1, 2, 3, 4}), seed) {
  BOOST_TEST(increases(parameters_with(5, 1), static_cast<std::uint64_t>(seed), 150) == 0);
}

/// Negative control: at rho/nu = 0.01 it rises again and again.
BOOST_DATA_TEST_CASE(augmented_lagrangian_rises_for_small_rho, std::vector<int>({1, 2, 3, 4}), seed) {
  BOOST_TEST(increases(parameters_with(0.01, 1), static_cast<std::uint64_t>(seed), 150) > 10);
}

/// Theorem 3: c_k = min_{i <= k} of Lemma 1's right-hand side is o(1/k): k c_k tends to zero. Control: outside of the
/// theory's regime (rho/nu = 0.01) the same sum of squared steps does not get there.
BOOST_AUTO_TEST_CASE(theorem_3_smallest_step_is_o_of_1_over_k) {
  const auto k_times_c = [](double rho, double nu) {
    const auto problem = problem_of(3);
    Pdadmm<double> solver(parameters_with(rho, nu));
    solver.initialize(problem, gaussian_network<double>(widths, 3), 3);
    std::vector<double> result;
    double smallest = arma::datum::inf;
    SolverState<double> before(solver);
    for (int k = 1; k <= 800; ++k) {
      solver.step();
      SolverState<double> after(solver);
      // The lemma's constants are those of rho = 5, nu = 1 in either regime, so that only the steps differ.
      smallest = std::min(smallest, guaranteed_decrease(solver, before, after, 5, 1));
      before = std::move(after);
      if (k == 50 || k == 200 || k == 800) result.push_back(k * smallest);
    }
    return result;
  };
  const auto inside = k_times_c(5, 1);
  BOOST_TEST_MESSAGE("rho = 5, nu = 1:    k c_k at 50, 200, 800: " << inside[0] << " " << inside[1] << " "
                                                                   << inside[2]);
  BOOST_TEST(inside[1] < inside[0] / 2);
  BOOST_TEST(inside[2] < inside[1] / 2);
  const auto outside = k_times_c(0.01, 1);
  BOOST_TEST_MESSAGE("rho = 0.01, nu = 1: k c_k at 50, 200, 800: " << outside[0] << " " << outside[1] << " "
                                                                   << outside[2]);
  BOOST_TEST(outside[2] > inside[2]);
}

/// The residual vanishes (Theorem 2: p_{l+1} = q_l at limit points).
BOOST_AUTO_TEST_CASE(theorem_2_residual_vanishes) {
  const auto problem = problem_of(3);
  Pdadmm<double> solver(parameters_with(5, 1));
  solver.initialize(problem, gaussian_network<double>(widths, 3), 3);
  solver.step();
  const double early = solver.diagnostics().residual.value();
  for (int k = 0; k < 1000; ++k) solver.step();
  BOOST_TEST(solver.diagnostics().residual.value() < 1e-3 * early);
}

/// Layers share nothing that is written within a phase: any number of threads gives the same bits. The control run, with
/// rho changed in its last bits, shows that the comparison would notice.
BOOST_DATA_TEST_CASE(threads_change_no_bit, std::vector<int>({0, 1, 2}), rule) {
  const auto problem = problem_of(4);
  const auto run = [&](long threads, double rho) {
    PdadmmGqParameters p;
    p.rho = rho;
    p.nu = 0.1;
    p.step = {static_cast<StepRule::Kind>(rule), 1, 2};
    p.threads = threads;
    Pdadmm<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(widths, 4), 4);
    for (int k = 0; k < 20; ++k) solver.step();
    return SolverState<double>(solver);
  };
  const auto equal = [](const SolverState<double>& a, const SolverState<double>& b) {
    for (const auto& [name, value] : a.variables) {
      const arma::mat& other = b.variables.at(name);
      if (!std::equal(value.begin(), value.end(), other.begin(), other.end())) return false;
    }
    return true;
  };
  const auto serial = run(1, 1);
  for (const long threads : {2L, 3L, 8L}) BOOST_TEST(equal(serial, run(threads, 1)));
  BOOST_TEST(!equal(serial, run(2, 1 + 1e-14)));
}

/// u need not be sent: the owner of p_{l+1} gets q_l and replays u_l <- u_l + rho (p_{l+1} - q_l), to the
/// bit. Control: replayed with the q of the iteration before, it is another one.
BOOST_AUTO_TEST_CASE(receiver_can_replay_u) {
  constexpr double rho = 0.7;
  const auto problem = problem_of(5);
  Pdadmm<double> solver(parameters_with(rho, 0.1));
  solver.initialize(problem, gaussian_network<double>(widths, 5), 5);
  std::vector<arma::mat> replayed(layers);
  std::vector<arma::mat> stale(layers);
  SolverState<double> before(solver);
  for (uword l = 1; l < layers; ++l) replayed[l] = stale[l] = before("u", l);
  for (int k = 0; k < 25; ++k) {
    solver.step();
    SolverState<double> now(solver);
    for (uword l = 1; l < layers; ++l) {
      const arma::mat& p = now("p", l + 1);
      for (uword i = 0; i < p.n_elem; ++i) {
        replayed[l][i] += rho * (p[i] - now("q", l)[i]);
        stale[l][i] += rho * (p[i] - before("q", l)[i]);
      }
      BOOST_TEST(arma::approx_equal(replayed[l], now("u", l), "absdiff", 0));
    }
    before = std::move(now);
  }
  BOOST_TEST(!arma::approx_equal(stale[1], before("u", 1), "absdiff", 1e-6));
}

/// Bytes per iteration: L - 1 interfaces, h N entries each of p and q, and u if it is sent.
BOOST_AUTO_TEST_CASE(bytes_sent_are_counted) {
  const auto problem = problem_of(5);
  for (const bool send_u : {true, false}) {
    PdadmmParameters p = parameters_with(1, 0.1);
    p.send_u = send_u;
    Pdadmm<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(widths, 5), 5);
    BOOST_TEST(testing::named(solver.diagnostics(), "bytes_sent") == 0);
    for (int k = 0; k < 4; ++k) solver.step();
    const double expected = 4.0 * 3 * 12 * 100 * 8 * (send_u ? 3 : 2);
    BOOST_TEST(testing::named(solver.diagnostics(), "bytes_sent") == expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()
