/// A latency and a bandwidth are found again in times that were made of them.

#include "results/costs/message_timing.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(message_timing_test)

namespace {

constexpr double latency = 2e-6;
constexpr double bandwidth = 5e9;

std::vector<MessageTiming> made_of(double a, double b) {
  std::vector<MessageTiming> timings;
  for (const std::size_t size : message_sizes())
    timings.push_back({static_cast<double>(size), a + static_cast<double>(size) / b, 10});
  return timings;
}

bool near(double found, double expected) { return std::abs(found / expected - 1) < 1e-9; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_line_is_found_again) {
  const LinkFit fit = fit_link(made_of(latency, bandwidth));
  BOOST_TEST(near(fit.latency, latency));
  BOOST_TEST(near(fit.bandwidth, bandwidth));
  BOOST_TEST(fit.worst_error < 1e-9);
  BOOST_TEST(near(fit.seconds(1e6), latency + 1e6 / bandwidth));
}

BOOST_AUTO_TEST_CASE(a_time_off_the_line_is_an_error) {
  std::vector<MessageTiming> timings = made_of(latency, bandwidth);
  timings[3].seconds *= 3;
  BOOST_TEST(fit_link(timings).worst_error > 0.3);
}

BOOST_AUTO_TEST_CASE(errors_count_by_what_a_time_is) {
  // Absolute errors would leave the latency to the largest message: a thousandth of its time is more than a latency.
  std::vector<MessageTiming> timings = made_of(latency, bandwidth);
  timings.back().seconds *= 1.001;
  BOOST_TEST(std::abs(fit_link(timings).latency / latency - 1) < 0.001);
}

BOOST_AUTO_TEST_CASE(no_latency_is_below_zero) {
  // Four times as long for twice the bytes: a line through both starts below zero.
  const LinkFit fit = fit_link({{100, 1e-6, 1}, {200, 4e-6, 1}});
  BOOST_TEST(fit.latency == 0);
  // argmin of (100 s/1e-6 - 1)^2 + (200 s/4e-6 - 1)^2: s = (1e8 + 5e7) / (1e16 + 2.5e15)
  BOOST_TEST(near(fit.bandwidth, 1.25e16 / 1.5e8));
}

BOOST_AUTO_TEST_CASE(what_is_no_line_is_refused) {
  BOOST_CHECK_THROW(fit_link({{8, 1e-6, 1}}), std::invalid_argument);
  BOOST_CHECK_THROW(fit_link({{8, 1e-6, 1}, {16, 0, 1}}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(times_that_are_no_line_have_their_ends_and_a_large_error) {
  const LinkFit fit = fit_link({{8, 4e-3, 1}, {80000, 1e-3, 1}, {800, 5e-3, 1}});
  BOOST_TEST(near(fit.latency, 4e-3));
  BOOST_TEST(near(fit.bandwidth, 80000 / 1e-3));
  BOOST_TEST(near(fit.worst_error, 4));  // 5 ms instead of one
}

BOOST_AUTO_TEST_CASE(sizes_go_from_a_number_to_a_matrix) {
  const std::vector<std::size_t> sizes = message_sizes();
  BOOST_TEST(sizes.front() == 8U);
  BOOST_TEST(sizes.back() == std::size_t{16} * 1024 * 1024);
  for (std::size_t i = 1; i < sizes.size(); ++i) BOOST_TEST(sizes[i] > sizes[i - 1]);
}

BOOST_AUTO_TEST_SUITE_END()
