#include "core/registry.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(registry_test)

namespace {

struct Entry {
  std::string name;
  int number = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(entries_are_sorted_and_found_by_name) {
  Registry<Entry> registry("things");
  BOOST_TEST((registry.find("a") == nullptr));
  registry.add({"b", 2});
  registry.add({"c", 3});
  registry.add({"a", 1});
  std::string names;
  for (const Entry& entry : registry.entries()) names += entry.name;
  BOOST_TEST(names == "abc");
  for (const Entry& entry : registry.entries()) BOOST_TEST(registry.find(entry.name)->number == entry.number);
  for (const char* other : {"", "aa", "B", "d"}) BOOST_TEST((registry.find(other) == nullptr));
}

BOOST_AUTO_TEST_CASE(a_name_is_used_once) {
  Registry<Entry> registry("things");
  registry.add({"a", 1});
  BOOST_CHECK_EXCEPTION(registry.add({"a", 2}), std::logic_error, [](const std::logic_error& error) {
    return std::string(error.what()) == "two things are called a";
  });
  BOOST_TEST(registry.entries().size() == 1U);
  BOOST_TEST(registry.find("a")->number == 1);
}

/// Before main() nobody can catch an exception: two plug-ins of one name end with a sentence, not with std::terminate.
BOOST_AUTO_TEST_CASE(a_taken_name_ends_the_program_in_words) {
  Registry<Entry> registry("things");
  add_or_end(registry, {"a", 1});
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(1);
    add_or_end(registry, {"a", 2});
    _exit(0);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
