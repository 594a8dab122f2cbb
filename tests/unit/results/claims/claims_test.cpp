/// Claims: every rule with results for it, against it, between and missing; measures of synthetic trajectories; the registry's
/// errors.

#include "results/claims/claims.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(claims_test)

namespace {

RunSummary run(const std::string& dataset, const std::string& label, std::int64_t seed,
               std::vector<std::pair<std::string, double>> last) {
  RunSummary summary;
  summary.experiment = "e";
  summary.dataset = dataset;
  summary.label = label;
  summary.seed = seed;
  summary.status = "completed";
  summary.last = std::move(last);
  return summary;
}

/// Six seeds of a method whose values are `mean` plus a fixed scatter of about `spread`.
void add(std::vector<RunSummary>& runs, const std::string& dataset, const std::string& label, double mean,
         double spread = 0.01, const std::string& column = "test_accuracy") {
  const double scatter[] = {0.1, -0.7, 0.9, -0.3, 0.6, -0.6};
  for (int seed = 0; seed < 6; ++seed) {
    // Labels scatter differently, so that differences vary.
    const double factor = label.size() % 2 == 0 ? 1 : 0.5;
    runs.push_back(run(dataset, label, seed, {{column, mean + spread * factor * scatter[seed]}}));
  }
}

Check compare_check() {
  Check check;
  check.kind = RuleKind::compare;
  check.experiment = "e";
  check.methods = {"mine"};
  check.against = {"sgd", "adam"};
  check.measure = parse_measure("test_accuracy");
  return check;
}

Claim claim_of(Check check) {
  Claim claim;
  claim.id = "c";
  claim.checks = {std::move(check)};
  return claim;
}

Outcome only(const Check& check, const std::vector<RunSummary>& runs) {
  const auto units = evaluate_check(check, runs);
  BOOST_REQUIRE_EQUAL(units.size(), 1U);
  return units.front().outcome;
}

Check bound_check(const std::string& measure, std::optional<double> at_least, std::optional<double> at_most,
                  bool every) {
  Check check;
  check.kind = RuleKind::bound;
  check.experiment = "e";
  check.methods = {"mine"};
  check.measure = parse_measure(measure);
  check.at_least = at_least;
  check.at_most = at_most;
  check.every = every;
  return check;
}

RunRecord record(std::vector<std::pair<std::string, std::vector<double>>> columns) {
  RunRecord result;
  for (std::size_t i = 0; i < columns.front().second.size(); ++i) {
    result.trajectory.iteration.push_back(static_cast<std::int64_t>(10 * i));
  }
  result.trajectory.columns = std::move(columns);
  result.attributes.experiment = "e";
  return result;
}

double measured(const std::string& text, const RunRecord& run) {
  const auto value = evaluate(parse_measure(text), run);
  BOOST_REQUIRE(value);
  return *value;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_verdict_turns_with_the_results) {
  const Claim claim = claim_of(compare_check());
  for (const double mine : {0.9, 0.5}) {
    std::vector<RunSummary> runs;
    add(runs, "a", "mine", mine);
    add(runs, "a", "sgd", 0.7);
    add(runs, "a", "adam", 0.7);
    const JudgedClaim judged = judge(claim, runs);
    BOOST_TEST((judged.verdict == (mine > 0.7 ? ClaimVerdict::confirmed : ClaimVerdict::refuted)));
    BOOST_TEST(judged.units.front().runs == 6U);
  }
}

BOOST_AUTO_TEST_CASE(to_beat_all_one_must_not_lose_to_any) {
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 0.8);
  add(runs, "a", "sgd", 0.7);
  add(runs, "a", "adam", 0.9);
  BOOST_TEST((only(compare_check(), runs) == Outcome::fails));
}

BOOST_AUTO_TEST_CASE(noise_decides_nothing) {
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 0.701, 0.1);
  add(runs, "a", "sgd", 0.7, 0.1);
  add(runs, "a", "adam", 0.5, 0.1);
  BOOST_TEST((only(compare_check(), runs) == Outcome::undecided));
  BOOST_TEST((judge(claim_of(compare_check()), runs).verdict == ClaimVerdict::undetermined));
}

BOOST_AUTO_TEST_CASE(equal_results_decide_nothing_and_do_not_throw) {
  std::vector<RunSummary> runs;
  for (const char* label : {"mine", "sgd", "adam"}) add(runs, "a", label, 0.5, 0);
  BOOST_TEST((only(compare_check(), runs) == Outcome::undecided));
}

BOOST_AUTO_TEST_CASE(where_data_sets_disagree_the_verdict_says_where) {
  std::vector<RunSummary> runs;
  for (const auto& [dataset, mine] :
       std::vector<std::pair<std::string, double>>{{"good", 0.9}, {"bad", 0.5}}) {
    add(runs, dataset, "mine", mine);
    add(runs, dataset, "sgd", 0.7);
    add(runs, dataset, "adam", 0.7);
  }
  const JudgedClaim judged = judge(claim_of(compare_check()), runs);
  BOOST_TEST((judged.verdict == ClaimVerdict::conditional));
  BOOST_TEST(judged.text == "holds only for good (1 of 2). refuted for bad");
}

BOOST_AUTO_TEST_CASE(missing_runs_leave_it_undetermined) {
  BOOST_TEST((judge(claim_of(compare_check()), {}).verdict == ClaimVerdict::undetermined));
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 0.9);
  add(runs, "a", "sgd", 0.7);  // adam is missing: beating one of two is not beating both
  BOOST_TEST((only(compare_check(), runs) == Outcome::undecided));
  Check check = compare_check();
  check.datasets = {"a", "b"};
  add(runs, "a", "adam", 0.7);
  const JudgedClaim judged = judge(claim_of(check), runs);
  BOOST_TEST((judged.verdict == ClaimVerdict::conditional));
  BOOST_TEST(judged.text == "holds only for a (1 of 2). no runs for b");
}

BOOST_AUTO_TEST_CASE(a_method_that_diverges_can_lose_but_not_win) {
  for (const double mine : {0.9, 0.5}) {
    std::vector<RunSummary> runs;
    add(runs, "a", "mine", mine);
    add(runs, "a", "sgd", 0.7);
    add(runs, "a", "adam", 0.7);
    runs.front().status = "diverged";
    BOOST_TEST((only(compare_check(), runs) == (mine > 0.7 ? Outcome::undecided : Outcome::fails)));
  }
}

BOOST_AUTO_TEST_CASE(holm_counts_the_comparisons_of_the_check) {
  // A gain with p of about 0.02 alone, in one of two data sets; with four comparisons it is not enough.
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 0.705, 0.009);
  add(runs, "a", "sgd", 0.7, 0.009);
  Check check = compare_check();
  check.against = {"sgd"};
  const Outcome alone = only(check, runs);
  BOOST_TEST((alone == Outcome::holds));
  for (const char* more : {"b", "c", "d", "e", "f", "g", "h"}) {
    add(runs, more, "mine", 0.7, 0.009);
    add(runs, more, "sgd", 0.7, 0.009);
  }
  for (const ClaimUnit& unit : evaluate_check(check, runs))
    BOOST_TEST((unit.outcome != Outcome::holds), unit.name);
}

BOOST_AUTO_TEST_CASE(lower_is_better_for_losses) {
  Check check = compare_check();
  check.measure = parse_measure("objective");
  check.higher = false;
  check.against = {"sgd"};
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 1, 0.01, "objective");
  add(runs, "a", "sgd", 2, 0.01, "objective");
  BOOST_TEST((only(check, runs) == Outcome::holds));
  check.higher = true;
  BOOST_TEST((only(check, runs) == Outcome::fails));
}

BOOST_AUTO_TEST_CASE(bounds_of_means) {
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 0.5, 0.01);
  BOOST_TEST((only(bound_check("test_accuracy", 0.45, {}, false), runs) == Outcome::holds));
  BOOST_TEST((only(bound_check("test_accuracy", 0.55, {}, false), runs) == Outcome::fails));
  BOOST_TEST((only(bound_check("test_accuracy", 0.5, {}, false), runs) == Outcome::undecided));
  BOOST_TEST((only(bound_check("test_accuracy", 0.45, 0.55, false), runs) == Outcome::holds));
  BOOST_TEST((only(bound_check("test_accuracy", 0.2, 0.3, false), runs) == Outcome::fails));
  BOOST_TEST((only(bound_check("none", 0.5, {}, false), runs) == Outcome::missing));
}

BOOST_AUTO_TEST_CASE(bounds_of_every_run) {
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 0.5, 0.01);
  const Check check = bound_check("test_accuracy", {}, 0.52, true);
  BOOST_TEST((only(check, runs) == Outcome::holds));
  runs.back().last.front().second = 0.6;  // one is enough
  BOOST_TEST((only(check, runs) == Outcome::fails));
  runs.back().status = "failed";  // it is not known what it would have been
  BOOST_TEST((only(check, runs) == Outcome::undecided));
}

BOOST_AUTO_TEST_CASE(never_to_reach_is_no_missing_value) {
  std::vector<RunSummary> runs;
  for (int seed = 0; seed < 3; ++seed)
    runs.push_back(run("a", "mine", seed, {{"reach(test_accuracy, 0.8)", 10}}));
  const Check check = bound_check("reach(test_accuracy, 0.8)", {}, 20, true);
  BOOST_TEST((only(check, runs) == Outcome::holds));
  runs.front().last.front().second = std::numeric_limits<double>::infinity();
  BOOST_TEST((only(check, runs) == Outcome::fails));
}

BOOST_AUTO_TEST_CASE(ratios_are_of_pairs) {
  Check check;
  check.kind = RuleKind::ratio;
  check.experiment = "e";
  check.methods = {"mine"};
  check.against = {"base"};
  check.measure = parse_measure("bytes");
  check.at_most = 0.55;
  std::vector<RunSummary> runs;
  for (int seed = 0; seed < 3; ++seed) {
    const double size = std::pow(10, seed);  // the means say nothing, the ratios all
    runs.push_back(run("a", "mine", seed, {{"bytes", size}}));
    runs.push_back(run("a", "base", seed, {{"bytes", 2 * size}}));
  }
  BOOST_TEST((only(check, runs) == Outcome::holds));
  check.at_most = 0.45;
  BOOST_TEST((only(check, runs) == Outcome::fails));
  check.against = {"none"};
  BOOST_TEST((only(check, runs) == Outcome::missing));
}

BOOST_AUTO_TEST_CASE(exponents_are_those_of_the_largest_sizes) {
  Check check;
  check.kind = RuleKind::exponent;
  check.experiment = "e";
  check.methods = {"mine"};
  check.measure = parse_measure("flops");
  check.at_least = 1.9;
  check.at_most = 2.1;
  const auto runs_of = [&](double power) {
    std::vector<RunSummary> runs;
    for (const int n : {16, 64, 256, 1024, 4096}) {
      runs.push_back(run("n-" + std::to_string(n), "mine", 0, {{"flops", 100.0 * n + std::pow(n, power)}}));
    }
    return runs;
  };
  BOOST_TEST(
      (only(check, runs_of(2)) == Outcome::undecided));  // from 256 to 1024 the linear term still shows: 1.83
  check.at_least = 1.5;
  BOOST_TEST((only(check, runs_of(2)) == Outcome::holds));
  BOOST_TEST((only(check, runs_of(3)) == Outcome::fails));
  BOOST_TEST((only(check, {run("n-1", "mine", 0, {{"flops", 1}})}) == Outcome::missing));
}

BOOST_AUTO_TEST_CASE(tails_need_two_of_three_runs) {
  Check check;
  check.kind = RuleKind::rate;
  check.experiment = "e";
  check.methods = {"mine"};
  check.measure = parse_measure("model(objective)");
  const auto runs_of = [&](int linear, int sublinear, int undetermined) {
    std::vector<RunSummary> runs;
    const auto add_model = [&](int count, RateModel model) {
      for (int i = 0; i < count; ++i) {
        runs.push_back(run("a", "mine", static_cast<std::int64_t>(runs.size()),
                           {{"model(objective)", static_cast<double>(model)}}));
      }
    };
    add_model(linear, RateModel::linear);
    add_model(sublinear, RateModel::sublinear);
    add_model(undetermined, RateModel::undetermined);
    return runs;
  };
  BOOST_TEST((only(check, runs_of(6, 2, 1)) == Outcome::holds));
  BOOST_TEST((only(check, runs_of(2, 6, 1)) == Outcome::fails));
  BOOST_TEST((only(check, runs_of(5, 4, 0)) == Outcome::undecided));
  BOOST_TEST((only(check, runs_of(1, 1, 7)) == Outcome::undecided));
}

BOOST_AUTO_TEST_CASE(what_the_machine_does_not_offer_is_not_testable) {
  Check check;
  check.kind = RuleKind::offers;
  check.experiment = "e";
  check.methods = {"*"};
  check.grid = "threads";
  check.at_least = 10;
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 0.5);
  for (const char* threads : {"1", "16"}) {
    for (RunSummary& one : runs) one.grid = {{"threads", threads}};
    const bool enough = std::string(threads) == "16";
    BOOST_TEST((judge(claim_of(check), runs).verdict ==
                (enough ? ClaimVerdict::confirmed : ClaimVerdict::not_testable)));
  }
  BOOST_TEST((judge(claim_of(check), {}).verdict == ClaimVerdict::undetermined));
}

BOOST_AUTO_TEST_CASE(data_sets_out_of_reach_are_said) {
  Claim claim = claim_of(bound_check("test_accuracy", 0.4, {}, false));
  claim.outside = {"svhn"};
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 0.5);
  BOOST_TEST(judge(claim, runs).text == "confirmed; not testable here for svhn");
}

BOOST_AUTO_TEST_CASE(labels_with_a_star) {
  Check check = bound_check("test_accuracy", 0.4, {}, false);
  check.methods = {"mine-*"};
  std::vector<RunSummary> runs;
  add(runs, "a", "mine-1", 0.5);
  add(runs, "a", "mine-2", 0.3);
  add(runs, "a", "other", 0.9);
  const auto units = evaluate_check(check, runs);
  BOOST_REQUIRE_EQUAL(units.size(), 2U);
  BOOST_TEST((units[0].outcome == Outcome::holds));
  BOOST_TEST((units[1].outcome == Outcome::fails));
}

BOOST_AUTO_TEST_CASE(measures_of_a_trajectory) {
  const RunRecord run = record({{"objective", {4, 2, 3, 1, 1}},
                                {"test_accuracy", {0.1, 0.5, 0.8, 0.9, 0.7}},
                                {"seconds", {0, 1, 2, 3, 4}},
                                {"weight_change_1", {0, 0, 0, 0, 0.25}},
                                {"weight_change_2", {0, 0, 0, 0, 0.5}},
                                {"weight_change_3", {0, 0, 0, 0, 3}}});
  BOOST_TEST(measured("objective", run) == 1);
  BOOST_TEST(measured("best(test_accuracy)", run) == 0.9);
  BOOST_TEST(measured("best(objective)", run) == 1);
  BOOST_TEST(measured("rises(objective)", run) == 1);
  BOOST_TEST(measured("reach(test_accuracy, 0.8)", run) == 20);
  BOOST_TEST(measured("reach(objective, 2)", run) == 10);
  BOOST_TEST(std::isinf(measured("reach(test_accuracy, 0.95)", run)));
  BOOST_TEST(measured("at(test_accuracy, 15)", run) == 0.5);
  BOOST_TEST(measured("per_iteration(seconds)", run) == 0.1);
  BOOST_TEST(measured("weights(hidden)", run) == 0.5);
  BOOST_TEST(measured("weights(output)", run) == 3);
  BOOST_TEST(!evaluate(parse_measure("none"), run));
  BOOST_TEST(!evaluate(parse_measure("rises(none)"), run));
}

BOOST_AUTO_TEST_CASE(rounding_is_no_rise_and_nan_is_one) {
  BOOST_TEST(measured("rises(objective)", record({{"objective", {2, 1, 1 + 1e-9}}})) == 0);
  BOOST_TEST(measured("rises(objective)", record({{"objective", {2, 1, std::nan("")}}})) == 1);
}

BOOST_AUTO_TEST_CASE(k_times_tells_small_o_from_big) {
  const auto series = [](double power) {
    std::vector<double> values{0};  // a feasible start
    for (int k = 1; k <= 100; ++k) values.push_back(std::pow(k, -power));
    return record({{"residual", values}});
  };
  BOOST_TEST(measured("k_times(residual)", series(2)) == 0.5, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(measured("k_times(residual)", series(1)) == 1, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(measured("k_times(residual)", series(0.5)) > 1);
}

BOOST_AUTO_TEST_CASE(the_model_of_a_tail) {
  const auto series = [](auto value) {
    std::vector<double> values;
    for (int k = 0; k < 200; ++k) values.push_back(value(k));
    return record({{"residual", values}});
  };
  const RunRecord linear = series([](int k) { return std::pow(0.9, k); });
  BOOST_TEST(measured("model(residual)", linear) == 0);
  BOOST_TEST(measured("rate(residual)", linear) == std::pow(0.9, 0.1), boost::test_tools::tolerance(1e-6));
  const RunRecord sublinear = series([](int k) { return 1 / (1.0 + k); });
  BOOST_TEST(measured("model(residual)", sublinear) == 1);
  const RunRecord flat = series([](int) { return 1.0; });
  BOOST_TEST(measured("model(residual)", flat) == 3);
  BOOST_TEST(!evaluate(parse_measure("rate(residual)"), flat));
}

BOOST_AUTO_TEST_CASE(mistakes_in_measures_are_named) {
  for (const char* wrong : {"", "rises(objective", "grows(objective)", "reach(objective)",
                            "reach(objective, x)", "rises(objective, 3)", "weights(all)", "rises()"}) {
    BOOST_CHECK_THROW(parse_measure(wrong), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(a_summary_has_the_measures_that_are_asked_for) {
  const RunRecord run = record({{"objective", {4, 2, 3}}});
  const RunSummary summary =
      summarize_run(run, {parse_measure("rises(objective)"), parse_measure("objective")});
  BOOST_TEST(summary.find("rises(objective)").value() == 1);
  BOOST_TEST(summary.last.size() == 2U);
}

namespace {

const std::string good = R"(work: W
citation: C
claims:
  one:
    source: s
    claim: c
    checks:
      - {rule: compare, experiment: e, methods: mine, against: [sgd], measure: test_accuracy}
)";

/// What loading `good`, with `from` replaced by `to`, complains about.
std::string complaint(const std::string& from, const std::string& to) {
  std::string text = good;
  text.replace(text.find(from), from.size(), to);
  const TemporaryFolder folder;
  folder.write("claims.yaml", text);
  try {
    load_claims(folder.path());
  } catch (const std::runtime_error& error) {
    return std::string(error.what()).substr(folder.path().string().size() + 1);
  }
  return "none";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_registry_is_read) {
  const TemporaryFolder folder;
  folder.write("claims.yaml", good);
  const auto claims = load_claims(folder.path());
  BOOST_REQUIRE_EQUAL(claims.size(), 1U);
  BOOST_TEST(claims[0].id == "one");
  BOOST_TEST(claims[0].checks[0].higher);
  BOOST_TEST(claim_measures(claims, "e").size() == 1U);
  BOOST_TEST(claim_measures(claims, "other").empty());
}

BOOST_AUTO_TEST_CASE(mistakes_in_the_registry_are_named_with_their_line) {
  BOOST_TEST(complaint("rule: compare", "rule: compares") ==
             "claims.yaml:8: one: checks[0]: rule: 'compares'; allowed: compare, bound, ratio, exponent, "
             "rate, offers");
  BOOST_TEST(
      complaint("against", "agianst").starts_with("claims.yaml:8: one: checks[0]: unknown key 'agianst'"));
  BOOST_TEST(complaint(", measure: test_accuracy", "") ==
             "claims.yaml:8: one: checks[0]: measure is missing");
  BOOST_TEST(complaint("measure: test_accuracy", "measure: grows(x)").starts_with("claims.yaml:8:"));
  BOOST_TEST(
      complaint("source: s", "verdict: confirmed").starts_with("claims.yaml:5: one: unknown key 'verdict'"));
  BOOST_TEST(complaint("work: W\n", "") == "claims.yaml:1: file: work is missing");
  BOOST_TEST(complaint("compare, experiment: e, methods: mine, against: [sgd]",
                       "bound, experiment: e, methods: mine") ==
             "claims.yaml:8: one: checks[0]: at_least or at_most is needed here");
  BOOST_TEST(complaint("measure: test_accuracy", "measure: 'reach(test_accuracy, 1)'")
                 .ends_with("it goes with rule: bound, over: every"));
  BOOST_TEST(complaint("claim: c", "claim: c") == "none");
}

BOOST_AUTO_TEST_CASE(the_committed_registry_is_valid) {
  BOOST_TEST(load_claims(claims_folder()).size() >= 20U);
}

BOOST_AUTO_TEST_CASE(the_page_has_a_row_and_a_section_for_every_claim) {
  std::vector<RunSummary> runs;
  add(runs, "a", "mine", 0.5);
  Claim claim = claim_of(bound_check("test_accuracy", 0.4, {}, false));
  claim.text = "so | so";
  const std::string page = claims_page({judge(claim, runs)}, runs);
  BOOST_TEST(page.find("1 claims: 1 confirmed.") != std::string::npos);
  BOOST_TEST(page.find("so \\| so") != std::string::npos);
  BOOST_TEST(page.find("\n## c\n") != std::string::npos);
  BOOST_TEST(page.find("[a](../results/summaries/e/a.csv)") != std::string::npos);
  BOOST_TEST(page.find("[e](../experiments/claims/e.yaml)") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
