#include "results/comparison/live_table.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(live_table_test)

namespace {

RunRecord run(const std::vector<double>& accuracies, RunStatus status = RunStatus::completed) {
  RunRecord record;
  record.attributes.status = status;
  for (std::size_t i = 0; i < accuracies.size(); ++i)
    record.trajectory.iteration.push_back(static_cast<std::int64_t>(i));
  record.trajectory.columns = {{"test_accuracy", accuracies}};
  return record;
}

}  // namespace

BOOST_AUTO_TEST_CASE(bars_span_the_values) {
  BOOST_TEST(sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 8) == "▁▂▃▄▅▆▇█");
  BOOST_TEST(sparkline({7, 0}, 8) == "█▁");
  BOOST_TEST(sparkline({5, 5, 5}, 8) == "▁▁▁");
  BOOST_TEST(sparkline({}, 8).empty());
  BOOST_TEST(sparkline({0, std::numeric_limits<double>::quiet_NaN(), 1}, 8) == "▁ █");
}

/// Six values in three places: means 0.5, 2.5, 4.5.
BOOST_AUTO_TEST_CASE(more_values_than_places_are_averaged) {
  BOOST_TEST(sparkline({0, 1, 2, 3, 4, 5}, 3) == sparkline({0.5, 2.5, 4.5}, 3));
  BOOST_TEST(sparkline({0, 9, 0, 0, 0, 0}, 3) == "█▁▁");
}

BOOST_AUTO_TEST_CASE(means_curves_and_counts_grow) {
  LiveTable table("test_accuracy");
  for (const char* method : {"A", "B"}) {
    for (int seed = 0; seed < 2; ++seed) table.plan(method, "blobs");
  }
  BOOST_TEST(table.text(80) ==
             "test_accuracy  blobs\n"
             "A              – 0/2\n"
             "B              – 0/2\n");
  table.add("B", "blobs", run({0.0, 0.5, 1.0}));
  table.add("B", "blobs", run({0.0, 0.0, 0.5}));
  table.add("A", "blobs", run({0.25, 0.5}));
  BOOST_TEST(table.text(80) ==
             "test_accuracy  blobs\n"
             "B              0.7500 ▁▃█      2/2\n"
             "A              0.5000 ▁█       1/2\n");
}

BOOST_AUTO_TEST_CASE(lost_runs_are_counted_never_averaged) {
  LiveTable table("test_accuracy");
  for (int seed = 0; seed < 3; ++seed) table.plan("A", "blobs");
  table.add("A", "blobs", run({0.0, 0.5}));
  table.add("A", "blobs", run({0.0, 0.9}, RunStatus::diverged));
  table.add("A", "blobs", run({}, RunStatus::failed));
  BOOST_TEST(table.text(80).find("0.5000 ▁█       3/3 (2 lost)") != std::string::npos, table.text(80));
}

BOOST_AUTO_TEST_CASE(a_narrow_terminal_leaves_columns_out) {
  LiveTable table("test_accuracy");
  for (const char* dataset : {"one", "two", "three"}) table.plan("A", dataset);
  BOOST_TEST(table.text(30).find("(1 more columns") != std::string::npos, table.text(30));
  BOOST_TEST(table.text(80).find("three") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
