/// What makes the controls controls, each with a method that is none.

#include <boost/test/unit_test.hpp>

#include "tests/support/descent.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(controls_test)

namespace {

/// Largest difference of W_l after `steps` iterations from the starts `one` and `other`.
double difference(const std::string& name, const Values& values, const Problem<double>& problem,
                  const Network<double>& one, const Network<double>& other, arma::uword l, int steps) {
  const auto trained = [&](const Network<double>& start) {
    auto solver = configured(find_solver(name), values)->make_float64();
    solver->initialize(problem, start, 3);
    for (int k = 0; k < steps; ++k) solver->step();
    return arma::mat(solver->network().W[l - 1]);
  };
  return arma::abs(trained(one) - trained(other)).max();
}

}  // namespace

/// mono_forward: nothing goes back, so that W_1 does not depend on the layers above it; Adam's does.
BOOST_AUTO_TEST_CASE(lower_layers_do_not_see_the_upper_ones) {
  const auto problem = small_problem<double>({6, 9, 8, 3}, 50, Loss::cross_entropy);
  const Network<double> start = gaussian_network<double>(problem.widths, 3);
  Network<double> other = start;
  other.W[1] *= 2;
  other.W[2] *= -3;
  BOOST_TEST(difference("mono_forward", {}, problem, start, other, 1, 20) == 0);
  BOOST_TEST(difference("adam", {}, problem, start, other, 1, 20) > 1e-3);
}

/// With one hidden layer its classifier is the output layer: back-propagation, by Adam. With two it is not.
BOOST_AUTO_TEST_CASE(mono_forward_with_one_hidden_layer_is_adam) {
  for (const std::vector<arma::uword>& widths :
       {std::vector<arma::uword>{6, 9, 3}, std::vector<arma::uword>{6, 9, 8, 3}}) {
    const auto problem = small_problem<double>(widths, 50, Loss::cross_entropy, Activation::tanh);
    const Values batches{{"batch_size", "16"}, {"mu", "0.01"}};
    const auto mono = started("mono_forward", batches, problem);
    const auto adam = started("adam", batches, problem);
    for (int k = 0; k < 10; ++k) {
      mono->step();
      adam->step();
    }
    const double apart = arma::abs(mono->network().W[0] - adam->network().W[0]).max();
    BOOST_TEST((widths.size() == 3 ? apart < 1e-12 : apart > 1e-3), apart << " apart");
  }
}

/// proxprop: for tau -> 0 the proximal step is tau times the gradient, and what is left is of order tau^2; for a large tau it is not.
BOOST_AUTO_TEST_CASE(short_proximal_steps_are_gradient_steps) {
  const auto problem = small_problem<double>({6, 9, 8, 3}, 50, Loss::squared, Activation::tanh);
  const auto relative = [&](const std::string& tau) {
    const auto proxprop =
        started("proxprop", {{"tau", tau}, {"learning_rate", "1"}, {"momentum", "0"}}, problem);
    const auto sgd = started("sgd", {{"learning_rate", tau}}, problem);
    const arma::mat start = sgd->network().W[0];
    proxprop->step();
    sgd->step();
    return arma::norm(proxprop->network().W[0] - sgd->network().W[0]) /
           arma::norm(sgd->network().W[0] - start);
  };
  const double shorter = relative("1e-6");
  BOOST_TEST(shorter < 1e-3);
  BOOST_TEST(std::abs(relative("1e-5") / shorter - 10) < 0.1);
  BOOST_TEST(relative("1") > 0.5);
}

BOOST_AUTO_TEST_SUITE_END()
