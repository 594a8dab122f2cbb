#include "solvers/gram_tp/pass_acceleration.hpp"

#include <boost/test/unit_test.hpp>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(pass_acceleration_test)

namespace {

using Weights = std::vector<arma::mat>;

Weights draw(std::uint64_t seed) {
  Weights W{arma::mat(2, 3), arma::mat(1, 2)};
  Rng rng(seed);
  for (arma::mat& W_l : W) fill_normal(rng, 1.0, W_l);
  return W;
}

double distance(const Weights& one, const Weights& other) {
  double largest = 0;
  for (std::size_t l = 0; l < one.size(); ++l)
    largest = std::max(largest, arma::abs(one[l] - other[l]).max());
  return largest;
}

PassAcceleration<double> initialized(PassAccelerationOptions::Rule rule, const Weights& W) {
  PassAccelerationOptions options;
  options.rule = rule;
  options.momentum = 0.5;
  options.memory = 10;
  PassAcceleration<double> acceleration;
  acceleration.initialize(options, W);
  return acceleration;
}

}  // namespace

/// The first pass has none before it; the second one goes half of its movement further, or back to G if that is refused.
BOOST_AUTO_TEST_CASE(momentum_extrapolates_the_last_movement) {
  for (const bool accept : {true, false}) {
    const Weights first = draw(1);
    const Weights second = draw(2);
    auto acceleration = initialized(PassAccelerationOptions::Rule::momentum, first);
    Weights W = first;
    BOOST_TEST(!acceleration.propose(W));
    BOOST_TEST(distance(W, first) == 0);
    W = second;
    BOOST_TEST_REQUIRE(acceleration.propose(W));
    for (std::size_t l = 0; l < 2; ++l) {
      BOOST_TEST(arma::approx_equal(W[l], second[l] + 0.5 * (second[l] - first[l]), "absdiff", 1e-15));
    }
    const Weights candidate = W;
    acceleration.settle(accept, W);
    BOOST_TEST(distance(W, accept ? candidate : second) == 0);
  }
}

/// On a linear map of eight unknowns type II with full memory is GMRES: it arrives after nine maps; the plain iteration, the
/// control, is far away then.
BOOST_AUTO_TEST_CASE(anderson_solves_a_linear_map) {
  const Weights fixed_point = draw(3);
  const auto map = [&](Weights& W) {  // shrinks every entry by a factor of its own
    double factor = 0.99;
    for (std::size_t l = 0; l < 2; ++l) {
      for (arma::uword i = 0; i < W[l].n_elem; ++i) {
        W[l][i] = fixed_point[l][i] + factor * (W[l][i] - fixed_point[l][i]);
        factor -= 0.1;
      }
    }
  };
  Weights plain = draw(4);
  Weights W = plain;
  auto acceleration = initialized(PassAccelerationOptions::Rule::anderson, W);
  for (int k = 0; k < 11; ++k) {
    acceleration.begin(W);
    map(W);
    if (acceleration.propose(W)) acceleration.settle(true, W);
    map(plain);
  }
  BOOST_TEST(distance(W, fixed_point) < 1e-3 * distance(plain, fixed_point));
}

BOOST_AUTO_TEST_CASE(none_proposes_nothing) {
  Weights W = draw(1);
  auto acceleration = initialized(PassAccelerationOptions::Rule::none, W);
  acceleration.begin(W);
  BOOST_TEST(!acceleration.propose(W));
  BOOST_TEST(!acceleration.on());
}

BOOST_AUTO_TEST_SUITE_END()
