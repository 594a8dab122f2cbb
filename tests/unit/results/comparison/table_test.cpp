#include "results/comparison/table.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "results/record/columns.hpp"
#include "results/record/run_set.hpp"
#include "tests/support/report_runs.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(table_test)

namespace {

RunRecord run(const std::string& dataset, const std::string& label, const std::string& solver,
              std::int64_t seed, double accuracy, RunStatus status = RunStatus::completed) {
  RunRecord record;
  record.attributes.experiment = "demo";
  record.attributes.dataset = dataset;
  record.attributes.label = label;
  record.attributes.solver = solver;
  record.attributes.seed = seed;
  record.attributes.status = status;
  testing::configure(
      record, "profile: quick\nnote: 'reduced: few samples'\npublished: [paper/one]\ndataset: {name: " +
                  dataset + "}\n");
  record.trajectory.iteration = {0, 10};
  record.trajectory.columns = {{"seconds", {0, 5}}, {"test_accuracy", {0.1, accuracy}}};
  return record;
}

PublishedFigure figure(const std::string& dataset, const std::string& method, double value,
                       const std::string& metric = "test_accuracy") {
  return {"paper/one", dataset,           method, metric, value, {}, "quoted", "A paper", "a title",
          "a setting", "https://a.paper", {},     {},     {}};
}

std::vector<RunRecord> sample() {
  return {run("mnist", "A", "dladmm", 0, 0.90), run("mnist", "A", "dladmm", 1, 0.92),
          run("mnist", "B_b", "adam", 0, 0.95), run("cora", "A", "dladmm", 0, 0.70),
          run("cora", "A", "dladmm", 1, 0.30, RunStatus::diverged)};
}

/// The same runs without a profile.
std::vector<RunRecord> of_full_size(std::vector<RunRecord> runs) {
  for (RunRecord& one : runs) one.config.profile.clear();
  return runs;
}

}  // namespace

BOOST_AUTO_TEST_CASE(cells_hold_mean_deviation_and_count) {
  const Table table = make_table(sample(), "test_accuracy", {figure("mnist", "dladmm", 0.955)});
  BOOST_REQUIRE(table.rows.size() == 2);
  BOOST_TEST(table.profile == "quick");
  BOOST_TEST(table.note == "reduced: few samples");
  // A has no gap, B_b has one: A comes first although B_b's mean is higher.
  const TableRow& a = table.rows[0];
  BOOST_TEST(a.label == "A");
  BOOST_TEST(a.cells[0].summary.count == 2);
  BOOST_TEST(a.cells[0].summary.mean == 0.91, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(a.cells[0].summary.deviation.value() == std::sqrt(0.0002), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(!a.cells[0].beside_best.best);
  BOOST_TEST(a.cells[0].published.value().value == 0.955);
  BOOST_TEST(table.rows[1].cells[0].beside_best.best);
  BOOST_TEST(!table.rows[1].cells[0].published);
}

BOOST_AUTO_TEST_CASE(diverged_runs_are_counted_never_averaged) {
  const Table table = make_table(sample(), "test_accuracy", {figure("mnist", "dladmm", 0.955)});
  const TableCell& cell = table.rows[0].cells[1];
  BOOST_TEST(cell.summary.count == 1);
  BOOST_TEST(cell.summary.mean == 0.70);
  BOOST_TEST(cell.not_finished == 1);
  // The other cells have other numbers of seeds, so every cell says its own.
  BOOST_TEST(to_markdown(table).find("0.7000 (n = 1, 1 not finished)") != std::string::npos);
  BOOST_TEST(to_markdown(table).find("0.9100 ± 0.0141 (n = 2)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(ties_are_all_best) {
  const std::vector<RunRecord> runs{run("mnist", "A", "x", 0, 0.5), run("mnist", "B", "y", 0, 0.5)};
  const Table table = make_table(runs, "test_accuracy", {figure("mnist", "z", 1)});
  BOOST_TEST(table.rows[0].cells[0].beside_best.best);
  BOOST_TEST(table.rows[1].cells[0].beside_best.best);
}

BOOST_AUTO_TEST_CASE(less_is_better_for_seconds) {
  auto slow = run("mnist", "slow", "x", 0, 0.5);
  slow.trajectory.columns[0].second.back() = 50;
  const Table table = make_table({slow, run("mnist", "fast", "y", 0, 0.4)}, "seconds_per_iteration",
                                 {figure("mnist", "y", 1)});
  BOOST_TEST(table.rows[0].label == "fast");
  BOOST_TEST(table.rows[0].cells[0].summary.mean == 0.5);
  BOOST_TEST(table.rows[0].cells[0].beside_best.best);
  BOOST_TEST(!table.rows[1].cells[0].beside_best.best);
  BOOST_TEST(!table.rows[0].cells[0].published);  // a figure of another metric
}

BOOST_AUTO_TEST_CASE(a_label_takes_precedence_over_the_solver) {
  const std::vector<RunRecord> runs{run("mnist", "one", "mdlam", 0, 0.9),
                                    run("mnist", "two", "mdlam", 0, 0.8)};
  const Table by_solver = make_table(runs, "test_accuracy", {figure("mnist", "mdlam", 0.5)});
  BOOST_TEST(by_solver.rows[0].cells[0].published.has_value());
  BOOST_TEST(!by_solver.rows[1].cells[0].published.has_value());
  const Table by_label = make_table(runs, "test_accuracy", {figure("mnist", "two", 0.5)});
  BOOST_TEST(!by_label.rows[0].cells[0].published.has_value());
  BOOST_TEST(by_label.rows[1].cells[0].published.has_value());
}

BOOST_AUTO_TEST_CASE(unknown_published_key_is_named) {
  BOOST_CHECK_EXCEPTION(make_table(sample(), "test_accuracy", {figure("mnist", "dladmm", 1)}, {"paper/two"}),
                        std::runtime_error, [](const std::runtime_error& error) {
                          const std::string what = error.what();
                          return what.find("paper/two") != std::string::npos &&
                                 what.find("paper/one") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_CASE(markdown_aligns) {
  const std::string text =
      to_markdown(make_table(of_full_size(sample()), "test_accuracy", {figure("mnist", "dladmm", 0.955)}));
  BOOST_TEST(text.find("| **0.9500 (n = 1)**") != std::string::npos);
  BOOST_TEST(text.find("-0.0450") != std::string::npos);
  BOOST_TEST(text.find("reduced: few samples") != std::string::npos);
  BOOST_TEST(text.find("quoted") != std::string::npos);
  std::istringstream lines(text);
  std::size_t width = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) continue;
    const auto characters = static_cast<std::size_t>(std::count_if(
        line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    if (width == 0) width = characters;
    BOOST_TEST(characters == width);
  }
}

BOOST_AUTO_TEST_CASE(csv_is_long_format_with_full_precision) {
  const std::string text = to_csv(make_table(sample(), "test_accuracy", {figure("mnist", "dladmm", 0.955)}));
  std::istringstream lines(text);
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  BOOST_TEST(all.size() == 5);  // header, 2 methods x 2 data sets
  BOOST_TEST(all[0].starts_with("experiment,profile,dataset,label,solver,metric,n,mean,sd,best"));
  BOOST_TEST(all[1].find("demo,quick,mnist,A,dladmm,test_accuracy,2,0.91") == 0);
  BOOST_TEST(all[4] == "demo,quick,cora,B_b,adam,test_accuracy,0,,,0,,0,0,,,,,,,,,");
  const auto commas = std::count(all[0].begin(), all[0].end(), ',');
  for (const std::string& line : all) BOOST_TEST(std::count(line.begin(), line.end(), ',') == commas);
}

BOOST_AUTO_TEST_CASE(latex_escapes_and_marks_the_best) {
  const std::string text =
      to_latex(make_table(sample(), "test_accuracy", {figure("mnist", "dladmm", 0.955)}));
  BOOST_TEST(text.find("B\\_b") != std::string::npos);
  BOOST_TEST(text.find("\\textbf{0.9500 (n = 1)}") != std::string::npos);
  BOOST_TEST(text.find("\\toprule") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(final_value_ignores_what_is_not_finite) {
  auto record = run("mnist", "A", "x", 0, std::numeric_limits<double>::quiet_NaN());
  BOOST_TEST(!final_value(record, "test_accuracy"));
  BOOST_TEST(!final_value(record, "val_accuracy"));
  BOOST_TEST(final_value(record, "seconds_per_iteration").value() == 0.5);
}

/// Errors of 1e-2 and 1e-6 have the mean -4, not a half of the larger one; less is better, and 0 has no logarithm.
BOOST_AUTO_TEST_CASE(errors_are_averaged_by_their_logarithms) {
  std::vector<RunRecord> runs{run("mnist", "A", "x", 0, 0), run("mnist", "A", "x", 1, 0),
                              run("mnist", "B", "y", 0, 0), run("mnist", "B", "y", 1, 0)};
  const std::vector<double> losses{1e-2, 1e-6, 1e-3, 0};
  for (std::size_t i = 0; i < runs.size(); ++i)
    runs[i].trajectory.columns.push_back({"train_loss", {1, losses[i]}});
  BOOST_TEST(column_behind("log10_train_loss") == "train_loss");
  const Table table = make_table(runs, "log10_train_loss", {figure("mnist", "z", 1)});
  BOOST_TEST(table.rows[0].label == "A");
  BOOST_TEST(table.rows[0].cells[0].summary.mean == -4, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(table.rows[0].cells[0].beside_best.best);
  BOOST_TEST(table.rows[1].cells[0].summary.count == 1);
  BOOST_TEST(table.rows[1].cells[0].not_finite == 1);
  BOOST_TEST(!higher_is_better("log10_train_loss"));
}

/// Every figure of a small table, to the last character.
BOOST_AUTO_TEST_CASE(markdown_to_the_character) {
  std::vector<RunRecord> runs{run("mnist", "A", "dladmm", 0, 0.5), run("mnist", "A", "dladmm", 1, 0.75),
                              run("cora", "B", "adam", 0, 0.25), run("cora", "B", "adam", 1, 0.25)};
  PublishedFigure known = figure("mnist", "dladmm", 0.65);
  known.deviation = 0.01;
  const std::string text = to_markdown(make_table(of_full_size(runs), "test_accuracy", {known}));
  BOOST_TEST(text ==
             "**demo: test_accuracy, mean ± sd over 2 seeds**\n\n"
             "reduced: few samples\n\n"
             "| method | mnist               | published   | difference | cora                |\n"
             "|--------|---------------------|-------------|------------|---------------------|\n"
             "| A      | **0.6250 ± 0.1768** | 0.65 ± 0.01 | -0.0250    | –                   |\n"
             "| B      | –                   |             |            | **0.2500 ± 0.0000** |\n"
             "\nbold: the best mean; not tested, no two methods have two seeds in common\n"
             "\npublished: paper/one (a title; quoted; a setting; A paper)\n");
}

/// The same table in per cent, with other digits, and with a row for each column; its CSV does not change.
BOOST_AUTO_TEST_CASE(numbers_and_layout_as_a_paper_wants_them) {
  std::vector<RunRecord> runs{run("mnist", "A_1", "dladmm", 0, 0.5), run("mnist", "A_1", "dladmm", 1, 0.75),
                              run("cora", "B", "external", 0, 0.25), run("cora", "B", "external", 1, 0.25)};
  PublishedFigure known = figure("mnist", "dladmm", 0.57);  // 100 times it is not 57 in binary
  known.deviation = 0.007;
  Table table = make_table(of_full_size(runs), "test_accuracy", {known});
  const std::string csv = to_csv(table);
  table.style = {.digits = std::nullopt, .percent = true, .transpose = true, .width = {}};
  const std::string text = to_markdown(table);
  BOOST_TEST(text.find("test_accuracy in per cent, mean") != std::string::npos);
  BOOST_TEST(text.substr(text.find("| data set"), text.find("\nbold:") - text.find("| data set")) ==
                 "| data set   | A_1               | B (external)     |\n"
                 "|------------|-------------------|------------------|\n"
                 "| mnist      | **62.50 ± 17.68** | –                |\n"
                 "| published  | 57 ± 0.7          |                  |\n"
                 "| difference | +5.50             |                  |\n"
                 "| cora       | –                 | **25.00 ± 0.00** |\n",
             text);
  const std::string latex = to_latex(table);
  BOOST_TEST(latex.find("\\begin{tabular}{lrr}\n\\toprule\ndata set & A\\_1 & B (external) \\\\\n\\midrule\n"
                        "mnist & \\textbf{62.50 $\\pm$ 17.68} & -- \\\\\n") != std::string::npos,
             latex);
  BOOST_TEST(latex.find("difference & $+5.50$ &  \\\\\n") != std::string::npos, latex);
  table.style = {.digits = 1, .percent = true, .transpose = false, .width = {}};
  BOOST_TEST(to_markdown(table).find("| **62.5 ± 17.7** | 57 ± 0.7  | +5.5") != std::string::npos,
             to_markdown(table));
  BOOST_TEST(to_csv(table) == csv);
  // Seconds are no shares: their scale stays, their digits are those asked for.
  Table seconds = make_table(of_full_size(runs), "seconds", {known});
  seconds.style = {.digits = 3, .percent = true, .transpose = false};
  BOOST_TEST(to_markdown(seconds).find("per cent") == std::string::npos);
  BOOST_TEST(to_markdown(seconds).find("5.000 ± 0.000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_brief_table_has_a_column_for_each_data_set) {
  const std::vector<RunRecord> runs{run("mnist", "A", "dladmm", 0, 0.5), run("mnist", "A", "dladmm", 1, 0.75),
                                    run("cora", "B", "adam", 0, 0.25)};
  BOOST_TEST(to_brief_markdown(make_table(runs, "test_accuracy", {figure("mnist", "dladmm", 0.65)})) ==
             "| method | mnist                     | cora      |\n"
             "|--------|---------------------------|-----------|\n"
             "| A      | **0.625 ± 0.177** / 0.650 | –         |\n"
             "| B      | –                         | **0.250** |\n"
             "\nbold: the best mean; not tested, no two methods have two seeds in common\n");
}

/// A reduced run is held against the committed reduced run; its distance from a figure of the full size means nothing.
BOOST_AUTO_TEST_CASE(a_profile_stands_beside_its_reference) {
  const std::vector<RunRecord> runs{run("mnist", "A", "dladmm", 0, 0.5), run("mnist", "A", "dladmm", 1, 0.75),
                                    run("cora", "B", "adam", 0, 0.25), run("cora", "B", "adam", 1, 0.25)};
  Table table = make_table(runs, "test_accuracy", {figure("mnist", "dladmm", 0.65)});
  std::vector<RunRecord> committed{run("mnist", "A", "dladmm", 0, 0.5), run("mnist", "A", "dladmm", 1, 0.5),
                                   run("mnist", "C", "sgd", 0, 0.1), run("pubmed", "A", "dladmm", 0, 0.1)};
  place_reference(table, committed);
  BOOST_TEST(
      to_markdown(table) ==
      "**demo: test_accuracy, mean ± sd over 2 seeds, profile quick**\n\n"
      "reduced: few samples\n\n"
      "| method | mnist               | reference       | published, full size | cora                |\n"
      "|--------|---------------------|-----------------|----------------------|---------------------|\n"
      "| A      | **0.6250 ± 0.1768** | 0.5000 ± 0.0000 | 0.65                 | –                   |\n"
      "| B      | –                   |                 |                      | **0.2500 ± 0.0000** |\n"
      "\nbold: the best mean; not tested, no two methods have two seeds in common\n"
      "\npublished: paper/one (a title; quoted; a setting; A paper)\n");
  BOOST_TEST(to_csv(table).find("0,0,2,0.5,0,0.65,,paper/one") != std::string::npos);
  BOOST_TEST(to_latex(table).find("\\begin{tabular}{lrrrr}") != std::string::npos);
  BOOST_TEST(to_latex(table).find("0.5000 $\\pm$ 0.0000 & 0.65 & ") != std::string::npos);
  // Committed runs of the full size, or of another experiment, are no reference.
  Table other = make_table(runs, "test_accuracy", {figure("mnist", "dladmm", 0.65)});
  place_reference(other, of_full_size(committed));
  for (RunRecord& one : committed) one.attributes.experiment = "another";
  place_reference(other, committed);
  BOOST_TEST(to_markdown(other).find("reference") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(accuracies_are_rounded_to_four_places) {
  const std::vector<RunRecord> runs{run("mnist", "A", "x", 0, 0.84996), run("mnist", "B", "y", 0, 0.84994),
                                    run("mnist", "C", "z", 0, 0.99999)};
  const std::string text = to_markdown(make_table(runs, "test_accuracy", {figure("mnist", "a", 1)}));
  BOOST_TEST(text.find("| A      | 0.8500 ") != std::string::npos);
  BOOST_TEST(text.find("| B      | 0.8499 ") != std::string::npos);
  BOOST_TEST(text.find("**1.0000**") != std::string::npos);
}

/// The two means, 0.8, differ in their last bits only.
BOOST_AUTO_TEST_CASE(means_that_differ_by_rounding_are_a_tie) {
  const std::vector<RunRecord> runs{run("mnist", "A", "x", 0, 0.7), run("mnist", "A", "x", 1, 0.8),
                                    run("mnist", "A", "x", 2, 0.9), run("mnist", "B", "y", 0, 0.8),
                                    run("mnist", "B", "y", 1, 0.8), run("mnist", "B", "y", 2, 0.8)};
  const Table table = make_table(runs, "test_accuracy", {figure("mnist", "z", 1)});
  BOOST_TEST(table.rows[0].cells[0].summary.mean != table.rows[1].cells[0].summary.mean);
  BOOST_TEST(table.rows[0].cells[0].beside_best.best);
  BOOST_TEST(table.rows[1].cells[0].beside_best.best);
  // Negative control: a difference that does not show in four places is a difference all the same.
  const std::vector<RunRecord> other{run("mnist", "A", "x", 0, 0.3), run("mnist", "B", "y", 0, 0.300001)};
  const Table apart = make_table(other, "test_accuracy", {figure("mnist", "z", 1)});
  BOOST_TEST(apart.rows[0].cells[0].beside_best.best);
  BOOST_TEST(!apart.rows[1].cells[0].beside_best.best);
}

BOOST_AUTO_TEST_CASE(finished_runs_without_a_finite_value_are_flagged) {
  const std::vector<RunRecord> runs{
      run("mnist", "A", "x", 0, 0.5),
      run("mnist", "A", "x", 1, std::numeric_limits<double>::quiet_NaN(), RunStatus::stopped)};
  const Table table = make_table(runs, "test_accuracy", {figure("mnist", "z", 1)});
  BOOST_TEST(table.rows[0].cells[0].summary.mean == 0.5);
  BOOST_TEST(table.rows[0].cells[0].not_finite == 1);
  BOOST_TEST(table.rows[0].cells[0].not_finished == 0);
  BOOST_TEST(to_markdown(table).find("**0.5000 (1 not finite)**") != std::string::npos);
  // A method that does not have the quantity at all is a gap, not a failure.
  const Table none = make_table(runs, "residual", {figure("mnist", "z", 1)});
  BOOST_TEST(none.rows[0].cells[0].not_finite == 0);
  BOOST_TEST(to_markdown(none).find('(') == std::string::npos);
}

/// A reduced run is no further seed of a full one: results/runs holds both.
BOOST_AUTO_TEST_CASE(profiles_are_never_mixed) {
  auto quick = run("mnist", "A", "dladmm", 0, 0.5);
  auto full = run("mnist", "A", "dladmm", 0, 0.9);
  testing::configure(full, "published: [paper/one]\ndataset: {name: mnist}\n");
  const auto groups = by_experiment({quick, full});
  BOOST_REQUIRE(groups.size() == 2);
  std::vector<Table> tables;
  for (const auto& group : groups) {
    tables.push_back(make_table(group, "test_accuracy", {figure("mnist", "dladmm", 0.955)}));
  }
  BOOST_TEST(tables[0].profile == "quick");
  BOOST_TEST(tables[0].rows[0].cells[0].summary.mean == 0.5);
  BOOST_TEST(tables[1].profile.empty());
  BOOST_TEST(tables[1].rows[0].cells[0].summary.mean == 0.9);
  // Nor do their files overwrite each other.
  const TemporaryFolder folder;
  const auto paths = write_tables(tables, folder.path());
  BOOST_TEST(paths.size() == 6);
  BOOST_TEST(std::filesystem::exists(folder / "demo-quick.md"));
  BOOST_TEST(std::filesystem::exists(folder / "demo.md"));
}

BOOST_AUTO_TEST_CASE(a_run_given_twice_counts_once) {
  auto once = run("mnist", "A", "dladmm", 0, 0.5);
  once.attributes.content_hash = "abc";
  once.path = "here/seed-0.h5";
  auto again = once;
  again.path = "there/seed-0.h5";
  const auto known = figure("mnist", "dladmm", 0.955);
  BOOST_TEST(make_table({once, again}, "test_accuracy", {known}).rows[0].cells[0].summary.count == 1);
  // Interrupted in one folder, finished in the other.
  auto interrupted = once;
  interrupted.attributes.status = RunStatus::interrupted;
  const Table table = make_table({interrupted, again}, "test_accuracy", {known});
  BOOST_TEST(table.rows[0].cells[0].summary.count == 1);
  BOOST_TEST(table.rows[0].cells[0].not_finished == 0);
  // Another setting under the same name is not averaged in.
  again.attributes.content_hash = "def";
  BOOST_CHECK_EXCEPTION(make_table({once, again}, "test_accuracy", {known}), std::runtime_error,
                        [](const std::runtime_error& error) {
                          const std::string what = error.what();
                          return what.find("here/seed-0.h5") != std::string::npos &&
                                 what.find("there/seed-0.h5") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_CASE(the_first_of_two_keys_is_shown) {
  const std::vector<RunRecord> runs{run("mnist", "one", "dladmm", 0, 0.9),
                                    run("mnist", "two", "dladmm", 0, 0.8)};
  PublishedFigure second = figure("mnist", "dladmm", 0.7);
  second.key = "paper/two";
  const Table table =
      make_table(runs, "test_accuracy", {figure("mnist", "dladmm", 0.5), second}, {"paper/two", "paper/one"});
  BOOST_TEST(table.rows[0].cells[0].published.value().value == 0.7);
  BOOST_TEST(!table.rows[1].cells[0].published.has_value());  // not moved on to a row it does not belong to
}

BOOST_AUTO_TEST_CASE(a_figure_stands_beside_a_row_with_runs_on_its_data_set) {
  const std::vector<RunRecord> runs{run("cora", "tuned-for-cora", "sgd", 0, 0.9),
                                    run("mnist", "tuned-for-mnist", "sgd", 0, 0.8)};
  const Table table = make_table(runs, "test_accuracy", {figure("mnist", "sgd", 0.5)});
  for (const TableRow& row : table.rows) {
    BOOST_TEST(row.cells[1].published.has_value() == (row.label == "tuned-for-mnist"));
  }
}

/// One set in two sizes: a figure of a label stands in its column alone, one of the set in both.
BOOST_AUTO_TEST_CASE(a_figure_may_be_of_a_label) {
  std::vector<RunRecord> runs{run("mnist-200", "A", "dladmm", 0, 0.5),
                              run("mnist-400", "A", "dladmm", 0, 0.5)};
  for (RunRecord& one : runs) testing::configure(one, "published: [paper/one]\ndataset: {name: mnist}\n");
  const Table of_label = make_table(runs, "test_accuracy", {figure("mnist-200", "A", 0.9)});
  BOOST_TEST(of_label.rows[0].cells[0].published.has_value());
  BOOST_TEST(!of_label.rows[0].cells[1].published.has_value());
  const Table of_set = make_table(runs, "test_accuracy", {figure("mnist", "A", 0.9)});
  BOOST_TEST(of_set.rows[0].cells[0].published.has_value());
  BOOST_TEST(of_set.rows[0].cells[1].published.has_value());
}

BOOST_AUTO_TEST_CASE(tables_are_written_whole_and_nothing_else) {
  const TemporaryFolder folder;
  const Table table = make_table(sample(), "test_accuracy", {figure("mnist", "dladmm", 0.955)});
  const auto paths = write_tables({table}, folder / "a/b");
  BOOST_REQUIRE(paths.size() == 3);
  std::ifstream in(paths[0], std::ios::binary);
  BOOST_TEST(std::string(std::istreambuf_iterator<char>(in), {}) == to_markdown(table));
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder / "a/b"), {}) == 3);
  // A folder in the table's place: an error, and no temporary file is left.
  std::filesystem::create_directories(folder / "c/demo.md");
  BOOST_CHECK_THROW(write_tables({table}, folder / "c"), std::exception);
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder / "c"), {}) == 1);
}

BOOST_AUTO_TEST_CASE(a_note_of_several_lines_stays_a_comment_in_latex) {
  Table table = make_table(of_full_size(sample()), "test_accuracy", {figure("mnist", "dladmm", 0.955)});
  table.note = "one\ntwo";
  BOOST_TEST(to_latex(table).find("% one\n% two\n") != std::string::npos);
  BOOST_TEST(to_latex(table).find("& $-0.0450$") != std::string::npos);
}

/// Four seeds: A is best, B cannot be told from it, C can.
BOOST_AUTO_TEST_CASE(what_cannot_be_told_from_the_best_is_bold) {
  std::vector<RunRecord> runs;
  const std::vector<double> a{0.95, 0.96, 0.94, 0.97}, b{0.96, 0.94, 0.95, 0.96}, c{0.70, 0.72, 0.69, 0.71};
  for (std::size_t seed = 0; seed < 4; ++seed) {
    const auto number = static_cast<std::int64_t>(seed);
    runs.push_back(run("mnist", "A", "x", number, a[seed]));
    runs.push_back(run("mnist", "B", "y", number, b[seed]));
    runs.push_back(run("mnist", "C", "z", number, c[seed]));
  }
  const Table table = make_table(runs, "test_accuracy", {figure("mnist", "w", 1)});
  const std::string markdown = to_markdown(table);
  BOOST_TEST(markdown.find("| A      | **0.9550 ") != std::string::npos, markdown);
  BOOST_TEST(markdown.find("| B      | **0.9525 ") != std::string::npos, markdown);
  BOOST_TEST(markdown.find("| C      | 0.7050 ") != std::string::npos, markdown);
  BOOST_TEST(
      markdown.find("not told apart from it by t-tests paired by seed (n = 4), Holm over each column") !=
      std::string::npos);
  const std::string latex = to_latex(table);
  BOOST_TEST(latex.find("\\textbf{0.9525") != std::string::npos, latex);
  BOOST_TEST(latex.find("\\textbf{0.7050") == std::string::npos, latex);
  const std::string terminal = to_terminal(table, 80);
  BOOST_TEST(terminal.find("B       0.9525 ± 0.0096 *\n") != std::string::npos, terminal);
  BOOST_TEST(terminal.find("C       0.7050 ± 0.0129\n") != std::string::npos, terminal);
  BOOST_TEST(terminal.find("\n* the best mean and what is not told") != std::string::npos, terminal);
  BOOST_TEST(table.rows[2].cells[0].beside_best.adjusted.value() < column_alpha);
}

/// More data sets than methods: a row for each, so that it is not wider than a screen.
BOOST_AUTO_TEST_CASE(a_terminal_has_a_row_per_data_set_where_there_are_many) {
  std::vector<RunRecord> runs;
  for (const char* dataset : {"one", "two", "three", "four"}) runs.push_back(run(dataset, "A", "x", 0, 0.5));
  const std::string text = to_terminal(make_table(runs, "test_accuracy", {figure("mnist", "w", 1)}), 80);
  BOOST_TEST(text.find("\ndata set  A\n") != std::string::npos, text);
  BOOST_TEST(text.find("\nthree     0.5000 *\n") != std::string::npos, text);
}

BOOST_AUTO_TEST_SUITE_END()
