#include "core/io/yaml_text.hpp"

#include <yaml-cpp/yaml.h>

#include <boost/test/unit_test.hpp>

#include "tests/support/contains.hpp"

using namespace admmbench;
using admmbench::testing::contains;

BOOST_AUTO_TEST_SUITE(yaml_text_test)

namespace {

std::string reason(const std::string& text) {
  try {
    load_yaml(text);
    return "read";
  } catch (const YAML::ParserException& error) {
    return error.what();
  }
}

/// `levels` lists of nine aliases each: 9^levels values.
std::string alias_bomb(int levels) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int l = 1; l < levels; ++l) {
    text += "a" + std::to_string(l) + ": &a" + std::to_string(l) + " [";
    for (int i = 0; i < 9; ++i) text += (i > 0 ? ", *a" : "*a") + std::to_string(l - 1);
    text += "]\n";
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_people_write_is_read) {
  BOOST_TEST(reason("a: 1\nb: &x [1, 2]\nc: *x\n") == "read");
  BOOST_TEST(reason("") == "read");
  BOOST_TEST(reason("---\na: 1\n") == "read");
  BOOST_TEST(reason("---\na: 1\n...\n") == "read");
  BOOST_TEST(reason("a: \"quoted\"\nb: 'too'\nc: !!str 3\n") == "read");
  BOOST_TEST(reason(alias_bomb(4)) == "read");  // 9^4 values are no bomb
  BOOST_TEST(load_yaml("\xff\xfe" + std::string("a\0:\0 \0\x31\0", 8))["a"].as<int>() == 1);
}

BOOST_AUTO_TEST_CASE(aliases_count_as_what_they_stand_for) {
  for (const int levels : {6, 9, 60}) {
    BOOST_TEST(contains(reason(alias_bomb(levels)), levels > 30 ? "too" : "too many values"));
  }
  BOOST_TEST(contains(reason("x: &x [*x]\n"), "inside what it stands for"));
}

BOOST_AUTO_TEST_CASE(depth_size_documents_tags_and_characters_have_limits) {
  BOOST_TEST(contains(reason("x: " + std::string(100'000, '[')), "nested too deeply"));
  BOOST_TEST(contains(reason("x: " + std::string(1000, '[') + std::string(1000, ']')), "nested too deeply"));
  std::string nested = "&a0 [1]";
  for (int i = 1; i < 40; ++i) nested += "\n- &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]";
  BOOST_TEST(contains(reason("- " + nested), "nested too deeply"));
  BOOST_TEST(contains(reason(std::string(5 << 20, '#')), "bytes; allowed"));
  BOOST_TEST(contains(reason("a: 1\n---\nb: 2\n"), "line 2"));
  BOOST_TEST(contains(reason("a: 1\n---\nb: 2\n"), "second document"));
  BOOST_TEST(contains(reason("a: !!python/object/apply:os.system [\"touch x\"]\n"), "tag"));
  BOOST_TEST(contains(reason("a: !include other.yaml\n"), "tag"));
  BOOST_TEST(contains(reason(std::string("a: b\n\0c: d\n", 11)), "line 2"));
  BOOST_TEST(contains(reason("a: \x1b[2J\n"), "control character"));
}

BOOST_AUTO_TEST_CASE(a_tab_is_called_a_tab) {
  BOOST_TEST(contains(reason("a:\n\tb: 1\n"), "line 2"));
  BOOST_TEST(contains(reason("a:\n\tb: 1\n"), "a tab"));
}

BOOST_AUTO_TEST_SUITE_END()
