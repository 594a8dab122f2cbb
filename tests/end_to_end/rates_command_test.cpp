#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"
#include "tests/support/report_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(rates_command_test)
using testing::contains;

namespace {

/// 81 records with objective 3 + factor^k and residual factor^k.
void write_run(const std::filesystem::path& path, double factor, std::int64_t seed,
               RunStatus status = RunStatus::completed) {
  RunRecord run;
  RunAttributes& attributes = run.attributes;
  attributes.experiment = "demo";
  attributes.dataset = "mnist";
  attributes.solver = "dladmm";
  attributes.label = "dlADMM";
  attributes.seed = seed;
  attributes.precision = "float64";
  attributes.content_hash = path.stem().string();
  attributes.config = "dataset: {name: mnist}\nprofile: quick\n";
  attributes.status = status;
  Trajectory& trajectory = run.trajectory;
  for (int k = 0; k <= 80; ++k) {
    trajectory.iteration.push_back(k);
    trajectory.append("objective", 3 + std::pow(factor, k));
    trajectory.append("residual", std::pow(factor, k));
  }
  testing::write(run, path);
}

/// `admmbench rates <arguments>` in `folder`.
testing::ProgramOutput rates(const TemporaryFolder& folder, const std::string& arguments) {
  return testing::run_program(folder, "rates " + arguments);
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_row_for_the_seeds_of_a_method) {
  const TemporaryFolder folder;
  write_run(folder / "a/seed-0.h5", 0.8, 0);
  write_run(folder / "a/seed-1.h5", 0.9, 1);
  write_run(folder / "a/seed-2.h5", 0.85, 2);
  write_run(folder / "a/seed-3.h5", 0.9, 3, RunStatus::diverged);
  const testing::ProgramOutput residual = rates(folder, "a --column residual");
  BOOST_TEST(residual.status == 0, residual.errors);
  BOOST_TEST(contains(residual.text, "demo, profile quick: residual - 0, 95 % intervals"), residual.text);
  BOOST_TEST(contains(residual.text, "| mnist | dlADMM | linear | 3/3 | r = 0.85 [0.8, 0.9] | 1.0000 |"),
             residual.text);
  BOOST_TEST(contains(residual.text, "1 not finished"), residual.text);
  // Known and unknown optimum of the objective.
  BOOST_TEST(contains(rates(folder, "a --optimum 3").text, "linear | 3/3 | r = 0.85 "));
  BOOST_TEST(contains(rates(folder, "a").text, "objective, its limit unknown"));
  BOOST_TEST(contains(rates(folder, "a").text, "linear | 3/3"));
}

BOOST_AUTO_TEST_CASE(json_holds_every_run_and_null_for_what_was_not_fitted) {
  const TemporaryFolder folder;
  write_run(folder / "a/seed-0.h5", 0.8, 0);
  write_run(folder / "a/seed-1.h5", 1.0, 1);
  const testing::ProgramOutput output = rates(folder, "a --column residual --json");
  const auto json = nlohmann::json::parse(output.text);
  const auto& runs = json.at("groups").at(0).at("runs");
  BOOST_TEST(runs.size() == 2U);
  BOOST_TEST(std::abs(runs.at(0).at("factor").get<double>() - 0.8) < 1e-12);
  BOOST_TEST(runs.at(1).at("model").get<std::string>() == "undetermined");
  BOOST_TEST(runs.at(1).at("factor").is_null());
  // One against one is no majority.
  BOOST_TEST(json.at("groups").at(0).at("model").get<std::string>() == "undetermined");
}

BOOST_AUTO_TEST_CASE(a_misspelt_column_is_an_error) {
  const TemporaryFolder folder;
  write_run(folder / "a/seed-0.h5", 0.8, 0);
  const testing::ProgramOutput output = rates(folder, "a --column objectiv");
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.errors, "--column: no run has 'objectiv'"), output.errors);
}

BOOST_AUTO_TEST_SUITE_END()
