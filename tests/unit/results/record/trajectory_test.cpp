#include "results/record/trajectory.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <vector>

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

BOOST_AUTO_TEST_CASE(a_clock_may_come_and_go_as_processes_do) {
  Trajectory t;
  t.iteration = {0};
  t.append("objective", 3);
  t.append("waiting", 0);
  t.complete();
  t.iteration.push_back(1);  // another process alone goes on
  t.append("objective", 2);
  t.complete();
  t.iteration.push_back(2);  // and others together again
  t.append("objective", 1);
  t.append("computing", 5);
  t.complete();
  const std::vector<double>& waiting = *t.find("waiting");
  BOOST_REQUIRE(waiting.size() == 3U);
  BOOST_TEST(waiting[0] == 0);
  BOOST_TEST((std::isnan(waiting[1]) && std::isnan(waiting[2])));
  const std::vector<double>& computing = *t.find("computing");
  BOOST_REQUIRE(computing.size() == 3U);
  BOOST_TEST((std::isnan(computing[0]) && std::isnan(computing[1])));
  BOOST_TEST(computing[2] == 5);
  // What a method records has a value in every record.
  t.iteration.push_back(3);
  BOOST_CHECK_THROW(t.append("rho", 1), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
