#include "experiments/harness/expected_time.hpp"

#include <boost/test/unit_test.hpp>

#include "experiments/harness/config/load_experiment.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(expected_time_test)

namespace {

const std::string experiment = R"(experiment: e
datasets: [{name: blobs}]
network: {hidden: [5]}
seeds: [0, 1]
iterations: 10
solvers: [{name: adam}, {name: sgd}]
profiles:
  tuned:
    datasets: [{name: sbm, validation: 0.2, iterations: 60, tune: {runs: 4, iterations: 15}}]
    tune: {method: random, runs: 4, iterations: 10, seeds: [0, 1]}
    solvers:
      - {name: sgd, tune: false}
      - {name: adam, search: {learning_rate: {log_uniform: [1.0e-4, 1.0e-2]}}}
)";

Session session(const std::string& profile, const std::vector<std::string>& settings = {}) {
  const TemporaryFolder folder;
  Downloads none;
  SessionOptions options;
  options.out = folder.path() / "out";
  options.missing = MissingData::leave;
  return open_session(load_experiment(folder.write("x.yaml", experiment), profile, settings), options, none);
}

RunRecord made(const std::string& dataset, const std::string& label, std::int64_t seed, double seconds,
               const std::string& profile = "") {
  RunRecord run;
  run.attributes.experiment = "e";
  run.attributes.dataset = dataset;
  run.attributes.label = label;
  run.attributes.seed = seed;
  run.config.profile = profile;
  run.end.last = {{"seconds", seconds}};
  run.end.iterations = dataset == "blobs" ? 10 : 60;  // as the experiment's
  return run;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_run_takes_what_it_took_or_another_seed_did) {
  const Session runs = session("");
  const ExpectedTime nothing = expected_time(runs, {}, 1);
  BOOST_TEST(nothing.seconds == 0);
  BOOST_TEST(nothing.unknown == 4U);
  // adam: seed 1 took 30, so seed 0 will; sgd: both are known.
  const std::vector<RunRecord> committed{made("blobs", "adam", 1, 30), made("blobs", "sgd", 0, 4),
                                         made("blobs", "sgd", 1, 5)};
  const ExpectedTime expected = expected_time(runs, committed, 1);
  BOOST_TEST(expected.seconds == 30 + 30 + 4 + 5);
  BOOST_TEST(expected.unknown == 0U);
  BOOST_TEST(expected_time(runs, committed, 3).seconds == 69.0 / 3);
  BOOST_TEST(expected_time(session("", {"alone=true"}), committed, 3).seconds == 69);  // one at a time
  BOOST_TEST(expected_time(session("", {"iterations=30"}), committed, 1).seconds == 3 * 69);
}

BOOST_AUTO_TEST_CASE(runs_of_other_profiles_experiments_and_sets_say_nothing) {
  std::vector<RunRecord> committed{made("blobs", "adam", 0, 30, "quick"), made("sbm", "adam", 0, 30)};
  committed.push_back(made("blobs", "adam", 0, 30));
  committed.back().attributes.experiment = "other";
  BOOST_TEST(expected_time(session(""), committed, 1).unknown == 4U);
}

/// Two points of two seeds, each for 15 of 60 iterations, and the two runs themselves; the entry before is not tuned.
BOOST_AUTO_TEST_CASE(a_tuning_run_takes_its_share_of_the_entry_that_is_tuned) {
  const std::vector<RunRecord> committed{made("sbm", "adam", 0, 8, "tuned"),
                                         made("sbm", "sgd", 0, 1, "tuned")};
  const ExpectedTime expected = expected_time(session("tuned"), committed, 1);
  BOOST_TEST(expected.seconds == 2 * 8 + 2 * 1 + 4 * 8 * 15.0 / 60);
  BOOST_TEST(expected.unknown == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
