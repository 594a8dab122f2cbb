#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/io/hdf5_file.hpp"
#include "results/record/run_config.hpp"
#include "results/report/distances.hpp"
#include "results/report/json.hpp"
#include "results/report/model.hpp"
#include "results/report/page.hpp"
#include "tests/support/report_runs.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(report_model_test)
using testing::configure;
using testing::made_run;

namespace {

/// Loss from 10 down by `step` per iteration.
testing::Columns falling(double step) {
  return {{"train_loss", [=](double k) { return 10 - step * k; }},
          {"seconds", [](double k) { return 0.5 * k; }},
          {"flops", [](double k) { return 100 * k; }}};
}

ReportExperiment only_experiment(std::vector<RunRecord> runs, const ReportOptions& options = {}) {
  Report report = build_report(std::move(runs), {}, {}, options);
  BOOST_REQUIRE(report.experiments.size() == 1U);
  return report.experiments.front();
}

const Targets::Cost& cost_of(const ReportExperiment& experiment, const std::string& name) {
  for (const auto& cost : experiment.targets.front().costs) {
    if (cost.name == name) return cost;
  }
  throw std::logic_error("no cost " + name);
}

}  // namespace

/// Fast reaches 0 at iteration 10, slow only 5. The target, a tenth of the way left, is 1: iteration 9 of fast; never of slow.
BOOST_AUTO_TEST_CASE(one_target_for_all_and_a_miss_is_infinite) {
  const ReportExperiment e =
      only_experiment({made_run("a", "fast", 0, falling(1)), made_run("a", "slow", 0, falling(0.5))});
  BOOST_TEST(e.methods.front().first == "fast");
  BOOST_TEST(*e.targets.front().targets[0] == 1.0, boost::test_tools::tolerance(1e-12));
  const auto& seconds = cost_of(e, "seconds");
  BOOST_TEST(seconds.reached[0][0].median == 4.5);
  BOOST_TEST(seconds.reached[1][0].missed == 1U);
  BOOST_TEST(std::isinf(seconds.reached[1][0].median));
  BOOST_TEST(cost_of(e, "iteration").reached[0][0].median == 9);
  BOOST_TEST(cost_of(e, "flops").reached[0][0].median == 900);
  BOOST_REQUIRE(seconds.profile.has_value());
  BOOST_TEST(seconds.profile->fraction[0].back() == 1);
  BOOST_TEST(seconds.profile->fraction[1].back() == 0);
}

/// A method that was not run on a data set is left out of the profile, not counted as having failed there.
BOOST_AUTO_TEST_CASE(profiles_hold_the_methods_that_tried_every_problem) {
  const ReportExperiment e =
      only_experiment({made_run("a", "fast", 0, falling(1)), made_run("a", "slow", 0, falling(0.5)),
                       made_run("a", "some", 0, falling(0.9)), made_run("b", "fast", 0, falling(1)),
                       made_run("b", "slow", 0, falling(0.5)), made_run("b", "fast", 1, falling(1))});
  const auto& cost = cost_of(e, "iteration");
  BOOST_REQUIRE(cost.profiled.size() == 2U);
  BOOST_TEST(e.methods[cost.profiled[0]].first == "fast");
  BOOST_TEST(e.methods[cost.profiled[1]].first == "slow");
  BOOST_TEST(cost.profile->problems == 2U);  // (a, 0) and (b, 0): nobody else tried (b, 1)
}

/// A diverged run is in no curve, sets no target, and counts as a miss.
BOOST_AUTO_TEST_CASE(what_did_not_finish_is_counted_only) {
  RunRecord diverged = made_run("a", "fast", 1, falling(5));
  diverged.attributes.status = RunStatus::diverged;
  const ReportExperiment e = only_experiment({made_run("a", "fast", 0, falling(1)), diverged});
  BOOST_TEST(e.cells[0][0].not_finished == 1U);
  BOOST_TEST(e.cells[0][0].curves.runs == 1U);
  BOOST_TEST(e.cells[0][0].seeds.size() == 1U);
  BOOST_TEST(*e.targets.front().targets[0] == 1.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(cost_of(e, "iteration").reached[0][0].missed == 1U);
  BOOST_TEST(e.tables.front().values[0][0].size() == 1U);
  BOOST_TEST((e.runs[1].run.attributes.status == RunStatus::diverged));
}

BOOST_AUTO_TEST_CASE(profiles_of_an_experiment_are_experiments_of_their_own) {
  RunRecord quick = made_run("a", "fast", 0, falling(1));
  configure(quick, "profile: quick\n" + quick.attributes.config);
  quick.attributes.content_hash = "other";
  const Report report = build_report({made_run("a", "fast", 0, falling(1)), quick}, {}, {});
  BOOST_TEST(report.experiments.size() == 2U);
  BOOST_TEST(report.experiments[1].profile == "quick");
  BOOST_TEST(report.environments.size() == 1U);
  BOOST_TEST(report.environments[0].runs == 2U);
}

BOOST_AUTO_TEST_CASE(grids_are_found_in_labels) {
  std::vector<RunRecord> runs;
  for (const char* label :
       {"Adam-rho=1,step.rule=exact", "Adam-rho=2,step.rule=exact", "Adam-rho=1e-3,step.rule=x-y", "Adam"}) {
    runs.push_back(made_run("a", label, 0, falling(1)));
  }
  const ReportExperiment e = only_experiment(std::move(runs));
  BOOST_REQUIRE(e.sensitivities.size() == 1U);
  const ReportSensitivity& s = e.sensitivities.front();
  BOOST_TEST(s.name == "Adam");
  BOOST_TEST(s.keys == (std::vector<std::string>{"rho", "step.rule"}), boost::test_tools::per_element());
  BOOST_TEST(s.points.size() == 3U);
  for (const auto& point : s.points) {
    if (point.label == "Adam-rho=1e-3,step.rule=x-y")
      BOOST_TEST(point.values == (std::vector<std::string>{"1e-3", "x-y"}), boost::test_tools::per_element());
  }
}

/// A value with a comma cannot be told from two in a label; the configuration says what the grid was.
BOOST_AUTO_TEST_CASE(the_grid_of_the_configuration_comes_first) {
  std::vector<RunRecord> runs;
  for (const char* value : {"[1,x=2]", "[3]"}) {
    runs.push_back(made_run("a", fmt::format("Adam-beta={}", value), 0, falling(1)));
    configure(runs.back(), runs.back().attributes.config + fmt::format("grid: {{beta: \"{}\"}}\n", value));
  }
  const ReportExperiment e = only_experiment(std::move(runs));
  BOOST_REQUIRE(e.sensitivities.size() == 1U);
  BOOST_TEST(e.sensitivities[0].name == "Adam");
  BOOST_TEST(e.sensitivities[0].keys == std::vector<std::string>{"beta"}, boost::test_tools::per_element());
  BOOST_TEST(e.sensitivities[0].points[0].values == std::vector<std::string>{"[1,x=2]"},
             boost::test_tools::per_element());
}

/// Three labels written by hand that differ in one parameter are a series; with a third parameter they are just different.
BOOST_AUTO_TEST_CASE(variants_with_labels_of_their_own_are_found_by_their_parameters) {
  const auto runs = [](const std::vector<std::string>& params) {
    std::vector<RunRecord> result;
    for (std::size_t i = 0; i < params.size(); ++i) {
      result.push_back(made_run("a", fmt::format("variant {}", i), 0, falling(1)));
      std::string text = result.back().attributes.config;
      testing::replace(text, "{rho: 1}", params[i]);
      configure(result.back(), text);
    }
    return result;
  };
  const ReportExperiment found =
      only_experiment(runs({"{rho: 1, nu: 1}", "{rho: 2, nu: 1}", "{rho: 3, nu: 1}"}));
  BOOST_REQUIRE(found.sensitivities.size() == 1U);
  BOOST_TEST(found.sensitivities[0].keys == std::vector<std::string>{"rho"},
             boost::test_tools::per_element());
  BOOST_TEST(only_experiment(runs({"{a: 1, b: 1, c: 1}", "{a: 2, b: 1, c: 2}", "{a: 3, b: 2, c: 3}"}))
                 .sensitivities.empty());
  BOOST_TEST(only_experiment(runs({"{rho: 1}", "{rho: 2}"})).sensitivities.empty());
  BOOST_TEST(only_experiment(runs({"{rho: 1}", "{rho: 2}", "{nu: 2}"})).sensitivities.empty());
}

BOOST_AUTO_TEST_CASE(a_run_as_an_experiment_of_its_own) {
  const RunRecord run = made_run("a", "fast", 7, falling(1));
  const std::string text = "profile: quick\ngrid: {rho: \"1\"}\ntuned: {point: 3}\n" + run.attributes.config;
  BOOST_TEST(experiment_of(text) ==
             "experiment: made\ndatasets: [{name: a, label: a}]\nseeds: [7]\nsolvers: [{name: adam, params: "
             "{rho: 1}, label: \"fast\"}]\n");
  BOOST_TEST(read_run_config(text).profile == "quick");
}

BOOST_AUTO_TEST_CASE(captions_take_the_configuration_as_it_is_written) {
  const WrittenConfig written = written_config(
      "precision: float64\ndataset: {name: a, label: \"a: b\"}\niterations: 10\n"
      "solver: {name: adam, params: {rho: 1.0, step: {rule: exact}}, label: \"fast}\"}\n");
  BOOST_TEST(written.dataset == "{name: a, label: \"a: b\"}");
  BOOST_TEST(written.precision == "float64");
  BOOST_TEST(written.iterations == "10");
  BOOST_TEST(written.params == "{rho: 1.0, step: {rule: exact}}");
  BOOST_TEST(written.network.empty());
  BOOST_TEST(written_config("solver: {name: adam}\n").params.empty());

  // A cell says what its first run was given, also if that one did not finish.
  RunRecord first = made_run("a", "fast", 0, falling(1));
  first.attributes.status = RunStatus::diverged;
  RunRecord second = made_run("a", "fast", 1, falling(1));
  BOOST_TEST(only_experiment({first, second}).cells[0][0].written.params == "{rho: 1}");
  // Runs that were given something else are no further seeds of it.
  std::string text = second.attributes.config;
  testing::replace(text, "rho: 1", "rho: 2");
  configure(second, text);
  BOOST_CHECK_THROW(only_experiment({first, second}), std::runtime_error);
}

/// As many numbers as the budget allows, whatever the number of runs; the ends stay.
BOOST_AUTO_TEST_CASE(curves_are_thinned_to_the_budget) {
  std::vector<RunRecord> runs;
  for (int m = 0; m < 20; ++m) {
    for (int seed = 0; seed < 2; ++seed)
      runs.push_back(made_run("a", fmt::format("m{}", m), seed, falling(0.01), 500));
  }
  const auto numbers = [&](std::size_t budget) {
    ReportOptions options;
    options.curve_numbers = budget;
    std::size_t count = 0;
    const ReportExperiment e = only_experiment(runs, options);
    for (const auto& row : e.cells) {
      const Curves& curves = row[0].curves;
      BOOST_TEST(curves.iteration.front() == 0);
      BOOST_TEST(curves.iteration.back() == 500);
      count += curves.seconds.size() + curves.flops.size();
      for (const auto& quantity : curves.quantities) count += 4 * quantity.second.mean.size();
    }
    return count;
  };
  BOOST_TEST(numbers(10000) <= 10000U);
  BOOST_TEST(numbers(1000000) > 10000U);
}

BOOST_AUTO_TEST_CASE(json_is_valid_whatever_the_values) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  RunRecord odd = made_run("a", "</script><!--\xff", 0,
                           {{"train_loss", [=](double k) { return k < 5 ? k : nan; }},
                            {"objective", [](double) { return 1e300; }},
                            {"residual", [](double k) { return k == 0 ? -0.0 : 5e-324; }}});
  const std::string text = to_json(build_report({odd, made_run("a", "fast", 0, falling(1))}, {}, {}));
  const auto json = nlohmann::json::parse(text);
  const auto& experiment = json["experiments"][0];
  BOOST_TEST(experiment["quantities"][0].get<std::string>() == "train_loss");
  bool found = false;
  for (const auto& row : experiment["cells"]) {
    const auto& quantities = row[0]["curves"]["quantities"];
    if (!quantities.contains("residual")) continue;
    found = true;
    BOOST_TEST(quantities["train_loss"]["mean"][6].is_null());
    BOOST_TEST(quantities["objective"]["mean"][0].get<double>() == 1e300);
    BOOST_TEST(quantities["residual"]["mean"][1].get<double>() == 5e-324);
  }
  BOOST_TEST(found);
}

/// Text of the results can neither end the script nor be taken for a place of the template.
BOOST_AUTO_TEST_CASE(page_keeps_text_as_text) {
  RunRecord odd = made_run("a", "</script>{{version}}", 0, falling(1));
  const std::string page = render_page(build_report({odd}, {}, {}), "<b>&{{data}}", "1.2.3");
  BOOST_TEST(page.find("<title>&lt;b&gt;&amp;{{data}}</title>") != std::string::npos);
  BOOST_TEST(page.find("</script>{{") == std::string::npos);
  BOOST_TEST(page.find("\\u003c/script>{{version}}") != std::string::npos);
  std::size_t ends = 0;
  for (std::size_t at = page.find("</script>"); at != std::string::npos; at = page.find("</script>", at + 1))
    ++ends;
  BOOST_TEST(ends == 2U);  // the data's and the program's
  for (const char* address : {"src=\"http", "href=\"http", "@import", "url("}) {
    BOOST_TEST(page.find(address) == std::string::npos, address);
  }
}

/// Weights at (1 - 0.5^k) of the last ones: the distance is 0.5^k; to a solution of twice the last it is (2 - (1 - 0.5^k)) / 2.
BOOST_AUTO_TEST_CASE(distances_of_recorded_iterates) {
  const TemporaryFolder folder;
  const arma::mat ones(3, 2, arma::fill::ones);
  {
    Hdf5File file = Hdf5File::create(folder / "run.h5");
    file.write_matrix("/final/W1", ones);
    file.write_vector("/final/b1", arma::vec(3, arma::fill::ones));
    for (const int k : {0, 2, 10}) {
      const double part = 1 - std::pow(0.5, k);
      file.write_matrix(fmt::format("/iterates/{}/W1", k), arma::mat(part * ones));
      file.write_vector(fmt::format("/iterates/{}/b1", k), arma::vec(arma::vec(3, arma::fill::ones) * part));
      file.write_matrix(fmt::format("/iterates/{}/z1", k), arma::mat((k + 1.0) * ones));
    }
    Hdf5File solution = Hdf5File::create(folder / "solution.h5");
    solution.write_matrix("/W1", arma::mat(2 * ones));
    solution.write_vector("/b1", arma::vec(arma::vec(3, arma::fill::ones) * 2.0));
  }
  const Trajectory d = iterate_distances(folder / "run.h5", folder / "solution.h5");
  BOOST_TEST(d.iteration == (std::vector<std::int64_t>{0, 2, 10}), boost::test_tools::per_element());
  const auto near = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(d.find("weights_to_last")->at(1) == 0.25, near);
  BOOST_TEST(d.find("weights_to_solution")->at(0) == 1.0, near);
  BOOST_TEST(d.find("weights_to_solution")->at(1) == (2 - 0.75) / 2, near);
  // 9 entries of weights at 1 - 2^-10 and 6 of z1 at 11.
  const double last = 1 - std::pow(0.5, 10);
  BOOST_TEST(d.find("variables_to_last")->at(0) ==
                 std::sqrt((9 * last * last + 6 * 100) / (9 * last * last + 6 * 121)),
             near);
  BOOST_TEST(d.find("variables_to_last")->at(2) == 0.0);
  BOOST_TEST(iterate_distances(folder / "run.h5").find("weights_to_solution") == nullptr);
}

BOOST_AUTO_TEST_CASE(timing_history_is_read_and_a_bad_line_named) {
  const TemporaryFolder folder;
  folder.write("b.jsonl",
               R"({"commit": "abc", "date": "2026-01-01", "benchmarks": {"x": {"seconds": 0.5, "n": 1}}})"
               "\n");
  const auto histories = load_timings(folder.path());
  BOOST_REQUIRE(histories.size() == 1U);
  BOOST_TEST(histories[0].machine == "b");
  BOOST_TEST(histories[0].revisions[0].seconds.at("x") == 0.5);
  BOOST_TEST(load_timings(folder / "nothing").empty());
  folder.write("a.jsonl", "\n{\"commit\": 1}\n");
  BOOST_CHECK_EXCEPTION(load_timings(folder.path()), std::runtime_error, [](const std::exception& error) {
    return std::string(error.what()).find("a.jsonl:2") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
