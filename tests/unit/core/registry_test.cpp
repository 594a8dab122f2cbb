#include "core/registry.hpp"

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

BOOST_AUTO_TEST_SUITE_END()
