/// Whatever a run does, it leaves a record, and the others go on: a method that ends in every way it can.

#include "experiments/harness/run/scheduler.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <new>
#include <thread>

#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/run/claim.hpp"
#include "experiments/harness/session.hpp"
#include "results/record/run_file.hpp"
#include "solvers/solver.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(scheduler_test)

namespace {

struct EndingParameters {
  enum class End { well, segfault, abort, exit, thrown_int, memory, killed, terminated, loops, stops, slow };
  End end = End::well;

  void visit(ParameterVisitor& v) {
    v.choice("end", end,
             {"well", "segfault", "abort", "exit", "thrown_int", "memory", "killed", "terminated", "loops",
              "stops", "slow"},
             "what its second iteration does");
  }
};

/// Does nothing, and in its second iteration what it is told.
template <class T>
class Ending final : public Solver<T> {
 public:
  explicit Ending(const EndingParameters& parameters) : end_(parameters.end) {}

  void step() override {
    using End = EndingParameters::End;
    if (++iterations_ < 2) return;
    if (end_ == End::segfault) std::raise(SIGSEGV);
    if (end_ == End::abort) std::abort();
    if (end_ == End::exit) std::_Exit(0);
    if (end_ == End::thrown_int) throw 42;
    if (end_ == End::memory) throw std::bad_alloc();
    if (end_ == End::killed) std::raise(SIGKILL);
    if (end_ == End::terminated) std::raise(SIGTERM);
    if (end_ == End::loops) {
      for (;;) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (end_ == End::stops) std::raise(SIGSTOP);
    if (end_ == End::slow) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const Network<T>& network() const override { return network_; }
  Diagnostics diagnostics() const override { return {}; }
  void visit_state(StateVisitor<T>&) const override {}

 protected:
  void start(Network<T> initial, std::uint64_t /*seed*/) override { network_ = std::move(initial); }

 private:
  EndingParameters::End end_;
  Network<T> network_;
  int iterations_ = 0;
};

const RegisterSolver<EndingParameters, Ending> registered("ending", "ends as it is told", "a test", {}, {});

const std::string experiment = R"(experiment: ends
datasets: [{name: blobs, params: {samples: 40, test_samples: 15, features: 4}}]
network: {hidden: [5]}
iterations: 4
solvers:
  - {name: ending, grid: {end: [segfault, well, abort, exit, thrown_int, memory, killed, terminated]}}
  - {name: adam}
)";

struct Fixture {
  TemporaryFolder folder;
  Downloads downloads;
  RunObserver silent;

  Session open(const std::string& text) {
    SessionOptions options;
    options.out = folder / "out";
    return open_session(load_experiment(folder.write("x.yaml", text)), options, downloads);
  }
  RunRecord record(const std::string& label, const std::string& dataset = "blobs") const {
    return read_run(folder / ("out/ends/" + dataset + "/" + label + "/seed-0.h5"));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_run_leaves_a_record, Fixture) {
  const std::map<std::string, std::string> reasons{
      {"segfault", "signal 11"},           {"abort", "signal 6"},   {"exit", "exit code 0"},
      {"thrown_int", "no std::exception"}, {"memory", "bad_alloc"}, {"killed", "out of memory?"}};
  Session session = open(experiment);
  const ScheduleSummary summary = run_session(session, {2, 1}, Environment{}, silent).runs;
  BOOST_TEST(summary.failures.size() == reasons.size() + 1);  // and the one that was told to end
  BOOST_TEST(summary.count.at(RunStatus::failed) == static_cast<long>(reasons.size()));
  BOOST_TEST(!summary.interrupted);
  for (const auto& [end, reason] : reasons) {
    const RunRecord run = record("ending-end=" + end);
    BOOST_TEST_CONTEXT(end << ": " << run.attributes.message) {
      BOOST_TEST((run.attributes.status == RunStatus::failed));
      // Sanitizers turn a signal into an exit code.
      const bool by_signal =
          reason.starts_with("signal") && run.attributes.message.find("exit code") != std::string::npos;
      BOOST_TEST((by_signal || run.attributes.message.find(reason) != std::string::npos));
      BOOST_TEST(run.attributes.label == "ending-end=" + end);
      BOOST_TEST(!run.attributes.data_sha256.empty());
      BOOST_TEST(!run.attributes.config.empty());
    }
  }
  BOOST_TEST((record("ending-end=terminated").attributes.status == RunStatus::interrupted));
  for (const char* label : {"ending-end=well", "adam"})
    BOOST_TEST((record(label).attributes.status == RunStatus::completed));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "out")) {
    if (entry.is_regular_file())
      BOOST_TEST((entry.path().extension() == ".h5" || entry.path().filename() == "experiment.yaml"),
                 entry.path());
  }
  // What failed is tried again; what is complete is not.
  BOOST_TEST(open(experiment).pending() == reasons.size() + 1);
}

BOOST_FIXTURE_TEST_CASE(what_is_complete_is_not_replaced_by_a_failure, Fixture) {
  const auto only = [](const std::string& end) {
    return "experiment: ends\ndatasets: [{name: blobs}]\nnetwork: {hidden: [5]}\niterations: 4\n"
           "solvers: [{name: ending, params: {end: " +
           end + "}}]\n";
  };
  Session session = open(only("well"));
  run_session(session, {1, 1}, Environment{}, silent);
  for (const char* end : {"segfault", "memory", "terminated"}) {  // other settings under the same name
    Session other = open(only(end));
    BOOST_TEST(other.pending() == 1U);
    BOOST_TEST(run_session(other, {1, 1}, Environment{}, silent).runs.failures.size() == 1U);
    const RunRecord kept = record("ending");
    BOOST_TEST((kept.attributes.status == RunStatus::completed));
    BOOST_TEST(kept.attributes.content_hash == session.runs[0].content_hash);
  }
}

BOOST_FIXTURE_TEST_CASE(a_run_over_its_wall_limit_fails_and_the_others_go_on, Fixture) {
  // Whether it never comes back, sleeps whatever the signal, or is only slow: the last saves what it has.
  Session session = open(
      "experiment: ends\ndatasets: [{name: blobs, params: {samples: 40, test_samples: 15, features: 4}}]\n"
      "network: {hidden: [5]}\niterations: 100000\nstop: {wall_limit: 1s}\n"
      "solvers: [{name: ending, grid: {end: [loops, stops, slow]}}, {name: adam, iterations: 3}]\n");
  const ScheduleSummary summary = run_session(session, {4, 1}, Environment{}, silent).runs;
  BOOST_TEST(summary.count.at(RunStatus::failed) == 3);
  BOOST_TEST(summary.failures.size() == 3U);
  BOOST_TEST((record("adam").attributes.status == RunStatus::completed));
  for (const char* end : {"loops", "stops", "slow"}) {
    const RunRecord run = record(std::string("ending-end=") + end);
    BOOST_TEST((run.attributes.status == RunStatus::failed));
    BOOST_TEST(run.attributes.message.starts_with("wall limit: 1 s"), run.attributes.message);
    BOOST_TEST((run.iterations() >= 2) == (std::string(end) == "slow"));
  }
  // The limit is no part of what a run is.
  const std::string unlimited = experiment;
  BOOST_TEST(open(unlimited).runs[0].config_sha256 ==
             open(unlimited + "stop: {wall_limit: 2h}\ncheckpoint: {every: never}\n").runs[0].config_sha256);
}

BOOST_FIXTURE_TEST_CASE(a_complete_result_of_other_settings_is_kept_aside, Fixture) {
  const auto with = [](long iterations) {
    return "experiment: ends\ndatasets: [{name: blobs}]\nnetwork: {hidden: [5]}\niterations: " +
           std::to_string(iterations) + "\nsolvers: [{name: adam}]\n";
  };
  struct Warned final : RunObserver {
    void warn(std::size_t, const std::string& text) override { warnings.push_back(text); }
    std::vector<std::string> warnings;
  } warned;
  Session first = open(with(4));
  run_session(first, {1, 1}, Environment{}, silent);
  Session second = open(with(6));
  run_session(second, {1, 1}, Environment{}, warned);
  BOOST_TEST(record("adam").iterations() == 6);
  const auto aside =
      folder / ("out/ends/blobs/adam/seed-0.h5.old-" + first.runs[0].content_hash.substr(0, 8));
  BOOST_TEST(read_run(aside).iterations() == 4);
  BOOST_TEST(warned.warnings.size() == 1U);
  BOOST_TEST(warned.warnings.at(0).find("iterations: 4 and 6") != std::string::npos, warned.warnings.at(0));
  BOOST_TEST(find_runs({folder / "out"}).size() == 1U);  // what is aside is in no table
  // Back again: nothing is lost on the way.
  Session third = open(with(4));
  run_session(third, {1, 1}, Environment{}, silent);
  BOOST_TEST(record("adam").iterations() == 4);
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder / "out/ends/blobs/adam"), {}) == 3);
}

BOOST_FIXTURE_TEST_CASE(what_another_process_is_making_is_waited_for, Fixture) {
  Session session = open(experiment.substr(0, experiment.find("  - {name: ending")) + "  - {name: adam}\n");
  const std::filesystem::path result = session.runs[0].result;
  const pid_t other = fork();
  if (other == 0) {  // has the claim for a while, and makes the run
    ClaimWatch watch;
    const auto claim = RunClaim::take(result, watch);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    RunOutcome outcome;
    outcome.status = RunStatus::completed;
    outcome.message = "by the other";
    record_failure(session.runs[0], outcome, {session.experiment, Environment{}, "", 1});
    std::filesystem::remove(result.parent_path() / ".seed-0.h5.claim");
    _exit(0);
  }
  while (!std::filesystem::exists(result.parent_path() / ".seed-0.h5.claim"))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  struct Waiting final : RunObserver {
    void waiting(std::size_t runs) override { seen = runs; }
    void finish(std::size_t, const RunOutcome& outcome) override { elsewhere = outcome.elsewhere; }
    std::size_t seen = 0;
    bool elsewhere = false;
  } waiting;
  const ScheduleSummary summary = run_session(session, {1, 1}, Environment{}, waiting).runs;
  waitpid(other, nullptr, 0);
  BOOST_TEST(waiting.seen == 1U);
  BOOST_TEST(waiting.elsewhere);
  BOOST_TEST(summary.count.at(RunStatus::completed) == 1);
  BOOST_TEST(record("adam").attributes.message == "by the other");
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_cannot_be_written_is_found_before_anything_is_computed, Fixture) {
  folder.write("out", "a file where the folder should be");
  Session session = open(experiment);
  BOOST_CHECK_EXCEPTION(run_session(session, {1, 1}, Environment{}, silent), std::runtime_error,
                        [](const std::runtime_error& error) {
                          return std::string(error.what()).find("cannot be written") != std::string::npos;
                        });
}

BOOST_FIXTURE_TEST_CASE(a_data_set_that_cannot_be_used_fails_its_own_runs, Fixture) {
  folder.write("damaged.h5", "not HDF5");
  const std::string text =
      "experiment: ends\ndatasets: [{name: blobs, label: first}, {file: damaged.h5}, {name: blobs, label: "
      "last}]\n"
      "network: {hidden: [5]}\niterations: 4\nsolvers: [{name: adam}, {name: sgd}]\n";
  Session session = open(text);
  const ScheduleSummary summary = run_session(session, {2, 1}, Environment{}, silent).runs;
  BOOST_TEST((summary.unusable_data != nullptr));
  BOOST_TEST(summary.count.at(RunStatus::completed) == 4);
  BOOST_TEST(summary.count.at(RunStatus::failed) == 2);
  for (const char* solver : {"adam", "sgd"}) {
    const RunRecord failed = record(solver, "damaged");
    BOOST_TEST((failed.attributes.status == RunStatus::failed));
    BOOST_TEST(failed.attributes.message.find("damaged.h5") != std::string::npos, failed.attributes.message);
    BOOST_TEST((record(solver, "last").attributes.status == RunStatus::completed));
  }
}

BOOST_AUTO_TEST_SUITE_END()
