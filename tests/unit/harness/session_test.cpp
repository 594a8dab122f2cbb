/// An experiment run from the library: no command line, results in files, an observer that hears what happens.

#include "experiments/harness/session.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <map>

#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/presentation.hpp"
#include "results/record/run_file.hpp"
#include "tests/support/curl_stub.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(session_test)

namespace {

const std::string experiment = R"(experiment: small
datasets: [{name: blobs, validation: 0.2, params: {samples: 40, test_samples: 15, features: 4}}]
network: {hidden: [5]}
seeds: [0, 1]
iterations: 4
tune: {method: random, runs: 3, iterations: 2}
solvers:
  - {name: dladmm, tune: false, params: {rho: 1, nu: 1}}
  - {name: adam, search: {learning_rate: {log_uniform: [1.0e-3, 1.0e-1]}}}
)";

/// Counts what it is told.
struct Counter final : RunObserver {
  std::map<Stage, std::size_t> todo, cached, ended;
  std::size_t started = 0, tuned_cells = 0;
  long iterations = 0;
  std::map<RunStatus, std::size_t> finished;

  std::map<Stage, double> later;

  void begin(Stage stage, const Experiment&, std::size_t runs, std::size_t there, double after) override {
    later[stage] = after;
    todo[stage] += runs;
    cached[stage] += there;
  }
  void end(Stage stage, const ScheduleSummary&) override { ++ended[stage]; }
  void tuned(const Experiment& untuned, const TuningChoice& choice) override {
    BOOST_TEST(untuned.solvers[choice.solver].label == "adam");
    ++tuned_cells;
  }
  void start(std::size_t, const Run&) override { ++started; }
  void finish(std::size_t, const RunOutcome& outcome) override {
    ++finished[outcome.status];
    iterations += outcome.iterations;
  }
};

struct Fixture {
  TemporaryFolder folder;
  Downloads downloads;

  Session open(const std::string& text = experiment, SessionOptions options = {}) {
    options.out = folder / "out";
    return open_session(load_experiment(folder.write("x.yaml", text)), options, downloads);
  }
};

constexpr auto tuning = RunObserver::Stage::tuning;
constexpr auto runs = RunObserver::Stage::runs;

}  // namespace

BOOST_FIXTURE_TEST_CASE(tunes_runs_and_reuses, Fixture) {
  Session session = open();
  BOOST_TEST(session.runs.size() == 4);
  BOOST_TEST(session.pending() == 3 + 4);
  Counter counter;
  const SessionSummary summary = run_session(session, {2, 1}, Environment{}, counter);
  BOOST_TEST(summary.runs.failures.empty());
  BOOST_TEST(!summary.interrupted());
  BOOST_TEST(counter.todo[tuning] == 3);
  BOOST_TEST(counter.todo[runs] == 4);
  BOOST_TEST(counter.ended[tuning] == 1);
  BOOST_TEST(counter.ended[runs] == 1);
  BOOST_TEST(counter.tuned_cells == 1);
  BOOST_TEST(counter.later[tuning] == 8);  // 16 iterations are to come, in runs of 2
  BOOST_TEST(counter.later[runs] == 0);
  BOOST_TEST(counter.started == 7);
  BOOST_TEST(counter.finished[RunStatus::completed] == 7);
  BOOST_TEST(counter.iterations == 3 * 2 + 4 * 4);
  BOOST_TEST(std::filesystem::exists(folder / "out/small/blobs/adam/tuning.json"));
  for (const Run& run : session.runs) {
    const RunRecord record = read_run(run.result);
    BOOST_TEST(record.attributes.content_hash == run.content_hash);
    BOOST_TEST(record.trajectory.iteration.back() == 4);
  }

  Session again = open();
  BOOST_TEST(again.pending() == 0);
  BOOST_TEST(again.choices.size() == 1);
  Counter nothing;
  BOOST_TEST(run_session(again, {1, 1}, Environment{}, nothing).cached == 4);
  BOOST_TEST(nothing.started == 0);
  BOOST_TEST(nothing.cached[tuning] == 3);
  BOOST_TEST(nothing.cached[runs] == 4);
  BOOST_TEST(open(experiment, {.force = true}).pending() == 7);
  BOOST_TEST(open(experiment, {.only = {"solver=dladmm"}}).tuning.runs.empty());
}

BOOST_FIXTURE_TEST_CASE(sets_that_cannot_be_had_are_left_out, Fixture) {
  for (const char* variable : {"ADMMBENCH_CACHE", "ADMMBENCH_DATA_MIRROR"})
    setenv(variable, (folder / "none").c_str(), 1);
  // Three sets on one host, one of them tuned; what is generated runs.
  const std::string text = R"(experiment: small
datasets:
  - {name: cora}
  - {name: citeseer}
  - {name: pubmed}
  - {name: blobs, validation: 0.2, params: {samples: 40, test_samples: 15, features: 4}}
network: {hidden: [5]}
iterations: 2
tune: {method: random, runs: 2, iterations: 1}
solvers: [{name: adam, search: {learning_rate: {log_uniform: [1.0e-3, 1.0e-1]}}}]
)";
  const testing::CurlStub curl;
  BOOST_CHECK_THROW(open(text), DataUnavailable);
  BOOST_TEST(curl.asked().size() == 1);
  downloads = {};
  Session session = open(text, {.missing = MissingData::skip});
  BOOST_TEST(curl.asked().size() == 2, "the host was asked once for each session");
  BOOST_TEST(session.missing.size() == 3);
  BOOST_TEST(session.missing.front().name == "cora");
  BOOST_TEST(session.missing.front().reason == "cora: not downloaded (github.com cannot be reached)");
  BOOST_TEST(session.runs.size() == 1);
  BOOST_TEST(session.tuning.runs.size() == 2);
  Counter counter;
  run_session(session, {1, 1}, Environment{}, counter);
  BOOST_TEST(counter.finished[RunStatus::completed] == 3);
  // Looking asks nobody.
  BOOST_TEST(open(text, {.missing = MissingData::leave}).runs.size() == 4);
  BOOST_TEST(curl.asked().size() == 2);
  for (const char* variable : {"ADMMBENCH_CACHE", "ADMMBENCH_DATA_MIRROR"}) unsetenv(variable);
}

BOOST_FIXTURE_TEST_CASE(how_results_are_shown_decides_no_run, Fixture) {
  const std::string shown = experiment + "alone: true\ntable: {metric: val_accuracy}\n" +
                            "rank: {reference: adam, targets: {blobs: 0.9}}\n";
  Session plain = open();
  Session session = open(shown);
  BOOST_TEST(session.runs.size() == plain.runs.size());
  for (std::size_t i = 0; i < plain.runs.size(); ++i) {
    BOOST_TEST(session.runs[i].config_sha256 == plain.runs[i].config_sha256);
    BOOST_TEST(session.runs[i].content_hash == plain.runs[i].content_hash);
  }
  for (std::size_t i = 0; i < plain.tuning.runs.size(); ++i)
    BOOST_TEST(session.tuning.runs[i].content_hash == plain.tuning.runs[i].content_hash);

  struct AtOnce final : RunObserver {
    int active = 0, most = 0;
    void start(std::size_t, const Run&) override { most = std::max(most, ++active); }
    void finish(std::size_t, const RunOutcome&) override { --active; }
  } watch;
  run_session(session, {3, 1}, Environment{}, watch);
  BOOST_TEST(watch.most == 1, "alone on the machine");

  const auto check = [&](const std::filesystem::path& root) {
    const auto found = read_presentations({root});
    BOOST_REQUIRE(found.contains("small"));
    BOOST_TEST(found.at("small").table.metric == "val_accuracy");
    BOOST_TEST(found.at("small").rank.reference == "adam");
    BOOST_TEST((found.at("small").rank.targets == std::map<std::string, double>{{"blobs", 0.9}}));
  };
  check(folder / "out");
  check(folder / "out/small");
  check(session.runs.front().result);
  BOOST_TEST(read_presentations({folder / "nothing"}).empty());

  // It follows the file, although no run is made again.
  run_session(plain = open(), {1, 1}, Environment{}, watch);
  BOOST_TEST(plain.pending() == 0);
  BOOST_TEST(read_presentations({folder / "out"}).empty());
}

BOOST_FIXTURE_TEST_CASE(wrong_words_about_tables_are_named, Fixture) {
  const auto wrong = [&](const std::string& line, const std::string& part) {
    BOOST_CHECK_EXCEPTION(open(experiment + line), ConfigError, [&](const ConfigError& error) {
      return std::string(error.what()).find(part) != std::string::npos;
    });
  };
  wrong("table: {metrik: flops}\n", "metric");
  wrong("rank: {targets: [0.9]}\n", "rank.targets");
  wrong("rank: {targets: {blobs: high}}\n", "rank.targets.blobs");
  wrong("alone: 3\n", "alone");
}

BOOST_AUTO_TEST_SUITE_END()
