#include "core/blocks/preactivation_step.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(preactivation_step_test)

namespace {

template <class F>
double best_on_grid(F f, double w, double m, double a) {
  const auto h = [&](double z) { return w * (z - m) * (z - m) + (a - f(z)) * (a - f(z)); };
  const double radius = std::abs(a - f(m)) / std::sqrt(w) + 1;
  double best = h(0);
  constexpr int points = 20001;
  for (int i = 0; i < points; ++i) best = std::min(best, h(m + radius * (2.0 * i / (points - 1) - 1)));
  return best;
}

}  // namespace

/// The global minimiser of a function that may have two minima: no point of a dense grid may lie below.
BOOST_DATA_TEST_CASE(no_grid_point_is_better,
                     std::vector<int>({0, 1, 2, 3, 4, 5, 6}) * std::vector<double>({1.0, 2.0}), kind, w) {
  const auto activation = static_cast<Activation>(kind);
  with_activation<double>(activation, [&, weight = w](auto f) {
    Rng rng(11, static_cast<std::uint64_t>(kind));
    for (int trial = 0; trial < 300; ++trial) {
      const double scale = trial % 3 == 0 ? 20.0 : 1.5;
      const double m = scale * rng.normal();
      const double a = scale * rng.normal();
      const double z = preactivation_minimizer(activation, weight, m, a);
      const double value = weight * (z - m) * (z - m) + (a - f(z)) * (a - f(z));
      BOOST_TEST(value <= best_on_grid(f, weight, m, a) + 1e-12 * (1 + value));
    }
  });
}

BOOST_AUTO_TEST_CASE(relu_ties_keep_the_negative_branch) {
  // m = -1, a = 1: z- = -1 with h = 1, z+ = 0 with h = 2. m = 0, a = 0: both 0.
  BOOST_TEST(preactivation_minimizer(Activation::relu, 1.0, -1.0, 1.0) == -1.0);
  BOOST_TEST(preactivation_minimizer(Activation::relu, 1.0, 0.0, 0.0) == 0.0);
  // m = -1, a = 1 + sqrt(2): z+ = a/2 - 1/2 costs (a+1)^2/2, z- costs a^2: equal. Just above, z+ wins.
  BOOST_TEST(preactivation_minimizer(Activation::relu, 1.0, -1.0, 2.42) > 0.0);
  BOOST_TEST(preactivation_minimizer(Activation::relu, 1.0, -1.0, 2.41) == -1.0);
}

/// By hand, sign: m = 1, a = -1. Staying costs 4; crossing to just below 0 costs 1. With a = 0 both sides cost the same but for the way.
BOOST_AUTO_TEST_CASE(a_jump_is_crossed_where_that_pays) {
  BOOST_TEST(preactivation_minimizer(Activation::sign, 1.0, 1.0, -1.0) ==
             -std::numeric_limits<double>::min());
  BOOST_TEST(preactivation_minimizer(Activation::sign, 1.0, 1.0, 0.0) == 1.0);
  BOOST_TEST(preactivation_minimizer(Activation::sign, 1.0, -1.0, 1.0) == 0.0);
  BOOST_TEST(preactivation_minimizer(Activation::sign, 1.0, -3.0, 1.0) == -3.0);
  BOOST_TEST(preactivation_minimizer(Activation::step, 1.0, -0.9, 1.0) == 0.0);
  BOOST_TEST(preactivation_minimizer(Activation::step, 1.0, -1.1, 1.0) == -1.1);
}

BOOST_AUTO_TEST_CASE(proximal_form_is_the_three_term_objective) {
  Rng rng(4);
  const arma::mat WA(3, 5, arma::fill::zeros);
  arma::vec b(3);
  arma::mat q(3, 5);
  arma::mat z(3, 5);
  fill_normal(rng, 1.0, b);
  fill_normal(rng, 1.0, q);
  fill_normal(rng, 1.0, z);
  const arma::mat old = z;
  proximal_preactivation_step(Activation::relu, WA, b, q, z);
  for (arma::uword n = 0; n < 5; ++n) {
    for (arma::uword i = 0; i < 3; ++i) {
      const auto h = [&](double v) {
        const double relu = std::max(v, 0.0);
        return (v - b[i]) * (v - b[i]) + (q(i, n) - relu) * (q(i, n) - relu) +
               (v - old(i, n)) * (v - old(i, n));
      };
      for (double v = -5; v < 5; v += 1e-3) BOOST_REQUIRE(h(z(i, n)) <= h(v) + 1e-14);
    }
  }
}

/// relu and leaky_relu: the result minimises the three-term objective on its own side of 0 (dense grid), and of the two sides'
/// minimisers it is the one where the first two terms are smaller; a side by side choice with three terms differs somewhere.
BOOST_DATA_TEST_CASE(two_terms_choose_between_the_minimisers_of_three, std::vector<double>({0, leaky_slope}),
                     slope) {
  const Activation activation = slope == 0 ? Activation::relu : Activation::leaky_relu;
  Rng rng(5);
  const arma::mat WA(20, 20, arma::fill::zeros);
  arma::vec b(20);
  arma::mat q(20, 20), z(20, 20);
  fill_normal(rng, 1.0, b);
  fill_normal(rng, 2.0, q);
  fill_normal(rng, 2.0, z);
  const arma::mat old = z;
  arma::mat three = z;
  proximal_preactivation_step(activation, WA, b, q, three);
  two_term_preactivation_step(activation, WA, b, q, z);
  const auto f = [slope = slope](double v) { return v > 0 ? v : slope * v; };
  for (arma::uword n = 0; n < 20; ++n) {
    for (arma::uword i = 0; i < 20; ++i) {
      const auto two = [&](double v) { return std::pow(v - b[i], 2) + std::pow(q(i, n) - f(v), 2); };
      const auto whole = [&](double v) { return two(v) + std::pow(v - old(i, n), 2); };
      double below = 0, above = 0;
      for (double v = 0; v < 10; v += 1e-3) {
        if (whole(-v) < whole(below)) below = -v;
        if (whole(v) < whole(above)) above = v;
      }
      const bool is_below = std::abs(z(i, n) - below) < 1e-3;
      BOOST_REQUIRE((is_below || std::abs(z(i, n) - above) < 1e-3));
      const double other = is_below ? above : below;
      BOOST_REQUIRE(two(z(i, n)) <= two(other) + 1e-2);  // the grid's minimiser is off by its spacing
      BOOST_REQUIRE(whole(z(i, n)) <= whole(is_below ? below : above) + 1e-12);
    }
  }
  BOOST_TEST(arma::accu(arma::abs(z - three) > 1e-2) > 5u);
}

/// By hand: m = 0, z^k = -2, q = 1. z- = -1 costs 1 + 1, with the proximal term 3; z+ = 0 costs 0 + 1, with it 5.
BOOST_AUTO_TEST_CASE(two_terms_differ_from_three) {
  const arma::mat WA(1, 1, arma::fill::zeros);
  const arma::vec b(1, arma::fill::zeros);
  const arma::mat q(1, 1, arma::fill::ones);
  arma::mat z(1, 1);
  z(0) = -2;
  proximal_preactivation_step(Activation::relu, WA, b, q, z);
  BOOST_TEST(z(0) == -1.0);
  z(0) = -2;
  two_term_preactivation_step(Activation::relu, WA, b, q, z);
  BOOST_TEST(z(0) == 0.0);
}

/// Activations with one branch know no difference.
BOOST_AUTO_TEST_CASE(two_terms_are_three_where_there_is_one_branch) {
  Rng rng(6);
  arma::mat WA(4, 6), q(4, 6), z(4, 6);
  arma::vec b(4);
  for (arma::mat* values : {&WA, &q, &z}) fill_normal(rng, 1.0, *values);
  fill_normal(rng, 1.0, b);
  for (const Activation activation :
       {Activation::identity, Activation::tanh, Activation::sigmoid, Activation::sign}) {
    arma::mat two = z;
    arma::mat three = z;
    two_term_preactivation_step(activation, WA, b, q, two);
    proximal_preactivation_step(activation, WA, b, q, three);
    BOOST_TEST(arma::approx_equal(two, three, "absdiff", 0));
  }
}

/// w, m and a for which half the derivative of w (z - m)^2 + (a - tanh z)^2 has a threefold root at z0: secants alone creep there, and
/// leave a bracket of which the middle is nowhere. Near z0 the derivative is a cube: its rounding of 1e-15 moves the root by 1e-5.
BOOST_AUTO_TEST_CASE(a_threefold_root_is_found) {
  for (const double z0 : {-0.8, -1.0, -1.1}) {
    const double f = std::tanh(z0);
    const double first = 1 - f * f;
    const double second = -2 * f * first;
    const double third = first * (6 * f * f - 2);
    const double gap =
        3 * first * second / third;  // a - f; from here on the derivatives that vanish, from the third down
    const double w = gap * second - first * first;
    const double m = z0 - gap * first / w;
    BOOST_TEST_REQUIRE(w > 0);
    BOOST_TEST(std::abs(preactivation_minimizer(Activation::tanh, w, m, f + gap) - z0) < 1e-4);
  }
}

BOOST_AUTO_TEST_SUITE_END()
