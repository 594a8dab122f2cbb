#include "results/comparison/latex_grid.hpp"

#include <boost/test/unit_test.hpp>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(latex_grid_test)

namespace {

/// A name and six numbers a line.
LatexGrid sample() {
  return {{"method", "a", "b", "c", "d", "e", "f"},
          {"adam", "0.9000 $\\pm$ 0.0010", "\\textbf{0.8000}", "0.7", "0.6", "0.5", "0.4"}};
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++found;
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(commands_take_no_room) {
  BOOST_TEST(latex_width("\\textbf{0.9}") == latex_width("0.9"));
  BOOST_TEST(latex_width("B\\_b") == latex_width("B_b"));
  BOOST_TEST(latex_width("0.90 $\\pm$ 0.01") > latex_width("0.90  0.01"));
  BOOST_TEST(latex_width("") == 0);
}

/// Wide enough: one block. Too narrow for all: several, every column in exactly one of them, under its heading.
BOOST_AUTO_TEST_CASE(columns_are_broken_where_they_do_not_fit) {
  const std::vector<std::size_t> groups(6, 1);
  const std::string wide = latex_tabular(sample(), groups, 7);
  BOOST_TEST(count(wide, "method & a & b & c & d & e & f \\\\") == 1);
  BOOST_TEST(count(wide, "\\heavyrulewidth") == 0);
  const std::string narrow = latex_tabular(sample(), groups, 2.2);
  BOOST_TEST(count(narrow, "method & ") > 1, narrow);
  BOOST_TEST(count(narrow, "adam & ") == count(narrow, "method & "));
  BOOST_TEST(count(narrow, "\\heavyrulewidth") == count(narrow, "method & ") - 1);
  for (const char* cell : {"0.9000 $", "0.8000}", "0.7", "0.6", "0.5", "0.4"})
    BOOST_TEST(count(narrow, cell) == 1, cell);
  BOOST_TEST(count(narrow, "not even one") == 0);
}

/// What belongs to one data set is not torn apart.
BOOST_AUTO_TEST_CASE(groups_stay_together) {
  const std::string text = latex_tabular(sample(), {2, 2, 2}, 1.6);
  BOOST_TEST(count(text, " a & b ") == 1, text);
  BOOST_TEST(count(text, " c & d ") == 1, text);
  BOOST_TEST(count(text, " e & f ") == 1, text);
  BOOST_TEST(count(text, "method & ") > 1, text);
}

BOOST_AUTO_TEST_CASE(what_cannot_fit_is_said) {
  BOOST_TEST(count(latex_tabular(sample(), std::vector<std::size_t>(6, 1), 0.5), "% about") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
