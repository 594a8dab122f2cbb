#include "results/record/trajectory.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(trajectory_test)

BOOST_AUTO_TEST_CASE(columns_keep_the_order_of_recording) {
  Trajectory t;
  t.iteration = {0};
  t.append("seconds", 0);
  t.append("objective", 3);
  t.iteration.push_back(5);
  t.append("objective", 2);
  t.append("seconds", 1.5);
  BOOST_TEST(t.columns[0].first == "seconds");
  BOOST_TEST(t.columns[1].first == "objective");
  BOOST_TEST((*t.find("seconds") == std::vector<double>{0, 1.5}));
  BOOST_TEST((*t.find("objective") == std::vector<double>{3, 2}));
}

BOOST_AUTO_TEST_CASE(a_column_that_is_absent_is_not_found) {
  BOOST_TEST(Trajectory().find("residual") == nullptr);
}

/// It would be shorter than the others, and its entry 0 not the initial point.
BOOST_AUTO_TEST_CASE(a_column_cannot_begin_later) {
  Trajectory t;
  t.iteration = {0};
  t.append("objective", 3);
  t.iteration.push_back(1);
  BOOST_CHECK_THROW(t.append("residual", 1), std::logic_error);
  BOOST_CHECK_NO_THROW(t.append("objective", 2));
}

BOOST_AUTO_TEST_SUITE_END()
