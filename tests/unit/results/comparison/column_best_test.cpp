#include "results/comparison/column_best.hpp"

#include <boost/test/unit_test.hpp>

#include "results/statistics/tests.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(column_best_test)

namespace {

SeedValues seeds(const std::vector<std::optional<double>>& values) {
  SeedValues result;
  for (std::size_t i = 0; i < values.size(); ++i) result[static_cast<std::int64_t>(i)] = values[i];
  return result;
}

}  // namespace

/// Five seeds: one method a hair below the best and varying about it, one far below.
BOOST_AUTO_TEST_CASE(what_cannot_be_told_apart_is_among_the_best) {
  const auto found =
      beside_best({seeds({0.950, 0.953, 0.948, 0.951, 0.949}), seeds({0.951, 0.950, 0.947, 0.952, 0.948}),
                   seeds({0.901, 0.899, 0.902, 0.900, 0.898})},
                  true, 0);
  BOOST_TEST(found[0].best);
  BOOST_TEST(!found[1].best);
  BOOST_TEST(found[1].undecided);
  BOOST_TEST(found[1].among_best());
  BOOST_TEST(!found[2].among_best());
  BOOST_TEST(found[2].pairs == 5);
  BOOST_TEST(found[2].adjusted.value() < column_alpha);
  BOOST_TEST(!found[0].adjusted.has_value());
}

/// The p-values are those of the paired t-test, corrected for the two tests of the column (Holm).
BOOST_AUTO_TEST_CASE(p_values_are_corrected_over_the_column) {
  const std::vector<double> best{0.95, 0.96, 0.94, 0.97}, near{0.94, 0.96, 0.93, 0.95},
      far{0.90, 0.93, 0.91, 0.94};
  const auto to_seeds = [](const std::vector<double>& values) {
    return seeds({values.begin(), values.end()});
  };
  const auto found = beside_best({to_seeds(near), to_seeds(best), to_seeds(far)}, true, 0);
  const std::vector<double> expected =
      holm({paired_t_test(best, near).p_value.value(), paired_t_test(best, far).p_value.value()});
  BOOST_TEST(found[0].adjusted.value() == expected[0]);
  BOOST_TEST(found[2].adjusted.value() == expected[1]);
}

/// The same numbers as losses: the lowest is best.
BOOST_AUTO_TEST_CASE(less_is_better_for_losses) {
  const auto found =
      beside_best({seeds({0.5, 0.52, 0.51}), seeds({0.1, 0.12, 0.13}), seeds({0.11, 0.11, 0.13})}, false, 0);
  BOOST_TEST(!found[0].among_best());
  BOOST_TEST(found[1].among_best());
  BOOST_TEST(found[2].among_best());
}

/// Nothing is concluded from one seed, nor from signed ranks of so few seeds that they can show nothing.
BOOST_AUTO_TEST_CASE(without_a_test_only_the_best_mean_counts) {
  const auto one = beside_best({seeds({0.9}), seeds({0.8})}, true, 0);
  BOOST_TEST(one[0].among_best());
  BOOST_TEST(!one[1].among_best());
  BOOST_TEST(!one[1].adjusted.has_value());
  // equal differences have no t; three signs give p = 1/4 at least
  const auto constant = beside_best({seeds({0.75, 0.75, 0.75}), seeds({0.25, 0.25, 0.25})}, true, 0);
  BOOST_TEST(constant[1].adjusted.value() == 0.25);
  BOOST_TEST((constant[1].test == PairedTest::wilcoxon));
  BOOST_TEST(!constant[1].could_show.has_value());
  BOOST_TEST(!constant[1].among_best());
}

/// A run that did not finish speaks against its method: it is not among the best without being it.
BOOST_AUTO_TEST_CASE(a_lost_run_is_not_undecided) {
  const std::vector<std::optional<double>> best{0.950, 0.953, 0.948, 0.951, 0.949, 0.952, 0.947};
  std::vector<std::optional<double>> other{0.951, 0.950, 0.947, 0.950, 0.948, 0.953, 0.946};
  BOOST_TEST(beside_best({seeds(best), seeds(other)}, true, 0)[1].undecided);
  other[3].reset();
  BOOST_TEST(!beside_best({seeds(best), seeds(other)}, true, 0)[1].among_best());
}

BOOST_AUTO_TEST_CASE(methods_without_values_are_left_out) {
  const auto found =
      beside_best({seeds({}), seeds({0.5, 0.6}), seeds({std::nullopt, std::nullopt})}, true, 0);
  BOOST_TEST(!found[0].among_best());
  BOOST_TEST(found[1].best);
  BOOST_TEST(!found[2].among_best());
  BOOST_TEST(beside_best({}, true, 0).empty());
}

BOOST_AUTO_TEST_CASE(the_tests_are_described) {
  const auto column = beside_best({seeds({0.950, 0.953, 0.948}), seeds({0.951, 0.950, 0.947})}, true, 0);
  const std::string text = describe_best({column}, false);
  BOOST_TEST(text.starts_with("the best mean and what is not told apart from it by t-tests paired by seed (n "
                              "= 3), Holm over each column, level 0.05; smallest difference"),
             text);
  BOOST_TEST(describe_best({column}, true) != text);  // per cent
  BOOST_TEST(describe_best({beside_best({seeds({0.9}), seeds({0.8})}, true, 0)}, false) ==
             "the best mean; not tested, no two methods have two seeds in common");
  const auto constant = beside_best({seeds({0.75, 0.75, 0.75}), seeds({0.25, 0.25, 0.25})}, true, 0);
  BOOST_TEST(describe_best({constant}, false) ==
             "the best mean and what is not told apart from it by signed ranks paired by seed (n = 3), Holm "
             "over each column, level 0.05; 1 of 1 comparisons could show "
             "none, with so few seeds");
}

BOOST_AUTO_TEST_SUITE_END()
