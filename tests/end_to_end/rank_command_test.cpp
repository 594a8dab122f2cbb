/// `admmbench rank`: what it shows, writes and refuses.

#include <boost/test/unit_test.hpp>

#include "core/io/csv.hpp"
#include "tests/support/program.hpp"
#include "tests/support/rising_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(rank_command_test)
using admmbench::testing::contains;
using admmbench::testing::ranked_sets;
using admmbench::testing::rising_run;
using admmbench::testing::run_program;

namespace {

void write_runs(const std::filesystem::path& folder) {
  for (const std::string& dataset : ranked_sets) {
    for (std::int64_t seed = 0; seed < 6; ++seed) {
      const double noise = 0.001 * static_cast<double>(seed * seed);
      for (const auto& [label, accuracy] : {std::pair("good", 0.9), std::pair("poor", 0.7)}) {
        // Differences that were all equal would have no t.
        const RunRecord run =
            rising_run(dataset, label, seed, accuracy + (label[0] == 'g' ? noise : noise / 2));
        testing::write(run, folder / run.path);
      }
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(of_an_interrupted_and_a_finished_copy_the_finished_one_counts) {
  const TemporaryFolder folder;
  write_runs(folder / "runs");
  RunRecord interrupted = rising_run("b", "poor", 0, 0.7);
  interrupted.attributes.status = RunStatus::interrupted;
  interrupted.trajectory.iteration.resize(3);
  for (auto& column : interrupted.trajectory.columns) column.second.resize(3);
  testing::write(interrupted, folder / "stopped" / interrupted.path);
  for (const char* command : {"rank", "table"}) {
    const auto one = run_program(folder, std::string(command) + " runs");
    const auto both = run_program(folder, std::string(command) + " runs stopped");
    BOOST_TEST(both.status == 0, both.errors);
    BOOST_TEST(both.text == one.text);
  }
  // Control: another run under the same name is refused, naming both files.
  interrupted.attributes.content_hash = "another";
  testing::write(interrupted, folder / "stopped" / interrupted.path);
  for (const char* command : {"rank", "table", "rates --column train_loss", "claims"}) {
    const auto refused = run_program(folder, std::string(command) + " runs stopped");
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(contains(refused.errors, "runs/b/poor/seed-0.h5 and stopped/b/poor/seed-0.h5"),
               refused.errors);
  }
}

BOOST_AUTO_TEST_CASE(prints_what_it_writes) {
  const TemporaryFolder folder;
  write_runs(folder / "runs");
  const auto shown = run_program(folder, "rank runs --reference good --target 0.8 --target b=0.6 -o tables");
  BOOST_TEST(shown.status == 0);
  for (const char* text :
       {"(6) ▼", "Critical difference", "b ≥ 0.6", "never", "Performance profiles", "bootstrap"})
    BOOST_TEST(contains(shown.text, text), text);
  for (const char* name : {"made-ranking.md", "made-ranking.csv", "made-ranks.csv"})
    BOOST_TEST(std::filesystem::file_size(folder / "tables" / name) > 0);
  // Every line has as many fields as its header, and the files are what is printed.
  const auto csv = run_program(folder, "rank runs --reference good --target 0.8 --format csv");
  BOOST_TEST(parse_csv(csv.text, "csv").size() == 7U);
  const auto by_method =
      run_program(folder, "rank runs --reference good --target 0.8 --target b=0.6 --format ranks");
  BOOST_TEST(by_method.text == read_text_file(folder / "tables/made-ranks.csv"));
}

/// Summaries have accuracies, but no way to a target.
BOOST_AUTO_TEST_CASE(ranks_summaries_without_targets) {
  const TemporaryFolder folder;
  write_runs(folder / "runs");
  run_program(folder, "export runs --summary -o kept/runs.csv");
  const auto shown = run_program(folder, "rank kept");
  BOOST_TEST(shown.status == 0);
  BOOST_TEST(contains(shown.text, "(6) ▼"), shown.text);
  BOOST_TEST(contains(shown.text, "not from summaries"), shown.text);
  run_program(folder, "table runs -o tables");
  const auto refused = run_program(folder, "rank tables/made.csv");
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(contains(refused.errors, "no single runs"), refused.errors);
}

BOOST_AUTO_TEST_CASE(refuses_targets_and_metrics_that_are_none) {
  const TemporaryFolder folder;
  write_runs(folder / "runs");
  BOOST_TEST(run_program(folder, "rank runs --target b=high").status == 2);
  BOOST_TEST(run_program(folder, "rank nowhere").status == 2);
  const auto metric = run_program(folder, "rank runs --metric accuracy");
  BOOST_TEST(metric.status == 1);
  BOOST_TEST(contains(metric.errors, "there are: "), metric.errors);
}

BOOST_AUTO_TEST_SUITE_END()
