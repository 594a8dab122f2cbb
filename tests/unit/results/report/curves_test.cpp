#include "results/report/curves.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(curves_test)

namespace {

Trajectory trajectory(std::vector<std::int64_t> iteration, std::vector<double> loss) {
  Trajectory result;
  result.iteration = std::move(iteration);
  std::vector<double> seconds;
  for (const std::int64_t k : result.iteration) seconds.push_back(2.0 * static_cast<double>(k));
  result.columns.emplace_back("seconds", std::move(seconds));
  result.columns.emplace_back("loss", std::move(loss));
  return result;
}

bool increasing(const std::vector<std::size_t>& values) {
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] <= values[i - 1]) return false;
  }
  return true;
}

}  // namespace

/// First and last always; never more than asked for; the beginning is dense, for logarithmic axes.
BOOST_AUTO_TEST_CASE(thinning) {
  for (const std::size_t count : {1UL, 2UL, 3UL, 10UL, 199UL, 201UL, 1000UL, 123457UL}) {
    for (const std::size_t points : {24UL, 100UL, 200UL}) {
      const std::vector<std::size_t> kept = thinned(count, points);
      BOOST_TEST(kept.front() == 0U);
      BOOST_TEST(kept.back() == count - 1);
      BOOST_TEST(kept.size() <= points);
      BOOST_TEST(increasing(kept));
      if (count <= points) {
        BOOST_TEST(kept.size() == count);
      } else {
        BOOST_TEST(kept[1] == 1U);
        BOOST_TEST(kept[kept.size() - 1] - kept[kept.size() - 2] <= 2 * (count / (points / 2)) + 1);
      }
    }
  }
  BOOST_TEST(thinned(0, 10).empty());
}

BOOST_AUTO_TEST_CASE(mean_and_spread_over_the_seeds) {
  const Trajectory a = trajectory({0, 1, 2}, {4, 2, 1});
  const Trajectory b = trajectory({0, 1, 2}, {6, 2, 5});
  const Curves curves = aggregate({&a, &b}, 100);
  BOOST_TEST(curves.runs == 2U);
  const Band& loss = *curves.find("loss");
  BOOST_TEST(loss.mean == (std::vector<double>{5, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(loss.low == (std::vector<double>{4, 2, 1}), boost::test_tools::per_element());
  BOOST_TEST(loss.high == (std::vector<double>{6, 2, 5}), boost::test_tools::per_element());
  BOOST_TEST(loss.deviation[2] == std::sqrt(8.0), boost::test_tools::tolerance(1e-14));
  BOOST_TEST(curves.seconds == (std::vector<double>{0, 2, 4}), boost::test_tools::per_element());
  BOOST_TEST(curves.find("seconds") == nullptr);
  const Curves one = aggregate({&a}, 100);
  BOOST_TEST(one.find("loss")->low.empty());
}

/// Beyond the shortest run the mean would be of those that went on; iterations that only some recorded are left out.
BOOST_AUTO_TEST_CASE(curves_end_with_the_shortest_run) {
  const Trajectory all = trajectory({0, 1, 2, 3, 4, 5}, {9, 8, 7, 6, 5, 4});
  const Trajectory every_second = trajectory({0, 2, 3}, {1, 1, 1});
  const Curves curves = aggregate({&all, &every_second}, 100);
  BOOST_TEST(curves.iteration == (std::vector<std::int64_t>{0, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(curves.find("loss")->mean == (std::vector<double>{5, 4, 3.5}), boost::test_tools::per_element());
  BOOST_TEST(curves.longest == 5);
}

BOOST_AUTO_TEST_CASE(a_value_that_is_not_finite_leaves_a_gap) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Trajectory a = trajectory({0, 1}, {1, nan});
  const Trajectory b = trajectory({0, 1}, {3, 5});
  const Curves curves = aggregate({&a, &b}, 100);
  BOOST_TEST(curves.find("loss")->mean[0] == 2);
  BOOST_TEST(std::isnan(curves.find("loss")->mean[1]));
  BOOST_TEST(aggregate({}, 100).iteration.empty());
}

BOOST_AUTO_TEST_SUITE_END()
