#include "results/statistics/performance_profile.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(performance_profile_test)

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
const double missing = std::nan("");

/// 40 problems, 4 solvers; the last misses two problems of three, and nobody solves the first.
std::vector<std::vector<double>> random_costs(std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::vector<double>> costs(40, std::vector<double>(4));
  for (std::size_t p = 0; p < costs.size(); ++p) {
    for (std::size_t s = 0; s < 4; ++s) costs[p][s] = std::exp(rng.normal());
    if (p % 3 != 0) costs[p][3] = p % 2 == 0 ? never : missing;
  }
  costs[0].assign(4, never);
  return costs;
}

}  // namespace

BOOST_AUTO_TEST_CASE(first_record_at_the_target) {
  BOOST_TEST(first_reaching({5, 3, 1, 2}, 3, Direction::decrease).value() == 1U);
  BOOST_TEST(first_reaching({0.1, 0.5, 0.4}, 0.45, Direction::increase).value() == 1U);
  BOOST_TEST(!first_reaching({5, 3, 1, 2}, 0.5, Direction::decrease));
  BOOST_TEST(first_reaching({missing, -never, 1}, 2, Direction::decrease).value() == 2U);
  BOOST_TEST(cost_to_target({0, 10, 20}, {5, 3, 1}, 2, Direction::decrease) == 20.0);
  BOOST_TEST(cost_to_target({0, 10, 20}, {5, 3, 1}, 0, Direction::decrease) == never);
  BOOST_CHECK_THROW(cost_to_target({0}, {5, 3}, 2, Direction::decrease), std::invalid_argument);
}

/// 10 % of the way from 11 (median of 10, 11, 12) to 1 remains: 2.
BOOST_AUTO_TEST_CASE(one_target_for_all) {
  const std::vector<std::vector<double>> runs{{10, 1, 4}, {11, 3}, {12, missing, 6}};
  BOOST_TEST(shared_target(runs, 0.1, Direction::decrease).value() == 2.0);
  BOOST_TEST(shared_target({{0.1, 0.9}, {0.1, 0.5}}, 0.25, Direction::increase).value() == 0.7,
             boost::test_tools::tolerance(1e-15));
  BOOST_TEST(!shared_target({{missing, 1}}, 0.1, Direction::decrease));
  BOOST_TEST(!shared_target({{1, 1}, {1, 2}}, 0.1, Direction::decrease));
  BOOST_TEST(!shared_target({}, 0.1, Direction::decrease));
  BOOST_CHECK_THROW(shared_target(runs, 1, Direction::decrease), std::invalid_argument);
}

/// Negative control: with a target of its own the slow method, which stopped at 6, would be the quick one.
BOOST_AUTO_TEST_CASE(a_methods_own_best_would_reward_stopping_early) {
  const std::vector<double> cost{0, 1, 2, 3}, good{10, 6, 3, 1}, poor{10, 6, 6, 6};
  const double own = shared_target({poor}, 0.1, Direction::decrease).value();  // 6.4
  BOOST_TEST(cost_to_target(cost, poor, own, Direction::decrease) == 1.0);
  const double shared = shared_target({good, poor}, 0.1, Direction::decrease).value();
  BOOST_TEST(cost_to_target(cost, good, shared, Direction::decrease) == 3.0);
  BOOST_TEST(cost_to_target(cost, poor, shared, Direction::decrease) == never);
}

BOOST_AUTO_TEST_CASE(a_miss_stays_in_the_median) {
  const ToTarget most = summarize_to_target({3, 1, never});
  BOOST_TEST(most.median == 3.0);
  BOOST_TEST(most.missed == 1U);
  BOOST_TEST(most.best == 1.0);
  BOOST_TEST(most.worst == never);
  BOOST_TEST(summarize_to_target({1, never, missing}).median == never);
  BOOST_TEST(summarize_to_target({1, never, missing}).missed == 2U);
  BOOST_TEST(summarize_to_target({1, 2, never, never}).median == never);
  BOOST_TEST(summarize_to_target({1, 2, 4, never}).median == 3.0);
  BOOST_TEST(summarize_to_target({}).runs == 0U);
}

/// Costs 1 2 | 4 1 | 3 3 | never 5 | never never: by hand.
BOOST_AUTO_TEST_CASE(profile_of_two_solvers) {
  const PerformanceProfile p =
      performance_profile({{1, 2}, {4, 1}, {3, 3}, {never, 5}, {missing, never}}, {1, 2, 4});
  const std::vector<double> first{0.4, 0.4, 0.6}, second{0.6, 0.8, 0.8};
  BOOST_TEST(p.fraction.at(0) == first, boost::test_tools::per_element());
  BOOST_TEST(p.fraction.at(1) == second, boost::test_tools::per_element());
  BOOST_TEST(p.problems == 5U);
  BOOST_TEST(p.unsolved == 1U);
}

BOOST_AUTO_TEST_CASE(profiles_are_monotone_and_bounded_by_the_problems_solved) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto costs = random_costs(seed);
    const PerformanceProfile p = performance_profile(costs, profile_factors(1e6, 200));
    for (std::size_t s = 0; s < 4; ++s) {
      double previous = 0;
      for (const double value : p.fraction[s]) {
        BOOST_TEST(value >= previous);
        previous = value;
      }
      double solved = 0;
      double won = 0;
      for (const auto& row : costs) {
        solved += std::isfinite(row[s]) ? 1 : 0;
        bool best = std::isfinite(row[s]);
        for (const double other : row) best = best && !(other < row[s]);
        won += best ? 1 : 0;
      }
      BOOST_TEST(p.fraction[s].front() == won / 40);
      BOOST_TEST(p.fraction[s].back() == solved / 40);  // exp(normal) ratios stay below 1e6
      BOOST_TEST(p.fraction[s].back() < 1);             // nobody solves the first problem
    }
  }
}

BOOST_AUTO_TEST_CASE(the_unit_of_cost_does_not_matter) {
  auto costs = random_costs(3);
  const PerformanceProfile seconds = performance_profile(costs);
  for (auto& row : costs) {
    for (double& cost : row) cost *= 1024;  // a power of two: exact
  }
  BOOST_TEST((performance_profile(costs).fraction == seconds.fraction));
}

BOOST_AUTO_TEST_CASE(factors_run_from_one_to_four) {
  const std::vector<double> tau = profile_factors();
  BOOST_TEST(tau.front() == 1.0);
  BOOST_TEST(tau.back() == 4.0);
  BOOST_TEST(std::is_sorted(tau.begin(), tau.end()));
}

BOOST_AUTO_TEST_CASE(a_cost_of_zero_is_matched_only_by_zero) {
  const PerformanceProfile p = performance_profile({{0, 0, 1}});
  BOOST_TEST(p.fraction[0].front() == 1.0);
  BOOST_TEST(p.fraction[1].front() == 1.0);
  BOOST_TEST(p.fraction[2].back() == 0.0);
}

BOOST_AUTO_TEST_CASE(misuse_throws) {
  BOOST_CHECK_THROW(performance_profile({}), std::invalid_argument);
  BOOST_CHECK_THROW(performance_profile({{1, 2}, {1}}), std::invalid_argument);
  BOOST_CHECK_THROW(performance_profile({{1, -2}}), std::invalid_argument);
  BOOST_CHECK_THROW(performance_profile({{1, 2}}, {0.5, 1}), std::invalid_argument);
  BOOST_CHECK_THROW(profile_factors(1, 5), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
