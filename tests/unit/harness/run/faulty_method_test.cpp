/// A method that goes wrong in every way and place leaves a record of its own run, and nothing else.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <new>
#include <stdexcept>

#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/session.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_ranges.hpp"
#include "solvers/solver.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(faulty_method_test)

namespace {

enum class Fault { none, signal, address, exit, text, memory, nan, largest, shape, explodes };
enum class Place { network, initialize, step, diagnostics };

struct FaultyParameters {
  Fault fault = Fault::none;
  Place place = Place::step;

  void visit(ParameterVisitor& v) {
    v.choice("fault", fault,
             {"none", "signal", "address", "exit", "text", "memory", "nan", "largest", "shape", "explodes"},
             "what goes wrong");
    v.choice("place", place, {"network", "initialize", "step", "diagnostics"},
             "where; in the third iteration");
  }
};

template <class T>
class Faulty final : public Solver<T> {
 public:
  explicit Faulty(const FaultyParameters& parameters) : parameters_(parameters) {}

  Network<T> initial_network(const Problem<T>& problem, std::uint64_t seed) const override {
    if (parameters_.place == Place::network) const_cast<Faulty*>(this)->go_wrong();
    return Solver<T>::initial_network(problem, seed);
  }
  void step() override {
    ++iterations_;
    if (parameters_.place == Place::step && iterations_ == 3) go_wrong();
  }
  const Network<T>& network() const override { return network_; }
  Diagnostics diagnostics() const override {
    if (parameters_.place == Place::diagnostics && iterations_ == 3) const_cast<Faulty*>(this)->go_wrong();
    if (parameters_.fault == Fault::explodes) return {std::pow(10.0, 200.0 * iterations_), 1.0, {}};
    return {1.0 / (1 + iterations_), 1.0, {}};
  }
  void visit_state(StateVisitor<T>&) const override {}

 protected:
  void start(Network<T> initial, std::uint64_t /*seed*/) override {
    network_ = std::move(initial);
    if (parameters_.place == Place::initialize) go_wrong();
  }

 private:
  void go_wrong() {
    switch (parameters_.fault) {
      case Fault::signal:
        std::raise(SIGSEGV);
        return;
      case Fault::address: {
        volatile char* volatile nowhere = nullptr;
        *nowhere = 1;
        return;
      }
      case Fault::exit:
        std::exit(7);  // also ends what static objects there are
      case Fault::text:
        throw std::runtime_error("two\nlines, \x1b[2J, 'quotes', \"more\" and \xff");
      case Fault::memory:
        throw std::bad_alloc();
      case Fault::nan:
        network_.W[0].fill(std::numeric_limits<T>::quiet_NaN());
        return;
      case Fault::largest:
        network_.W[0].fill(std::numeric_limits<T>::max());
        return;
      case Fault::shape:
        network_.W[0].set_size(1, 1);
        return;
      case Fault::none:
      case Fault::explodes:
        return;
    }
  }

  FaultyParameters parameters_;
  Network<T> network_;
  int iterations_ = 0;
};

const RegisterSolver<FaultyParameters, Faulty> registered("faulty", "goes wrong as it is told", "a test", {},
                                                          {});

/// A static object of the parent, of which a worker is a copy.
struct Farewell {
  std::filesystem::path file;
  ~Farewell() {
    if (!file.empty()) std::ofstream(file) << "ended\n";
  }
} farewell;

struct Fixture {
  TemporaryFolder folder;
  Downloads downloads;
  RunObserver silent;

  ScheduleSummary make(const std::string& solvers, const std::string& more = {}) {
    SessionOptions options;
    options.out = folder / "out";
    const std::string text =
        "experiment: faulty\ndatasets: [{name: blobs, params: {samples: 40, test_samples: 15, features: "
        "4}}]\n"
        "network: {hidden: [5]}\niterations: 6\nsolvers: [" +
        solvers + "]\n" + more;
    Session session = open_session(load_experiment(folder.write("x.yaml", text)), options, downloads);
    return run_session(session, {2, 1}, Environment{}, silent).runs;
  }
  std::filesystem::path file(const std::string& label, long seed = 0) const {
    return folder / ("out/faulty/blobs/" + label + "/seed-" + std::to_string(seed) + ".h5");
  }
  RunAttributes record(const std::string& label, long seed = 0) const {
    return read_run(file(label, seed)).attributes;
  }
};

bool says(const RunAttributes& attributes, const std::string& words) {
  return attributes.message.find(words) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(in_every_place, Fixture) {
  farewell.file = folder / "farewell";
  const ScheduleSummary summary = make(
      "{name: adam}, {name: faulty, grid: {fault: [signal, address, exit, text, memory], "
      "place: [network, initialize, step, diagnostics]}}, {name: dladmm}");
  BOOST_TEST(!std::filesystem::exists(farewell.file));  // the parent's to write, when it ends
  farewell.file.clear();
  BOOST_TEST(summary.count.at(RunStatus::completed) == 2);
  BOOST_TEST(summary.count.at(RunStatus::failed) == 20);
  BOOST_TEST(summary.failures.size() == 20U);
  for (const char* place : {"network", "initialize", "step", "diagnostics"}) {
    for (const auto& [fault, reason] : {std::pair("signal", "signal 11"),
                                        {"address", "signal 11"},
                                        {"exit", "exit code 7"},
                                        {"text", "two lines"},
                                        {"memory", "bad_alloc"}}) {
      const RunAttributes run = record("faulty-fault=" + std::string(fault) + ",place=" + place);
      BOOST_TEST_CONTEXT(fault << " in " << place << ": " << run.message) {
        BOOST_TEST((run.status == RunStatus::failed));
        // Sanitizers turn a signal into an exit code.
        BOOST_TEST((says(run, reason) || (std::string(reason) == "signal 11" && says(run, "exit code"))));
        BOOST_TEST(std::none_of(run.message.begin(), run.message.end(), is_control));
      }
    }
  }
}

BOOST_FIXTURE_TEST_CASE(with_numbers_that_are_none, Fixture) {
  make("{name: faulty, grid: {fault: [nan, largest, shape, explodes]}}, {name: adam}");
  BOOST_TEST((record("faulty-fault=nan").status == RunStatus::diverged));
  BOOST_TEST(says(record("faulty-fault=nan"), "iteration 3"));
  BOOST_TEST((record("faulty-fault=largest").status == RunStatus::diverged));
  BOOST_TEST((record("faulty-fault=explodes").status == RunStatus::diverged));
  BOOST_TEST(says(record("faulty-fault=explodes"), "iteration 2"));
  BOOST_TEST((record("faulty-fault=shape").status == RunStatus::failed));
  BOOST_TEST((record("adam").status == RunStatus::completed));
}

/// Two seeds are complete, then one of them is tried with other settings.
BOOST_FIXTURE_TEST_CASE(a_complete_result_is_not_replaced_by_one_of_other_settings_that_fails, Fixture) {
  const std::string name = "{name: faulty, label: method, params: {fault: ";
  make(name + "none}}", "seeds: [0, 1]\n");
  const std::string first = record("method", 0).content_hash;
  const std::string second = record("method", 1).content_hash;
  for (const char* fault : {"signal", "exit", "text", "shape"}) {
    const ScheduleSummary summary = make(name + fault + "}}", "seeds: [1]\n");
    BOOST_TEST(summary.failures.size() == 1U, fault);
    for (const auto& [seed, hash] : {std::pair(0L, first), {1L, second}}) {
      BOOST_TEST((record("method", seed).status == RunStatus::completed), fault);
      BOOST_TEST(record("method", seed).content_hash == hash, fault);
    }
  }
  // What is complete under other settings goes there, and the old one aside.
  make(name + "none, place: diagnostics}}", "seeds: [1]\n");
  BOOST_TEST(record("method", 0).content_hash == first);
  BOOST_TEST(record("method", 1).content_hash != second);
  const std::string aside = file("method", 1).string() + ".old-" + second.substr(0, 8);
  BOOST_TEST(read_run(aside).attributes.content_hash == second);
}

BOOST_AUTO_TEST_SUITE_END()
