/// gorth: what its step is made of, against dense equations, its lengths, its two signals, and the descent of majorised batches.

#include "solvers/gorth/gorth.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/compute/linalg.hpp"
#include "core/problem/backprop.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(gorth_test)
using testing::named;

namespace {

using Rule = WhitenedStepRule::Rule;

const std::vector<arma::uword> shape{6, 9, 7, 3};

GorthParameters full_batch(StepSignal signal) {
  GorthParameters p;
  p.batch_size = std::nullopt;
  p.signal = signal;
  p.safeguard.on = false;
  return p;
}

arma::mat joint(const Network<double>& network, arma::uword l) {
  return arma::join_rows(network.W[l - 1], network.b[l - 1]);
}

arma::mat with_ones(const arma::mat& a) { return arma::join_cols(a, arma::ones(1, a.n_cols)); }

/// [a_{l-1}; 1] of the forward pass.
arma::mat inputs(const Problem<double>& problem, const Network<double>& network, arma::uword l) {
  arma::mat At = with_ones(problem.x());
  for (arma::uword k = 1; k < l; ++k) {
    arma::mat a = joint(network, k) * At;
    with_activation<double>(problem.activation, [&](auto f) { a.transform([&](double z) { return f(z); }); });
    At = with_ones(a);
  }
  return At;
}

arma::mat damped(const arma::mat& G, double eps) {
  return G + eps * arma::mean(G.diag()) * arma::eye(arma::size(G));
}

double relative(const arma::mat& found, const arma::mat& expected) {
  return arma::norm(found - expected) / arma::norm(expected);
}

double norm_of(const arma::mat& A) { return std::sqrt(norm2(A)); }

}  // namespace

/// Signal gradient: the first step before its root, S_l V_l, is the negative gradient by back-propagation times the inverse metric, to
/// rounding; targets are something else.
BOOST_DATA_TEST_CASE(signal_gradient_is_back_propagation,
                     std::vector<int>({0, 1, 2, 3, 4}) * std::vector<int>({0, 1}), activation, loss_kind) {
  const auto f = static_cast<Activation>(activation);
  const auto loss = static_cast<Loss>(loss_kind);
  const auto problem = testing::small_problem<double>(shape, 40, loss, f);
  const auto start = gaussian_network<double>(shape, 3);
  Network<double> gradient = start;
  Backprop<double> backprop;
  backprop.reserve(shape, 40);
  backprop(start, f, loss, 0, problem.x(), problem.targets(), gradient);
  const auto unrooted = [&](StepSignal signal) {
    GorthParameters p = full_batch(static_cast<StepSignal>(signal));
    p.momentum = 0;
    p.label_smoothing = 0;
    Gorth<double> solver(p);
    solver.initialize(problem, start, 1);
    solver.step();
    const testing::SolverState<double> state(solver);
    return std::vector<arma::mat>{state("S", 1) * state("V", 1), state("S", 2) * state("V", 2)};
  };
  const std::vector<arma::mat> found = unrooted(StepSignal::gradient);
  const std::vector<arma::mat> targets = unrooted(StepSignal::targets);
  const GorthParameters p;
  for (arma::uword l = 1; l <= 2; ++l) {
    const arma::mat At = inputs(problem, start, l);
    const arma::mat P = damped(At * At.t() / 40, l == 1 ? p.eps_input : p.eps);
    const arma::mat expected = arma::solve(P, -joint(gradient, l).t()).t();
    BOOST_TEST(relative(found[l - 1], expected) < 1e-11);
    BOOST_TEST(relative(targets[l - 1], expected) > 1e-2);  // the control
  }
  Gorth<double> solver(full_batch(StepSignal::gradient));
  solver.initialize(problem, start, 1);
  for (const char* column : {"target_cosine1", "target_cosine2", "target_cosine3"})
    BOOST_TEST(named(solver.diagnostics(), column) == 1, boost::test_tools::tolerance(1e-12));
}

/// The root after one step: S_l^2 = C_l + damping I with C_l of U = S_l V_l in the metric of the inputs, for more samples than features
/// and, through the smaller side, for fewer.
BOOST_DATA_TEST_CASE(the_root_whitens_the_steps, std::vector<arma::uword>({40, 5}), samples) {
  const auto problem = testing::small_problem<double>(shape, samples, Loss::cross_entropy);
  const auto start = gaussian_network<double>(shape, 3);
  GorthParameters p = full_batch(StepSignal::targets);
  p.momentum = 0;
  Gorth<double> solver(p);
  solver.initialize(problem, start, 1);
  solver.step();
  const testing::SolverState<double> state(solver);
  for (arma::uword l = 1; l <= 2; ++l) {
    const arma::mat& S = state("S", l);
    const arma::mat U = S * state("V", l);
    const arma::mat At = inputs(problem, start, l);
    const arma::mat G = At * At.t() / static_cast<double>(samples);
    const arma::mat in_metric = damped(G / arma::mean(G.diag()), l == 1 ? p.eps_input : p.eps);
    const arma::mat A = U * in_metric * U.t();
    const auto squared = [&](double damping) -> arma::mat {
      return A / arma::mean(A.diag()) + damping * arma::eye(arma::size(A));
    };
    BOOST_TEST(relative(S * S, squared(p.output_root.damping)) < 1e-11);
    BOOST_TEST(relative(S * S, squared(2 * p.output_root.damping)) > 1e-3);  // the control
  }
}

/// Without damping and memory the step of a layer, in the coordinates that whiten its inputs, is a multiple of an orthogonal factor, as
/// Muon's is in those of the weights; with damping it is not.
BOOST_AUTO_TEST_CASE(without_damping_and_memory_steps_are_orthogonal) {
  const auto problem = testing::small_problem<double>(shape, 40, Loss::cross_entropy, Activation::tanh);
  const auto start = gaussian_network<double>(shape, 3);
  const auto off_orthogonal = [&](double damping) {
    GorthParameters p = full_batch(StepSignal::targets);
    p.momentum = 0;
    p.output_root.damping = damping;
    Gorth<double> solver(p);
    solver.initialize(problem, start, 1);
    solver.step();
    const arma::mat At = inputs(problem, start, 2);
    const arma::mat G = At * At.t() / 40;
    const arma::mat step = joint(solver.network(), 2) - joint(start, 2);
    const arma::mat gram = step * damped(G / arma::mean(G.diag()), p.eps) * step.t();
    return arma::norm(gram / arma::mean(gram.diag()) - arma::eye(arma::size(gram)));
  };
  BOOST_TEST(off_orthogonal(1e-12) <
             0.01);  // a second moment has eigenvalues of 1e-9, which 1e-12 still damps a little
  BOOST_TEST(off_orthogonal(1) > 0.1);  // the control
}

/// Every step of a hidden layer has `length` of the norm that the weights had at the start, also when they have grown since.
BOOST_AUTO_TEST_CASE(steps_have_their_length_of_the_initial_weights) {
  const auto problem = testing::small_problem<double>(shape, 40, Loss::cross_entropy);
  GorthParameters p = full_batch(StepSignal::targets);
  p.step.length = 0.3;
  Gorth<double> solver(p);
  const auto start = gaussian_network<double>(shape, 3);
  solver.initialize(problem, start, 1);
  for (int k = 0; k < 4; ++k) {
    const Network<double> before = solver.network();
    solver.step();
    for (arma::uword l = 1; l <= 2; ++l) {
      const double moved = norm_of(joint(solver.network(), l) - joint(before, l));
      BOOST_TEST(moved == p.step.length * norm_of(joint(start, l)), boost::test_tools::tolerance(1e-12));
    }
  }
  // The control: the present norm is another one.
  BOOST_TEST(norm_of(joint(solver.network(), 1)) > 1.1 * norm_of(joint(start, 1)));
}

/// Proposition 1 of gram_tp holds for majorised batches here, with an output layer in no metric and smoothed labels; only rounding
/// is allowed for.
BOOST_DATA_TEST_CASE(majorised_batches_descend,
                     std::vector<int>({0, 1, 2, 3, 4}) * std::vector<int>({0, 1}) *
                         std::vector<double>({0.05, 2}) * std::vector<double>({0.5, 1, 2}),
                     activation, loss_kind, c, relaxation) {
  const auto f = static_cast<Activation>(activation);
  const auto problem = testing::small_problem<double>(shape, 50, static_cast<Loss>(loss_kind), f);
  GorthParameters p;
  p.batch_size = 16;
  p.c = c;
  p.step.rule = Rule::majorised;
  p.step.relaxation = relaxation;
  Gorth<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(shape, 5), 1);
  for (int k = 0; k < 5; ++k) {
    solver.step();
    // Rounding of a sum of 16 losses of order 1, and the output prox's tolerance of 1e-10.
    BOOST_TEST(named(solver.diagnostics(), "descent_violation") < 1e-9);
  }
}

/// The control: beyond relaxation 2 the W-steps raise what they should lower, and the objective shows it.
BOOST_AUTO_TEST_CASE(over_relaxed_batches_do_not_descend) {
  const auto problem = testing::small_problem<double>(shape, 50, Loss::cross_entropy);
  GorthParameters p;
  p.batch_size = 16;
  p.step.rule = Rule::majorised;
  p.step.relaxation = 20;
  p.safeguard.on = false;
  Gorth<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(shape, 5), 1);
  solver.step();
  BOOST_TEST(named(solver.diagnostics(), "descent_violation") > 1e-3);
}

/// Steps far too long ruin the network; the safeguard goes back, its batches descend, and the loss ends below where it began.
BOOST_DATA_TEST_CASE(the_safeguard_recovers_from_steps_that_are_too_long, std::vector<int>({0, 1}), signal) {
  const auto problem = testing::small_problem<double>(shape, 60, Loss::cross_entropy);
  const auto loss_after = [&](bool guarded) {
    GorthParameters p = full_batch(static_cast<StepSignal>(signal));
    p.batch_size = 10;
    p.step.length = 30;
    p.safeguard.on = guarded;
    Gorth<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(shape, 5), 1);
    const double before = testing::objective_of(solver, problem);
    for (int k = 0; k < 60; ++k) {
      solver.step();
      BOOST_TEST(named(solver.diagnostics(), "descent_violation") < 1e-9);
    }
    BOOST_TEST((named(solver.diagnostics(), "fallbacks") > 0) == guarded);
    return testing::objective_of(solver, problem) / before;
  };
  const double guarded = loss_after(true);
  const double unguarded = loss_after(false);
  BOOST_TEST(guarded < 0.9);
  BOOST_TEST(!(unguarded < 0.97));  // the control: at best the classes' shares are learned; NaN included
}

/// With its defaults it trains: both signals halve the loss of a small problem.
BOOST_DATA_TEST_CASE(both_signals_train, std::vector<int>({0, 1}), signal) {
  const auto problem = testing::small_problem<double>(shape, 60, Loss::cross_entropy);
  GorthParameters p;
  p.signal = static_cast<StepSignal>(signal);
  p.batch_size = 16;
  Gorth<double> solver(p);
  solver.initialize(problem, solver.initial_network(problem, 5), 1);
  const double before = testing::objective_of(solver, problem);
  for (int k = 0; k < 60; ++k) solver.step();
  BOOST_TEST(testing::objective_of(solver, problem) < 0.5 * before);
}

/// Smoothed labels: the first step is that of the labels (1 - ls) y + ls / n_L, for the cross entropy only.
BOOST_AUTO_TEST_CASE(labels_are_smoothed_for_the_cross_entropy) {
  const auto first_step = [&](Loss loss, double smoothing, bool by_hand) {
    auto problem = testing::small_problem<double>(shape, 40, loss);
    if (by_hand) {
      auto train = std::make_shared<Samples<double>>(*problem.train);
      train->targets = 0.8 * train->targets + 0.2 / 3;
      problem.train = train;
    }
    GorthParameters p = full_batch(StepSignal::targets);
    p.label_smoothing = smoothing;
    Gorth<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(shape, 3), 1);
    solver.step();
    return joint(solver.network(), 1);
  };
  const arma::mat smoothed = first_step(Loss::cross_entropy, 0.2, false);
  BOOST_TEST(relative(smoothed, first_step(Loss::cross_entropy, 0, true)) < 1e-12);
  BOOST_TEST(relative(smoothed, first_step(Loss::cross_entropy, 0, false)) > 1e-5);  // the control
  BOOST_TEST(relative(first_step(Loss::squared, 0.2, false), first_step(Loss::squared, 0, false)) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
