/// Powers and smallest detectable effects against simulation and enumeration.

#include "results/statistics/power.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "core/compute/rng.hpp"
#include "results/statistics/tests.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(power_test)

namespace {

/// The share of 4000 samples of normal differences with mean `mean` and deviation 1 whose paired t-test is below `level`.
double simulated(std::size_t count, double mean, double level, Sides sides) {
  Rng rng(11);
  int found = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    std::vector<double> a(count), zero(count, 0.0);
    for (double& value : a) value = mean + rng.normal();
    const PairedTTest test = paired_t_test(a, zero);
    const double p = sides == Sides::two ? *test.p_value : *test.t > 0 ? *test.p_value / 2 : 1;
    found += p <= level ? 1 : 0;
  }
  return found / 4000.0;
}

}  // namespace

/// 4000 trials have a standard deviation of at most 0.008.
BOOST_AUTO_TEST_CASE(the_power_of_t_is_that_of_simulation) {
  for (const Sides sides : {Sides::one, Sides::two}) {
    for (const std::size_t count : {3U, 6U, 10U}) {
      for (const double effect : {0.0, 0.5, 1.5}) {
        BOOST_TEST(std::abs(t_test_power(count, effect, 0.05, sides) -
                            simulated(count, effect, 0.05, sides)) < 0.03);
      }
    }
  }
}

/// Cohen's tables: 34 pairs find half a standard deviation at 5 % with 80 %.
BOOST_AUTO_TEST_CASE(thirty_four_pairs_find_half_a_deviation) {
  BOOST_TEST(t_test_power(34, 0.5, 0.05) > 0.80);
  BOOST_TEST(t_test_power(33, 0.5, 0.05) < 0.80);
  BOOST_TEST(std::abs(*detectable_difference(34, 2.0, 0.05) - 1.0) < 0.02);
}

BOOST_AUTO_TEST_CASE(what_is_detectable_shrinks_with_pairs_and_grows_with_correction) {
  const double plain = *detectable_difference(6, 0.01, 0.05);
  BOOST_TEST(*detectable_difference(12, 0.01, 0.05) < plain);
  BOOST_TEST(*detectable_difference(6, 0.01, 0.05 / 30) > plain);
  BOOST_TEST(*detectable_difference(6, 0.01, 0.05, Sides::one) < plain);
  BOOST_TEST(std::abs(t_test_power(6, plain / 0.01, 0.05) - default_power) < 1e-6);
  BOOST_TEST(!detectable_difference(6, 0, 0.05));
  BOOST_TEST(!detectable_difference(1, 1, 0.05));
  BOOST_CHECK_THROW(t_test_power(1, 1, 0.05), std::invalid_argument);
}

/// The effect that the formula gives is found by signed ranks in about 80 % of 2000 samples; the formula of equal signs is exact,
/// the other asymptotic.
BOOST_AUTO_TEST_CASE(signed_ranks_find_their_detectable_difference) {
  for (const std::size_t count : {6U, 7U, 12U, 30U}) {
    const double effect = *detectable_by_signed_ranks(count, 1, 0.05);
    Rng rng(5);
    int found = 0;
    for (int trial = 0; trial < 2000; ++trial) {
      std::vector<double> a(count), zero(count, 0.0);
      for (double& value : a) value = effect + rng.normal();
      found += wilcoxon_signed_rank(a, zero).p_value <= 0.05 ? 1 : 0;
    }
    BOOST_TEST_CONTEXT(count << " pairs") {
      BOOST_TEST(found / 2000.0 > 0.74);
      BOOST_TEST(found / 2000.0 < 0.88);
    }
  }
  BOOST_TEST(!detectable_by_signed_ranks(5, 1, 0.05));
  BOOST_TEST(*detectable_by_signed_ranks(6, 0, 0.05) == 0.0);
}

/// Two samples: 64 each find half a deviation by t (Cohen); by ranks simulation finds the formula's effect in about 80 %.
BOOST_AUTO_TEST_CASE(two_samples_find_their_detectable_difference) {
  BOOST_TEST(std::abs(*detectable_unpaired(64, 64, 1, 0.05, false) - 0.5) < 0.003);
  BOOST_TEST(!detectable_unpaired(3, 3, 1, 0.05, true));  // 2 / binomial(6, 3) = 0.1
  BOOST_TEST(!detectable_unpaired(3, 3, 0, 0.05, false));
  for (const std::size_t count : {8U, 20U}) {
    const double effect = *detectable_unpaired(count, count, 1, 0.05, true);
    Rng rng(6);
    int found = 0;
    for (int trial = 0; trial < 1000; ++trial) {
      std::vector<double> a(count), b(count);
      for (double& value : a) value = effect + rng.normal();
      for (double& value : b) value = rng.normal();
      found += rank_sum_test(a, b).p_value <= 0.05 ? 1 : 0;
    }
    BOOST_TEST(found > 740);
    BOOST_TEST(found < 880);
  }
}

BOOST_AUTO_TEST_CASE(the_least_p_of_signed_ranks_is_reached_by_equal_signs) {
  std::vector<double> a, zero;
  for (int n = 1; n <= 12; ++n) {
    a.push_back(n);
    zero.push_back(0);
    BOOST_TEST(wilcoxon_signed_rank(a, zero).p_value == least_signed_rank_p(a.size()));
  }
  BOOST_TEST(least_signed_rank_p(6, Sides::one) == 1.0 / 64);
  BOOST_TEST(least_signed_rank_p(0) == 1.0);
}

/// All 2^n outcomes, weighed.
BOOST_AUTO_TEST_CASE(the_binomial_tail_is_that_of_all_outcomes) {
  for (unsigned n = 0; n <= 10; ++n) {
    for (unsigned least = 0; least <= n + 1; ++least) {
      double expected = 0;
      for (unsigned outcome = 0; outcome < 1U << n; ++outcome) {
        const int ones = __builtin_popcount(outcome);
        if (ones >= static_cast<int>(least))
          expected += std::pow(0.05, ones) * std::pow(0.95, static_cast<int>(n) - ones);
      }
      BOOST_TEST(std::abs(binomial_tail(n, least, 0.05) - expected) < 1e-12);
    }
  }
}

/// None of 59 excludes a share of 5 % at 95 %: the rule of three.
BOOST_AUTO_TEST_CASE(what_none_of_n_excludes) {
  BOOST_TEST(detectable_share(59, 0.05) < 0.05);
  BOOST_TEST(detectable_share(58, 0.05) > 0.05);
  BOOST_TEST(detectable_share(0, 0.05) == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
