/// `admmbench report` on real runs: the page holds what the result files hold, and the command it shows repeats a run.

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "core/io/csv.hpp"
#include "results/record/run_file.hpp"
#include "tests/support/program.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(report_command_test)
using testing::contains;

namespace {

const std::string experiment = R"(experiment: small
note: 'a note: with "quotes"'
datasets: [{name: blobs, params: {samples: 60}}]
network: {hidden: [6, 5]}
seeds: [0, 1]
iterations: 8
solvers:
  - {name: dladmm, params: {rho: 1, nu: 1}}
  - {name: adam, grid: {learning_rate: [0.01, 0.1]}}
record: {iterates: [0, 1, 8]}
profiles:
  quick: {iterations: 5}
)";

struct Fixture {
  TemporaryFolder folder;
  Fixture() {
    folder.write("small.yaml", experiment);
    const auto run = testing::run_program(folder, "run small.yaml --profile quick --out runs --quiet");
    BOOST_REQUIRE_MESSAGE(run.status == 0, run.errors);
  }
};

nlohmann::json data_of(const std::string& page) {
  const std::string tag = R"(<script type="application/json" id="data">)";
  const std::size_t begin = page.find(tag) + tag.size();
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(page_holds_what_the_files_hold, Fixture) {
  const auto report = testing::run_program(folder, "report runs -o out --timings nothing");
  BOOST_TEST(report.status == 0, report.errors);
  BOOST_TEST(contains(report.text, "out/index.html: 6 runs"), report.text);
  const auto json = data_of(read_text_file(folder / "out/index.html"));
  const auto& e = json["experiments"][0];
  BOOST_TEST(e["profile"].get<std::string>() == "quick");
  BOOST_TEST(e["note"].get<std::string>() == "a note: with \"quotes\"");
  BOOST_TEST(e["runs"].size() == 6U);
  BOOST_TEST(e["methods"].size() == 3U);
  BOOST_TEST(e["sensitivities"][0]["keys"][0].get<std::string>() == "learning_rate");
  for (const auto& run : e["runs"]) {
    const RunRecord record = read_run(folder / run["file"].get<std::string>());
    BOOST_TEST(run["config"].get<std::string>() == record.attributes.config);
    BOOST_TEST(run["seconds"].get<double>() == record.trajectory.find("seconds")->back());
  }
  // The recorded iterates end at the last iteration, 5, where the distance to the last weights is 0.
  for (const auto& row : e["cells"]) {
    const auto& distances = row[0]["distances"];
    BOOST_TEST(distances["quantities"]["weights_to_last"]["mean"][0].get<double>() > 0);
    BOOST_TEST(contains(row[0]["written"]["network"].get<std::string>(), "hidden: [6, 5]"));
    BOOST_TEST(row[0]["written"]["params"].get<std::string>().starts_with("{"));
  }
  BOOST_TEST(json["timings"].empty());
}

BOOST_FIXTURE_TEST_CASE(command_repeats_the_run, Fixture) {
  testing::run_program(folder, "report runs -o out");
  const auto json = data_of(read_text_file(folder / "out/index.html"));
  for (const auto& run : json["experiments"][0]["runs"]) {
    std::string command = run["command"].get<std::string>();
    command.replace(command.find("\nadmmbench "), 11, "\n" ADMMBENCH_EXECUTABLE " ");
    folder.write("repeat.sh", command);
    BOOST_REQUIRE(
        std::system(("cd '" + folder.path().string() + "' && sh -e repeat.sh > repeat.txt 2>&1").c_str()) ==
        0);
    const auto files = find_runs({folder / "repeated"});
    BOOST_REQUIRE(files.size() == 1U);
    const RunRecord before = read_run(folder / run["file"].get<std::string>());
    const RunRecord after = read_run(files.front());
    BOOST_TEST(after.attributes.content_hash == before.attributes.content_hash);
    BOOST_TEST(after.attributes.label == before.attributes.label);
    BOOST_TEST(*after.trajectory.find("objective") == *before.trajectory.find("objective"),
               boost::test_tools::per_element());
    std::filesystem::remove_all(folder / "repeated");
  }
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_is_said, Fixture) {
  const auto nothing = testing::run_program(folder, "report nothing -o out");
  BOOST_TEST(nothing.status == 1);
  BOOST_TEST(contains(nothing.errors, "nothing: no such file or folder"), nothing.errors);
  const auto metric = testing::run_program(folder, "report runs -o out --metric accuracy");
  BOOST_TEST(metric.status == 1);
  BOOST_TEST(contains(metric.errors, "test_accuracy"), metric.errors);
  const auto solution = testing::run_program(folder, "report runs -o out --solution nowhere.h5");
  BOOST_TEST(solution.status == 2);
  BOOST_TEST(contains(solution.errors, "nowhere.h5"), solution.errors);
  BOOST_TEST(!std::filesystem::exists(folder / "out"));
  // A damaged file is named, and the page made of the rest.
  folder.write("runs/small/blobs/dladmm/seed-9.h5", "not HDF5");
  const auto damaged = testing::run_program(folder, "report runs -o out");
  BOOST_TEST(damaged.status == 1);
  BOOST_TEST(contains(damaged.errors, "seed-9.h5"), damaged.errors);
  BOOST_TEST(std::filesystem::file_size(folder / "out/index.html") > 10000U);
}

BOOST_AUTO_TEST_SUITE_END()
