#include "core/problem/loss.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(loss_test)

BOOST_DATA_TEST_CASE(gradient_is_the_limit_of_differences, std::vector<int>({0, 1}), kind) {
  const auto loss = static_cast<Loss>(kind);
  const auto problem = testing::small_problem<double>({4, 3}, 7, loss);
  Rng rng(3);
  arma::mat z(3, 7);
  fill_normal(rng, 2.0, z);
  arma::mat gradient(3, 7);
  loss_gradient(loss, z, problem.targets(), 0.5, gradient);
  constexpr double h = 1e-5;
  for (arma::uword i = 0; i < z.n_elem; ++i) {
    arma::mat ahead = z;
    arma::mat behind = z;
    ahead[i] += h;
    behind[i] -= h;
    const double difference =
        (loss_value(loss, ahead, problem.targets()) - loss_value(loss, behind, problem.targets())) / (2 * h);
    BOOST_TEST(std::abs(0.5 * difference - gradient[i]) < 1e-8);
  }
}

BOOST_AUTO_TEST_CASE(cross_entropy_is_minus_log_softmax) {
  const arma::mat z = arma::vec{1.0, 2.0, -0.5};
  const arma::mat y = arma::vec{0.0, 1.0, 0.0};
  const double expected = -std::log(std::exp(2.0) / (std::exp(1.0) + std::exp(2.0) + std::exp(-0.5)));
  BOOST_TEST(loss_value(Loss::cross_entropy, z, y) == expected, boost::test_tools::tolerance(1e-14));
}

/// Columns are taken together as far as a buffer of 512 exponentials holds them, and long ones in parts: every column counts once
/// whatever fits. The sum of N terms of size log(classes) + |z| is rounded N times.
BOOST_DATA_TEST_CASE(cross_entropy_of_any_shape_is_the_sum_over_columns,
                     std::vector<arma::uword>({1, 3, 7, 512, 513, 1100}) *
                         std::vector<arma::uword>({1, 170, 171, 600}),
                     classes, columns) {
  Rng rng(4);
  arma::mat z(classes, columns);
  fill_normal(rng, 3.0, z);
  arma::mat y(classes, columns, arma::fill::zeros);
  for (arma::uword n = 0; n < columns; ++n) y((7 * n) % classes, n) = 1;
  double expected = 0;
  for (arma::uword n = 0; n < columns; ++n) {
    expected += std::log(arma::accu(arma::exp(z.col(n)))) - z((7 * n) % classes, n);
  }
  BOOST_TEST(std::abs(loss_value(Loss::cross_entropy, z, y) - expected) < 1e-14 * 100 * double(columns));
}

BOOST_AUTO_TEST_CASE(huge_logits_stay_finite) {
  const arma::fmat z{{1e4F, -1e4F}, {0.0F, 0.0F}};
  const arma::fmat y{{1.0F, 1.0F}, {0.0F, 0.0F}};
  BOOST_TEST(loss_value(Loss::cross_entropy, z, y) == 1e4, boost::test_tools::tolerance(1e-6));
  arma::fmat gradient(2, 2);
  loss_gradient(Loss::cross_entropy, z, y, 1.0F, gradient);
  BOOST_TEST(gradient.is_finite());
}

BOOST_AUTO_TEST_CASE(squared_is_half_the_distance) {
  const arma::mat z = arma::rowvec{3.0, 0.0};
  const arma::mat t = arma::rowvec{1.0, 1.0};
  BOOST_TEST(loss_value(Loss::squared, z, t) == 2.5);
}

BOOST_AUTO_TEST_SUITE_END()
