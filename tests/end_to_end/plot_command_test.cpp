/// `admmbench plot`: every format, the gap, and what it refuses.

#include <fmt/format.h>

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
      BOOST_TEST(contains(bytes, "it's_best 0.8000<"));
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
  BOOST_TEST(contains(gap, "bowl 25.00<"));
  const std::string plain = figure("");
  BOOST_TEST(!contains(plain, "objective gap"));
  BOOST_TEST(contains(plain, "bowl 27.00<"));
}

/// Their names lengthen the figure; the panels keep their size, and every name is there.
BOOST_AUTO_TEST_CASE(twenty_one_methods_fit) {
  const TemporaryFolder folder;
  for (int m = 0; m < 21; ++m) {
    for (const std::string dataset : {"a", "b"}) {
      const RunRecord run =
          made_run(dataset, fmt::format("a-method-of-some-length-{}", m), 0, rising(0.3 + 0.03 * m));
      testing::write(run, folder / ("runs/" + run.path.string()));
    }
  }
  const auto height_of = [&](const std::string& options) {
    const auto output = testing::run_program(folder, "plot runs -o f.svg " + options);
    BOOST_TEST(output.status == 0, output.errors);
    BOOST_TEST(output.errors.empty(), output.errors);
    std::ifstream in(folder / "f.svg", std::ios::binary);
    const std::string picture(std::istreambuf_iterator<char>(in), {});
    for (int m = 0; m < 21 && options.empty(); ++m)
      BOOST_TEST(contains(picture, fmt::format(">a-method-of-some-length-{} ", m)));
    const std::size_t at = picture.find(" height=\"");
    BOOST_REQUIRE(at != std::string::npos);
    return std::stod(picture.substr(at + 9));
  };
  const double one = height_of("--method a-method-of-some-length-0");
  BOOST_TEST(height_of("") > one + 60);
}

BOOST_AUTO_TEST_CASE(a_logarithmic_axis_of_zeros_is_refused_in_a_sentence) {
  const TemporaryFolder folder;
  const RunRecord run = made_run("a", "flat", 0, {{"objective", [](double) { return 0.0; }}});
  testing::write(run, folder / ("runs/" + run.path.string()));
  for (const std::string options : {"--log-y", "--gap"}) {
    const auto output = testing::run_program(folder, "plot runs -o f.pdf --quantity objective " + options);
    BOOST_TEST(output.status == 2);
    BOOST_TEST(contains(output.errors, "has no value above 0 that a logarithmic axis could show"),
               output.errors);
    BOOST_TEST(!contains(output.errors, "gnuplot"), output.errors);
  }
  BOOST_TEST(!std::filesystem::exists(folder / "f.pdf"));
  const auto linear = testing::run_program(folder, "plot runs -o f.pdf --quantity objective");
  BOOST_TEST(linear.status == 0, linear.errors);
}

BOOST_AUTO_TEST_SUITE_END()
