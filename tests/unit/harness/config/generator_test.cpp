/// Data sets that code makes, declared as a user's repository declares them.

#include "datasets/generator.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/compute/rng.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(generator_test)

namespace {

/// `fault` spoils one thing, so that each check has something to refuse.
struct LineParameters {
  long samples = 6;
  double slope = 2;
  long fault = 0;

  void visit(ParameterVisitor& v) {
    v.integer("samples", samples, at_least_one, "training samples");
    v.real("slope", slope, any_number, "t = slope x");
    v.integer("fault", fault, Range{0, 8, false, false}, "what is wrong");
  }
};

std::shared_ptr<Samples<double>> line_samples(const LineParameters& p, std::uint64_t stream) {
  auto samples = std::make_shared<Samples<double>>();
  samples->x.set_size(1, static_cast<arma::uword>(p.samples));
  Rng rng(0, stream);
  fill_normal(rng, 1.0, samples->x);
  samples->targets = p.slope * samples->x;
  return samples;
}

Dataset<double> make_line(const LineParameters& p) {
  const auto train = line_samples(p, 0);
  const auto test = line_samples(p, 1);
  Dataset<double> dataset;
  if (p.fault == 2) test->x.set_size(1, 0), test->targets.set_size(1, 0);
  if (p.fault == 3) train->targets.shed_col(0);
  if (p.fault == 4) test->x.insert_rows(0, 1);
  if (p.fault == 5) train->x(0) = arma::datum::nan;
  if (p.fault == 6) train->labels.zeros(train->size());
  if (p.fault == 7) dataset.classes = 2;
  if (p.fault == 8) {
    dataset.classes = 1;
    train->labels.ones(train->size());  // allowed: 0
    test->labels.zeros(test->size());
  }
  if (p.fault != 1) dataset.train = train;
  dataset.test = test;
  return dataset;
}

const RegisterDataset<LineParameters> registered("line", "t = slope x", make_line);

const std::string experiment_text =
    "experiment: e\nnetwork: {hidden: [3], loss: squared}\niterations: 1\nsolvers: [{name: sgd}]\n";

DataRequest request(const std::string& params) {
  const TemporaryFolder folder;
  const auto file =
      folder.write("e.yaml", experiment_text + "datasets: [{name: line, params: {" + params + "}}]\n");
  return load_experiment(file, "", {}).datasets[0].request;
}

}  // namespace

BOOST_AUTO_TEST_CASE(is_in_the_registry) {
  const RegistryEntry entry = find_dataset("line");
  BOOST_TEST(entry.summary == "t = slope x");
  BOOST_TEST(entry.synthetic());
  BOOST_TEST(!entry.graph());
  BOOST_TEST(find_generated_dataset("line") != nullptr);
  BOOST_TEST(find_generated_dataset("mnist") == nullptr);  // of the registry's file
}

BOOST_AUTO_TEST_CASE(is_loaded_with_the_parameters_given) {
  const auto dataset = load_dataset<double>(request("samples: 9, slope: -3"));
  BOOST_TEST(dataset.train->size() == 9u);
  BOOST_TEST(arma::approx_equal(dataset.train->targets, -3 * dataset.train->x, "absdiff", 0.0));
  BOOST_TEST(dataset.synthetic);
  BOOST_TEST(!dataset.train->has_labels());
  BOOST_TEST(dataset.validation == nullptr);
  const auto by_default = load_dataset<double>({.name = "line",
                                                .file = {},
                                                .label = "line",
                                                .graph = {},
                                                .zoom = {},
                                                .train = {},
                                                .validation = 0,
                                                .generator = nullptr});
  BOOST_TEST(by_default.train->size() == 6u);
}

BOOST_AUTO_TEST_CASE(float32_is_the_same_rounded) {
  const auto exact = load_dataset<double>(request(""));
  const auto rounded = load_dataset<float>(request(""));
  BOOST_TEST(
      arma::approx_equal(rounded.test->x, arma::conv_to<arma::fmat>::from(exact.test->x), "absdiff", 0.0f));
  BOOST_TEST(rounded.content_sha256 == exact.content_sha256);
}

BOOST_AUTO_TEST_CASE(identity_is_that_of_the_parameters) {
  BOOST_TEST(dataset_identity(request("")) == dataset_identity(request("slope: 2")));
  BOOST_TEST(dataset_identity(request("")) != dataset_identity(request("slope: 3")));
  BOOST_TEST(dataset_identity(request("samples: 2")) != dataset_identity(request("samples: 3")));
}

BOOST_AUTO_TEST_CASE(parameters_are_checked_and_resolved) {
  BOOST_CHECK_THROW(request("samples: 0"), ConfigError);
  BOOST_CHECK_THROW(request("sample: 3"), ConfigError);
  const TemporaryFolder folder;
  const auto file = folder.write("e.yaml", experiment_text + "datasets: [{name: line}]\n");
  const Experiment experiment = load_experiment(file, "", {});
  const ConfigValue* params = experiment.datasets[0].written.find("params");
  BOOST_REQUIRE(params != nullptr);
  BOOST_TEST(params->find("slope") != nullptr);
  BOOST_CHECK_THROW(load_experiment(file, "", {"datasets.0.graph={hops: 1}"}), ConfigError);
}

BOOST_DATA_TEST_CASE(what_a_generator_gets_wrong_is_said, boost::unit_test::data::xrange(1, 9), fault) {
  const std::vector<std::string> said{"no training samples",
                                      "an empty split",
                                      "5 targets for 6 samples",
                                      "different numbers of",
                                      "not finite",
                                      "do not fit `classes` = 0",
                                      "do not fit `classes` = 2",
                                      "do not fit `classes` = 1"};
  BOOST_CHECK_EXCEPTION(load_dataset<double>(request("fault: " + std::to_string(fault))), DataError,
                        [&](const DataError& error) {
                          const std::string what = error.what();
                          BOOST_TEST(what.starts_with("line: "), what);
                          return what.find(said[static_cast<std::size_t>(fault - 1)]) != std::string::npos;
                        });
}

BOOST_AUTO_TEST_CASE(names_are_used_once) {
  // Among generated sets: registry_test.a_taken_name_ends_the_program_in_words. Beside the registry's file: the error names it.
  const TemporaryFolder folder;
  folder.write("registry.yaml",
               "line: {kind: idx, summary: another, files: [{role: x, name: x.gz, md5: 0}]}\n");
  setenv("ADMMBENCH_DATASETS_DIR", folder.path().c_str(), 1);
  BOOST_CHECK_EXCEPTION(dataset_registry(), DataError, [&](const DataError& error) {
    const std::string what = error.what();
    return what.starts_with("line: ") && what.find((folder / "registry.yaml").string()) != std::string::npos;
  });
  unsetenv("ADMMBENCH_DATASETS_DIR");
  BOOST_TEST(!dataset_registry().empty());
}

BOOST_AUTO_TEST_SUITE_END()
