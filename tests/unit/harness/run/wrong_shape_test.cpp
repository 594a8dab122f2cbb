/// A method or a generator of a user's own whose matrices do not fit: its runs fail with a sentence that says whose, where, and what
/// would have fitted.

#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "core/compute/linalg.hpp"
#include "datasets/generator.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/session.hpp"
#include "results/record/run_file.hpp"
#include "solvers/solver.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(wrong_shape_test)

namespace {

enum class Shape { right, initial, started, weights, bias, layers, product, sum };

struct MisshapenParameters {
  Shape shape = Shape::right;

  void visit(ParameterVisitor& v) {
    v.choice("shape", shape, {"right", "initial", "started", "weights", "bias", "layers", "product", "sum"},
             "what does not fit; in the second iteration");
  }
};

/// On a network 4-5-3.
template <class T>
class Misshapen final : public Solver<T> {
 public:
  explicit Misshapen(const MisshapenParameters& parameters) : shape_(parameters.shape) {}

  Network<T> initial_network(const Problem<T>& problem, std::uint64_t seed) const override {
    Network<T> network = Solver<T>::initial_network(problem, seed);
    if (shape_ == Shape::initial) network.W[1] = network.W[1].t();
    return network;
  }
  void step() override {
    if (++iterations_ != 2) return;
    if (shape_ == Shape::weights) network_.W[1].set_size(2, 5);
    if (shape_ == Shape::bias) network_.b[0].set_size(4);
    if (shape_ == Shape::layers) network_.W.pop_back();
    arma::Mat<T> out(5, 7);
    if (shape_ == Shape::product) gemm(Op::transpose, Op::none, T(1), network_.W[0], out, T(0), out);
    if (shape_ == Shape::sum) out += network_.W[0];
  }
  const Network<T>& network() const override { return network_; }

 protected:
  void start(Network<T> initial, std::uint64_t /*seed*/) override {
    network_ = std::move(initial);
    if (shape_ == Shape::started) network_.W[0].set_size(1, 1);
  }

 private:
  Shape shape_;
  Network<T> network_;
  int iterations_ = 0;
};

const RegisterSolver<MisshapenParameters, Misshapen> registered_solver("misshapen",
                                                                       "has matrices that do not fit",
                                                                       "a test");

enum class Mistake { none, sum, label, targets };

struct CornersParameters {
  Mistake mistake = Mistake::none;
  bool validation = true;

  void visit(ParameterVisitor& v) {
    v.choice("mistake", mistake, {"none", "sum", "label", "targets"}, "what does not fit");
    v.boolean("validation", validation, "whether there are validation samples");
  }
};

/// Sample n is +1 or -1 times `scale`, its class the sign.
std::shared_ptr<Samples<double>> corners(arma::uword size, double scale) {
  auto samples = std::make_shared<Samples<double>>();
  samples->x.set_size(2, size);
  samples->labels.set_size(size);
  for (arma::uword n = 0; n < size; ++n) {
    samples->x.col(n).fill(n % 2 == 0 ? scale : -scale);
    samples->labels[n] = n % 2;
  }
  samples->targets = one_hot<double>(samples->labels, 2);
  return samples;
}

Dataset<double> make_corners(const CornersParameters& p) {
  const auto train = corners(20, 1);
  if (p.mistake == Mistake::sum) train->x += arma::mat(2, 3);
  if (p.mistake == Mistake::label) train->targets = one_hot<double>(train->labels, 1);
  if (p.mistake == Mistake::targets) train->targets.set_size(2, 4);
  Dataset<double> dataset;
  dataset.train = train;
  if (p.validation) dataset.validation = corners(6, 2);
  dataset.test = corners(8, 3);
  dataset.classes = 2;
  return dataset;
}

const RegisterDataset<CornersParameters> registered_dataset("corners", "two corners", make_corners);

struct Fixture {
  TemporaryFolder folder;
  Downloads downloads;
  RunObserver silent;

  ScheduleSummary make(const std::string& dataset, const std::string& solvers, const std::string& more = {}) {
    SessionOptions options;
    options.out = folder / "out";
    const std::string text = "experiment: shapes\ndatasets: [" + dataset +
                             "]\nnetwork: {hidden: [5]}\niterations: 4\nsolvers: [" + solvers + "]\n" + more;
    Session session = open_session(load_experiment(folder.write("x.yaml", text)), options, downloads);
    return run_session(session, {2, 1}, Environment{}, silent).runs;
  }
  RunAttributes record(const std::string& place) const {
    return read_run(folder / ("out/shapes/" + place + "/seed-0.h5")).attributes;
  }
  /// The record of a run on `dataset` that failed.
  std::string failure(const std::string& place) const {
    const RunAttributes attributes = record(place);
    BOOST_TEST((attributes.status == RunStatus::failed), place);
    return attributes.message;
  }
};

const std::string blobs = "{name: blobs, params: {samples: 40, test_samples: 15, features: 4, classes: 3}}";

}  // namespace

BOOST_FIXTURE_TEST_CASE(of_a_method, Fixture) {
  const ScheduleSummary summary = make(blobs,
                                       "{name: misshapen, grid: {shape: [initial, started, weights, bias, "
                                       "layers, product, sum]}}, {name: adam}");
  BOOST_TEST(summary.count.at(RunStatus::completed) == 1);
  BOOST_TEST(summary.failures.size() == 7U);
  const auto told = [&](const std::string& shape) { return failure("blobs/misshapen-shape=" + shape); };
  BOOST_TEST(told("initial") == "misshapen, initial_network(): W2 is 5 x 3; its layer needs 3 x 5");
  BOOST_TEST(told("started") == "misshapen, after 0 iterations: W1 is 1 x 1; its layer needs 5 x 4");
  BOOST_TEST(told("weights") == "misshapen, after 2 iterations: W2 is 2 x 5; its layer needs 3 x 5");
  BOOST_TEST(told("bias") == "misshapen, after 2 iterations: b1 has 4 entries; its layer needs 5");
  BOOST_TEST(told("layers") ==
             "misshapen, after 2 iterations: the network has 1 W and 2 b; it needs 2 of each, one a layer");
  BOOST_TEST(
      told("product") ==
      "misshapen, after 1 iteration: gemm: C <- A^T (4 x 5) B (5 x 7) does not fit C (5 x 7): the second "
      "factor needs 5 rows, C the shape 4 x 7");
  BOOST_TEST(told("sum").starts_with("misshapen, after 1 iteration: addition:"));
  BOOST_TEST(told("sum").find("5x7 and 5x4") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(of_a_generator, Fixture) {
  const auto mistake = [&](const std::string& name) {
    const ScheduleSummary summary = make("{name: corners, params: {mistake: " + name + "}}", "{name: adam}");
    BOOST_TEST((summary.unusable_data != nullptr), name);
    return failure("corners/adam");
  };
  BOOST_TEST(mistake("sum").starts_with("corners: its generator failed: addition:"));
  BOOST_TEST(mistake("label") == "corners: its generator failed: label 1 of sample 1 is not in 0..0");
  BOOST_TEST(mistake("targets") ==
             "corners: its generator made 4 targets for 20 samples: targets is 2 x 4, and x 2 x 20");
}

BOOST_FIXTURE_TEST_CASE(validation_samples_of_a_generator_are_used_and_none_are_held_out, Fixture) {
  const std::string tune = "tune: {method: random, runs: 2, iterations: 2}\n";
  const std::string searched = "{name: adam, search: {learning_rate: {log_uniform: [1.0e-3, 1.0e-1]}}}";
  make("corners", searched, tune);
  const RunAttributes run = record("corners/adam");
  BOOST_TEST((run.status == RunStatus::completed));
  BOOST_TEST(run.samples.train == 20);
  BOOST_TEST(run.samples.validation == 6);
  BOOST_TEST(run.samples.test == 8);
  const auto says = [](const std::string& what) {
    return [what](const ConfigError& error) {
      BOOST_TEST_MESSAGE(error.what());
      return std::string(error.what()).find(what) != std::string::npos;
    };
  };
  BOOST_CHECK_EXCEPTION(make("{name: corners, params: {validation: false}}", searched, tune), ConfigError,
                        says("has no validation split"));
  BOOST_CHECK_EXCEPTION(make("{name: corners, validation: 0.2}", "{name: adam}"), ConfigError,
                        says("the generator of 'corners' makes 6 validation samples, and 0.2 of"));
  make("{name: corners, validation: 0.2, params: {validation: false}}", "{name: adam}");
  BOOST_TEST(record("corners/adam").samples.train == 16);
  BOOST_TEST(record("corners/adam").samples.validation == 4);
}

BOOST_AUTO_TEST_SUITE_END()
