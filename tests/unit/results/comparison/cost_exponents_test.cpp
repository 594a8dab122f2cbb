/// Costs against sizes: fitted exponents.

#include "results/comparison/cost_exponents.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>

#include "core/compute/rng.hpp"
#include "tests/support/sized_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(cost_exponents_test)
using admmbench::testing::run_sizes;
using admmbench::testing::sized_runs;

namespace {

using Points = std::vector<std::pair<double, double>>;

Points points_of(const std::function<double(double)>& cost) {
  Points points;
  for (const double size : run_sizes) points.emplace_back(size, cost(size));
  return points;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sizes_are_at_the_end_of_labels) {
  BOOST_TEST(*size_of("n-64") == 64);
  BOOST_TEST(*size_of("128") == 128);
  BOOST_TEST(!size_of("mnist").has_value());
  BOOST_TEST(!size_of("n-0").has_value());
}

BOOST_AUTO_TEST_CASE(a_power_is_found) {
  const auto fit = fit_exponent(points_of([](double n) { return 7 * n * n; }));
  BOOST_TEST(fit->slope == 2, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(fit->local.upper - fit->local.lower < 1e-9);
}

/// n^3 + 300 n^2: the largest sizes are nearer to 3, and the neighbours' slopes bracket the fit.
BOOST_AUTO_TEST_CASE(lower_order_terms_bend_the_line) {
  const Points points = points_of([](double n) { return n * n * n + 300 * n * n; });
  const auto whole = fit_exponent(points);
  const auto tail = fit_exponent(points, 3);
  BOOST_TEST(tail->sizes == 3U);
  BOOST_TEST(tail->slope > whole->slope);
  BOOST_TEST(tail->slope < 3);
  BOOST_TEST(tail->local.lower < tail->slope);
  BOOST_TEST(tail->slope < tail->local.upper);
}

/// Noise of 5 %: the interval of most fits holds the exponent. Control: it does not hold another one.
BOOST_AUTO_TEST_CASE(intervals_hold_the_exponent) {
  std::size_t held = 0;
  std::size_t another = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    const auto fit = fit_exponent(points_of([&](double n) { return n * std::exp(0.05 * rng.normal()); }));
    if (fit->interval.lower <= 1 && 1 <= fit->interval.upper) ++held;
    if (fit->interval.lower <= 1.2 && 1.2 <= fit->interval.upper) ++another;
  }
  BOOST_TEST(held >= 85U);
  BOOST_TEST(another <= 15U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_fitted_is_empty) {
  BOOST_TEST(!fit_exponent({{1, 1}, {2, 2}}).has_value());
  BOOST_TEST(!fit_exponent({{1, 1}, {2, 0}, {3, 3}}).has_value());
}

BOOST_AUTO_TEST_CASE(flops_are_averaged_and_of_seconds_the_least_counts) {
  std::vector<RunRecord> runs = sized_runs("square", [](double n) { return n * n; });
  runs.back().attributes.status = RunStatus::diverged;
  const auto rows = exponents(runs);
  BOOST_REQUIRE(rows.size() == 2U);
  BOOST_TEST(rows[0].cost == "flops");
  BOOST_TEST(rows[0].whole->slope == 2, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(rows[1].cost == "seconds");
  BOOST_TEST(rows[1].whole->slope == 1, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(rows[1].sizes == run_sizes.size());
}

BOOST_AUTO_TEST_SUITE_END()
