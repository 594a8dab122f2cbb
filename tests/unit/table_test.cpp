#define BOOST_TEST_MODULE table
#include "results/table.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

using namespace admmbench;

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
  record.attributes.config =
      "profile: quick\nnote: 'reduced: few samples'\npublished: [paper/one]\ndataset: {name: " + dataset +
      "}\n";
  record.trajectory.iteration = {0, 10};
  record.trajectory.columns = {{"seconds", {0, 5}}, {"test_accuracy", {0.1, accuracy}}};
  return record;
}

PublishedFigure figure(const std::string& dataset, const std::string& method, double value,
                       const std::string& metric = "test_accuracy") {
  return {"paper/one", dataset, method, metric, value, {}, "quoted", "A paper", "a title", "a setting"};
}

std::vector<RunRecord> sample() {
  return {run("mnist", "A", "dladmm", 0, 0.90), run("mnist", "A", "dladmm", 1, 0.92),
          run("mnist", "B_b", "adam", 0, 0.95), run("cora", "A", "dladmm", 0, 0.70),
          run("cora", "A", "dladmm", 1, 0.30, RunStatus::diverged)};
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
  BOOST_TEST(!a.cells[0].best);
  BOOST_TEST(a.cells[0].published.value().value == 0.955);
  BOOST_TEST(table.rows[1].cells[0].best);
  BOOST_TEST(!table.rows[1].cells[0].published);
}

BOOST_AUTO_TEST_CASE(diverged_runs_are_counted_never_averaged) {
  const Table table = make_table(sample(), "test_accuracy", {figure("mnist", "dladmm", 0.955)});
  const TableCell& cell = table.rows[0].cells[1];
  BOOST_TEST(cell.summary.count == 1);
  BOOST_TEST(cell.summary.mean == 0.70);
  BOOST_TEST(cell.not_finished == 1);
  BOOST_TEST(to_markdown(table).find("0.7000 (1 not finished)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(ties_are_all_best) {
  const std::vector<RunRecord> runs{run("mnist", "A", "x", 0, 0.5), run("mnist", "B", "y", 0, 0.5)};
  const Table table = make_table(runs, "test_accuracy", {figure("mnist", "z", 1)});
  BOOST_TEST(table.rows[0].cells[0].best);
  BOOST_TEST(table.rows[1].cells[0].best);
}

BOOST_AUTO_TEST_CASE(less_is_better_for_seconds) {
  auto slow = run("mnist", "slow", "x", 0, 0.5);
  slow.trajectory.columns[0].second.back() = 50;
  const Table table = make_table({slow, run("mnist", "fast", "y", 0, 0.4)}, "seconds_per_iteration",
                                 {figure("mnist", "y", 1)});
  BOOST_TEST(table.rows[0].label == "fast");
  BOOST_TEST(table.rows[0].cells[0].summary.mean == 0.5);
  BOOST_TEST(table.rows[0].cells[0].best);
  BOOST_TEST(!table.rows[1].cells[0].best);
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
      to_markdown(make_table(sample(), "test_accuracy", {figure("mnist", "dladmm", 0.955)}));
  BOOST_TEST(text.find("| **0.9500**") != std::string::npos);
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
  BOOST_TEST(all[4].find("demo,quick,cora,B_b,adam,test_accuracy,0,,,0,0,") == 0);
}

BOOST_AUTO_TEST_CASE(latex_escapes_and_marks_the_best) {
  const std::string text =
      to_latex(make_table(sample(), "test_accuracy", {figure("mnist", "dladmm", 0.955)}));
  BOOST_TEST(text.find("B\\_b") != std::string::npos);
  BOOST_TEST(text.find("\\textbf{0.9500}") != std::string::npos);
  BOOST_TEST(text.find("\\toprule") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(final_value_ignores_what_is_not_finite) {
  auto record = run("mnist", "A", "x", 0, std::numeric_limits<double>::quiet_NaN());
  BOOST_TEST(!final_value(record, "test_accuracy"));
  BOOST_TEST(!final_value(record, "val_accuracy"));
  BOOST_TEST(final_value(record, "seconds_per_iteration").value() == 0.5);
}

BOOST_AUTO_TEST_CASE(the_published_files_load_and_are_sane) {
  const auto figures = load_published(published_folder());
  BOOST_TEST(figures.size() > 200);
  for (const PublishedFigure& f : figures) {
    BOOST_TEST_CONTEXT(f.key << " " << f.dataset << " " << f.method) {
      if (higher_is_better(f.metric)) BOOST_TEST((f.value > 0 && f.value <= 1));
      if (f.deviation) BOOST_TEST((*f.deviation >= 0 && *f.deviation < 0.2));
      BOOST_TEST(!f.citation.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_in_published_files_name_file_line_and_key) {
  const auto folder = std::filesystem::temp_directory_path() / "admmbench-table-test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "bad.yaml") << "paper: p\ncitation: c\nfigures:\n  f:\n    title: t\n    metric: m\n"
                                        "    provenance: guessed\n    setting: s\n    values: {}\n";
  BOOST_CHECK_EXCEPTION(load_published(folder), std::runtime_error, [](const std::runtime_error& error) {
    const std::string what = error.what();
    return what.find("bad.yaml:7") != std::string::npos && what.find("guessed") != std::string::npos;
  });
  std::filesystem::remove_all(folder);
}
