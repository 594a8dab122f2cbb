#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "tests/support/program.hpp"
#include "tests/support/report_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(table_command_test)
using testing::contains;

namespace {

void write_run(const std::filesystem::path& path, double value, std::int64_t seed,
               const std::string& column = "test_accuracy") {
  RunRecord run;
  RunAttributes& attributes = run.attributes;
  attributes.experiment = column == "test_accuracy" ? "demo" : "regression";
  attributes.dataset = "mnist";
  attributes.solver = "adam";
  attributes.label = "Adam";
  attributes.seed = seed;
  attributes.config = "dataset: {name: mnist}\n";
  Trajectory& trajectory = run.trajectory;
  trajectory.iteration = {0};
  trajectory.append(column, value);
  testing::write(run, path);
}

/// `admmbench table <arguments>` in `folder`.
testing::ProgramOutput table(const TemporaryFolder& folder, const std::string& arguments) {
  return testing::run_program(folder, "table " + arguments);
}

}  // namespace

BOOST_AUTO_TEST_CASE(prints_and_writes_every_format) {
  const TemporaryFolder folder;
  write_run(folder / "runs/seed-0.h5", 0.5, 0);
  write_run(folder / "runs/seed-1.h5", 0.75, 1);
  const testing::ProgramOutput printed = table(folder, "runs");
  BOOST_TEST(printed.status == 0);
  BOOST_TEST(contains(printed.text, "**0.6250 ± 0.1768**"), printed.text);
  BOOST_TEST(contains(table(folder, "runs --format latex").text, "\\bottomrule"));
  BOOST_TEST(
      contains(table(folder, "runs --format csv").text, "demo,,mnist,Adam,adam,test_accuracy,2,0.625,"));
  const testing::ProgramOutput written = table(folder, "runs -o tables");
  for (const char* name : {"tables/demo.md", "tables/demo.csv", "tables/demo.tex"}) {
    BOOST_TEST(contains(written.text, name), written.text);
    BOOST_TEST(std::filesystem::file_size(folder / name) > 0);
  }
}

BOOST_AUTO_TEST_CASE(a_regression_is_shown_by_its_loss) {
  const TemporaryFolder folder;
  write_run(folder / "loss/seed-0.h5", 0.25, 0, "train_loss");
  const testing::ProgramOutput alone = table(folder, "loss --format csv");
  BOOST_TEST(contains(alone.text, "regression,,mnist,Adam,adam,train_loss,1,0.25,"),
             alone.text + alone.errors);
  write_run(folder / "accuracy/seed-0.h5", 0.5, 0);
  const testing::ProgramOutput both = table(folder, "loss accuracy --format csv");
  BOOST_TEST(contains(both.text, ",train_loss,1,0.25,"), both.text);
  BOOST_TEST(contains(both.text, ",test_accuracy,1,0.5,"), both.text);
  BOOST_TEST(testing::run_program(folder, "report loss -o page").status == 0);
  // Who asks for a column that is not there is told so.
  for (const char* asked : {"table loss --metric test_accuracy", "report loss -o page --metric test_accuracy",
                            "plot loss -o figure.svg --quantity test_accuracy"}) {
    const testing::ProgramOutput refused = testing::run_program(folder, asked);
    BOOST_TEST(refused.status == 1, asked);
    BOOST_TEST(contains(refused.errors, "no run has 'test_accuracy'"), refused.errors);
  }
}

BOOST_AUTO_TEST_CASE(published_figures_are_chosen_by_key) {
  const TemporaryFolder folder;
  write_run(folder / "seed-0.h5", 0.5, 0);
  BOOST_TEST(!contains(table(folder, ". ").text, "published"));
  const testing::ProgramOutput shown = table(folder, ". --published dladmm/figure-4b");
  BOOST_TEST(contains(shown.text, "0.975"), shown.text);
  BOOST_TEST(contains(shown.text, "-0.4750"), shown.text);
  BOOST_TEST(contains(shown.text, "digitised"), shown.text);
  const testing::ProgramOutput unknown = table(folder, ". --published dladmm/figure-9");
  BOOST_TEST(unknown.status == 1);
  BOOST_TEST(contains(unknown.errors, "dladmm/figure-9"), unknown.errors);
}

/// The rest is shown, but whoever asked learns that something is missing.
BOOST_AUTO_TEST_CASE(a_damaged_file_is_named_and_the_rest_is_shown) {
  const TemporaryFolder folder;
  write_run(folder / "runs/seed-0.h5", 0.5, 0);
  folder.write("runs/seed-1.h5", "not HDF5");
  const testing::ProgramOutput some = table(folder, "runs");
  BOOST_TEST(some.status == 1);
  BOOST_TEST(contains(some.text, "0.5000"), some.text);
  BOOST_TEST(contains(some.errors, "seed-1.h5"), some.errors);
  std::filesystem::remove(folder / "runs/seed-0.h5");
  const testing::ProgramOutput none = table(folder, "runs");
  BOOST_TEST(none.status == 1);
  BOOST_TEST(contains(none.errors, "none of the 1 result file(s) could be read"), none.errors);
}

BOOST_AUTO_TEST_CASE(nothing_found_and_misspelt_metrics_are_errors) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "runs");
  const testing::ProgramOutput nothing = table(folder, "runs");
  BOOST_TEST(nothing.status == 1);
  BOOST_TEST(contains(nothing.errors, "under runs"), nothing.errors);
  write_run(folder / "runs/seed-0.h5", 0.5, 0);
  const testing::ProgramOutput misspelt = table(folder, "runs --metric test_acuracy");
  BOOST_TEST(misspelt.status == 1);
  BOOST_TEST(contains(misspelt.errors, "test_acuracy"), misspelt.errors);
  BOOST_TEST(contains(misspelt.errors, "test_accuracy"), misspelt.errors);
  BOOST_TEST(misspelt.text.empty());
}

/// The committed runs of a table, by the experiment's name: its columns are broken where the width is that of half a page.
BOOST_AUTO_TEST_CASE(committed_runs_make_a_table_that_fits_a_column) {
  const TemporaryFolder folder;
  const testing::ProgramOutput whole = table(folder, "pdadmm-g-accuracy-100 --format latex");
  BOOST_TEST(whole.status == 0, whole.errors);
  BOOST_TEST(contains(whole.text, "\\begin{tabular}{l" + std::string(21, 'r') + "}\n"), whole.text);
  const testing::ProgramOutput narrow = table(folder, "pdadmm-g-accuracy-100 --format latex --width 4.2");
  BOOST_TEST(contains(narrow.text, "\\begin{tabular}{@{}lrrr@{}}\n"), narrow.text);
  BOOST_TEST(contains(narrow.text, "\\midrule[\\heavyrulewidth]\nmethod & "), narrow.text);
  BOOST_TEST(contains(narrow.text, "t-tests paired by seed (n = 5)"), narrow.text);
  // A file of them does as well, and what is in it is looked at.
  folder.write("broken.csv", "experiment,profile\nonly,a header\n");
  BOOST_TEST(table(folder, "broken.csv").status != 0);
  BOOST_TEST(table(folder, "no-such-experiment").status == 1);
}

BOOST_AUTO_TEST_SUITE_END()
