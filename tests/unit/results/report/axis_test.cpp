#include "results/report/axis.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(axis_test)

namespace {

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> result;
  for (const AxisTick& tick : axis.ticks) {
    if (!tick.label.empty()) result.push_back(tick.label);
  }
  return result;
}

void check_labels(const Axis& axis, const std::vector<std::string>& expected) {
  const std::vector<std::string> found = labels(axis);
  BOOST_CHECK_EQUAL_COLLECTIONS(found.begin(), found.end(), expected.begin(), expected.end());
}

}  // namespace

BOOST_AUTO_TEST_CASE(labels_have_the_digits_of_the_step_and_keep_their_zero) {
  check_labels(linear_axis(0.6495, 0.6535, 4), {"0.650", "0.651", "0.652", "0.653"});
  check_labels(linear_axis(0, 40, 4), {"0", "10", "20", "30", "40"});
  check_labels(linear_axis(-0.5, 0.5, 2), {"−0.5", "0.0", "0.5"});
  check_labels(linear_axis(0, 2e6, 2), {"0", "1·10^{6}", "2·10^{6}"});
  check_labels(linear_axis(0, 3e-6, 3), {"0", "1·10^{−6}", "2·10^{−6}", "3·10^{−6}"});
}

BOOST_AUTO_TEST_CASE(logarithmic_axes_have_powers_of_ten_or_parts_of_them) {
  check_labels(log_axis(0.02, 30, 5), {"10^{−1}", "10^{0}", "10^{1}"});
  check_labels(log_axis(0.15, 0.8, 5), {"0.2", "0.5"});
  check_labels(log_axis(1e-12, 1, 4), {"10^{−12}", "10^{−9}", "10^{−6}", "10^{−3}", "10^{0}"});
  // Within a factor of two neither will do.
  BOOST_TEST(labels(log_axis(0.61, 0.68, 4)).size() >= 2U);
  // Nine ticks between two powers, the first and the last not beyond the axis.
  const Axis axis = log_axis(0.5, 25, 5);
  BOOST_TEST(std::count_if(axis.ticks.begin(), axis.ticks.end(),
                           [](const AxisTick& tick) { return tick.label.empty(); }) == 14);
}

BOOST_AUTO_TEST_CASE(every_tick_is_on_its_axis_for_any_range) {
  for (const double low : {-3.7, 0.0, 1e-9, 0.123, 5e7}) {
    for (const double span : {1e-6, 0.02, 1.0, 7.3, 4e9}) {
      for (std::size_t intervals = 1; intervals < 9; ++intervals) {
        for (const bool logarithmic : {false, true}) {
          if (logarithmic && low <= 0) continue;
          const Axis axis =
              logarithmic ? log_axis(low, low + span, intervals) : linear_axis(low, low + span, intervals);
          BOOST_TEST(axis.ticks.size() <= (logarithmic ? 200 : intervals + 1));
          for (const AxisTick& tick : axis.ticks) {
            const double at = axis.position(tick.value);
            BOOST_TEST((at > -1e-6 && at < 1 + 1e-6), low << " " << span << " " << tick.value);
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_range_of_one_point_is_widened) {
  for (const Axis& axis : {linear_axis(0.5, 0.5, 4), linear_axis(0, 0, 4), log_axis(0.5, 0.5, 4)})
    BOOST_TEST((axis.low < axis.high && !axis.ticks.empty()));
}

BOOST_AUTO_TEST_CASE(large_numbers_are_shown_in_units) {
  BOOST_TEST(shown_exponent(2.5e9) == 9);
  BOOST_TEST(shown_exponent(4e5) == 3);
  BOOST_TEST(shown_exponent(99999) == 0);
  BOOST_TEST(shown_exponent(0.02) == 0);
  BOOST_TEST(shown_exponent(0.004) == -3);
  BOOST_TEST(shown_exponent(0) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
