/// Which runs are copies of one, and which may stand in one mean: those that differ in the seed alone.

#include "results/record/run_set.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <sstream>
#include <stdexcept>

#include "results/record/run_summary.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(run_set_test)

namespace {

constexpr const char* configuration =
    "experiment: t\nprecision: {}\ndataset: {{name: blobs, params: {{seed: 0}}, label: b}}\nnetwork: "
    "{{hidden: "
    "[{}]}}\nseed: {}\niterations: {}\nsolver: {{name: adam, params: {{learning_rate: {}}}, label: A}}\n";

void configure(RunRecord& run, const std::string& text) {
  run.attributes.config = text;
  run.config = read_run_config(text);
}

RunRecord run(std::int64_t seed) {
  RunRecord result;
  RunAttributes& a = result.attributes;
  a.experiment = "t";
  a.dataset = "b";
  a.label = "A";
  a.solver = "adam";
  a.precision = "float64";
  a.seed = seed;
  a.content_hash = fmt::format("{}", seed);
  a.code_version = "code";
  a.data_sha256 = "data";
  result.path = fmt::format("seed-{}.h5", seed);
  configure(result, fmt::format(configuration, "float64", 4, seed, 300, 0.01));
  result.end.last = {{"test_accuracy", 0.5}};
  return result;
}

std::string complaint(const std::vector<RunRecord>& runs) {
  try {
    distinct_runs(runs);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

/// The runs as they come back from a summary, which has no configuration.
std::vector<RunRecord> from_summary(const std::vector<RunRecord>& runs) {
  std::ostringstream out;
  write_summaries(out, runs);
  return read_summaries(out.str(), "s.csv");
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(runs_that_differ_in_the_seed_alone_belong_together) {
  const std::vector<RunRecord> runs{run(0), run(1), run(2)};
  BOOST_TEST(distinct_runs(runs).size() == 3U);
  BOOST_TEST(complaint(from_summary(runs)) == "none");
  BOOST_TEST(differences_beyond_seed(runs[0], runs[1]).empty());
}

/// A quick try of one seed with --set, another precision, another network: each refused by name, with the key and both values.
BOOST_AUTO_TEST_CASE(another_setting_is_refused_and_the_message_says_which_key) {
  const auto with = [](const std::string& precision, int hidden, int iterations, double rate) {
    std::vector<RunRecord> runs{run(0), run(1), run(2)};
    configure(runs[2], fmt::format(configuration, precision, hidden, 2, iterations, rate));
    runs[2].attributes.precision = precision;
    return runs;
  };
  BOOST_TEST(complaint(with("float64", 4, 300, 0.01)) == "none");
  BOOST_TEST(contains(complaint(with("float64", 4, 1, 0.01)),
                      "seed-0.h5 and seed-2.h5 differ in iterations: 300 and 1; "));
  BOOST_TEST(contains(complaint(with("float32", 4, 300, 0.01)), "precision: float64 and float32"));
  BOOST_TEST(contains(complaint(with("float64", 64, 300, 0.01)), "network.hidden: [4] and [64]"));
  BOOST_TEST(contains(complaint(with("float64", 4, 300, 0.1)), "solver.params.learning_rate: 0.01 and 0.1"));
  // Of a summary the hash of the settings is left.
  BOOST_TEST(contains(complaint(from_summary(with("float64", 4, 1, 0.01))), "settings_sha256: "));
  BOOST_TEST(
      contains(complaint(from_summary(with("float32", 4, 300, 0.01))), "precision: float64 and float32"));
}

BOOST_AUTO_TEST_CASE(other_data_and_other_code_are_refused) {
  std::vector<RunRecord> runs{run(0), run(1)};
  runs[1].attributes.data_sha256 = "other";
  BOOST_TEST(contains(complaint(runs), "data_sha256: data and other"));
  BOOST_TEST(contains(complaint(from_summary(runs)), "data_sha256: data and other"));
  runs[1] = run(1);
  runs[1].attributes.code_version = "newer";
  BOOST_TEST(contains(complaint(runs), "code_version: code and newer"));
  BOOST_TEST(differences_beyond_seed(runs[0], runs[1], false).empty());
  // Control: runs of another label, data set or experiment may be of another setting.
  runs[1].attributes.label = "B";
  BOOST_TEST(complaint(runs) == "none");
}

/// What people say of an experiment is no setting; the seed of the data is.
BOOST_AUTO_TEST_CASE(a_note_is_no_setting_and_the_seed_of_the_data_is) {
  std::vector<RunRecord> runs{run(0), run(1)};
  configure(runs[1], runs[1].attributes.config + "note: looked at again\npublished: [a]\n");
  BOOST_TEST(complaint(runs) == "none");
  std::string other = run(1).attributes.config;
  other.replace(other.find("seed: 0}"), 8, "seed: 5}");
  configure(runs[1], other);
  BOOST_TEST(contains(complaint(runs), "dataset.params.seed: 0 and 5"));
}

/// What is not known, of an older summary, is not held against a run.
BOOST_AUTO_TEST_CASE(what_is_not_known_is_not_compared) {
  std::vector<RunRecord> runs = from_summary({run(0), run(1)});
  runs[1].config.settings_sha256.clear();
  runs[1].attributes.code_version.clear();
  runs[1].attributes.data_sha256.clear();
  BOOST_TEST(complaint(runs) == "none");
}

BOOST_AUTO_TEST_CASE(two_runs_of_one_seed_are_refused_with_what_they_differ_in) {
  std::vector<RunRecord> runs{run(0), run(0)};
  BOOST_TEST(distinct_runs(runs).size() == 1U);  // copies
  runs[1].attributes.content_hash = "other";
  configure(runs[1], fmt::format(configuration, "float64", 4, 0, 7, 0.01));
  BOOST_TEST(contains(complaint(runs), "two different runs of A on b with seed 0"));
  BOOST_TEST(contains(complaint(runs), "differ in iterations: 300 and 7"));
}

BOOST_AUTO_TEST_SUITE_END()
