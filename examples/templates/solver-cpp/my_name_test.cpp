/// A block's closed form against brute force, and the method as a whole on a small problem.

#define BOOST_TEST_MODULE my_name_test
#include "my_name.hpp"

#include <boost/test/unit_test.hpp>

using namespace mine;

namespace {

/// What the z-step minimises.
double cost(double z, double m, double a, double before, double theta) {
  const double relu = std::max(z, 0.0);
  return (z - m) * (z - m) + (a - relu) * (a - relu) + theta * (z - before) * (z - before);
}

/// The least cost on a fine grid: slow, and right whatever the formula.
double least_cost(double m, double a, double before, double theta) {
  double least = cost(0, m, a, before, theta);
  for (int i = -4000; i <= 4000; ++i) least = std::min(least, cost(i * 1e-3, m, a, before, theta));
  return least;
}

/// How much worse than the grid's best the z-step's z is, at worst over many settings; `theta` of the z-step differs by `error`.
double worst_excess(double error) {
  Rng rng(0, 1);
  double worst = 0;
  for (int i = 0; i < 200; ++i) {
    const double m = rng.normal();
    const double a = rng.normal();
    const double before = rng.normal();
    const double theta = std::abs(rng.normal());
    const double z = damped_relu_minimizer(m, a, before, theta + error);
    worst = std::max(worst, cost(z, m, a, before, theta) - least_cost(m, a, before, theta));
  }
  return worst;
}

/// Two classes that a line separates.
Problem<double> two_clouds() {
  Rng rng(0, 2);
  auto train = std::make_shared<Samples<double>>();
  train->x.set_size(3, 60);
  fill_normal(rng, 1.0, train->x);
  train->labels.set_size(60);
  for (arma::uword n = 0; n < 60; ++n) {
    train->labels[n] = n % 2;
    train->x.col(n) += n % 2 == 0 ? 1.5 : -1.5;
  }
  train->targets = one_hot<double>(train->labels, 2);
  Problem<double> problem;
  problem.train = std::move(train);
  problem.widths = {3, 8, 8, 2};
  return problem;
}

double training_loss(const Problem<double>& problem, const Network<double>& network) {
  ForwardWorkspace<double> workspace;
  return evaluate(network, problem, *problem.train, workspace).mean_loss;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_z_step_is_the_minimiser) {
  BOOST_TEST(worst_excess(0) <= 1e-5);   // the grid's spacing
  BOOST_TEST(worst_excess(0.3) > 1e-3);  // a control: the test notices a wrong formula
}

BOOST_AUTO_TEST_CASE(the_method_trains) {
  const Problem<double> problem = two_clouds();
  MyNameMethod<double> method({.rho = 0.1, .nu = 0.1, .theta = 0.1, .step = {}});
  const Network<double> initial = method.initial_network(problem, 0);
  method.initialize(problem, initial, 0);
  for (int k = 0; k < 100; ++k) method.step();
  BOOST_TEST(training_loss(problem, method.network()) < 0.5 * training_loss(problem, initial));
  BOOST_TEST(method.diagnostics().residual.value() < 1);
}

BOOST_AUTO_TEST_CASE(another_activation_is_refused) {
  Problem<double> problem = two_clouds();
  problem.activation = Activation::tanh;
  MyNameMethod<double> method({});
  BOOST_CHECK_THROW(method.initialize(problem, method.initial_network(problem, 0), 0), std::invalid_argument);
}
