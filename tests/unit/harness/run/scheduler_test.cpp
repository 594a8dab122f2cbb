/// Whatever a run does, it leaves a record, and the others go on: a method that ends in every way it can.

#include "experiments/harness/run/scheduler.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <new>

#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/session.hpp"
#include "results/record/run_file.hpp"
#include "solvers/solver.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(scheduler_test)

namespace {

struct EndingParameters {
  enum class End { well, segfault, abort, exit, thrown_int, memory, killed, terminated };
  End end = End::well;

  void visit(ParameterVisitor& v) {
    v.choice("end", end,
             {"well", "segfault", "abort", "exit", "thrown_int", "memory", "killed", "terminated"},
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
