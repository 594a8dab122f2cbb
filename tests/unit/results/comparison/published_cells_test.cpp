#include "results/comparison/published_cells.hpp"

#include <boost/test/unit_test.hpp>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(published_cells_test)

namespace {

PublishedFigure figure(const std::string& dataset, double value, std::optional<double> deviation = {},
                       const std::string& cause = "", const std::string& key = "paper/one") {
  PublishedFigure result;
  result.key = key;
  result.dataset = dataset;
  result.method = "adam";
  result.title = "a title";
  result.value = value;
  result.deviation = deviation;
  result.cause = cause;
  return result;
}

Reached how(double ours, const PublishedFigure& published) {
  Summary summary;
  summary.count = 3;
  summary.mean = ours;
  return reached({published, "e", "Adam", summary});
}

/// One row "Adam", a column per figure; `mean` of each, empty: no run has a value.
Table table(const std::vector<PublishedFigure>& figures, const std::vector<std::optional<double>>& mean) {
  Table result;
  result.experiment = "e";
  TableRow row{"Adam", "adam", {}};
  for (std::size_t d = 0; d < figures.size(); ++d) {
    TableCell cell;
    cell.published = figures[d];
    if (mean[d]) {
      cell.summary.count = 5;
      cell.summary.mean = *mean[d];
    }
    row.cells.push_back(cell);
    result.datasets.push_back(figures[d].dataset);
  }
  result.rows.push_back(row);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(bounds_belong_to_what_is_reached) {
  BOOST_TEST((how(0.71, figure("a", 0.70)) == Reached::closely));  // the bound itself, in decimals
  BOOST_TEST((how(0.69, figure("a", 0.70)) == Reached::closely));
  BOOST_TEST((how(0.7101, figure("a", 0.70)) == Reached::unexplained));
  BOOST_TEST((how(0.73, figure("a", 0.70, 0.03)) == Reached::within_deviation));
  BOOST_TEST((how(0.67, figure("a", 0.70, 0.03)) == Reached::within_deviation));
  BOOST_TEST((how(0.7301, figure("a", 0.70, 0.03)) == Reached::unexplained));
  BOOST_TEST((how(0.7301, figure("a", 0.70, 0.03, "why")) == Reached::explained));
  BOOST_TEST((how(0.70, figure("a", 0.70, {}, "why")) == Reached::closely));  // a cause makes nothing worse
  BOOST_TEST((reached({figure("a", 0.70), "", "", {}}) == Reached::not_run));
}

/// Bytes and seconds are no shares: of them a hundredth counts as 0.01 of an accuracy does.
BOOST_AUTO_TEST_CASE(figures_above_one_are_within_a_share_of_themselves) {
  BOOST_TEST((how(1.009e9, figure("a", 1e9)) == Reached::closely));
  BOOST_TEST((how(1.011e9, figure("a", 1e9)) == Reached::unexplained));
  BOOST_TEST((how(2.019, figure("a", 2)) == Reached::closely));
  BOOST_TEST((how(0.98, figure("a", 1)) == Reached::unexplained));
  BOOST_TEST((how(0.011, figure("a", 0.0005)) == Reached::unexplained));  // not of itself: 0.01 is the least
  const std::vector<PublishedFigure> bytes{figure("a", 1e9)};
  BOOST_TEST(to_markdown(published_cells({table(bytes, {1.009e9})}, bytes)).find("| within a hundredth |") !=
             std::string::npos);
}

/// A cause belongs to a figure that was missed, or says why there are no runs; not both.
BOOST_AUTO_TEST_CASE(why_there_are_no_runs_explains_no_difference) {
  const std::vector<PublishedFigure> published{figure("a", 0.5, {}, "not run, there is no such file"),
                                               figure("b", 0.5, {}, "too few seeds"),
                                               figure("c", 0.5, {}, "not run, there is no such file")};
  const std::string page = to_markdown(published_cells({table(published, {{}, {}, 0.6})}, published));
  BOOST_TEST(page.find("| a | Adam |  |  | 0.500 |  | not run, there is no such file |") !=
             std::string::npos);
  BOOST_TEST(page.find("| b | Adam |  |  | 0.500 |  | not run |") != std::string::npos);
  BOOST_TEST(page.find("| c | Adam | 0.600 | 5 | 0.500 | +0.100 | not explained |") != std::string::npos);
}

/// Five seeds with deviation 0.01: one more is within t(4, 0.975) 0.01 sqrt(6/5) = 0.030414 of their mean.
BOOST_AUTO_TEST_CASE(one_published_run_is_held_against_the_spread_of_ours) {
  const auto how_far = [](double ours, std::optional<long> runs, std::size_t seeds) {
    PublishedFigure published = figure("a", 0.70);
    published.runs = runs;
    Summary summary;
    summary.count = seeds;
    summary.mean = ours;
    if (seeds > 1) summary.deviation = 0.01;
    return reached({published, "e", "Adam", summary});
  };
  BOOST_TEST((how_far(0.7304, 1, 5) == Reached::as_a_seed));
  BOOST_TEST((how_far(0.6696, 1, 5) == Reached::as_a_seed));
  BOOST_TEST((how_far(0.7305, 1, 5) == Reached::unexplained));
  BOOST_TEST((how_far(0.705, 1, 5) == Reached::closely));
  BOOST_TEST((how_far(0.7304, 5, 5) == Reached::unexplained));  // a mean is nearer
  BOOST_TEST((how_far(0.7304, {}, 5) == Reached::unexplained));
  BOOST_TEST((how_far(0.7304, 1, 1) == Reached::unexplained));
}

BOOST_AUTO_TEST_CASE(every_figure_of_the_keys_shown_and_no_other) {
  const std::vector<PublishedFigure> published{figure("a", 0.5), figure("b", 0.5), figure("c", 0.5),
                                               figure("a", 0.5, {}, "", "paper/other")};
  const std::vector<PublishedCell> cells =
      published_cells({table({published[0], published[1]}, {0.503, {}})}, published);
  BOOST_REQUIRE(cells.size() == 3);
  BOOST_TEST(cells[0].experiment == "e");
  BOOST_TEST(cells[0].label == "Adam");
  BOOST_TEST(cells[0].summary->mean == 0.503);
  BOOST_TEST(!cells[1].summary.has_value());  // all its runs failed
  BOOST_TEST(cells[2].experiment.empty());    // a data set without runs
}

BOOST_AUTO_TEST_CASE(the_page_counts_and_says_why) {
  const std::vector<PublishedFigure> published{figure("a", 0.5), figure("b", 0.5, 0.03),
                                               figure("c", 0.5, {}, "the graph is another one"),
                                               figure("d", 0.5), figure("e", 0.5)};
  const std::string page =
      to_markdown(published_cells({table(published, {0.503, 0.52, 0.6, 0.6, std::nullopt})}, published));
  BOOST_TEST(
      page ==
      "5 published figures: 1 within 0.01, 1 more within the published deviation, 0 of one run that is "
      "as far from ours as one more of our seeds may be, 1 further away and explained, 1 not explained, "
      "1 not run.\n\n"
      "## paper/one: a title\n"
      "| data set | method | ours | n | published | difference |  |\n"
      "|---|---|---|---|---|---|---|\n"
      "| a | Adam | 0.503 | 5 | 0.500 | +0.003 | within 0.01 |\n"
      "| b | Adam | 0.520 | 5 | 0.500 ± 0.030 | +0.020 | within the published deviation |\n"
      "| c | Adam | 0.600 | 5 | 0.500 | +0.100 | the graph is another one |\n"
      "| d | Adam | 0.600 | 5 | 0.500 | +0.100 | not explained |\n"
      "| e | Adam |  |  | 0.500 |  | not run |\n");
}

BOOST_AUTO_TEST_SUITE_END()
