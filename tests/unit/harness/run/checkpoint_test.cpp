/// Checkpoints of a run: it goes on from where it was with the same bits, or starts anew, and never from what is not its own.

#include "experiments/harness/run/checkpoint.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>

#include "core/io/csv.hpp"
#include "core/io/hdf5_file.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/run/runner.hpp"
#include "results/record/run_file.hpp"
#include "solvers/solver.hpp"
#include "tests/support/forgetful_solver.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(checkpoint_test)

namespace {

const RegisterSolver<testing::NoParameters, testing::Forgetful> registered("hiding", "hides its velocity",
                                                                           "a test", {}, {});

const std::string base = R"(experiment: saved
datasets: [{name: blobs, validation: 0.2, params: {samples: 40, test_samples: 15, features: 4}}]
network: {hidden: [6, 5]}
iterations: 20
record: {every: 3, iterates: [0, 5, 18], squared_step: true}
stop: {patience: 1000}
checkpoint: {every: 4}
)";

struct Made {
  RunOutcome outcome;
  std::vector<long> seen;  ///< iterations, in order
  std::vector<std::string> warnings;
};

struct Fixture {
  TemporaryFolder folder;

  Experiment experiment(const std::string& solver, const std::vector<std::string>& settings = {}) const {
    return load_experiment(folder.write("x.yaml", base + "solvers: [" + solver + "]\n"), "", settings);
  }
  Run run_of(const Experiment& experiment, const std::string& out) const {
    return make_plan(experiment, folder / out, {dataset_identity(experiment.datasets[0].request)}).at(0);
  }
  Made make(const Experiment& experiment, const Run& run, long stop_at = -1) const {
    Made made;
    RunHooks hooks;
    hooks.progress = [&](long k) { made.seen.push_back(k); };
    hooks.interrupted = [&] { return made.seen.back() == stop_at; };
    hooks.warn = [&](const std::string& text) { made.warnings.push_back(text); };
    made.outcome = execute_run(experiment, run, load_dataset<double>(experiment.datasets[0].request),
                               Environment{}, 1, hooks);
    return made;
  }
};

/// All data sets but the seconds, as bytes.
std::map<std::string, std::string> content(const std::filesystem::path& file) {
  const Hdf5File opened = Hdf5File::open(file);
  std::map<std::string, std::string> all;
  const auto look = [&](const auto& self, const std::string& group) -> void {
    for (const std::string& name : opened.members(group)) {
      const std::string path = (group == "/" ? "" : group) + "/" + name;
      if (path == "/trajectory/seconds") continue;
      std::vector<std::uint64_t> shape;
      try {
        shape = opened.shape(path);
      } catch (const Hdf5Error&) {  // a group
        self(self, path);
        continue;
      }
      std::vector<double> values;
      if (shape.size() == 1) {
        values = opened.read_vector<double>(path);
      } else {
        values = arma::conv_to<std::vector<double>>::from(arma::vectorise(opened.read_matrix<double>(path)));
      }
      all[path] = std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
    }
  };
  look(look, "/");
  return all;
}

/// What differs.
std::string same_content(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto one = content(a);
  const auto other = content(b);
  std::string differing;
  for (const auto& [name, bytes] : one) {
    const auto found = other.find(name);
    if (found == other.end() || found->second != bytes) differing += name + " ";
  }
  return differing + (one.size() == other.size() ? "" : "and the number of data sets");
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(an_interrupted_run_goes_on_with_the_same_bits, Fixture) {
  for (const char* solver : {"{name: dladmm, params: {rho: 1, nu: 1}}", "{name: mdlam}", "{name: pdadmm}",
                             "{name: adam, params: {batch_size: 7}}"}) {
    const Experiment experiment = this->experiment(solver);
    const Run undisturbed = run_of(experiment, std::string("a") + solver[8]);
    const RunOutcome whole = make(experiment, undisturbed).outcome;
    BOOST_TEST(whole.checkpoints == 4);  // of the iterations 4, 8, 12 and 16
    BOOST_TEST(whole.checkpoint_seconds > 0);
    BOOST_TEST(!std::filesystem::exists(checkpoint_file(undisturbed.result)));
    const Run broken = run_of(experiment, std::string("b") + solver[8]);
    // Before the first checkpoint is due, at one, and between; twice.
    for (const long stop_at : {2, 8, 13}) {
      BOOST_TEST((make(experiment, broken, stop_at).outcome.status == RunStatus::interrupted));
      BOOST_TEST(checkpoint_hash(checkpoint_file(broken.result)) == broken.content_hash);
      BOOST_TEST(read_run(broken.result).iterations() == stop_at);
    }
    const Made rest = make(experiment, broken);
    BOOST_TEST(rest.seen.front() == 13);
    BOOST_TEST(rest.warnings.empty());
    BOOST_TEST((rest.outcome.status == RunStatus::completed));
    BOOST_TEST(same_content(broken.result, undisturbed.result) == "");
    BOOST_TEST(!std::filesystem::exists(checkpoint_file(broken.result)));
  }
}

BOOST_FIXTURE_TEST_CASE(a_method_that_hides_state_starts_anew, Fixture) {
  const Experiment experiment = this->experiment("{name: hiding}");
  const Run undisturbed = run_of(experiment, "a");
  make(experiment, undisturbed);
  const Run broken = run_of(experiment, "b");
  make(experiment, broken, 9);
  const Made again = make(experiment, broken);
  BOOST_TEST(again.warnings.size() == 1U);
  BOOST_TEST(again.warnings.at(0).find("starts anew") != std::string::npos);
  BOOST_TEST((again.outcome.status == RunStatus::completed));
  BOOST_TEST(same_content(broken.result, undisturbed.result) == "");
}

BOOST_FIXTURE_TEST_CASE(only_an_undamaged_checkpoint_of_the_same_run_is_used, Fixture) {
  const Experiment experiment = this->experiment("{name: sgd, params: {momentum: 0.9}}");
  const Run run = run_of(experiment, "a");
  const std::filesystem::path file = checkpoint_file(run.result);
  const auto interrupt = [&] {
    std::filesystem::remove(file);
    make(experiment, run, 6);
    return read_text_file(file);
  };
  // Another configuration, in the same place.
  interrupt();
  const Experiment other = this->experiment("{name: sgd, params: {momentum: 0.9}}", {"iterations=21"});
  BOOST_TEST(make(other, run_of(other, "a"), 6).seen.front() == 0);
  std::filesystem::remove(run.result);
  // Damage anywhere.
  const std::string whole = interrupt();
  for (std::size_t i = 0; i < whole.size(); i += 1 + whole.size() / 97) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    std::ofstream(file, std::ios::binary) << damaged;
    const bool in_digest = i >= 88 && i < 104;  // found out one iteration later
    if (!in_digest) BOOST_TEST(!SavedCheckpoint::open(file, run.content_hash).has_value(), "byte " << i);
  }
  std::ofstream(file, std::ios::binary) << whole.substr(0, whole.size() / 2);
  BOOST_TEST(make(experiment, run, 6).seen.front() == 0);
  // And the control: what that made.
  BOOST_TEST(SavedCheckpoint::open(file, run.content_hash).has_value());
  BOOST_TEST(make(experiment, run).seen.front() == 6);
}

BOOST_FIXTURE_TEST_CASE(checkpoints_come_when_they_are_due, Fixture) {
  CheckpointTimer by_iteration({{}, 10});
  BOOST_TEST(!by_iteration.due(0));
  BOOST_TEST(!by_iteration.due(9));
  BOOST_TEST(by_iteration.due(20));
  BOOST_TEST(!CheckpointTimer({}).due(1000));
  BOOST_TEST(!CheckpointTimer({60.0, {}}).due(1000));
  by_iteration.expect(std::uint64_t{1} << 60);
  BOOST_TEST(by_iteration.due(20));
  CheckpointTimer often({1e-9, {}});
  BOOST_TEST(often.due(1));
  often.expect(std::uint64_t{1} << 60);  // a hundredth of the run, the first one, too
  BOOST_TEST(!often.due(1));
  arma::mat matrix(3, 4);
  BOOST_TEST(archived_bytes([&](StateArchive& to) { to(matrix); }) >= 12 * sizeof(double));
  often.written(100);  // it took long
  BOOST_TEST(!often.due(2));
  often.written(0);
  BOOST_TEST(often.due(3));
  for (const char* every : {"never", "60s"}) {
    const Experiment experiment = this->experiment("{name: sgd}", {std::string("checkpoint.every=") + every});
    const Run run = run_of(experiment, every);
    BOOST_TEST(make(experiment, run, 15).outcome.checkpoints == 0);
    BOOST_TEST(!std::filesystem::exists(checkpoint_file(run.result)));
  }
}

BOOST_AUTO_TEST_CASE(durations_and_intervals) {
  BOOST_TEST(read_duration("90").value() == 90);
  BOOST_TEST(read_duration("1.5min").value() == 90);
  BOOST_TEST(read_duration("2h").value() == 7200);
  BOOST_TEST(read_duration("1 d").value() == 86400);
  for (const char* wrong : {"", "0", "-1", "1w", "h", "1e300", "nan", "2 h h"})
    BOOST_TEST(!read_duration(wrong));
  BOOST_TEST(read_interval("100")->iterations.value() == 100);
  BOOST_TEST(read_interval("60s")->seconds.value() == 60);
  BOOST_TEST(read_interval("never")->never());
  for (const char* wrong : {"", "0", "2.5", "-3", "always", "60 seconds"}) BOOST_TEST(!read_interval(wrong));
}

BOOST_AUTO_TEST_SUITE_END()
