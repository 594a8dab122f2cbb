#define BOOST_TEST_MODULE statistics
#include "results/statistics.hpp"

#include <boost/test/unit_test.hpp>

using namespace admmbench;

BOOST_AUTO_TEST_CASE(summary_of_five_values) {
  const Summary s = summarize({2, 4, 4, 5, 10});
  BOOST_TEST(s.count == 5);
  BOOST_TEST(s.mean == 5.0);
  BOOST_TEST(s.deviation.value() == 3.0);  // squares 9 + 1 + 1 + 0 + 25 = 36, over 4
  BOOST_TEST(s.minimum == 2.0);
  BOOST_TEST(s.maximum == 10.0);
  BOOST_TEST(s.median == 4.0);
}

BOOST_AUTO_TEST_CASE(one_value_has_no_deviation) {
  const Summary s = summarize({0.7});
  BOOST_TEST(s.mean == 0.7);
  BOOST_TEST(!s.deviation);
  BOOST_TEST(s.median == 0.7);
}

BOOST_AUTO_TEST_CASE(median_of_an_even_count) { BOOST_TEST(summarize({4, 1, 3, 2}).median == 2.5); }

BOOST_AUTO_TEST_CASE(nothing) { BOOST_TEST(summarize({}).count == 0); }

/// The two-pass sum keeps the deviation of values that differ in their last digits only.
BOOST_AUTO_TEST_CASE(close_values_do_not_cancel) {
  const Summary s = summarize({1e9 + 1, 1e9 + 2, 1e9 + 3});
  BOOST_TEST(s.deviation.value() == 1.0);
}
