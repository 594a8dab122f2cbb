/// `tune:` on the command line: the test set has no say, what is done is not done again, what broke off is resumed.

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/compute/rng.hpp"
#include "core/io/hdf5_file.hpp"
#include "results/record/run_file.hpp"
#include "tests/support/program.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(tuning_command_test)
using admmbench::testing::contains;
using admmbench::testing::run_program;

namespace {

const std::string experiment = R"(experiment: tuned
datasets: [{file: data.h5, label: small}]
network: {hidden: [6]}
seeds: [0, 1]
iterations: 8
tune: {method: random, runs: 6, iterations: 4}
solvers:
  - {name: adam, search: {learning_rate: {log_uniform: [1.0e-4, 1.0e-1]}}}
  - {name: dladmm, search: {rho: {log_uniform: [1.0e-4, 10]}, step: [exact, lipschitz]}}
)";

/// Three classes, 4 features; `turned`: a split whose labels say the class before.
void write_data(const std::filesystem::path& file, const std::string& turned = {}) {
  Hdf5File out = Hdf5File::create(file);
  Rng rng(1);
  for (const auto& [split, count] :
       {std::pair{"train", arma::uword{60}}, {"val", arma::uword{45}}, {"test", arma::uword{45}}}) {
    arma::mat x(4, count);
    fill_normal(rng, 1.0, x);
    std::vector<std::int64_t> y;
    for (arma::uword n = 0; n < count; ++n) {
      x(n % 3, n) += 2;
      y.push_back(static_cast<std::int64_t>((split == turned ? n + 2 : n) % 3));
    }
    out.write_samples(std::string("/") + split + "/x", x);
    out.write_vector(std::string("/") + split + "/y", y);
  }
  out.write_attribute("/", "classes", std::int64_t{3});
  out.write_attribute("/", "name", std::string("small"));
  out.write_attribute("/", "source", std::string("made by a test"));
  out.write_attribute("/", "sha256", std::string("none"));
  out.flush();
}

struct Fixture {
  TemporaryFolder folder;
  Fixture() {
    write_data(folder / "data.h5");
    folder.write("x.yaml", experiment);
  }
  admmbench::testing::ProgramOutput run(const std::string& more = {}) const {
    return run_program(folder, "run x.yaml --out out --threads 1 " + more);
  }
  nlohmann::json trace(const std::string& solver) const {
    std::ifstream in(folder / ("out/tuned/small/" + solver + "/tuning.json"));
    return nlohmann::json::parse(in);
  }
  /// Every file of the results with the time at which it was written.
  std::map<std::filesystem::path, std::filesystem::file_time_type> files() const {
    std::map<std::filesystem::path, std::filesystem::file_time_type> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "out")) {
      if (entry.is_regular_file()) found[entry.path()] = entry.last_write_time();
    }
    return found;
  }
  std::filesystem::path result(const std::string& file) const { return folder / ("out/tuned/small/" + file); }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(tunes_then_runs, Fixture) {
  const auto plan = run_program(folder, "plan x.yaml --out out");
  BOOST_TEST(plan.status == 0, plan.errors);
  BOOST_TEST(contains(plan.text, "adam-tuning-06"), plan.text);
  BOOST_TEST(contains(plan.text, "after tuning"), plan.text);
  const auto first = run();
  BOOST_TEST(first.status == 0, first.errors);
  BOOST_TEST(contains(first.text, "tuning: 12 runs, 0 cached, 12 to run"), first.text);
  BOOST_TEST(contains(first.text, "tuned: small / adam: point "), first.text);

  // The chosen parameters are those of the runs, and the trace is in their files.
  for (const std::string solver : {"adam", "dladmm"}) {
    const RunRecord record = read_run(result(solver + "/seed-1.h5"));
    const auto stored = nlohmann::json::parse(record.attributes.tuned);
    BOOST_TEST((stored == trace(solver)));
    BOOST_TEST(record.attributes.label == solver);
    BOOST_TEST(record.trajectory.iteration.back() == 8);
    double best = 0;
    for (const auto& tried : stored["tried"]) {
      const RunRecord trial = read_run(result(solver + "/" + tried["runs"][0]["file"].get<std::string>()));
      BOOST_TEST(trial.trajectory.iteration.back() == 4);
      BOOST_TEST(trial.trajectory.find("val_accuracy")->back() == tried["score"].get<double>());
      best = std::max(best, tried["score"].get<double>());
    }
    BOOST_TEST(stored["chosen"]["score"] == best);
    BOOST_TEST(stored["tried"].size() == 6);
  }
  // Tuning runs are no results.
  const auto table = run_program(folder, "table out");
  BOOST_TEST(contains(table.text, "over 2 seeds"), table.text);
  BOOST_TEST(!contains(table.text, "tuning"), table.text);

  const auto before = files();
  const auto second = run();
  BOOST_TEST(second.status == 0, second.errors);
  BOOST_TEST(contains(second.text, "tuning: 12 runs, 12 cached, 0 to run"), second.text);
  BOOST_TEST(contains(second.text, "4 runs, 4 cached, 0 to run"), second.text);
  BOOST_TEST((files() == before));
  BOOST_TEST(!contains(run_program(folder, "plan x.yaml --out out").text, "new"));
}

BOOST_FIXTURE_TEST_CASE(only_what_is_missing_is_run_again, Fixture) {
  BOOST_TEST(run("--jobs 2").status == 0);
  const auto complete = trace("adam");
  const auto before = files();
  std::filesystem::remove(result("adam/tuning/point-02-seed-0.h5"));
  std::filesystem::remove(result("adam/tuning/point-05-seed-0.h5"));
  std::filesystem::remove(result("adam/seed-1.h5"));
  const auto plan = run_program(folder, "plan x.yaml --out out");
  BOOST_TEST(contains(plan.text, "after tuning"), plan.text);
  const auto again = run();
  BOOST_TEST(again.status == 0, again.errors);
  BOOST_TEST(contains(again.text, "tuning: 12 runs, 10 cached, 2 to run"), again.text);
  BOOST_TEST((trace("adam") == complete));
  std::size_t rewritten = 0;
  const auto after = files();
  BOOST_TEST(after.size() == before.size());
  for (const auto& [file, time] : after) rewritten += before.at(file) != time ? 1 : 0;
  BOOST_TEST(rewritten == 3);
}

BOOST_FIXTURE_TEST_CASE(test_labels_have_no_say, Fixture) {
  const auto chosen_with = [&](const std::string& turned) {
    write_data(folder / "data.h5", turned);
    const auto output = run();
    BOOST_TEST(output.status == 0, output.errors);
    return std::pair{trace("adam"), trace("dladmm")};
  };
  const auto original = chosen_with("");
  const double accuracy = read_run(result("adam/seed-0.h5")).trajectory.find("test_accuracy")->back();
  BOOST_TEST((chosen_with("test") == original));
  // Negative controls: the runs did see other test labels, and other validation labels do change the scores.
  BOOST_TEST(read_run(result("adam/seed-0.h5")).trajectory.find("test_accuracy")->back() != accuracy);
  BOOST_TEST((chosen_with("val") != original));
}

BOOST_FIXTURE_TEST_CASE(another_budget_is_another_result, Fixture) {
  BOOST_TEST(run().status == 0);
  const auto dry = run("--set tune.runs=8 --dry-run");
  BOOST_TEST(contains(dry.text, "adam-tuning-08"), dry.text);
  const auto more = run("--set tune.runs=8");
  BOOST_TEST(contains(more.text, "tuning: 16 runs, 12 cached, 4 to run"), more.text);
  BOOST_TEST(trace("adam")["tried"].size() == 8);
  // The results' own trace is that of the search that chose them.
  const RunRecord record = read_run(result("adam/seed-0.h5"));
  BOOST_TEST((nlohmann::json::parse(record.attributes.tuned) == trace("adam")));
}

BOOST_FIXTURE_TEST_CASE(a_point_that_diverges_is_not_chosen, Fixture) {
  const auto output =
      run("--only solver=sgd --set 'solvers.0={name: sgd, search: {learning_rate: [1e300, 0.1, 1e200]}}' "
          "--set tune.runs=3");
  BOOST_TEST(output.status == 0, output.errors);
  const auto found = trace("sgd");
  BOOST_TEST(found["chosen"]["point"] == 2);
  BOOST_TEST(found["tried"][0]["runs"][0]["status"] == "diverged");
  BOOST_TEST(found["tried"][0]["score"].is_null());
  BOOST_TEST(!std::filesystem::exists(result("dladmm")));  // not wanted, so not tuned
}

BOOST_FIXTURE_TEST_CASE(mistakes_end_with_code_2, Fixture) {
  const auto loss = run("--set tune.select=val_loss");
  BOOST_TEST(loss.status == 2);
  BOOST_TEST(contains(loss.errors, "tune.select: runs on 'small' have no val_loss"), loss.errors);
  const auto missing = run("--set 'datasets=[{name: blobs}]'");
  BOOST_TEST(missing.status == 2);
  BOOST_TEST(contains(missing.errors, "'blobs' has no validation split"), missing.errors);
  BOOST_TEST(run("--set 'datasets=[{name: blobs, validation: 0.2}]'").status == 0);
}

BOOST_AUTO_TEST_SUITE_END()
