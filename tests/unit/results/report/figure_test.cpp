#include "results/report/figure.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/contains.hpp"
#include "tests/support/rising_runs.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(figure_test)
using admmbench::testing::contains;
using admmbench::testing::two_methods;

BOOST_AUTO_TEST_CASE(a_panel_for_each_data_set_best_line_first) {
  const auto panels = figure_panels(two_methods(), {}, {});
  BOOST_REQUIRE(panels.size() == 2U);
  BOOST_TEST(panels[0].title == "made on a: mean and sd over 1 to 2 seeds");
  BOOST_TEST(panels[0].lines[0].label == "it's_best");
  BOOST_TEST(panels[0].lines[0].band.mean.back() == 0.8, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(panels[1].lines.size() == 1U);
  // The same method has the same style in every panel.
  BOOST_TEST((panels[1].lines[0].style == panels[0].lines[1].style));
  BOOST_TEST((panels[0].lines[0].style != panels[0].lines[1].style));
  FigureOptions one;
  one.datasets = {"b"};
  BOOST_TEST(figure_panels(two_methods(), {}, one).size() == 1U);
  one.methods = {"nobody"};
  BOOST_CHECK_THROW(figure_panels(two_methods(), {}, one), std::runtime_error);
}

/// Labels are data: neither a quote nor an underscore nor a line break means anything to gnuplot.
BOOST_AUTO_TEST_CASE(script_quotes_and_keeps_to_what_the_axes_can_show) {
  FigureOptions options;
  options.log_x = options.log_y = true;
  options.title = "line\n'system(\"x\")'";
  const auto script_of = [&](const std::string& file) {
    const auto panels = figure_panels(two_methods(), {}, options);
    return gnuplot_script(panels, figure_shape(panels, options), file);
  };
  const std::string script = script_of("f.svg");
  BOOST_TEST(contains(script, "'it''s_best 0.8000' at "), script);
  BOOST_TEST(contains(script, "'line ''system(\"x\")'''"), script);
  BOOST_TEST(contains(script, "noenhanced"));
  BOOST_TEST(!contains(script, "\n0 0 "), script);  // the first record, at 0 in both
  options.log_x = options.log_y = false;
  BOOST_TEST(contains(script_of("f.svg"), "\n0 0 "));
  BOOST_CHECK_THROW(script_of("f.jpg"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(without_gnuplot_the_error_names_its_package) {
  const TemporaryFolder folder;
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", folder.path().c_str(), 1);
  const auto panels = figure_panels(two_methods(), {}, {});
  BOOST_CHECK_EXCEPTION(draw_figure(panels, FigureOptions(), folder / "f.svg"), std::runtime_error,
                        [](const std::exception& error) { return contains(error.what(), "gnuplot-nox"); });
  ::setenv("PATH", path.c_str(), 1);
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_SUITE_END()
