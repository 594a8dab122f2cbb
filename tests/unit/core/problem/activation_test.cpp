#include "core/problem/activation.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(activation_test)

namespace {
const std::vector<int> kinds{0, 1, 2, 3, 4, 5, 6};
}

BOOST_DATA_TEST_CASE(derivative_is_the_limit_of_differences, kinds, kind) {
  with_activation<double>(static_cast<Activation>(kind), [](auto f) {
    // No multiple of 0.17 is 0: the kinks of the ReLUs are not touched.
    for (double z = -5; z < 5; z += 0.17) {
      constexpr double h = 1e-6;
      const double difference = (f(z + h) - f(z - h)) / (2 * h);
      BOOST_TEST(std::abs(difference - f.derivative(z)) < 1e-8);
    }
  });
}

BOOST_DATA_TEST_CASE(increasing_everywhere, kinds, kind) {
  with_activation<double>(static_cast<Activation>(kind), [](auto f) {
    for (double z = -700; z < 700; z += 3.1) BOOST_TEST(f(z + 3.1) >= f(z));
  });
}

BOOST_AUTO_TEST_CASE(sigmoid_does_not_overflow) {
  const Sigmoid<float> f;
  BOOST_TEST(f(-1e4F) == 0.0F);
  BOOST_TEST(f(1e4F) == 1.0F);
}

/// Within 4 ulp, in the tails as well.
BOOST_AUTO_TEST_CASE(sigmoid_is_accurate) {
  const Sigmoid<double> f;
  for (double z = -700; z < 40; z += 0.37) {
    const long double exact = 1 / (1 + std::exp(-static_cast<long double>(z)));
    const double ulp = std::nextafter(static_cast<double>(exact), 2.0) - static_cast<double>(exact);
    BOOST_TEST(static_cast<double>(std::abs(static_cast<long double>(f(z)) - exact)) <= 4 * ulp, z);
  }
}

BOOST_AUTO_TEST_CASE(names_are_those_of_experiment_files) {
  BOOST_TEST(to_string(Activation::relu) == "relu");
  BOOST_TEST(to_string(Activation::leaky_relu) == "leaky_relu");
  BOOST_TEST(to_string(Activation::identity) == "identity");
  BOOST_TEST(to_string(Activation::tanh) == "tanh");
  BOOST_TEST(to_string(Activation::sigmoid) == "sigmoid");
  BOOST_TEST(to_string(Activation::sign) == "sign");
  BOOST_TEST(to_string(Activation::step) == "step");
}

BOOST_AUTO_TEST_CASE(jumps_are_at_zero_which_is_above) {
  const double below = -std::numeric_limits<double>::min();
  BOOST_TEST(Sign<double>{}(0) == 1);
  BOOST_TEST(Sign<double>{}(below) == -1);
  BOOST_TEST(Step<double>{}(0) == 1);
  BOOST_TEST(Step<double>{}(below) == 0);
  BOOST_TEST(std::isnan(Sign<double>{}(std::nan(""))));  // what diverged must not look well
}

BOOST_AUTO_TEST_CASE(in_place) {
  arma::mat z{{-1, 2}, {3, -4}};
  activate(Activation::relu, z, z);
  BOOST_TEST(arma::approx_equal(z, arma::mat{{0, 2}, {3, 0}}, "absdiff", 0.0));
}

BOOST_AUTO_TEST_SUITE_END()
