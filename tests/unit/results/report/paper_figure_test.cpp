#include "results/report/paper_figure.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <tuple>

#include "core/io/csv.hpp"
#include "core/io/latex.hpp"
#include "results/report/gnuplot.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/rising_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(paper_figure_test)
using admmbench::testing::contains;
using admmbench::testing::made_run;
using admmbench::testing::rising;

namespace {

RunRecord run_of(const std::string& dataset, const std::string& label, const std::string& solver,
                 std::int64_t seed, double last, const std::string& params = "rho: 1") {
  RunRecord run = made_run(dataset, label, seed, rising(last));
  run.attributes.solver = solver;
  testing::configure(run,
                     fmt::format("experiment: made\nnetwork: {{hidden: [4]}}\nseed: {}\nsolver: {{name: {}, "
                                 "params: {{{}}}, label: \"{}\"}}\n",
                                 seed, solver, params, label));
  return run;
}

std::vector<RunRecord> runs_of(std::size_t methods, std::size_t datasets) {
  std::vector<RunRecord> runs;
  for (std::size_t d = 0; d < datasets; ++d) {
    for (std::size_t m = 0; m < methods; ++m)
      runs.push_back(run_of(fmt::format("set-{}", d), fmt::format("method-{}", m),
                            fmt::format("solver-{}", m % 7), 0, 0.5 + 0.01 * static_cast<double>(m)));
  }
  return runs;
}

PaperFigure figure_of(const std::string& venue) {
  PaperFigure figure;
  figure.venue = venue;
  figure.metrics = {"test_accuracy"};
  return figure;
}

std::vector<std::pair<std::string, std::string>> no_defaults(const std::string&) { return {}; }

}  // namespace

BOOST_AUTO_TEST_CASE(widths_are_those_of_the_venues) {
  const auto width = [](const std::string& venue, long columns) {
    PaperFigure figure = figure_of(venue);
    figure.columns = columns;
    return figure_width(figure);
  };
  BOOST_TEST(width("ieee", 1) == 3.5);
  BOOST_TEST(width("ieee", 2) == 7.16);
  BOOST_TEST(width("neurips", 1) == 5.5);
  BOOST_TEST(width("acm", 1) == 3.33);
  BOOST_TEST(width("acm", 2) == 7.0);
  BOOST_TEST(width("springer", 1) == 4.8);
  BOOST_CHECK_THROW(width("neurips", 2), FigureError);
  PaperFigure own = figure_of("ieee");
  own.width = 2.75;
  BOOST_TEST(figure_width(own) == 2.75);
}

/// Every number of methods and data sets either has its pictures, each as wide as asked for and no higher than a page, with all
/// panels once and of one size, or is refused with a sentence.
BOOST_AUTO_TEST_CASE(one_to_thirty_methods_on_one_to_25_data_sets) {
  for (const Venue& venue : venues()) {
    for (const long columns : {1L, 2L}) {
      if (columns == 2 && venue.text == venue.column) continue;
      for (const std::size_t methods : {1U, 2U, 8U, 30U}) {
        for (const std::size_t datasets : {1U, 2U, 4U, 9U, 25U}) {
          PaperFigure figure = figure_of(venue.name);
          figure.columns = columns;
          const PaperDrawing drawing = paper_drawing(runs_of(methods, datasets), figure);
          const std::string what = fmt::format("{} {} {} {}", venue.name, columns, methods, datasets);
          std::size_t next = 0;
          double first_width = 0;
          for (const PaperDrawing::Picture& picture : drawing.pictures) {
            BOOST_TEST(picture.begin == next, what);
            next += picture.count;
            const auto begin = drawing.panels.begin() + static_cast<std::ptrdiff_t>(picture.begin);
            const FigureLayout layout =
                figure_layout({begin, begin + static_cast<std::ptrdiff_t>(picture.count)}, picture.shape);
            BOOST_TEST(layout.width == figure_width(figure), what);
            BOOST_TEST(layout.height <= venue.text_height, what);
            BOOST_TEST(layout.samples.size() == methods, what);
            BOOST_TEST(picture.shape.points == 8.0);
            if (first_width == 0) first_width = layout.panels.front().width;
            for (const PlacedPanel& panel : layout.panels) {
              BOOST_TEST(panel.width >= least_panel_width, what);
              BOOST_TEST(std::abs(panel.width - first_width) < 1e-9, what);
            }
          }
          BOOST_TEST(next == datasets, what);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(methods_of_a_solver_stand_together_and_in_the_order_of_their_numbers) {
  std::vector<RunRecord> runs;
  for (const auto& [label, solver, last] :
       {std::tuple("rho=10", "dladmm", 0.9), std::tuple("Adam", "adam", 0.8),
        std::tuple("rho=2", "dladmm", 0.5)})
    runs.push_back(run_of("a", label, solver, 0, last));
  const PaperDrawing drawing = paper_drawing(runs, figure_of("ieee"));
  const auto& lines = drawing.panels.front().lines;
  BOOST_TEST(lines[0].label == "rho=2");
  BOOST_TEST(lines[1].label == "rho=10");
  BOOST_TEST(lines[2].label == "Adam");
  // The figure's own order, names and looks.
  PaperFigure figure = figure_of("ieee");
  FigureMethod method;
  method.label = "rho=10";
  method.name = "ours";
  method.colour = "#123456";
  method.dash = "dotted";
  method.marker = "cross";
  method.width = 2.5;
  figure.methods = {method};
  const FigureLine line = paper_drawing(runs, figure).panels.front().lines.front();
  BOOST_TEST(line.key == "ours");
  BOOST_TEST(line.style.colour == "#123456");
  BOOST_TEST(dash_names().at(line.style.dash) == "dotted");
  BOOST_TEST(marker_names().at(line.style.marker) == "cross");
  BOOST_TEST(line.width == 2.5);
}

/// Three data sets do not fit beside each other in 4.8 inches; two metrics do.
BOOST_AUTO_TEST_CASE(metrics_are_columns_where_data_sets_are_too_many_for_a_row) {
  std::vector<RunRecord> runs;
  for (const char* dataset : {"a", "b", "c"}) {
    RunRecord run = run_of(dataset, "x", "adam", 0, 0.9);
    run.trajectory.columns.emplace_back("train_loss", std::vector<double>(11, 0.25));
    runs.push_back(std::move(run));
  }
  const auto places = [&](const std::string& venue, long columns) {
    PaperFigure figure = figure_of(venue);
    figure.metrics = {"test_accuracy", "train_loss"};
    figure.columns = columns;
    std::string text;
    for (const FigurePanel& panel : paper_drawing(runs, figure).panels)
      text += panel.dataset + (panel.quantity == "train_loss" ? "l " : "a ");
    return text;
  };
  BOOST_TEST(places("springer", 1) == "aa al ba bl ca cl ");
  BOOST_TEST(places("ieee", 2) == "aa ba ca al bl cl ");
}

BOOST_AUTO_TEST_CASE(names_that_are_not_there_are_refused_with_those_that_are) {
  const auto runs = runs_of(2, 2);
  const auto refused = [&](const PaperFigure& figure, const std::string& words) {
    BOOST_CHECK_EXCEPTION(paper_drawing(runs, figure), FigureError, [&](const FigureError& error) {
      BOOST_TEST(contains(error.what(), words), error.what());
      return true;
    });
  };
  PaperFigure figure = figure_of("ieee");
  figure.datasets = {"set-9"};
  refused(figure, "no data set 'set-9' among the runs; there are: set-0, set-1");
  figure = figure_of("ieee");
  figure.methods.emplace_back().label = "nobody";
  refused(figure, "no method 'nobody' among the runs; there are: method-1, method-0");
  figure = figure_of("ieee");
  figure.x = "flops";
  refused(figure, "'flops'");
  // Four panels side by side are too narrow for a column, and nobody takes another number than was asked for.
  figure = figure_of("ieee");
  figure.panel_columns = 4;
  BOOST_CHECK_EXCEPTION(paper_drawing(runs_of(2, 8), figure), FigureError,
                        [](const FigureError& error) { return contains(error.what(), "fewer columns"); });
}

BOOST_AUTO_TEST_CASE(captions_say_what_is_drawn) {
  std::vector<RunRecord> runs;
  for (const std::string dataset : {"cora", "a_b"}) {
    for (std::int64_t seed = 0; seed < 3; ++seed) {
      runs.push_back(run_of(dataset, "ours_1", "dladmm", seed, 0.9 - 0.01 * static_cast<double>(seed),
                            dataset == "cora" ? "rho: 0.1, nu: 2, mu: 3" : "rho: 10, nu: 2, mu: 3"));
    }
  }
  runs.push_back(run_of("cora", "ours_1", "dladmm", 3, 0.5, "rho: 0.1, nu: 2, mu: 3"));
  runs.back().attributes.status = RunStatus::diverged;
  const PaperFigure figure = figure_of("acm");
  const PaperDrawing drawing = paper_drawing(runs, figure);
  const auto defaults = [](const std::string&) {
    return std::vector<std::pair<std::string, std::string>>{{"rho", "1"}, {"nu", "1"}, {"mu", "3"}};
  };
  const std::string text = paper_latex(drawing, runs, figure, {"f.pdf"}, defaults);
  for (const char* words : {"\\begin{figure}[t]", "\\includegraphics{f.pdf}", "\\label{fig:f}", "(a)~",
                            "a\\_b", "against iteration", "mean over 3 seeds (0 to 2)",
                            "bands: one sample standard deviation", "ours\\_1: rho = 0.1 to 10 by data set",
                            "nu = 2", "A run that did not finish is left out", "\\texttt{made}"})
    BOOST_TEST(contains(text, words), words << " in " << text);
  BOOST_TEST(!contains(text, "mu ="), "a default is not said");
  PaperFigure own = figure;
  own.caption = "Mine.";
  own.label = "fig:mine";
  own.columns = 2;
  const std::string mine = paper_latex(drawing, runs, own, {"f.pdf"}, no_defaults);
  BOOST_TEST(contains(mine, "\\begin{figure*}"));
  BOOST_TEST(contains(mine, "\\caption{Mine.}"));
  BOOST_TEST(contains(mine, "\\label{fig:mine}"));
}

BOOST_AUTO_TEST_CASE(numbers_beside_the_figure_are_those_that_are_drawn) {
  std::vector<RunRecord> runs{run_of("a", "x,y", "adam", 0, 0.8), run_of("a", "x,y", "adam", 1, 0.6)};
  const PaperFigure figure = figure_of("ieee");
  const auto rows = parse_csv(paper_csv(paper_drawing(runs, figure), figure), "csv");
  BOOST_REQUIRE(rows.size() == 12U);
  BOOST_TEST(rows[0].at(6) == "iteration");
  const std::vector<std::string>& last = rows.back();
  BOOST_TEST(last[0] == "(a)");
  BOOST_TEST(last[3] == "x,y");
  BOOST_TEST(last[5] == "2");
  BOOST_TEST(std::stod(last[7]) == 0.7, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::stod(last[9]) == 0.6, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(latex_has_no_meaning_in_names) {
  BOOST_TEST(latex_text("a_b & 50% {x} ~ ^ \\ #1 $\n<") ==
             "a\\_b \\& 50\\% \\{x\\} \\textasciitilde{} \\textasciicircum{} \\textbackslash{} \\#1 \\$ "
             "\\textless{}");
  BOOST_TEST(latex_comment_lines("a\nb") == "% a\n% b\n");
}

BOOST_AUTO_TEST_SUITE_END()
