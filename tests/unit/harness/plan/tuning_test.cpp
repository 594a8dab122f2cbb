/// `tune:`: what is tried, how much of it, and what is chosen from the results.

#include "experiments/harness/plan/tuning.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/harness/config/load_experiment.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_writer.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(tuning_test)

namespace {

const std::string valid = R"(experiment: tuned
datasets:
  - {name: blobs, validation: 0.2, params: {samples: 40}}
  - {name: sbm, params: {nodes: 60}}
network: {hidden: [5]}
seeds: [3, 4]
iterations: 7
tune: {method: random, runs: 8, iterations: 2, seed: 1, seeds: [0, 5]}
solvers:
  - {name: adam, params: {beta1: 0.8}, search: {learning_rate: {log_uniform: [1.0e-4, 1.0e-2]}, batch_size: [full, 8]}}
  - {name: dladmm, search: {rho: {log_uniform: [1.0e-6, 1]}, nu: {uniform: [0.5, 2]}, step: [exact, lipschitz, backtracking]}}
  - {name: sgd, tune: false}
)";

Experiment load(const std::string& text, const std::vector<std::string>& settings = {}) {
  const TemporaryFolder folder;
  return load_experiment(folder.write("x.yaml", text), "", settings);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, "'" << from << "' is not in the valid file");
  return text.replace(at, from.size(), to);
}

/// `from` replaced by `to` is an error at `line` that mentions all of `parts`.
void check_error(const std::string& from, const std::string& to, int line,
                 const std::vector<std::string>& parts) {
  std::string message = "no error";
  try {
    load(replaced(valid, from, to));
  } catch (const ConfigError& error) {
    message = error.what();
  }
  BOOST_TEST(message.find("x.yaml:" + std::to_string(line) + ": ") != std::string::npos,
             to << " gives: " << message);
  for (const std::string& part : parts) {
    BOOST_TEST(message.find(part) != std::string::npos, "no '" << part << "' in: " << message);
  }
}

/// The points of solver entry `entry`, as text.
std::vector<std::string> points(const Experiment& experiment, std::size_t entry) {
  std::vector<std::string> texts;
  for (const SearchPoint& point : experiment.solvers.at(entry).search.value().points) {
    std::string text;
    for (const auto& [key, value] : point.values) text += key + "=" + to_flow(value) + " ";
    texts.push_back(text);
  }
  return texts;
}

std::vector<std::string> points(const std::vector<std::string>& settings, std::size_t entry = 0) {
  return points(load(valid, settings), entry);
}

/// A tuned experiment with its plan, in a folder of its own.
struct Planned {
  explicit Planned(const std::vector<std::string>& settings = {}) : experiment(load(valid, settings)) {
    tuning =
        plan_tuning(experiment, make_plan(experiment, folder.path(), identities), folder.path(), identities);
  }
  /// Writes the result of one tuning run, as if it had been made.
  void write(const Run& run, RunStatus status,
             const std::map<std::string, std::vector<double>>& columns) const {
    RunAttributes attributes;
    attributes.status = status;
    attributes.content_hash = run.content_hash;
    attributes.config = run.config;
    Trajectory trajectory;
    for (std::size_t k = 0; k < columns.begin()->second.size(); ++k) {
      trajectory.iteration.push_back(static_cast<std::int64_t>(k));
    }
    trajectory.columns.assign(columns.begin(), columns.end());
    RunWriter writer(run.result);
    writer.write_trajectory(trajectory);
    writer.write_attributes(attributes);
    writer.commit();
  }
  /// The choice for adam on blobs, if point p's run number s ends in value(p, s).
  template <class Value>
  TuningChoice choose(const Value& value, const std::string& column = "val_accuracy") const {
    for (const Run& run : tuning.runs) {
      const auto [solver, point] = tuning.points[run.solver];
      if (run.dataset != 0 || solver != 0) continue;
      write(run, RunStatus::completed, {{column, {0.5, value(point, run.seed)}}});
    }
    const std::vector<TuningChoice> choices = choose_points(experiment, tuning, false);
    BOOST_REQUIRE(choices.size() == 1);  // the other cells have no results
    return choices.front();
  }

  TemporaryFolder folder;
  std::vector<std::string> identities{"d0", "d1"};
  Experiment experiment;
  Tuning tuning;
};

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

BOOST_AUTO_TEST_CASE(reads_the_options) {
  const Experiment experiment = load(valid);
  BOOST_REQUIRE(experiment.tune.has_value());
  const TuneOptions& tune = *experiment.tune;
  BOOST_TEST((tune.method == TuneOptions::Method::random));
  BOOST_TEST(tune.runs == 8);
  BOOST_TEST(experiment.tuning_points_on(experiment.datasets[0]) == 4);
  BOOST_TEST(tune.iterations == 2);
  BOOST_TEST(tune.seeds == (std::vector<long>{0, 5}));
  BOOST_TEST(tune.select == "val_accuracy");
  BOOST_TEST((tune.at == TuneOptions::At::last));
  BOOST_TEST(load(valid, {"tune={method: random, runs: 2}"}).tune->iterations == 7);  // the experiment's
  const Experiment smaller = load(valid, {"tune.runs=6"});
  BOOST_TEST(smaller.tuning_points_on(smaller.datasets[1]) == 3);
  BOOST_TEST(!experiment.solvers[2].search.has_value());
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  check_error("method: random", "metod: random", 8, {"tune.metod", "did you mean 'method'?"});
  check_error("method: random, ", "", 8, {"tune.method", "missing"});
  check_error("method: random", "method: bayes", 8, {"tune.method", "grid, random"});
  check_error("runs: 8", "runs: 0", 8, {"tune.runs", ">= 1"});
  check_error("runs: 8", "runs: 9", 8,
              {"tune.runs", "9 runs do not divide among the 2 seeds", "multiple of 2"});
  check_error("seeds: [0, 5]", "seeds: [5, 5]", 8, {"tune.seeds", "5 is given twice"});
  check_error("seed: 1", "select: test_accuracy", 8, {"tune.select", "val_accuracy, val_loss"});
  check_error("seed: 1", "at: first", 8, {"tune.at", "last, best"});
  check_error("learning_rate: {", "learning_rat: {", 10,
              {"learning_rat: unknown key", "did you mean 'learning_rate'?"});
  check_error("[1.0e-4, 1.0e-2]", "[0, 1.0e-2]", 10, {"log_uniform", "out of range", "> 0"});
  check_error("[1.0e-4, 1.0e-2]", "[1.0e-2, 1.0e-4]", 10, {"log_uniform", "not below"});
  check_error("[1.0e-4, 1.0e-2]", "[1.0e-2]", 10, {"log_uniform", "two, [low, high]"});
  check_error("log_uniform: [1.0e-4", "log_unifrom: [1.0e-4", 10,
              {"log_unifrom", "did you mean 'log_uniform'?"});
  check_error("[full, 8]", "[full, 0]", 10, {"batch_size", "out of range"});
  check_error("[full, 8]", "[8, 8]", 10, {"8 is given twice"});
  check_error("[full, 8]", "[]", 10, {"batch_size", "at least one value"});
  check_error("[full, 8]", "8", 10, {"batch_size", "not a list"});
  check_error("uniform: [0.5, 2]", "uniform: [-1, 2]", 11,
              {"solvers.1.search.nu", "out of range"});  // drawn or not
  check_error("{uniform: [0.5, 2]}", "{points: 3}", 11,
              {"nu", "exactly one of uniform, log_uniform, integers"});
  check_error("sgd, tune: false", "sgd", 12, {"solvers.2.search", "missing", "tune: false"});
  check_error("{name: adam, params", "{name: adam, iterations: 9, params", 10,
              {"solvers.0.iterations", "does not apply with `search`", "tune: false"});
  check_error("tune: {method: random, runs: 8, iterations: 2, seed: 1, seeds: [0, 5]}", "", 10,
              {"solvers.0.search", "has no `tune:`"});
  check_error("search: {learning_rate", "grid: {learning_rate: [1]}, search: {learning_rate", 10,
              {"learning_rate", "is in `grid` too"});
  check_error("validation: 0.2, ", "", 3, {"datasets.0", "no validation split", "validation: 0.1"});
  check_error("validation: 0.2, ", "validation: 0.2, tune: {runs: 3}, ", 3,
              {"datasets.0.tune.runs", "3 runs do not divide among the 2 seeds", "multiple of 2"});
  check_error("validation: 0.2, ", "validation: 0.2, tune: {seed: 3}, ", 3,
              {"datasets.0.tune.seed", "unknown key"});
}

BOOST_AUTO_TEST_CASE(a_data_set_may_have_a_budget_of_its_own) {
  const Planned common;
  const Planned planned({"datasets.1.tune={runs: 12, iterations: 5}"});
  std::map<std::pair<std::size_t, std::size_t>, long> count;
  for (const Run& run : planned.tuning.runs) ++count[{run.dataset, planned.tuning.points[run.solver].solver}];
  BOOST_TEST(count.size() == 4);
  for (const auto& [cell, runs] : count) BOOST_TEST(runs == (cell.first == 1 ? 12 : 8));
  BOOST_TEST(planned.tuning.experiment.iterations_of(planned.tuning.experiment.datasets[0],
                                                     planned.tuning.experiment.solvers.at(0)) == 2);
  BOOST_TEST(planned.tuning.experiment.iterations_of(planned.tuning.experiment.datasets[1],
                                                     planned.tuning.experiment.solvers.at(0)) == 5);
  // The other set's runs are what they are without: the same points, and what is there of them is used.
  std::set<std::string> before;
  for (const Run& run : common.tuning.runs) before.insert(run.content_hash);
  for (const Run& run : planned.tuning.runs) {
    if (run.dataset == 0) BOOST_TEST(before.contains(run.content_hash));
  }
  // Of blobs only the first points were tried, and the trace says so.
  const auto trace =
      nlohmann::json::parse(planned.choose([](std::size_t p, long) { return double(p) / 10; }).trace);
  BOOST_TEST(trace["runs"] == 8);
  BOOST_TEST(trace["points"] == 4);
  BOOST_TEST(trace["tried"].size() == 4u);
  BOOST_TEST(trace["chosen"]["point"] == 4);
  BOOST_CHECK_THROW(
      load(valid, {"solvers.0.search={batch_size: [full, 8, 4, 2]}", "datasets.1.tune={runs: 12}"}),
      ConfigError);
  BOOST_CHECK_THROW(load(valid, {"tune=null", "solvers.0.search=null", "solvers.1.search=null",
                                 "datasets.1.tune={runs: 12}"}),
                    ConfigError);
  BOOST_CHECK_THROW(load(valid, {"tune.method=grid", "datasets.1.tune={runs: 12}"}), ConfigError);
}

BOOST_AUTO_TEST_CASE(a_set_that_no_tuned_solver_runs_on_needs_no_validation) {
  const std::string text =
      replaced(replaced(valid, "validation: 0.2, ", ""), "{name: adam,", "{name: adam, datasets: [sbm],");
  BOOST_CHECK_THROW(load(text), ConfigError);  // dladmm still runs on it
  BOOST_CHECK_NO_THROW(load(replaced(text, "{name: dladmm,", "{name: dladmm, datasets: [sbm],")));
}

BOOST_AUTO_TEST_CASE(every_solver_gets_the_same_number_of_runs) {
  const Planned planned({"solvers.0.grid={epsilon: [1.0e-8, 1.0e-6]}"});
  std::map<std::pair<std::size_t, std::size_t>, long> count;
  for (const Run& run : planned.tuning.runs) ++count[{run.dataset, planned.tuning.points[run.solver].solver}];
  BOOST_TEST(count.size() == 6);  // two grid points of adam, and dladmm, on two data sets
  for (const auto& [cell, runs] : count) BOOST_TEST(runs == 8);
  std::set<std::filesystem::path> files;
  for (const Run& run : planned.tuning.runs) files.insert(run.result);
  BOOST_TEST(files.size() == planned.tuning.runs.size());
  BOOST_TEST(files.contains(planned.folder / "tuned/sbm/dladmm/tuning/point-04-seed-5.h5"));
}

BOOST_AUTO_TEST_CASE(only_what_is_wanted_is_tuned) {
  const Planned planned;
  const std::vector<Run> all = make_plan(planned.experiment, "out", planned.identities);
  const auto count = [&](const std::string& only) {
    return plan_tuning(planned.experiment, select_runs(planned.experiment, all, {only}), "out",
                       planned.identities)
        .runs.size();
  };
  BOOST_TEST(count("seed=3") == 4u * 8);
  BOOST_TEST(count("solver=adam") == 2u * 8);
  BOOST_TEST(count("solver=sgd") == 0);
}

BOOST_AUTO_TEST_CASE(a_data_set_s_own_iterations_are_tuned_for_the_same_share) {
  const Experiment experiment =
      load(valid, {"datasets=[{name: blobs, validation: 0.2}, {name: sbm, iterations: 70}]"});
  const std::vector<std::string> identities{"a", "b"};
  const Tuning tuning = plan_tuning(experiment, make_plan(experiment, "out", identities), "out", identities);
  BOOST_TEST(tuning.experiment.iterations_of(tuning.experiment.datasets.at(0),
                                             tuning.experiment.solvers.at(0)) == 2);
  BOOST_TEST(tuning.experiment.iterations_of(tuning.experiment.datasets.at(1),
                                             tuning.experiment.solvers.at(0)) == 20);  // 2 of 7 are 20 of 70
}

/// Records that nobody reads are not made: those between the first and the last, unless the best one or a stop rule is asked for.
BOOST_AUTO_TEST_CASE(tuning_runs_are_evaluated_where_somebody_looks) {
  const auto every = [](const std::vector<std::string>& settings) {
    const Planned planned(settings);
    return planned.tuning.experiment.record.every;
  };
  const long iterations = Planned().tuning.experiment.iterations;
  BOOST_TEST(every({}) == iterations);
  BOOST_TEST(every({"tune.at=best"}) == 1);
  BOOST_TEST(every({"stop.patience=3"}) == 1);
}

BOOST_AUTO_TEST_CASE(points_depend_on_seed_and_space_alone) {
  const std::vector<std::string> original = points({});
  BOOST_TEST(original == points({}), boost::test_tools::per_element());
  BOOST_TEST((original != points({"tune.seed=2"})));
  // Another order of the solvers, and of the parameters within one.
  std::string text = replaced(valid, "  - {name: sgd, tune: false}\n", "");
  text = replaced(text, "solvers:\n", "solvers:\n  - {name: sgd, tune: false}\n");
  BOOST_TEST(original == points(load(text), 1), boost::test_tools::per_element());
  // More tries go on where fewer ended, and another parameter leaves the values of the first alone.
  const std::vector<std::string> more = points({"tune.runs=16"});
  BOOST_TEST(std::vector(more.begin(), more.begin() + 4) == original, boost::test_tools::per_element());
  const std::vector<std::string> wider = points({"solvers.0.search.beta2={uniform: [0.5, 0.9]}"});
  for (std::size_t p = 0; p < 4; ++p) BOOST_TEST(wider[p].starts_with(original[p]), wider[p]);
}

BOOST_AUTO_TEST_CASE(random_values_are_in_their_intervals) {
  const Experiment experiment = load(valid, {"tune.runs=400"});
  double below = 0;
  for (const SearchPoint& point : experiment.solvers[0].search->points) {
    const double rate = std::stod(point.values[0].second.text);
    BOOST_TEST((rate >= 1e-4 && rate <= 1e-2));
    below += rate < 1e-3 ? 1 : 0;
    BOOST_TEST(point.params.find("learning_rate")->text == number_text(rate));
    BOOST_TEST(point.params.find("beta1")->text == "0.8");
  }
  // Half of log_uniform is below the geometric mean: 100 of 200, standard deviation 7. A uniform draw has 9 % there.
  BOOST_TEST(std::abs(below - 100) < 4 * 7.1);
  double low = 0;
  for (const SearchPoint& point : experiment.solvers[1].search->points) {
    const double nu = std::stod(point.values[1].second.text);
    BOOST_TEST((nu >= 0.5 && nu <= 2));
    low += nu < 1.25 ? 1 : 0;
  }
  BOOST_TEST(std::abs(low - 100) < 4 * 7.1);
}

BOOST_AUTO_TEST_CASE(grids) {
  const std::vector<std::string> grid{"tune.method=grid", "tune.runs=12"};
  const auto with = [&](const std::string& search) {
    std::vector<std::string> settings = grid;
    settings.push_back("solvers.0.search=" + search);
    settings.emplace_back("solvers.1.search={rho: [1, 2, 3, 4, 5, 6]}");
    return settings;
  };
  // As large as the budget: the product, last parameter fastest.
  BOOST_TEST(points(with("{batch_size: [full, 8], learning_rate: {log_uniform: [1e-4, 1e-2], points: 3}}")) ==
                 (std::vector<std::string>{
                     "batch_size=full learning_rate=0.0001 ", "batch_size=full learning_rate=0.001 ",
                     "batch_size=full learning_rate=0.01 ", "batch_size=8 learning_rate=0.0001 ",
                     "batch_size=8 learning_rate=0.001 ", "batch_size=8 learning_rate=0.01 "}),
             boost::test_tools::per_element());
  // Larger: six different ones of them, in that order.
  const std::vector<std::string> some = points(with("{batch_size: {integers: [1, 20]}}"));
  BOOST_TEST(some.size() == 6);
  BOOST_TEST(std::set(some.begin(), some.end()).size() == 6);
  BOOST_TEST((some != points(with("{batch_size: {integers: [1, 21]}}"))));
  const std::vector<std::string> two =
      points(with("{learning_rate: [0.1, 0.2, 0.3], batch_size: [1, 2, 3]}"));
  BOOST_TEST(two.size() == 6);
  BOOST_TEST(std::is_sorted(two.begin(), two.end()));
  // Smaller: an error that says how many points there are.
  const auto error = [&](const std::string& search) {
    try {
      load(valid, with(search));
    } catch (const ConfigError& mistake) {
      return std::string(mistake.what());
    }
    return std::string("no error");
  };
  BOOST_TEST(
      error("{batch_size: [1, 2, 3, 4, 5]}").find("has 5 points, and the budget is 6") != std::string::npos,
      error("{batch_size: [1, 2, 3, 4, 5]}"));
  BOOST_TEST(error("{learning_rate: [0.1, 1.0e-1, 0.2, 0.3, 0.4, 0.5]}")
                 .find("points 1 and 2 are the same setting") != std::string::npos);
  BOOST_TEST(error("{learning_rate: {uniform: [0.1, 1]}}").find("a grid needs values") != std::string::npos);
  BOOST_TEST(error("{learning_rate: [0.1, 1], bach_size: [1]}").find("did you mean 'batch_size'?") !=
             std::string::npos);
}

/// Only words are really all there is: a list of numbers can always be longer.
BOOST_AUTO_TEST_CASE(exhausted_space) {
  const Experiment experiment =
      load(valid, {"solvers.1.search={step.rule: [exact, lipschitz, backtracking]}"});
  const Search& search = *experiment.solvers[1].search;
  BOOST_TEST(search.points.size() == 3);
  BOOST_TEST(search.exhausted);
  BOOST_TEST(!experiment.solvers[0].search->exhausted);
  BOOST_CHECK_THROW(load(valid, {"solvers.1.search={step.rule: [exact, lipschitz]}"}), ConfigError);
}

BOOST_AUTO_TEST_CASE(nested_parameters) {
  const Experiment experiment =
      load(valid, {"solvers.1.params={step: backtracking}",
                   "solvers.1.search={step.growth: {uniform: [1.5, 3]}, rho: [1, 2]}"});
  for (const SearchPoint& point : experiment.solvers[1].search->points) {
    const ConfigValue& step = *point.params.find("step");
    BOOST_TEST(step.find("rule")->text == "backtracking");
    BOOST_TEST(step.find("growth")->text == point.values[0].second.text);
  }
}

BOOST_AUTO_TEST_CASE(the_best_mean_over_the_seeds_is_chosen) {
  const Planned planned;
  // Point 2 has the best single run, point 1 the best mean.
  const double values[4][2] = {{0.5, 0.5}, {0.7, 0.8}, {0.95, 0.4}, {0.7, 0.7}};
  const TuningChoice choice =
      planned.choose([&](std::size_t point, long seed) { return values[point][seed == 0 ? 0 : 1]; });
  BOOST_TEST(choice.point == 1);
  BOOST_TEST(*choice.score == (0.7 + 0.8) / 2);
  const auto trace = nlohmann::json::parse(choice.trace);
  BOOST_TEST(trace["tried"].size() == 4);
  BOOST_TEST(trace["chosen"]["point"] == 2);  // counted from 1, as in the files' names
  BOOST_TEST(trace["tried"][2]["runs"][0]["value"] == 0.95);
  BOOST_TEST(trace["tried"][2]["runs"][1]["file"] == "tuning/point-03-seed-5.h5");
  BOOST_TEST(trace["chosen"]["parameters"]["learning_rate"] ==
             std::stod(planned.experiment.solvers[0].search->points[1].values[0].second.text));
  BOOST_TEST(choice.trace_file == planned.folder / "tuned/blobs/adam/tuning.json");
}

BOOST_AUTO_TEST_CASE(of_equal_scores_the_earlier_point_is_chosen) {
  const Planned planned;
  BOOST_TEST(planned.choose([](std::size_t point, long) { return point >= 2 ? 0.9 : 0.6; }).point == 2);
  BOOST_TEST(planned.choose([](std::size_t, long) { return 0.6; }).point == 0);
}

/// Every point wins once: only the smallest and the largest of the numbers tried are edges, and the trace names them.
BOOST_AUTO_TEST_CASE(a_choice_at_the_edge_of_its_search_says_so) {
  const Planned planned;
  const std::vector<SearchPoint>& tried = planned.experiment.solvers[0].search->points;
  std::vector<double> rates;
  for (const SearchPoint& point : tried) rates.push_back(std::stod(point.values[0].second.text));
  const double lowest = *std::min_element(rates.begin(), rates.end());
  const double highest = *std::max_element(rates.begin(), rates.end());
  for (std::size_t winner = 0; winner < tried.size(); ++winner) {
    const TuningChoice choice =
        planned.choose([&](std::size_t point, long) { return point == winner ? 0.9 : 0.6; });
    const bool at_edge = rates[winner] == lowest || rates[winner] == highest;
    const auto edges = nlohmann::json::parse(choice.trace)["chosen"]["edges"];
    BOOST_TEST_CONTEXT("point " << winner) {
      BOOST_TEST_REQUIRE(choice.edges.size() == (at_edge ? 1U : 0U));
      BOOST_TEST(edges.size() == choice.edges.size());
      if (!at_edge) continue;
      BOOST_TEST(choice.edges[0].key == "learning_rate");
      BOOST_TEST(choice.edges[0].highest == (rates[winner] == highest));
      BOOST_TEST(edges["learning_rate"] == (rates[winner] == highest ? "highest" : "lowest"));
    }
  }
}

BOOST_AUTO_TEST_CASE(two_values_and_words_have_no_edge) {
  const auto point = [](const char* number, const char* word) {
    const auto value = [](const char* text) { return parse_yaml(text, "a test"); };
    return SearchPoint{{{"momentum", value(number)}, {"step", value(word)}}, {}, {}};
  };
  const std::vector<SearchPoint> two{point("0", "exact"), point("0.9", "lipschitz"), point("0.9", "exact")};
  BOOST_TEST(search_edges(two, two.size(), 0).empty());
  const std::vector<SearchPoint> three{point("0", "exact"), point("0.5", "lipschitz"),
                                       point("0.9", "backtracking")};
  BOOST_TEST(search_edges(three, three.size(), 0).size() == 1);
  BOOST_TEST(search_edges(three, three.size(), 1).empty());
  BOOST_TEST(search_edges(three, 2, 0).empty());  // of those that this data set's budget paid for
}

BOOST_AUTO_TEST_CASE(losses_are_better_when_lower) {
  const Planned planned({"tune.select=val_loss"});
  BOOST_TEST(
      planned.choose([](std::size_t point, long) { return point == 3 ? 0.1 : 0.6; }, "val_loss").point == 3);
}

BOOST_AUTO_TEST_CASE(last_or_best_entry) {
  for (const bool best : {false, true}) {
    const Planned planned({best ? "tune.at=best" : "tune.at=last"});
    for (const Run& run : planned.tuning.runs) {
      const auto [solver, point] = planned.tuning.points[run.solver];
      // The first point ends best; the second was better on the way.
      planned.write(
          run, RunStatus::stopped,
          {{"val_accuracy", {point == 2 ? 1 : 0.1, point == 1 ? 0.9 : 0.2, point == 0 ? 0.8 : 0.3}}});
    }
    for (const TuningChoice& choice : choose_points(planned.experiment, planned.tuning, false)) {
      BOOST_TEST(choice.point == (best ? 1u : 0u));
      BOOST_TEST(*choice.score == (best ? 0.9 : 0.8));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_did_not_end_well_is_worst) {
  for (const std::string how : {"diverged", "failed", "missing", "nan", "other hash"}) {
    const Planned planned;
    for (const Run& run : planned.tuning.runs) {
      // Point 0 would be the best but for one of its two runs.
      const auto [solver, point] = planned.tuning.points[run.solver];
      const bool bad = point == 0 && run.seed == 5;
      if (bad && how == "missing") continue;
      Run written = run;
      if (bad && how == "other hash") written.content_hash = "of an earlier revision";
      planned.write(written,
                    bad && how == "diverged" ? RunStatus::diverged
                    : bad && how == "failed" ? RunStatus::failed
                                             : RunStatus::completed,
                    {{"val_accuracy",
                      {bad && how == "nan" ? not_a_number
                       : point == 0        ? 1
                                           : 0.1}}});
    }
    const std::vector<TuningChoice> choices = choose_points(planned.experiment, planned.tuning, true);
    BOOST_TEST(choices.size() == 4);
    for (const TuningChoice& choice : choices) {
      BOOST_TEST(choice.point == 1, how);
      BOOST_TEST(nlohmann::json::parse(choice.trace)["tried"][0]["score"].is_null());
    }
  }
}

BOOST_AUTO_TEST_CASE(all_points_bad_is_said) {
  const Planned planned;
  for (const TuningChoice& choice : choose_points(planned.experiment, planned.tuning, true)) {
    BOOST_TEST(choice.point == 0);
    BOOST_TEST(!choice.score.has_value());
  }
  BOOST_TEST(choose_points(planned.experiment, planned.tuning, false).empty());  // nothing has been run
}

BOOST_AUTO_TEST_CASE(test_results_do_not_count) {
  const auto chosen = [](double sign) {
    const Planned planned;
    for (const Run& run : planned.tuning.runs) {
      const auto point = static_cast<double>(planned.tuning.points[run.solver].point);
      planned.write(run, RunStatus::completed,
                    {{"test_accuracy", {0.5 + sign * point / 10}},
                     {"train_accuracy", {0.5 + sign * point / 10}},
                     {"val_accuracy", {point == 2 ? 0.9 : 0.8}}});
    }
    return choose_points(planned.experiment, planned.tuning, false).at(0).point;
  };
  BOOST_TEST(chosen(1) == 2);
  BOOST_TEST(chosen(-1) == 2);
}

BOOST_AUTO_TEST_CASE(the_choice_becomes_the_experiment_s) {
  const Planned planned;
  // Another winner on each data set; dladmm is not tuned yet.
  for (const Run& run : planned.tuning.runs) {
    const auto [solver, point] = planned.tuning.points[run.solver];
    if (solver == 0)
      planned.write(run, RunStatus::completed, {{"val_accuracy", {point == run.dataset + 1 ? 1. : 0.}}});
  }
  const std::vector<TuningChoice> choices = choose_points(planned.experiment, planned.tuning, false);
  BOOST_REQUIRE(choices.size() == 2);
  const Experiment tuned = apply_choices(planned.experiment, choices);
  const std::vector<Run> runs = make_plan(tuned, planned.folder.path(), planned.identities);
  const std::vector<Run> before = make_plan(planned.experiment, planned.folder.path(), planned.identities);
  BOOST_REQUIRE(runs.size() == before.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const SolverVariant& solver = tuned.solvers[runs[i].solver];
    BOOST_TEST(runs[i].result == before[i].result);
    BOOST_TEST(before[i].content_hash.empty() == (solver.label != "sgd"));
    BOOST_TEST(runs[i].content_hash.empty() == (solver.label == "dladmm"));
    if (solver.label == "sgd") BOOST_TEST(runs[i].content_hash == before[i].content_hash);
    if (solver.label != "adam") continue;
    const SearchPoint& point = planned.experiment.solvers[0].search->points[runs[i].dataset + 1];
    const ConfigValue config = parse_yaml(runs[i].config, "config");
    BOOST_TEST(to_flow(*config.find("solver")->find("params")) == to_flow(point.params));
    BOOST_TEST(config.find("tuned")->find("point")->text == std::to_string(runs[i].dataset + 2));
    BOOST_TEST(config.find("tuned")->find("runs")->text == "8");
    BOOST_TEST(config.find("seed")->text == std::to_string(runs[i].seed));
    BOOST_TEST(config.find("iterations")->text == "7");
  }
}

BOOST_AUTO_TEST_SUITE_END()
