/// Claims: one owner at a time, however owners end.

#include "experiments/harness/run/claim.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fstream>
#include <thread>

#include "core/io/temporary.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(claim_test)

namespace {

struct Fixture {
  TemporaryFolder folder;
  std::filesystem::path result = folder / "seed-0.h5";
  std::filesystem::path file = folder / ".seed-0.h5.claim";
  ClaimWatch watch;

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
  }
  /// A claim by a process on another machine.
  void claimed_elsewhere() const { std::ofstream(file) << "far 00000000 1 0123456789abcdef locked\n"; }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(one_owner_at_a_time, Fixture) {
  {
    const auto claim = RunClaim::take(result, watch);
    BOOST_REQUIRE(claim.has_value());
    BOOST_TEST(claim->held());
    BOOST_TEST(!RunClaim::is_free(result, watch));
    BOOST_TEST(!RunClaim::take(result, watch).has_value());
  }
  BOOST_TEST(files() == 0U);  // released
  BOOST_TEST(RunClaim::take(result, watch).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_killed_owner_is_replaced_at_once, Fixture) {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(pipe(ends.data()) == 0);
  const pid_t owner = fork();
  if (owner == 0) {
    ClaimWatch own;
    const auto claim = RunClaim::take(result, own);
    const char ready = claim ? '1' : '0';
    if (write(ends[1], &ready, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char ready = 0;
  BOOST_REQUIRE(read(ends[0], &ready, 1) == 1);
  BOOST_TEST(ready == '1');
  BOOST_TEST(!RunClaim::take(result, watch).has_value());
  kill(owner, SIGSTOP);  // asleep is not dead
  BOOST_TEST(!RunClaim::take(result, watch).has_value());
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  BOOST_TEST(RunClaim::is_free(result, watch));
  BOOST_TEST(RunClaim::take(result, watch).has_value());
}

BOOST_FIXTURE_TEST_CASE(an_owner_elsewhere_is_dead_when_its_claim_no_longer_changes, Fixture) {
  using namespace std::chrono_literals;
  claimed_elsewhere();
  BOOST_TEST(!RunClaim::take(result, watch).has_value());  // watched for a minute
  ClaimWatch impatient(50ms);
  BOOST_TEST(!RunClaim::take(result, impatient).has_value());
  std::this_thread::sleep_for(60ms);
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now());  // it lives
  BOOST_TEST(!RunClaim::take(result, impatient).has_value());
  std::this_thread::sleep_for(60ms);
  const auto claim = RunClaim::take(result, impatient);
  BOOST_REQUIRE(claim.has_value());
  BOOST_TEST(claim->held());
  BOOST_TEST(files() == 1U);
}

BOOST_FIXTURE_TEST_CASE(who_was_replaced_knows_and_leaves_the_new_claim_alone, Fixture) {
  auto claim = RunClaim::take(result, watch);
  BOOST_REQUIRE(claim.has_value());
  std::filesystem::remove(file);
  claimed_elsewhere();
  BOOST_TEST(!claim->held());
  claim.reset();
  BOOST_TEST(std::filesystem::exists(file));
}

BOOST_FIXTURE_TEST_CASE(only_one_of_many_gets_a_claim_of_the_dead, Fixture) {
  // A dead owner each round; whoever gets the claim appends a line, and nobody else may.
  for (int round = 0; round < 20; ++round) {
    if (fork() == 0) {
      ClaimWatch own;
      const auto claim = RunClaim::take(result, own);
      std::raise(SIGKILL);
    }
    wait(nullptr);
    std::array<int, 2> tried{};  // a byte of each: whether it got the claim
    std::array<int, 2> stay{};   // closed when all have tried
    BOOST_REQUIRE(pipe(tried.data()) == 0 && pipe(stay.data()) == 0);
    constexpr int contenders = 4;
    for (int contender = 0; contender < contenders; ++contender) {
      if (fork() == 0) {
        close(stay[1]);
        ClaimWatch own;
        const auto claim = RunClaim::take(result, own);
        char byte = claim ? 'y' : 'n';
        if (write(tried[1], &byte, 1) != 1) _exit(1);
        _exit(static_cast<int>(read(stay[0], &byte, 1)));  // without a release
      }
    }
    int taken = 0;
    for (int contender = 0; contender < contenders; ++contender) {
      char byte = 0;
      BOOST_REQUIRE(read(tried[0], &byte, 1) == 1);
      taken += byte == 'y' ? 1 : 0;
    }
    BOOST_TEST(taken <= 1);
    for (const int end : {tried[0], tried[1], stay[0], stay[1]}) close(end);
    for (int contender = 0; contender < contenders; ++contender) wait(nullptr);
  }
  BOOST_TEST(RunClaim::take(result, watch).has_value());
}

BOOST_FIXTURE_TEST_CASE(leftovers_are_cleared_by_the_next_owner_only, Fixture) {
  const auto leave = [&] {
    std::ofstream(temporary_name(result)) << "half a result";
    std::ofstream(temporary_name(folder / ".seed-0.h5.checkpoint")) << "half a checkpoint";
    folder.write(".seed-0.h5.4711.part", "of version 0.2");
    folder.write("seed-1.h5", "another");
  };
  leave();
  {
    const auto claim = RunClaim::take(result, watch);
    clear_leftovers({result});  // somebody is at work
    BOOST_TEST(files() == 5U);
  }
  clear_leftovers({result});
  BOOST_TEST(files() == 1U);
}

/// A process that is killed between creating such a file and writing to it has the lock no more.
BOOST_FIXTURE_TEST_CASE(rights_without_a_name_are_cleared_unless_somebody_has_them, Fixture) {
  const auto right = folder.write(".seed-0.h5.claim.0123456789abcdef", "");
  const int living = open(right.c_str(), O_RDWR | O_CLOEXEC);
  BOOST_REQUIRE(flock(living, LOCK_EX | LOCK_NB) == 0);
  clear_leftovers({result});
  BOOST_TEST(std::filesystem::exists(right));
  close(living);
  clear_leftovers({result});
  BOOST_TEST(!std::filesystem::exists(right));
}

BOOST_AUTO_TEST_SUITE_END()
