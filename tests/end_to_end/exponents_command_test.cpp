/// `admmbench table --exponents`.

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "results/record/run_summary.hpp"
#include "tests/support/program.hpp"
#include "tests/support/sized_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(exponents_command_test)
using admmbench::testing::contains;
using admmbench::testing::run_program;
using admmbench::testing::sized_runs;

BOOST_AUTO_TEST_CASE(prints_what_it_writes) {
  const TemporaryFolder folder;
  std::vector<RunRecord> runs = sized_runs("square", [](double n) { return n * n; });
  for (const RunRecord& run : sized_runs("cube", [](double n) { return n * n * n; })) runs.push_back(run);
  std::ofstream out(folder / "runs.csv");
  write_summaries(out, runs);
  out.close();
  const auto shown = run_program(folder, "table runs.csv --exponents -o tables");
  BOOST_TEST(shown.status == 0);
  BOOST_TEST(contains(shown.text, "| cube | 3.00 [3.00, 3.00] |"), shown.text);
  BOOST_TEST(contains(shown.text, "6 sizes from 32 to 1024"), shown.text);
  BOOST_TEST(std::filesystem::file_size(folder / "tables/exponents.csv") > 0);
  BOOST_TEST(std::filesystem::file_size(folder / "tables/exponents.md") > 0);
  for (RunRecord& run : runs) run.attributes.dataset = "mnist";
  std::ofstream other(folder / "other.csv");
  write_summaries(other, runs);
  other.close();
  const auto refused = run_program(folder, "table other.csv --exponents");
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(contains(refused.errors, "n-64"), refused.errors);
}

BOOST_AUTO_TEST_SUITE_END()
