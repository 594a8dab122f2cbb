#include "core/io/markdown.hpp"

#include <boost/test/unit_test.hpp>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(markdown_test)

BOOST_AUTO_TEST_CASE(a_table_has_a_head_a_rule_and_rows) {
  MarkdownTable table({"method", "value"});
  table.add({"a", "1"});
  BOOST_TEST(table.text() == "| method | value |\n|---|---|\n| a | 1 |\n");
  MarkdownTable numbers({"method", "value"}, MarkdownTable::Columns::numbers);
  BOOST_TEST(numbers.text() == "| method | value |\n|---|---:|\n");
}

/// A bar or the end of a line would end the cell.
BOOST_AUTO_TEST_CASE(cells_keep_what_would_end_them) {
  MarkdownTable table({"a"});
  table.add({"|x|\ny"});
  BOOST_TEST(table.text() == "| a |\n|---|\n| \\|x\\| y |\n");
}

BOOST_AUTO_TEST_CASE(columns_line_up_by_characters) {
  MarkdownTable table({"m", "n"});
  table.add({"±±±", "1"});
  BOOST_TEST(table.aligned_text() == "| m   | n |\n|-----|---|\n| ±±± | 1 |\n");
}

BOOST_AUTO_TEST_SUITE_END()
