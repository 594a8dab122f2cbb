/// `admmbench table --exponents`.

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <functional>

#include "results/record/run_summary.hpp"
#include "tests/support/program.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(exponents_command_test)
using admmbench::testing::contains;
using admmbench::testing::run_program;

namespace {

const std::vector<double> sizes{32, 64, 128, 256, 512, 1024};

/// Two runs of `label` per size that took 10 iterations.
std::vector<RunSummary> runs_of(const std::string& label, const std::function<double(double)>& flops) {
  std::vector<RunSummary> runs;
  for (const double size : sizes) {
    for (std::int64_t seed = 0; seed < 2; ++seed) {
      RunSummary run;
      run.experiment = "cost";
      run.dataset = "n-" + std::to_string(static_cast<int>(size));
      run.label = label;
      run.seed = seed;
      run.status = "completed";
      run.iterations = 10;
      // Seconds: the second run was disturbed, by much at small sizes.
      run.last = {{"flops", 10 * flops(size)}, {"seconds", 1e-3 * size + (seed == 1 ? 5 : 0)}};
      runs.push_back(run);
    }
  }
  return runs;
}

}  // namespace

BOOST_AUTO_TEST_CASE(prints_what_it_writes) {
  const TemporaryFolder folder;
  std::vector<RunSummary> runs = runs_of("square", [](double n) { return n * n; });
  for (const RunSummary& run : runs_of("cube", [](double n) { return n * n * n; })) runs.push_back(run);
  std::ofstream out(folder / "runs.csv");
  write_summaries(out, runs);
  out.close();
  const auto shown = run_program(folder, "table runs.csv --exponents -o tables");
  BOOST_TEST(shown.status == 0);
  BOOST_TEST(contains(shown.text, "| cube | 3.00 [3.00, 3.00] |"), shown.text);
  BOOST_TEST(contains(shown.text, "6 sizes from 32 to 1024"), shown.text);
  BOOST_TEST(std::filesystem::file_size(folder / "tables/exponents.csv") > 0);
  BOOST_TEST(std::filesystem::file_size(folder / "tables/exponents.md") > 0);
  for (RunSummary& run : runs) run.dataset = "mnist";
  std::ofstream other(folder / "other.csv");
  write_summaries(other, runs);
  other.close();
  const auto refused = run_program(folder, "table other.csv --exponents");
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(contains(refused.errors, "n-64"), refused.errors);
}

BOOST_AUTO_TEST_SUITE_END()
