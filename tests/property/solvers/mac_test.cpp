/// The method of auxiliary coordinates: what its theory says, each with a control that fails it.

#include <boost/test/unit_test.hpp>

#include "solvers/mac/output_fit.hpp"
#include "solvers/mac/penalty_continuation.hpp"
#include "tests/support/descent.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(mac_test)

/// While mu stays E_Q never rises, whatever the activation, loss, mu and kind of coordinate step.
BOOST_AUTO_TEST_CASE(the_penalised_error_never_rises_at_fixed_mu) {
  for (const Activation f :
       {Activation::relu, Activation::leaky_relu, Activation::tanh, Activation::sigmoid}) {
    for (const Loss loss : {Loss::cross_entropy, Loss::squared}) {
      for (const std::string a_step : {"gauss_seidel", "joint"}) {
        for (const std::string mu : {"0.1", "100"}) {
          const auto problem = small_problem<double>({9, 12, 7, 3}, 60, loss, f);
          const auto mac = started(
              "mac",
              {{"a_step", a_step}, {"penalty.initial", mu}, {"penalty.factor", "1"}, {"refit", "false"}},
              problem);
          BOOST_TEST(largest_rise(*mac, problem, 40) <= 1e-9);
        }
      }
    }
  }
  // The control: where mu is raised, so is E_Q.
  const auto problem = small_problem<double>({9, 12, 7, 3}, 60, Loss::squared);
  const auto control = started("mac", {{"penalty.every", "10"}}, problem);
  BOOST_TEST(!(largest_rise(*control, problem, 40) <= 1e-9));
}

/// The nested error that is left over: raising mu closes the gaps a_l - f(W_l a_{l-1} + b_l), which a small mu leaves open.
BOOST_AUTO_TEST_CASE(raising_the_penalty_closes_the_gaps) {
  const auto problem = small_problem<double>({6, 10, 8, 3}, 60, Loss::squared, Activation::tanh);
  const auto gap = [&](const Values& values) {
    const auto mac = started("mac", values, problem);
    for (int k = 0; k < 100; ++k) mac->step();
    return *mac->diagnostics().residual;
  };
  const double open = gap({{"penalty.initial", "0.1"}, {"penalty.factor", "1"}});
  BOOST_TEST(gap({{"penalty.initial", "0.1"}, {"penalty.every", "10"}}) < 1e-4 * open);
}

/// The post-processing can only lower the loss of the network.
BOOST_AUTO_TEST_CASE(the_refitted_network_is_no_worse) {
  for (const Loss loss : {Loss::cross_entropy, Loss::squared}) {
    const auto problem = small_problem<double>({6, 10, 8, 3}, 60, loss, Activation::tanh);
    const auto mac = started("mac", {{"penalty.initial", "0.1"}}, problem);
    ForwardWorkspace<double> workspace;
    int lower = 0;
    for (int k = 0; k < 10; ++k) {
      const double before = evaluate(mac->network(), problem, *problem.train, workspace).mean_loss;
      const double after = named(mac->diagnostics(), "refit_loss");
      BOOST_TEST(after <= before * (1 + 1e-12));
      if (after < 0.99 * before) ++lower;
      mac->step();
    }
    BOOST_TEST(lower > 5);
  }
}

/// The curvature bounds of the output layer's steps: R never rises with them; with half of the squared loss's it does.
BOOST_AUTO_TEST_CASE(output_steps_are_as_long_as_the_curvature_allows) {
  for (const Loss loss : {Loss::cross_entropy, Loss::squared}) {
    const auto problem = small_problem<double>({6, 3}, 40, loss);
    const auto after_one = [&](double curvature) {
      arma::mat W(3, 6, arma::fill::zeros), z(3, 40, arma::fill::zeros), S(3, 40), D(3, 40);
      arma::vec b(3, arma::fill::zeros);
      BorderedRidge<double> ridge;
      ridge.reserve(6, 3);
      ridge.factorize(curvature, 1e-9, problem.x());
      const double before = loss_value(loss, z, problem.targets());
      double value = before;
      fit_output(loss, problem.targets(), problem.x(), ridge, 1, W, b, z, value, S, D);
      BOOST_TEST(std::abs(value - loss_value(loss, z, problem.targets())) <= 1e-12 * before);
      z = W * problem.x();
      z.each_col() += b;
      BOOST_TEST(std::abs(value - loss_value(loss, z, problem.targets())) <= 1e-10 * before);
      return value / before;
    };
    BOOST_TEST(after_one(output_curvature(loss)) < 1);
    if (loss ==
        Loss::squared) {  // one step reaches the least-squares solution, from which the next does not move
      const arma::mat At = arma::join_cols(problem.x(), arma::rowvec(40, arma::fill::ones));
      const arma::mat fit = arma::solve(At.t(), problem.targets().t()).t() * At;
      const double best =
          loss_value(loss, fit, problem.targets()) / (0.5 * arma::accu(arma::square(problem.targets())));
      BOOST_TEST(std::abs(after_one(1) - best) < 1e-8);
      BOOST_TEST(after_one(2) > best + 1e-3);
      BOOST_TEST(after_one(0.4) == 1);  // overshoots, and is refused
    }
  }
}

/// When mu is raised, and how far.
BOOST_AUTO_TEST_CASE(mu_is_raised_when_little_is_gained_or_on_time) {
  PenaltyContinuation rule;
  BOOST_TEST(rule.next(2, 1, 100, 50) == 2);
  BOOST_TEST(rule.next(2, 1, 100, 99.95) == 20);
  BOOST_TEST(rule.next(2e5, 1, 100, 100) == 1e6);
  BOOST_TEST(rule.next(2e6, 1, 100, 100) == 2e6);  // it started above the cap
  rule.every = 3;
  BOOST_TEST(rule.next(2, 1, 100, 100) == 2);
  BOOST_TEST(rule.next(2, 3, 100, 50) == 20);
  rule.factor = 1;
  BOOST_TEST(rule.next(2, 3, 100, 100) == 2);
  BOOST_TEST(!rule.watches());
}

BOOST_AUTO_TEST_SUITE_END()
