/// gram_tp against its equations written densely, its descent theorem (docs/methods/gram_tp.md, Proposition 1), its step rule and
/// its safeguard.

#include "solvers/gram_tp/gram_tp.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/compute/counters.hpp"
#include "core/compute/linalg.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(gram_tp_test)
using testing::named;

namespace {

using Rule = TargetStepRule::Rule;

const std::vector<arma::uword> shape{6, 9, 7, 3};

GramTpParameters full_batch(Rule rule) {
  GramTpParameters p;
  p.batch_size = std::nullopt;
  p.momentum = 0;
  p.step.rule = rule;
  p.safeguard.on = false;
  return p;
}

arma::mat joint(const Network<double>& network, arma::uword l) {
  return arma::join_rows(network.W[l - 1], network.b[l - 1]);
}

arma::mat with_ones(const arma::mat& a) { return arma::join_cols(a, arma::ones(1, a.n_cols)); }

/// (A + eps mean(diag A) I)^{-1} X.
arma::mat solve_damped(const arma::mat& A, double eps, const arma::mat& X) {
  return arma::solve(A + eps * arma::mean(arma::diagvec(A)) * arma::eye(arma::size(A)), X);
}

/// One full-batch iteration of docs/methods/gram_tp.md for relu and squared loss, with dense inverses.
std::vector<arma::mat> dense_iteration(const Problem<double>& problem, const Network<double>& network,
                                       const GramTpParameters& p) {
  const arma::uword L = problem.layers();
  const auto N = static_cast<double>(problem.samples());
  std::vector<arma::mat> At{with_ones(problem.x())};
  std::vector<arma::mat> m;
  for (arma::uword l = 1; l <= L; ++l) {
    m.emplace_back(joint(network, l) * At.back());
    if (l < L) At.push_back(with_ones(arma::clamp(m.back(), 0, arma::datum::inf)));
  }
  std::vector<arma::mat> e(L);
  const auto a_step = [&](arma::uword l) -> arma::mat {
    const arma::mat& W = network.W[l - 1];
    return solve_damped(W * W.t(), p.lam, W).t() * e[l - 1];
  };
  e[L - 1] = (problem.targets() + p.c * m[L - 1]) / (1 + p.c) - m[L - 1];
  for (arma::uword l = L; l >= 2; --l) {
    e[l - 2] = a_step(l) % arma::conv_to<arma::mat>::from(m[l - 2] > 0);
  }
  std::vector<arma::mat> result;
  for (arma::uword l = 1; l <= L; ++l) {
    const arma::mat G = At[l - 1] * At[l - 1].t() / N;
    const double eps = l == 1 ? p.eps_input : p.eps;
    const arma::mat D = solve_damped(G, eps, At[l - 1] * e[l - 1].t() / N).t();
    result.emplace_back(joint(network, l) + p.step.eta[l - 1] * D);
  }
  return result;
}

}  // namespace

/// Both cases of the input metric: more samples than features, and fewer.
BOOST_DATA_TEST_CASE(an_iteration_is_its_equations, std::vector<arma::uword>({40, 5}), samples) {
  const auto problem = testing::small_problem<double>(shape, samples, Loss::squared);
  GramTpParameters p = full_batch(Rule::fixed);
  p.step.eta = {2, 1.5, 0.7};
  GramTp<double> solver(p);
  const auto start = gaussian_network<double>(shape, 3);
  solver.initialize(problem, start, 1);
  solver.step();
  const auto expected = dense_iteration(problem, start, p);
  for (arma::uword l = 1; l <= 3; ++l) {
    BOOST_TEST(arma::abs(joint(solver.network(), l) - expected[l - 1]).max() < 1e-11);
  }
}

/// Proposition 1: with majorised steps no batch raises its objective, whatever penalties, damping, activation and loss; only
/// rounding is allowed for.
BOOST_DATA_TEST_CASE(majorised_steps_descend_on_the_batch_objective,
                     std::vector<int>({0, 1, 2, 3, 4}) * std::vector<int>({0, 1}) *
                         std::vector<double>({0.05, 2}) * std::vector<double>({0.01, 1}) *
                         std::vector<double>({0.5, 1, 2}),
                     activation, loss_kind, c, lam, relaxation) {
  const auto f = static_cast<Activation>(activation);
  const auto loss = static_cast<Loss>(loss_kind);
  const auto problem = testing::small_problem<double>(shape, 50, loss, f);
  GramTpParameters p;
  p.batch_size = 16;
  p.c = c;
  p.lam = lam;
  p.step.rule = Rule::majorised;
  p.step.relaxation = relaxation;
  GramTp<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(shape, 5), 1);
  for (int k = 0; k < 5; ++k) {
    solver.step();
    // Rounding of a sum of 16 losses of order 1, and the output prox's tolerance of 1e-10.
    BOOST_TEST(named(solver.diagnostics(), "descent_violation") < 1e-9);
  }
}

/// The control: beyond relaxation 2 the W-steps raise what they should lower, and the objective shows it.
BOOST_AUTO_TEST_CASE(over_relaxed_steps_do_not_descend) {
  const auto problem = testing::small_problem<double>(shape, 50, Loss::cross_entropy);
  GramTpParameters p;
  p.batch_size = 16;
  p.step.rule = Rule::majorised;
  p.step.relaxation = 20;
  p.safeguard.on = false;
  GramTp<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(shape, 5), 1);
  solver.step();
  BOOST_TEST(named(solver.diagnostics(), "descent_violation") > 1e-3);
}

/// What the batch objective is worth: majorised full-batch steps lower the loss itself on a small problem.
BOOST_AUTO_TEST_CASE(majorised_steps_train) {
  const auto problem = testing::small_problem<double>(shape, 60, Loss::cross_entropy);
  GramTp<double> solver(full_batch(Rule::majorised));
  solver.initialize(problem, gaussian_network<double>(shape, 5), 1);
  const double before = testing::objective_of(solver, problem);
  for (int k = 0; k < 200; ++k) solver.step();
  BOOST_TEST(testing::objective_of(solver, problem) < 0.5 * before);
}

/// The relative rule: the first step of every layer has length/L of its weights' norm, whatever the penalties and dampings.
BOOST_DATA_TEST_CASE(relative_steps_have_the_length_they_are_given,
                     std::vector<double>({0.05, 2}) * std::vector<double>({0.01, 1}), c, lam) {
  const auto problem = testing::small_problem<double>(shape, 40, Loss::cross_entropy);
  GramTpParameters p = full_batch(Rule::relative);
  p.c = c;
  p.lam = lam;
  GramTp<double> solver(p);
  const auto start = gaussian_network<double>(shape, 3);
  solver.initialize(problem, start, 1);
  solver.step();
  for (arma::uword l = 1; l <= 3; ++l) {
    const arma::mat before = joint(start, l);
    const double moved = std::sqrt(norm2<double>(joint(solver.network(), l) - before) / norm2(before));
    BOOST_TEST(moved == p.step.length / 3, boost::test_tools::tolerance(1e-12));
  }
}

/// Controls: the layers that do not train stay to the bit; the others move.
BOOST_AUTO_TEST_CASE(frozen_layers_stay) {
  using Train = GramTpParameters::Train;
  const auto problem = testing::small_problem<double>(shape, 40, Loss::cross_entropy);
  const auto start = gaussian_network<double>(shape, 3);
  for (const Train train : {Train::last_layer, Train::hidden}) {
    GramTpParameters p;
    p.batch_size = 16;
    p.train = train;
    GramTp<double> solver(p);
    solver.initialize(problem, start, 1);
    solver.step();
    for (arma::uword l = 1; l <= 3; ++l) {
      const bool same = arma::approx_equal(solver.network().W[l - 1], start.W[l - 1], "absdiff", 0.0);
      BOOST_TEST(same == ((l == 3) == (train == Train::hidden)));
    }
  }
}

/// Steps far too long ruin the network; the safeguard goes back, and the loss ends below where it began.
BOOST_AUTO_TEST_CASE(the_safeguard_recovers_from_steps_that_are_too_long) {
  const auto problem = testing::small_problem<double>(shape, 60, Loss::cross_entropy);
  const auto loss_after = [&](bool guarded) {
    GramTpParameters p;
    p.batch_size = 10;
    p.step.length = 30;
    p.safeguard.on = guarded;
    GramTp<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(shape, 5), 1);
    const double before = testing::objective_of(solver, problem);
    for (int k = 0; k < 60; ++k) solver.step();
    const Diagnostics after = solver.diagnostics();
    BOOST_TEST((named(after, "fallbacks") > 0) == guarded);
    return testing::objective_of(solver, problem) / before;
  };
  BOOST_TEST(loss_after(true) < 1);
  BOOST_TEST(!(loss_after(false) < 1));  // the control; NaN included
}

/// D_l is a descent direction of the loss where the theory says nothing else: in the output layer, whose target is the prox of
/// the loss itself.
BOOST_AUTO_TEST_CASE(the_output_layers_target_points_down_the_gradient) {
  const auto problem = testing::small_problem<double>(shape, 60, Loss::squared);
  GramTp<double> solver(full_batch(Rule::relative));
  solver.initialize(problem, gaussian_network<double>(shape, 5), 1);
  for (int k = 0; k < 3; ++k) {
    const Diagnostics diagnostics = solver.diagnostics();
    // Squared loss: e_L = (T - m_L)/(1 + c), exactly along the negative gradient.
    BOOST_TEST(named(diagnostics, "target_cosine3") == 1, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(named(diagnostics, "cosine3") > 0);
    solver.step();
  }
}

/// The same seed gives the same bits, another seed other batches.
BOOST_AUTO_TEST_CASE(runs_repeat) {
  const auto problem = testing::small_problem<float>(shape, 50, Loss::cross_entropy);
  const auto run = [&](std::uint64_t seed) {
    GramTpParameters p;
    p.batch_size = 16;
    GramTp<float> solver(p);
    solver.initialize(problem, gaussian_network<float>(shape, 5), seed);
    for (int k = 0; k < 3; ++k) solver.step();
    return arma::fmat(solver.network().W[0]);
  };
  const arma::fmat first = run(1);
  BOOST_TEST(arma::approx_equal(first, run(1), "absdiff", 0.0F));
  BOOST_TEST(!arma::approx_equal(first, run(2), "absdiff", 0.0F));
}

/// Exact cost of a batch between factorisations, beside back-propagation's: K_l^T e_l costs what W_l^T delta does, and the metric
/// of a layer with more outputs than the batch has samples one product of n^2 B.
BOOST_AUTO_TEST_CASE(a_batch_costs_its_formula) {
  const std::vector<arma::uword> widths{20, 60, 50, 3};
  constexpr arma::uword B = 32;
  const auto problem = testing::small_problem<float>(widths, B, Loss::cross_entropy);
  GramTpParameters p;
  p.batch_size = std::nullopt;
  GramTp<float> solver(p);
  solver.initialize(problem, gaussian_network<float>(widths, 3), 1);
  solver.step();  // factorises
  Counters found;
  {
    const Counting counting(found);
    solver.step();
  }
  std::uint64_t expected = 0;
  std::uint64_t solves = 0;
  for (arma::uword l = 1; l <= 3; ++l) {
    const std::uint64_t n = widths[l];
    const std::uint64_t inputs = widths[l - 1] + 1;
    expected += n * inputs * B;  // forward
    expected += n * inputs * B;  // e At^T, or e (P At)^T
    if (l == 1) continue;
    expected += n * (inputs - 1) * B;                               // K^T e
    expected += n < B ? n * inputs * inputs : inputs * inputs * B;  // the metric
    if (4 * n <= B) {                                               // K of a layer of few outputs, every time
      expected += n * n * (inputs - 1);
      solves += n * n * n / 3 + 2 * n * n * (inputs - 1);
    }
  }
  BOOST_TEST(found.product_flops == 2 * expected);
  BOOST_TEST(found.solve_flops == solves);
  BOOST_TEST(found.iterative_flops == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
