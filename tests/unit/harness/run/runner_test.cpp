/// One run: what is recorded, what ends it, and that looking does not change it.

#include "experiments/harness/run/runner.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <fstream>
#include <regex>

#include "core/io/hdf5_file.hpp"
#include "core/problem/network.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "results/record/run_file.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(runner_test)

namespace {

const std::string base = R"(experiment: smoke
datasets: [{name: blobs, validation: 0.2, params: {samples: 40, test_samples: 15, features: 4}}]
network: {hidden: [6, 5]}
iterations: 12
solvers: [{name: dladmm, params: {rho: 1, nu: 1}}]
)";

struct Finished {
  RunOutcome outcome;
  std::optional<RunRecord> record;
  std::optional<Network<double>> last;
  std::vector<std::string> iterates;
  std::vector<std::string> warnings;
  std::vector<double> squared_steps;  ///< from one recorded iterate to the next
};

arma::mat read_variable(const Hdf5File& file, const std::string& path) {
  return file.shape(path).size() == 1 ? arma::mat(arma::vec(file.read_vector<double>(path)))
                                      : arma::mat(file.read_matrix<double>(path));
}

std::vector<double> squared_steps_of(const Hdf5File& file) {
  std::vector<double> steps;
  for (int k = 1; file.exists("/iterates/" + std::to_string(k)); ++k) {
    const std::string now = "/iterates/" + std::to_string(k);
    const std::string before = "/iterates/" + std::to_string(k - 1);
    double sum = 0;
    for (const std::string& name : file.members(now)) {
      if (name == "u") continue;
      const arma::mat change = read_variable(file, fmt::format("{}/{}", now, name)) -
                               read_variable(file, fmt::format("{}/{}", before, name));
      sum += arma::accu(arma::square(change));
    }
    steps.push_back(sum);
  }
  return steps;
}

/// Runs `base` with `settings` in a folder of its own; `stop_at`: interrupted after that iteration.
Finished run(const std::vector<std::string>& settings, long stop_at = -1) {
  const TemporaryFolder folder;
  const Experiment experiment = load_experiment(folder.write("x.yaml", base), "", settings);
  const DataRequest& request = experiment.datasets[0].request;
  const std::vector<Run> runs = make_plan(experiment, folder.path(), {dataset_identity(request)});
  Finished result;
  long now = 0;
  RunHooks hooks;
  hooks.progress = [&](long iteration) { now = iteration; };
  hooks.interrupted = [&] { return now == stop_at; };
  hooks.warn = [&](const std::string& text) { result.warnings.push_back(text); };
  result.outcome =
      execute_run(experiment, runs.at(0), load_dataset<double>(request), Environment{}, 1, hooks);
  const std::filesystem::path& file = runs[0].result;
  if (!std::filesystem::exists(file)) return result;
  result.record = read_run(file);
  const Hdf5File contents = Hdf5File::open(file);
  if (contents.exists("/iterates")) result.iterates = contents.members("/iterates");
  if (contents.exists("/iterates/0")) result.squared_steps = squared_steps_of(contents);
  if (!contents.exists("/final")) return result;
  result.last.emplace();
  for (const std::string l : {"1", "2", "3"}) {
    result.last->W.push_back(contents.read_matrix<double>("/final/W" + l));
  }
  return result;
}

bool same_bits(const Network<double>& a, const Network<double>& b) {
  for (arma::uword l = 0; l < a.layers(); ++l) {
    if (arma::size(a.W[l]) != arma::size(b.W[l]) ||
        std::memcmp(a.W[l].memptr(), b.W[l].memptr(), a.W[l].n_elem * sizeof(double)) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

BOOST_AUTO_TEST_CASE(records_every_column_from_the_initial_point_on) {
  const Finished done = run({"record.every=5"});
  BOOST_REQUIRE(done.record.has_value());
  const Trajectory& trajectory = done.record->trajectory;
  BOOST_TEST(trajectory.iteration == (std::vector<std::int64_t>{0, 5, 10, 12}),
             boost::test_tools::per_element());
  for (const std::string name : {"seconds", "flops", "objective", "residual", "train_loss", "train_accuracy",
                                 "val_accuracy", "test_accuracy"}) {
    BOOST_REQUIRE_MESSAGE(trajectory.find(name) != nullptr, name);
    BOOST_TEST(trajectory.find(name)->size() == 4);
  }
  BOOST_TEST(trajectory.find("val_loss") == nullptr);
  BOOST_TEST(trajectory.find("seconds")->front() == 0);
  BOOST_TEST((done.record->attributes.status == RunStatus::completed));
  BOOST_TEST(done.record->attributes.label == "dladmm");
  BOOST_TEST(done.record->attributes.threads == 1);
}

/// dladmm on 32 samples, 4-6-5-C: the work of step() alone, iteration after iteration, evaluation left out.
BOOST_AUTO_TEST_CASE(flops_are_those_of_the_steps_so_far) {
  const Finished done = run({"record.every=5"});
  BOOST_REQUIRE(done.record.has_value());
  const std::vector<double>* flops = done.record->trajectory.find("flops");
  BOOST_REQUIRE(flops != nullptr);
  const double N = 32;
  const auto classes = static_cast<double>(done.last->W.back().n_rows);
  const double once = 2 * (2 * 6 * 4 * N) + 4 * 6 * 4 * 4 + 8 * 2 * (5 * 6 + classes * 5) * N;
  BOOST_TEST(*flops == (std::vector<double>{0, 5 * once, 10 * once, 12 * once}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(regression_has_losses_and_no_accuracies) {
  const Finished done = run({"datasets=[{name: teacher-student}]", "network.loss=squared",
                             "solvers.0.name=sgd", "solvers.0.params={}", "iterations=2"});
  BOOST_REQUIRE_MESSAGE(done.record.has_value(), done.outcome.message);
  const Trajectory& trajectory = done.record->trajectory;
  BOOST_TEST(trajectory.find("test_loss") != nullptr);
  BOOST_TEST(trajectory.find("train_accuracy") == nullptr);
  BOOST_TEST(trajectory.find("test_accuracy") == nullptr);
  BOOST_TEST(trajectory.find("residual") == nullptr);
}

BOOST_AUTO_TEST_CASE(recording_never_changes_the_trajectory) {
  const Finished often = run({"record.every=1", "record.iterates=[0, 1, 5, 12, 99]"});
  const Finished seldom = run({"record.every=50"});
  BOOST_TEST(same_bits(*often.last, *seldom.last));
  BOOST_TEST(often.iterates == (std::vector<std::string>{"0", "1", "12", "5"}),
             boost::test_tools::per_element());
  BOOST_TEST(seldom.iterates.empty());
  // Negative control: a change of the method does show.
  BOOST_TEST(!same_bits(*often.last, *run({"solvers.0.params.rho=1.0000001"}).last));
}

/// The column is the sum over W, b, z and a of an iteration's squared changes, as the recorded iterates have them; of several
/// iterations between records the least. The multiplier u is left out.
BOOST_AUTO_TEST_CASE(the_squared_step_is_that_of_the_recorded_variables) {
  const Finished done = run({"record.squared_step=true", "record.iterates=[0, 1, 2, 3, 4]", "iterations=4"});
  BOOST_REQUIRE_MESSAGE(done.record.has_value(), done.outcome.message);
  const std::vector<double>& steps = *done.record->trajectory.find("squared_step");
  BOOST_TEST(std::isnan(steps[0]));
  const std::vector<double>& expected = done.squared_steps;
  BOOST_REQUIRE_EQUAL(expected.size(), 4U);
  for (std::size_t k = 1; k <= 4; ++k)
    BOOST_TEST(steps[k] == expected[k - 1], boost::test_tools::tolerance(1e-12));
  const Finished seldom = run({"record.squared_step=true", "record.every=4", "iterations=4"});
  BOOST_TEST(seldom.record->trajectory.find("squared_step")->back() ==
                 *std::min_element(expected.begin(), expected.end()),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(run({}).record->trajectory.find("squared_step") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_run_records_how_many_samples_its_accuracies_are_of) {
  const SampleCounts samples = run({}).record->attributes.samples;
  for (const auto& [column, count] :
       {std::pair("train_accuracy", samples.train), std::pair("val_accuracy", samples.validation),
        std::pair("test_accuracy", samples.test)}) {
    const double correct = *run({}).record->last(column) * static_cast<double>(count);
    BOOST_TEST(count > 0);
    BOOST_TEST(std::abs(correct - std::round(correct)) < 1e-9, column);
  }
  BOOST_TEST(samples.train == 32);  // as flops_are_those_of_the_steps_so_far has it
}

BOOST_AUTO_TEST_CASE(weights_can_be_left_out) {
  const Finished with = run({});
  const Finished without = run({"record.weights=false"});
  BOOST_TEST(with.last.has_value());  // the control
  BOOST_TEST(!without.last.has_value());
  BOOST_REQUIRE(without.record.has_value());
  BOOST_TEST(*without.record->trajectory.find("objective") == *with.record->trajectory.find("objective"),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(stop_rules_end_a_run) {
  const Finished done = run({"stop.residual=1e9"});
  BOOST_TEST((done.outcome.status == RunStatus::stopped));
  BOOST_TEST(done.outcome.iterations == 1);
  BOOST_TEST(done.outcome.message.starts_with("residual "));
  BOOST_TEST(done.record->trajectory.iteration.back() == 1);
  const Finished unaffected = run({"solvers.0.name=sgd", "solvers.0.params={}", "stop.residual=1e9"});
  BOOST_TEST((unaffected.outcome.status == RunStatus::completed));
  BOOST_REQUIRE(unaffected.warnings.size() == 1);
  BOOST_TEST(unaffected.warnings[0].find("no residual") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(divergence_is_recorded) {
  const Finished done =
      run({"solvers.0.name=sgd", "solvers.0.params={learning_rate: 1e300}", "record.every=100"});
  BOOST_TEST((done.outcome.status == RunStatus::diverged));
  BOOST_TEST(done.outcome.message.find("not finite at iteration") != std::string::npos, done.outcome.message);
  BOOST_REQUIRE(done.record.has_value());
  BOOST_TEST(done.record->trajectory.iteration.back() == done.outcome.iterations);
}

BOOST_AUTO_TEST_CASE(interruption_saves) {
  const Finished done = run({"record.every=100"}, 4);
  BOOST_TEST((done.outcome.status == RunStatus::interrupted));
  BOOST_REQUIRE(done.record.has_value());
  BOOST_TEST(done.record->trajectory.iteration == (std::vector<std::int64_t>{0, 4}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_bad_initial_file_fails_the_run) {
  const TemporaryFolder folder;
  const auto file = folder.write("init.h5", "not HDF5");
  const Finished done = run({"initial.file=" + file.string()});
  BOOST_TEST((done.outcome.status == RunStatus::failed));
  BOOST_TEST(done.outcome.message.find("init.h5") != std::string::npos, done.outcome.message);
}

BOOST_AUTO_TEST_CASE(loss_must_fit_the_data) {
  const TemporaryFolder folder;
  const Experiment experiment =
      load_experiment(folder.write("x.yaml", base), "", {"datasets=[{name: teacher-student}]"});
  const auto data = load_dataset<double>(experiment.datasets[0].request);
  BOOST_CHECK_THROW(check_loss(experiment, experiment.datasets[0], data), ConfigError);
}

BOOST_AUTO_TEST_CASE(no_clock_in_solvers) {
  const std::regex clock("std::chrono|<chrono>|<ctime>|clock_gettime|gettimeofday|\\btime\\(");
  for (const std::string folder : {"core", "solvers", "baselines"}) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(
             std::filesystem::path(ADMMBENCH_SOURCE_DIR) / folder)) {
      // No solver is linked with core/io, where the age of leftovers is looked at, and with core/mpi, where waiting is timed.
      const std::filesystem::path place = file.path().parent_path().filename();
      if (!file.is_regular_file() || place == "io" || place == "mpi") continue;
      std::ifstream stream(file.path());
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      BOOST_TEST(!std::regex_search(text, clock), file.path());
    }
  }
  BOOST_TEST(
      std::regex_search("const auto t = std::chrono::steady_clock::now();", clock));  // negative control
}

BOOST_AUTO_TEST_SUITE_END()
