#include "core/io/guarded_read.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "tests/support/contains.hpp"

using namespace admmbench;
using admmbench::testing::contains;

BOOST_AUTO_TEST_SUITE(guarded_read_test)

namespace {

/// What a file's name makes its reader do.
void misbehave(const std::filesystem::path& file) {
  if (file == "throws") throw std::runtime_error("throws: row 3 is short");
  if (file == "throws-int") throw 42;
  if (file == "crashes") raise(SIGSEGV);
  if (file == "aborts") std::abort();
  if (file == "exits") _exit(0);
  if (file == "greedy") {
    std::vector<char> all(std::size_t{4} << 30, '\1');
    if (all[5] == 2) throw std::logic_error("never");
  }
  if (file == "loops") {
    for (std::atomic<unsigned> turns{0};;) ++turns;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_end_of_a_reader_is_a_reason_and_the_others_are_still_read) {
  const std::vector<std::filesystem::path> files{"good",   "throws", "crashes", "good",       "aborts",
                                                 "greedy", "exits",  "loops",   "throws-int", "good"};
  ReadLimits limits;
  limits.seconds = 1;
  limits.bytes = std::uint64_t{1} << 30;
  const auto reasons = examine_guarded(files, misbehave, limits);
  BOOST_REQUIRE(reasons.size() == files.size());
  for (const std::size_t good : {0U, 3U, 9U}) BOOST_TEST(reasons[good] == "");
  BOOST_TEST(reasons[1] == "throws: row 3 is short");
  BOOST_TEST(contains(reasons[2], "crashes: damaged: reading it crashes (Segmentation fault)"));
  BOOST_TEST(contains(reasons[4], "aborts: damaged: reading it crashes (Aborted)"));
  BOOST_TEST(contains(reasons[5], "greedy: damaged: reading it takes more than 1024 MiB of memory"));
  BOOST_TEST(contains(reasons[6], "exits: damaged: reading it ends the process (exit code 0)"));
  BOOST_TEST(contains(reasons[7], "loops: damaged: reading it does not end within 1 s"));
  BOOST_TEST(contains(reasons[8], "throws-int"));
}

BOOST_AUTO_TEST_CASE(nothing_to_examine_is_nothing_wrong) {
  BOOST_TEST(examine_guarded({}, misbehave).empty());
}

BOOST_AUTO_TEST_SUITE_END()
