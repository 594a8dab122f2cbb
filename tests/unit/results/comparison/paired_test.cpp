/// Two methods over the same seeds: counts, ties, seeds without a value, and what could have been seen.

#include "results/comparison/paired.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(paired_test)

namespace {

SeedValues shares(const std::vector<int>& correct, int samples) {
  SeedValues values;
  for (std::size_t i = 0; i < correct.size(); ++i)
    values[static_cast<std::int64_t>(i)] = correct[i] / static_cast<double>(samples);
  return values;
}

}  // namespace

/// Whether the run recorded N or not, whatever the accuracies: no t, p = 1/2.
BOOST_AUTO_TEST_CASE(two_seeds_with_equal_differences_are_undecided) {
  for (const std::int64_t samples : {10000, 0}) {
    for (const int second : {9001, 9111, 9222, 9876}) {
      const PairedComparison one = compare_pairs(
          shares({9005, second + 5}, 10000), shares({9000, second}, 10000), {true, PairedTest::t, samples});
      BOOST_TEST(!one.t_p);
      BOOST_TEST(!one.interval);
      BOOST_TEST(one.p_value() == 0.5);
      BOOST_TEST((one.decides == PairedTest::wilcoxon));
      BOOST_TEST(std::abs(*one.difference - 0.0005) < 1e-15);
      BOOST_TEST(!one.detectable(0.05));  // two pairs show nothing at 5 %
    }
  }
}

BOOST_AUTO_TEST_CASE(eight_seeds_one_of_them_against_give_18_of_256) {
  for (const std::int64_t samples : {10000, 0}) {
    const PairedComparison one =
        compare_pairs(shares({9005, 8717, 9126, 9227, 9433, 9538, 9046, 9894}, 10000),
                      shares({9000, 8712, 9121, 9222, 9428, 9533, 9041, 9899}, 10000),
                      {true, PairedTest::wilcoxon, samples});
    BOOST_TEST(one.p_value() == 18.0 / 256);
  }
}

/// The control: what varies has a t, and it can come out.
BOOST_AUTO_TEST_CASE(differences_that_vary_have_a_t) {
  const PairedComparison one =
      compare_pairs(shares({910, 915, 921, 903, 911, 909}, 1000),
                    shares({900, 901, 909, 895, 902, 897}, 1000), {true, PairedTest::t, 1000});
  BOOST_TEST((one.decides == PairedTest::t));
  BOOST_TEST(one.p_value() < 0.001);
  BOOST_TEST(one.direction() > 0);
  BOOST_TEST(one.interval->lower > 0);
  BOOST_TEST(*one.detectable(0.05) < *one.difference);
  BOOST_TEST(*one.detectable(0.05 / 100) > *one.detectable(0.05));
}

/// A seed that diverged takes part as the worst; a t of the others would be that of the runs that went well.
BOOST_AUTO_TEST_CASE(a_seed_without_a_value_is_the_worst_and_counted) {
  SeedValues x = shares({910, 915, 921, 903, 911, 909}, 1000);
  const SeedValues y = shares({900, 901, 909, 895, 902, 897}, 1000);
  x[3].reset();
  const PairedComparison one = compare_pairs(x, y, {true, PairedTest::t, 1000});
  BOOST_TEST(!one.t_p);
  BOOST_TEST(one.pairs == 5U);
  BOOST_TEST(one.without == 1U);
  BOOST_TEST(one.count() == 6U);
  BOOST_TEST(one.signed_ranks.negative == 6.0);
  BOOST_TEST(one.p_value() > 0.05);
  // All of them diverged: it lost every pair.
  for (auto& value : x) value.second.reset();
  const PairedComparison lost = compare_pairs(x, y, {true, PairedTest::t, 1000});
  BOOST_TEST(lost.p_value() == 2.0 / 64);
  BOOST_TEST(lost.direction() < 0);
  BOOST_TEST(!lost.difference);
  // Where less is better, the worst is the largest.
  BOOST_TEST(compare_pairs(x, y, {false, PairedTest::t, 0}).direction() > 0);
}

BOOST_AUTO_TEST_CASE(seeds_of_one_side_are_no_pairs) {
  const PairedComparison none = compare_pairs({{0, 1.0}}, {{1, 2.0}}, {});
  BOOST_TEST(none.count() == 0U);
  BOOST_TEST(none.p_value() == 1.0);
  BOOST_TEST(!none.difference);
}

BOOST_AUTO_TEST_SUITE_END()
