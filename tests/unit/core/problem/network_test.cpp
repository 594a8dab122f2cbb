#include "core/problem/network.hpp"

#include <boost/test/unit_test.hpp>

#include "core/blocks/layer_variables.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(network_test)

BOOST_AUTO_TEST_CASE(start_has_the_documented_moments) {
  const auto network = gaussian_network<double>({200, 100, 10}, 3);
  // 20,000 draws: the mean has deviation 0.1/sqrt(20000) = 7e-4, the deviation 0.1/sqrt(40000) = 5e-4; 5
  // sigma.
  BOOST_TEST(std::abs(arma::mean(arma::vectorise(network.W[0]))) < 3.6e-3);
  BOOST_TEST(std::abs(arma::stddev(arma::vectorise(network.W[0])) - 0.1) < 2.5e-3);
}

BOOST_AUTO_TEST_CASE(independent_streams_share_nothing_and_reseeded_ones_everything) {
  const auto independent = gaussian_network<double>({5, 5, 5}, 3);
  BOOST_TEST(arma::abs(independent.W[0] - independent.W[1]).min() > 0);
  const auto reseeded = gaussian_network<double>({5, 5, 5}, 3, Start::reseeded);
  BOOST_TEST(arma::abs(reseeded.W[0] - reseeded.W[1]).max() == 0);
  BOOST_TEST(arma::abs(reseeded.b[0].t() - reseeded.W[0].row(0)).max() == 0);
}

/// The other laws scale the draws of the default and drop the biases.
BOOST_AUTO_TEST_CASE(initial_weights_follow_the_law_asked_for) {
  const std::vector<arma::uword> shape{50, 20, 10};
  const auto drawn = initial_weights<double>(InitialWeights::gaussian, shape, 3);
  const auto he = initial_weights<double>(InitialWeights::he, shape, 3);
  const auto small = initial_weights<double>(InitialWeights::small, shape, 3);
  const auto gaussian = gaussian_network<double>(shape, 3);
  for (arma::uword l = 0; l < 2; ++l) {
    BOOST_TEST(arma::approx_equal(drawn.W[l], gaussian.W[l], "absdiff", 0.0));
    const double factor = std::sqrt(2.0 / static_cast<double>(shape[l])) / 0.1;
    BOOST_TEST(arma::approx_equal(he.W[l], factor * drawn.W[l], "reldiff", 1e-14));
    BOOST_TEST(arma::all(he.b[l] == 0));
    BOOST_TEST(arma::approx_equal(small.W[l], 0.1 * drawn.W[l], "reldiff", 1e-14));
    BOOST_TEST(arma::all(small.b[l] == 0));
    BOOST_TEST(!arma::all(drawn.b[l] == 0));
  }
}

BOOST_AUTO_TEST_CASE(same_seed_same_network_other_seed_another) {
  const auto one = gaussian_network<float>({6, 4, 2}, 8);
  const auto two = gaussian_network<float>({6, 4, 2}, 8);
  const auto other = gaussian_network<float>({6, 4, 2}, 9);
  BOOST_TEST(arma::abs(one.W[1] - two.W[1]).max() == 0);
  BOOST_TEST(arma::abs(one.W[1] - other.W[1]).max() > 0);
}

BOOST_AUTO_TEST_CASE(forward_pass_in_blocks_equals_the_formula) {
  const auto problem = testing::small_problem<double>({4, 6, 3}, 5000, Loss::cross_entropy);
  const auto network = gaussian_network<double>(problem.widths, 1);
  ForwardWorkspace<double> workspace;
  arma::mat z;
  forward(network, Activation::relu, problem.x(), workspace, z);
  arma::mat hidden = network.W[0] * problem.x();
  hidden.each_col() += network.b[0];
  hidden.clamp(0, arma::datum::inf);
  arma::mat expected = network.W[1] * hidden;
  expected.each_col() += network.b[1];
  BOOST_TEST(arma::abs(z - expected).max() < 1e-13);

  const Evaluation result = evaluate(network, problem, *problem.train, workspace);
  arma::uword right = 0;
  for (arma::uword n = 0; n < 5000; ++n)
    right += expected.col(n).index_max() == problem.train->labels[n] ? 1 : 0;
  BOOST_TEST(result.accuracy.value() == static_cast<double>(right) / 5000);
  BOOST_TEST(result.mean_loss == loss_value(Loss::cross_entropy, expected, problem.targets()) / 5000,
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(regression_has_no_accuracy) {
  const auto problem = testing::small_problem<double>({4, 3}, 10, Loss::squared);
  ForwardWorkspace<double> workspace;
  BOOST_TEST(
      !evaluate(gaussian_network<double>(problem.widths, 1), problem, *problem.train, workspace).accuracy);
}

BOOST_AUTO_TEST_CASE(forward_state_is_the_documented_start) {
  const auto problem = testing::small_problem<double>({4, 6, 3}, 10, Loss::cross_entropy);
  const auto state = forward_state(problem, gaussian_network<double>(problem.widths, 1));
  arma::mat z1 = state.network.W[0] * problem.x();
  z1.each_col() += state.network.b[0];
  BOOST_TEST(arma::abs(state.z(1) - z1).max() < 1e-14);
  BOOST_TEST(arma::abs(state.a(1) - arma::clamp(z1, 0, arma::datum::inf)).max() < 1e-14);
  BOOST_TEST(arma::abs(state.z(2) - (2 * problem.targets() - 1)).max() == 0);
  BOOST_TEST(arma::abs(state.WA(2) - state.network.W[1] * state.a(1)).max() < 1e-14);
}

BOOST_AUTO_TEST_CASE(one_hot_refuses_labels_out_of_range) {
  const arma::Row<arma::uword> labels{0, 3};
  BOOST_CHECK_THROW(one_hot<double>(labels, 3), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(shuffle_is_a_fair_permutation) {
  // 6 orders of 3 items, 6000 draws: each count is binomial with mean 1000, deviation 29; 5 sigma.
  Rng rng(1);
  std::map<std::vector<int>, int> counts;
  for (int trial = 0; trial < 6000; ++trial) {
    std::vector<int> items{0, 1, 2};
    shuffle(rng, items);
    ++counts[items];
  }
  BOOST_TEST(counts.size() == 6);
  for (const auto& [order, count] : counts) BOOST_TEST(std::abs(count - 1000) < 145);
}

BOOST_AUTO_TEST_SUITE_END()
