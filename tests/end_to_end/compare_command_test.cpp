/// `admmbench compare` and `admmbench export` over trees, summaries and revisions.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/io/csv.hpp"
#include "tests/support/program.hpp"
#include "tests/support/report_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(compare_command_test)
using admmbench::testing::contains;
using admmbench::testing::run_program;

namespace {

/// Writes the result file of a run with a linear decrease of the loss, `speed` per iteration.
void write_run(const std::filesystem::path& path, const std::string& label, std::int64_t seed, double speed,
               const std::string& config = "dataset: {name: blobs}\n") {
  RunRecord run;
  RunAttributes& attributes = run.attributes;
  attributes.experiment = "demo";
  attributes.dataset = "blobs";
  attributes.solver = "sgd";
  attributes.label = label;
  attributes.seed = seed;
  attributes.config = config;
  attributes.config_sha256 = config;
  attributes.content_hash = path.string();
  Trajectory& trajectory = run.trajectory;
  for (int k = 0; k <= 20; ++k) {
    trajectory.iteration.push_back(k);
    trajectory.append("seconds", 0.001 * k + 1e-6 * static_cast<double>(path.string().size()));
    trajectory.append("train_loss", std::max(0.0, 10 - speed * k) + 1e-3 * static_cast<double>(seed));
    trajectory.append("residual", k == 0 ? std::nan("") : 1.0 / k);
  }
  testing::write(run, path);
}

void write_tree(const TemporaryFolder& folder, const std::string& name, int seeds, double speed) {
  for (int s = 0; s < seeds; ++s) {
    const std::string file = "seed-" + std::to_string(s) + ".h5";
    write_run(folder / name / "demo/blobs/same" / file, "same", s, 1);
    write_run(folder / name / "demo/blobs/changed" / file, "changed", s, speed);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(compares_trees_and_their_summaries) {
  const TemporaryFolder folder;
  write_tree(folder, "a", 8, 1);
  write_tree(folder, "b", 8, 0.47);
  write_tree(folder, "c", 8, 1);
  BOOST_TEST(run_program(folder, "compare a c").status == 0);
  BOOST_TEST(contains(run_program(folder, "compare a c").text, "2 identical to the bit, 0 compared"));
  const auto worse = run_program(folder, "compare a b");
  BOOST_TEST(worse.status == 4, worse.errors);
  BOOST_TEST(contains(worse.text, "demo / blobs / changed: iterations_to_target: "), worse.text);
  BOOST_TEST(contains(worse.text, "1 identical to the bit"), worse.text);
  BOOST_TEST(run_program(folder, "compare b a").status == 0);  // better
  BOOST_TEST(contains(run_program(folder, "compare b a").text, "better beyond noise"));

  BOOST_TEST(run_program(folder, "export a --summary -o reference/a.csv").status == 0);
  const auto summary = run_program(folder, "compare reference c");
  BOOST_TEST(contains(summary.text, "2 identical to the bit"), summary.text + summary.errors);
  const auto json = nlohmann::json::parse(run_program(folder, "compare reference/a.csv b --json").text);
  BOOST_TEST(json["identical"].size() == 1);
  BOOST_TEST(json["worse"] == true);
  BOOST_TEST(json["comparisons"][0]["least_p_value"] == 1.0 / 128);

  const auto missing = run_program(folder, "compare a nowhere");
  BOOST_TEST(missing.status == 2);
  BOOST_TEST(contains(missing.errors, "no such file or folder, and no revision"), missing.errors);
  const auto metric = run_program(folder, "compare a b --metric accuracy");
  BOOST_TEST(metric.status == 1);
  BOOST_TEST(contains(metric.errors, "there are: iterations"), metric.errors);
  folder.write("b/demo/blobs/same/seed-9.h5", "not HDF5");
  const auto damaged = run_program(folder, "compare a b");
  BOOST_TEST(damaged.status == 1);
  BOOST_TEST(contains(damaged.errors, "seed-9.h5"), damaged.errors);
}

BOOST_AUTO_TEST_CASE(compares_revisions) {
  const TemporaryFolder folder;
  const auto git = [&](const std::string& arguments) {
    const std::string command = "cd '" + folder.path().string() +
                                "' && git -c user.name=a -c user.email=a@b -c init.defaultBranch=main " +
                                arguments + " >/dev/null 2>&1";
    BOOST_TEST_REQUIRE(std::system(command.c_str()) == 0, command);
  };
  const auto commit = [&](double rate) {
    std::filesystem::remove_all(folder / "tree");
    write_tree(folder, "tree", 8, rate);
    BOOST_TEST_REQUIRE(run_program(folder, "export tree --summary -o results/summaries/demo.csv").status ==
                       0);
    git("add results");
    git("commit -m results");
  };
  git("init");
  folder.write("empty", "");
  git("add empty");
  git("commit -m nothing");
  git("tag before");
  commit(1);
  git("tag first");
  commit(0.47);
  BOOST_TEST(run_program(folder, "compare first first").status == 0);
  const auto worse = run_program(folder, "compare main~1 main --metric train_loss");
  BOOST_TEST(worse.status == 4, worse.errors);
  BOOST_TEST(contains(worse.text, "A: main~1 (revision "), worse.text);
  BOOST_TEST(contains(worse.text, "demo / blobs / changed: train_loss: "), worse.text);
  BOOST_TEST(contains(worse.text, "1 identical to the bit"), worse.text);
  // A revision against a tree, and from a folder below the top.
  BOOST_TEST(contains(run_program(folder, "compare main tree").text, "2 identical to the bit, 0 compared"));
  BOOST_TEST(contains(run_program(folder / "results", "compare first main").text, "1 identical to the bit"));
  const auto none = run_program(folder, "compare before main");
  BOOST_TEST(none.status == 1);
  BOOST_TEST(contains(none.errors, "has no CSV file under results/"), none.errors);
}

BOOST_AUTO_TEST_CASE(export_writes_every_record) {
  const TemporaryFolder folder;
  write_run(folder / "a/seed-0.h5", "x", 0, 1, "grid: {rho: 1e-3}\nprofile: quick\n");
  write_run(folder / "a/b/seed-1.h5", "y", 1, 1);
  const auto all = run_program(folder, "export a -o long.csv");
  BOOST_TEST(all.status == 0, all.errors);
  const auto rows = parse_csv(read_text_file(folder / "long.csv"), "long.csv");
  BOOST_TEST(rows.size() == 1 + 2 * 3 * 21);
  BOOST_TEST(
      rows[0] == (std::vector<std::string>{"experiment", "profile", "dataset", "solver", "label", "seed",
                                           "status", "grid.rho", "iteration", "quantity", "value"}),
      boost::test_tools::per_element());
  for (const auto& row : rows) {
    if (row[9] == "residual" && row[8] == "0") BOOST_TEST(row[10] == "NaN");
    if (row[9] == "residual" && row[8] == "4") BOOST_TEST(row[10] == "0.25");
    if (row[4] == "x") BOOST_TEST(row[7] == "1e-3");
    if (row[4] == "y") BOOST_TEST(row[7].empty());
  }
  const auto some = run_program(folder, "export a --quantity residual");
  BOOST_TEST(parse_csv(some.text, "out").size() == 1 + 2 * 21);
  BOOST_TEST(run_program(folder, "export a --quantity nonsense").status == 1);
  BOOST_TEST(run_program(folder, "export nowhere").status == 1);
  const auto parquet = run_program(folder, "export a -o long.parquet");
  BOOST_TEST(parquet.status == 2);
  BOOST_TEST(contains(parquet.errors, "docs/guide/reading-results.md"), parquet.errors);
}

BOOST_AUTO_TEST_SUITE_END()
