#include "results/record/run_ranges.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(run_ranges_test)

namespace {

RunRecord sound() {
  RunRecord record;
  record.path = "seed-0.h5";
  record.attributes.experiment = "e";
  record.attributes.dataset = "d";
  record.attributes.label = "dlADMM, rho = 1";
  record.trajectory.iteration = {0, 2, 3};
  record.trajectory.columns = {
      {"seconds", {0, 1, 2}}, {"test_accuracy", {0, 0.5, 1}}, {"objective", {5, -1, 1e300}}};
  return record;
}

template <class Change>
bool refused(Change change) {
  RunRecord record = sound();
  change(record);
  try {
    check_ranges(record);
    return false;
  } catch (const std::runtime_error& error) {
    return std::string(error.what()).starts_with("seed-0.h5: damaged: ");
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(names_stay_in_their_folder) {
  for (const char* name : {"a", "a-b", "mnist/rho=1", "dlADMM, rho = 1", "..a", "a.."})
    BOOST_TEST(is_safe_name(name), name);
  for (const char* name : {"", ".", "..", "../x", "a/../b", "/etc", "a/", "a//b", "a\nb", "\x1b[2J", "a\x7f"})
    BOOST_TEST(!is_safe_name(name), name);
  BOOST_TEST(file_inside("out", "x.md") == std::filesystem::path("out/x.md"));
  BOOST_CHECK_THROW(file_inside("out", "../x.md"), std::runtime_error);
  BOOST_CHECK_THROW(file_inside("out", "a/x.md"), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(what_is_said_is_one_line) {
  BOOST_TEST(plain_line("rho = 1, \xc3\xbc") == "rho = 1, \xc3\xbc");
  BOOST_TEST(plain_line("two\nlines \x1b[2J\x7f") == "two lines  [2J ");
}

BOOST_AUTO_TEST_CASE(values_that_no_run_can_have_are_damage) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double inf = std::numeric_limits<double>::infinity();
  BOOST_TEST(!refused([](RunRecord&) {}));
  BOOST_TEST(
      !refused([&](RunRecord& r) { r.trajectory.columns[1].second[2] = nan; }));  // a split of no samples
  BOOST_TEST(!refused([&](RunRecord& r) { r.trajectory.columns[2].second[2] = inf; }));  // diverged
  BOOST_TEST(refused([](RunRecord& r) { r.trajectory.columns[1].second[2] = 7.5; }));
  BOOST_TEST(refused([](RunRecord& r) { r.trajectory.columns[1].second[0] = -1e-9; }));
  BOOST_TEST(refused([&](RunRecord& r) { r.trajectory.columns[0].second[1] = inf; }));
  BOOST_TEST(refused([&](RunRecord& r) { r.trajectory.columns[0].second[1] = nan; }));
  BOOST_TEST(refused([](RunRecord& r) { r.trajectory.iteration[1] = 3; }));
  BOOST_TEST(refused([](RunRecord& r) { r.trajectory.iteration[0] = -1; }));
  BOOST_TEST(refused([](RunRecord& r) { r.attributes.threads = 0; }));
  BOOST_TEST(refused([](RunRecord& r) { r.attributes.samples.test = -5; }));
  BOOST_TEST(refused([](RunRecord& r) { r.attributes.experiment = "../../x"; }));
  BOOST_TEST(refused([](RunRecord& r) { r.attributes.label = "a\x1b[2J"; }));
  BOOST_TEST(refused([](RunRecord& r) { r.config.profile = "/tmp/x"; }));
}

BOOST_AUTO_TEST_SUITE_END()
