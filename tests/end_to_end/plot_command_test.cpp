/// `admmbench plot`: every format, the gap, and what it refuses.

#include <boost/test/unit_test.hpp>

#include "tests/support/program.hpp"
#include "tests/support/rising_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(plot_command_test)
using admmbench::testing::contains;
using admmbench::testing::made_run;
using admmbench::testing::rising;
using admmbench::testing::two_methods;

BOOST_AUTO_TEST_CASE(writes_svg_pdf_and_png) {
  const TemporaryFolder folder;
  for (const RunRecord& run : two_methods()) testing::write(run, folder / ("runs/" + run.path.string()));
  const std::vector<std::pair<std::string, std::string>> begins{
      {"svg", "<?xml"}, {"pdf", "%PDF"}, {"png", "\x89PNG"}};
  for (const auto& [ending, begin] : begins) {
    const auto output = testing::run_program(folder, "plot runs -o figures/f." + ending);
    BOOST_TEST(output.status == 0, output.errors);
    BOOST_TEST(output.text == "figures/f." + ending + "\n");
    std::ifstream in(folder / ("figures/f." + ending), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    BOOST_TEST(bytes.starts_with(begin));
    if (ending == "svg") {
      BOOST_TEST(contains(bytes, "#0072B2") != contains(bytes, "rgb(  0, 114, 178)"));
      BOOST_TEST(contains(bytes, "it's_best 0.8"));
    }
  }
  // Nothing is left beside the figures.
  const std::filesystem::directory_iterator files(folder / "figures");
  BOOST_TEST(std::distance(begin(files), end(files)) == 3);
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  const TemporaryFolder folder;
  for (const RunRecord& run : two_methods()) testing::write(run, folder / ("runs/" + run.path.string()));
  const auto ending = testing::run_program(folder, "plot runs -o f.jpg");
  BOOST_TEST(ending.status == 2);
  BOOST_TEST(contains(ending.errors, ".svg, .pdf or .png"), ending.errors);
  const auto quantity = testing::run_program(folder, "plot runs -o f.svg --quantity test_acuracy");
  BOOST_TEST(quantity.status == 1);
  BOOST_TEST(contains(quantity.errors, "test_accuracy"), quantity.errors);
  const auto missing = testing::run_program(folder, "plot runs -o f.svg --x flops");
  BOOST_TEST(missing.status == 1);
  BOOST_TEST(contains(missing.errors, "flops"), missing.errors);
  BOOST_TEST(!std::filesystem::exists(folder / "f.svg"));
  RunRecord quick = made_run("a", "other", 5, rising(0.5));
  quick.attributes.config = "profile: quick\n" + quick.attributes.config;
  testing::write(quick, folder / "runs/quick/seed-5.h5");
  const auto several = testing::run_program(folder, "plot runs -o f.svg");
  BOOST_TEST(several.status == 1);
  BOOST_TEST(contains(several.errors, "profile quick"), several.errors);
}

/// The least value is 2, at iteration 5, the last one 27: the gap ends at 25.
BOOST_AUTO_TEST_CASE(gap_is_the_distance_to_the_least_value_of_the_run) {
  const TemporaryFolder folder;
  const RunRecord run =
      made_run("a", "bowl", 0, {{"objective", [](double k) { return 2 + (k - 5) * (k - 5); }}});
  testing::write(run, folder / ("runs/" + run.path.string()));
  const auto figure = [&](const std::string& options) {
    const auto output = testing::run_program(folder, "plot runs -o f.svg --quantity objective" + options);
    BOOST_TEST(output.status == 0, output.errors);
    std::ifstream in(folder / "f.svg", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string gap = figure(" --gap");
  BOOST_TEST(contains(gap, "objective gap"));
  BOOST_TEST(contains(gap, "bowl 25<"));
  const std::string plain = figure("");
  BOOST_TEST(!contains(plain, "objective gap"));
  BOOST_TEST(contains(plain, "bowl 27<"));
}

BOOST_AUTO_TEST_SUITE_END()
