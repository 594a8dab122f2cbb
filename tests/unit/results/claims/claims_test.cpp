/// Claims: every rule with results for it, against it, between and missing.

#include "results/claims/claims.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "tests/unit/results/claims/claim_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(claims_test)

namespace {

Check ratio_check() {
  Check check;
  check.kind = RuleKind::ratio;
  check.experiment = "e";
  check.methods = {"mine"};
  check.against = {"base"};
  check.measure = parse_measure("bytes");
  return check;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_verdict_turns_with_the_results) {
  const Claim claim = claim_of(compare_check());
  for (const double mine : {0.9, 0.5}) {
    std::vector<RunRecord> runs;
    add(runs, "a", "mine", mine);
    add(runs, "a", "sgd", 0.7);
    add(runs, "a", "adam", 0.7);
    const JudgedClaim judged = judge(claim, runs);
    BOOST_TEST((judged.verdict == (mine > 0.7 ? ClaimVerdict::confirmed : ClaimVerdict::refuted)));
    BOOST_TEST(judged.units.front().runs == 6U);
  }
}

BOOST_AUTO_TEST_CASE(to_beat_all_one_must_not_lose_to_any) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.8);
  add(runs, "a", "sgd", 0.7);
  add(runs, "a", "adam", 0.9);
  BOOST_TEST((only(compare_check(), runs) == Outcome::fails));
}

BOOST_AUTO_TEST_CASE(noise_decides_nothing) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.701, 0.1);
  add(runs, "a", "sgd", 0.7, 0.1);
  add(runs, "a", "adam", 0.5, 0.1);
  BOOST_TEST((only(compare_check(), runs) == Outcome::undecided));
  BOOST_TEST((judge(claim_of(compare_check()), runs).verdict == ClaimVerdict::undetermined));
}

BOOST_AUTO_TEST_CASE(equal_results_decide_nothing_and_do_not_throw) {
  std::vector<RunRecord> runs;
  for (const char* label : {"mine", "sgd", "adam"}) add(runs, "a", label, 0.5, 0);
  BOOST_TEST((only(compare_check(), runs) == Outcome::undecided));
}

BOOST_AUTO_TEST_CASE(where_data_sets_disagree_the_verdict_says_where) {
  std::vector<RunRecord> runs;
  for (const auto& [dataset, mine] :
       std::vector<std::pair<std::string, double>>{{"good", 0.9}, {"bad", 0.5}}) {
    add(runs, dataset, "mine", mine);
    add(runs, dataset, "sgd", 0.7);
    add(runs, dataset, "adam", 0.7);
  }
  const JudgedClaim judged = judge(claim_of(compare_check()), runs);
  BOOST_TEST((judged.verdict == ClaimVerdict::conditional));
  BOOST_TEST(judged.text == "holds only if (good), 1 of 2. refuted for bad");
}

BOOST_AUTO_TEST_CASE(missing_runs_leave_it_undetermined) {
  const JudgedClaim none = judge(claim_of(compare_check()), {});
  BOOST_TEST((none.verdict == ClaimVerdict::not_tested));
  BOOST_TEST(none.text == "not tested (no runs)");
  BOOST_TEST(none.power == "nothing was tested");
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.9);
  add(runs, "a", "sgd", 0.7);  // adam is missing: beating one of two is not beating both
  BOOST_TEST((only(compare_check(), runs) == Outcome::undecided));
  Check check = compare_check();
  check.datasets = {"a", "b"};
  add(runs, "a", "adam", 0.7);
  const JudgedClaim judged = judge(claim_of(check), runs);
  BOOST_TEST((judged.verdict == ClaimVerdict::conditional));
  BOOST_TEST(judged.text == "holds only if (a), 1 of 2. no runs for b");
}

BOOST_AUTO_TEST_CASE(a_method_that_diverges_can_lose_but_not_win) {
  Check check = compare_check();
  check.against = {"sgd"};  // signed ranks of six seeds give 2/64, too much for two comparisons
  for (const double mine : {0.9, 0.5}) {
    std::vector<RunRecord> runs;
    add(runs, "a", "mine", mine);
    add(runs, "a", "sgd", 0.7);
    runs.front().attributes.status = RunStatus::diverged;
    const ClaimUnit unit = evaluate_check(check, runs).front();
    BOOST_TEST((unit.outcome == (mine > 0.7 ? Outcome::undecided : Outcome::fails)));
    BOOST_TEST(unit.measured.find("n = 6, signed ranks (1 without a value)") != std::string::npos,
               unit.measured);
  }
}

/// A gain with p of about 0.01 alone: with seven more comparisons, or bounds, ratios or rates in the same claim, it is not enough.
BOOST_AUTO_TEST_CASE(holm_counts_all_tests_of_the_claim) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.7065, 0.009);
  add(runs, "a", "sgd", 0.7, 0.009);
  Check check = compare_check();
  check.against = {"sgd"};
  check.name = "one";
  const JudgedClaim alone = judge(claim_of(check), runs);
  BOOST_TEST((alone.verdict == ClaimVerdict::confirmed), alone.units.front().measured);
  BOOST_TEST(alone.tests == 1U);
  std::vector<RunRecord> more = runs;
  for (const char* dataset : {"b", "c", "d", "e", "f", "g", "h"}) {
    add(more, dataset, "mine", 0.7, 0.009);
    add(more, dataset, "sgd", 0.7, 0.009);
  }
  for (const ClaimUnit& unit : evaluate_check(check, more))
    BOOST_TEST((unit.outcome != Outcome::holds), unit.name);
  // The same of units of other rules: bounds that decide nothing, and ratios.
  for (const RuleKind kind : {RuleKind::bound, RuleKind::ratio}) {
    Claim claim = claim_of(check);
    for (int i = 0; i < 12; ++i) {
      Check other =
          kind == RuleKind::bound ? bound_check("test_accuracy", 0.7065, {}, Over::mean) : ratio_check();
      other.name = std::to_string(i);
      if (kind == RuleKind::ratio) {
        other.against = {"sgd"};
        other.measure = parse_measure("test_accuracy");
        other.at_least = 1.009;
      }
      claim.checks.push_back(other);
    }
    const JudgedClaim judged = judge(claim, runs);
    BOOST_TEST(judged.tests == 13U);
    BOOST_TEST((judged.units.front().outcome == Outcome::undecided), judged.units.front().measured);
    BOOST_TEST(judged.power.find("Holm over 13 tests at 5 %") != std::string::npos, judged.power);
  }
}

/// Every unit that was tested says n, its p and what it could have shown; the claim the correction and the range.
BOOST_AUTO_TEST_CASE(a_verdict_states_n_its_correction_and_what_it_could_have_shown) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.701, 0.1);
  add(runs, "a", "sgd", 0.7, 0.1);
  add(runs, "a", "adam", 0.5, 0.1);
  const JudgedClaim judged = judge(claim_of(compare_check()), runs);
  const std::string& unit = judged.units.front().measured;
  BOOST_TEST(unit.find("n = 6, p ") != std::string::npos, unit);
  BOOST_TEST(unit.find(", could show ") != std::string::npos, unit);
  BOOST_TEST(judged.power.starts_with(
                 "n = 6; Holm over 2 tests at 5 %; could have shown, with 80 %, differences of "),
             judged.power);
  // Less scatter shows less; three seeds whose differences do not vary show nothing.
  const auto power = [](double spread) {
    std::vector<RunRecord> few;
    add(few, "a", "mine", 0.7, spread);
    add(few, "a", "sgd", 0.6, spread);
    std::erase_if(few, [](const RunRecord& one) { return one.attributes.seed > 2; });
    Check check = compare_check();
    check.against = {"sgd"};
    return judge(claim_of(check), few).power;
  };
  BOOST_TEST(power(0.1) != power(0.01));
  BOOST_TEST(power(0).ends_with("nothing at all in 1 of 1"), power(0));
}

/// Of rules without a test what so few runs could have missed; of counts nothing.
BOOST_AUTO_TEST_CASE(what_is_looked_at_one_by_one_says_what_it_could_have_missed) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5, 0.01);
  BOOST_TEST(
      judge(claim_of(bound_check("test_accuracy", {}, 0.6, Over::every)), runs).power ==
      "n = 6 runs, each looked at, no test; a share of 39 % that is otherwise would have shown with 95 %");
  std::vector<RunRecord> calls;
  for (int seed = 0; seed < 6; ++seed) calls.push_back(run("a", "mine", seed, {{"tail(objective)", 0}}));
  Check rate = bound_check("tail(objective)", {}, {}, Over::mean);
  rate.kind = RuleKind::rate;
  BOOST_TEST(judge(claim_of(rate), calls).power ==
             "n = 6; Holm over 1 test at 5 %; it takes 4 of them with tails of one model");
  std::vector<RunRecord> sizes;
  for (const int n : {16, 64, 256, 1024})
    sizes.push_back(run("n-" + std::to_string(n), "mine", 0, {{"flops", n}}));
  Check exponent = bound_check("flops", 0.9, 1.1, Over::mean);
  exponent.kind = RuleKind::exponent;
  BOOST_TEST(judge(claim_of(exponent), sizes).power == "no test: what was counted is no matter of chance");
}

/// Accuracies k/N, each 5 samples ahead: no t of ulps; six seeds have signed ranks of 2/64, two say nothing.
BOOST_AUTO_TEST_CASE(differences_equal_in_truth_are_decided_by_signed_ranks) {
  Check check = compare_check();
  check.against = {"sgd"};
  for (const bool recorded : {true, false}) {
    std::vector<RunRecord> runs;
    const int correct[] = {9000, 9001, 9111, 9222, 9333, 9876};
    for (int seed = 0; seed < 6; ++seed) {
      runs.push_back(run("a", "mine", seed, {{"test_accuracy", (correct[seed] + 5) / 10000.0}}));
      runs.push_back(run("a", "sgd", seed, {{"test_accuracy", correct[seed] / 10000.0}}));
    }
    if (recorded) {
      for (RunRecord& one : runs) one.attributes.samples.test = 10000;
    }
    const ClaimUnit unit = evaluate_check(check, runs).front();
    BOOST_TEST((unit.outcome == Outcome::holds), unit.measured);
    BOOST_TEST(unit.measured == "sgd: gain 0.0005, n = 6, signed ranks, p 0.031, could show any");
    runs.resize(4);
    BOOST_TEST((only(check, runs) == Outcome::undecided));
  }
}

/// A mean of values that do not vary has no interval of width zero that lies inside any bound.
BOOST_AUTO_TEST_CASE(equal_values_do_not_keep_a_bound_by_an_interval_of_no_width) {
  std::vector<RunRecord> runs;
  for (int seed = 0; seed < 2; ++seed) runs.push_back(run("a", "mine", seed, {{"test_accuracy", 0.83}}));
  const Check check = bound_check("test_accuracy", 0.8, {}, Over::mean);
  BOOST_TEST((only(check, runs) == Outcome::undecided));
  for (int seed = 2; seed < 5; ++seed) runs.push_back(run("a", "mine", seed, {{"test_accuracy", 0.83}}));
  BOOST_TEST((only(check, runs) == Outcome::holds));  // 1/32, one-sided
  BOOST_TEST((only(bound_check("test_accuracy", 0.85, {}, Over::mean), runs) == Outcome::fails));
  BOOST_TEST((only(bound_check("test_accuracy", 0.83, {}, Over::mean), runs) == Outcome::undecided));
}

BOOST_AUTO_TEST_CASE(lower_is_better_for_losses) {
  Check check = compare_check();
  check.measure = parse_measure("objective");
  check.higher = false;
  check.against = {"sgd"};
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 1, 0.01, "objective");
  add(runs, "a", "sgd", 2, 0.01, "objective");
  BOOST_TEST((only(check, runs) == Outcome::holds));
  check.higher = true;
  BOOST_TEST((only(check, runs) == Outcome::fails));
}

BOOST_AUTO_TEST_CASE(bounds_of_means) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5, 0.01);
  BOOST_TEST((only(bound_check("test_accuracy", 0.45, {}, Over::mean), runs) == Outcome::holds));
  BOOST_TEST((only(bound_check("test_accuracy", 0.55, {}, Over::mean), runs) == Outcome::fails));
  BOOST_TEST((only(bound_check("test_accuracy", 0.5, {}, Over::mean), runs) == Outcome::undecided));
  BOOST_TEST((only(bound_check("test_accuracy", 0.45, 0.55, Over::mean), runs) == Outcome::holds));
  BOOST_TEST((only(bound_check("test_accuracy", 0.2, 0.3, Over::mean), runs) == Outcome::fails));
  BOOST_TEST((only(bound_check("none", 0.5, {}, Over::mean), runs) == Outcome::missing));
}

BOOST_AUTO_TEST_CASE(bounds_of_every_run) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5, 0.01);
  const Check check = bound_check("test_accuracy", {}, 0.52, Over::every);
  BOOST_TEST((only(check, runs) == Outcome::holds));
  runs.back().end.last.front().second = 0.6;  // one is enough
  BOOST_TEST((only(check, runs) == Outcome::fails));
  runs.back().attributes.status = RunStatus::failed;  // it is not known what it would have been
  BOOST_TEST((only(check, runs) == Outcome::undecided));
}

/// "Up to": at least one run of any method on any data set; none of them refutes it, if they are all there.
BOOST_AUTO_TEST_CASE(up_to_is_about_the_best_run) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5, 0.01);
  add(runs, "b", "mine", 0.7, 0.01);
  const auto best = [&](double at_least) {
    return evaluate_check(bound_check("test_accuracy", at_least, {}, Over::best), runs);
  };
  BOOST_REQUIRE_EQUAL(best(0.705).size(), 1U);
  BOOST_TEST((best(0.705).front().outcome == Outcome::holds));
  BOOST_TEST(best(0.705).front().measured == "2 of 12 runs, the best 0.709, of b");
  BOOST_TEST((best(0.8).front().outcome == Outcome::fails));
  runs.front().attributes.status = RunStatus::failed;  // it might have been the one
  BOOST_TEST((best(0.8).front().outcome == Outcome::undecided));
  // Of ratios the least, if they are to be small.
  Check check = ratio_check();
  check.methods = {"mine-*"};
  check.over = Over::best;
  check.at_most = 0.55;
  std::vector<RunRecord> bytes;
  for (const auto& [label, sent] :
       {std::pair("mine-16", 60.0), std::pair("mine-8", 40.0), std::pair("base", 100.0)})
    bytes.push_back(run("a", label, 0, {{"bytes", sent}}));
  BOOST_TEST((only(check, bytes) == Outcome::holds));
  check.at_most = 0.35;
  BOOST_TEST((only(check, bytes) == Outcome::fails));
}

/// Six of ten planned runs cannot show that every run does; one that does not is enough.
BOOST_AUTO_TEST_CASE(every_run_is_every_planned_run) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5, 0.01);
  const auto outcome = [&](double at_most, std::size_t seeds) {
    return evaluate_check(bound_check("test_accuracy", {}, at_most, Over::every), runs, {{"e", {"a"}, seeds}})
        .front()
        .outcome;
  };
  BOOST_TEST((outcome(0.52, 6) == Outcome::holds));
  BOOST_TEST((outcome(0.52, 10) == Outcome::undecided));
  BOOST_TEST((outcome(0.505, 10) == Outcome::fails));
}

/// The experiment has three data sets; runs on one of them confirm nothing about the others.
BOOST_AUTO_TEST_CASE(a_claim_is_not_confirmed_from_one_of_its_data_sets) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.9);
  add(runs, "a", "sgd", 0.7);
  add(runs, "a", "adam", 0.7);
  const Claim claim = claim_of(compare_check());
  BOOST_TEST((judge(claim, runs).verdict == ClaimVerdict::confirmed));
  const JudgedClaim one = judge(claim, runs, {{"e", {"a", "b", "c"}, 6}});
  BOOST_TEST((one.verdict == ClaimVerdict::conditional));
  BOOST_TEST(one.text == "holds only if (a), 1 of 3. no runs for b; c");
  // A refutation says where there are no runs, too.
  for (RunRecord& run : runs) {
    if (run.attributes.label == "mine") run.end.last.front().second -= 0.5;
  }
  BOOST_TEST(judge(claim, runs, {{"e", {"a", "b", "c"}, 6}}).text == "refuted for a. no runs for b; c");
}

/// Runs that lack what the rule looks at are no evidence, and the verdict says what is missing.
BOOST_AUTO_TEST_CASE(what_was_not_recorded_was_not_tested) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5);
  const JudgedClaim judged = judge(claim_of(bound_check("k_times(squared_step)", {}, 0.8, Over::mean)), runs);
  BOOST_TEST((judged.verdict == ClaimVerdict::not_tested));
  BOOST_TEST(judged.text == "not tested (no runs that recorded k_times(squared_step))");
}

BOOST_AUTO_TEST_CASE(never_to_reach_is_no_missing_value) {
  std::vector<RunRecord> runs;
  for (int seed = 0; seed < 3; ++seed)
    runs.push_back(run("a", "mine", seed, {{"reach(test_accuracy, 0.8)", 10}}));
  const Check check = bound_check("reach(test_accuracy, 0.8)", {}, 20, Over::every);
  BOOST_TEST((only(check, runs) == Outcome::holds));
  runs.front().end.last.front().second = std::numeric_limits<double>::infinity();
  BOOST_TEST((only(check, runs) == Outcome::fails));
}

BOOST_AUTO_TEST_CASE(ratios_are_of_pairs) {
  Check check = ratio_check();
  check.over = Over::every;  // bytes are counted, there is no chance in them
  check.at_most = 0.55;
  std::vector<RunRecord> runs;
  for (int seed = 0; seed < 3; ++seed) {
    const double size = std::pow(10, seed);  // the means say nothing, the ratios all
    runs.push_back(run("a", "mine", seed, {{"bytes", size}}));
    runs.push_back(run("a", "base", seed, {{"bytes", 2 * size}}));
  }
  BOOST_TEST((only(check, runs) == Outcome::holds));
  check.at_most = 0.45;
  BOOST_TEST((only(check, runs) == Outcome::fails));
  check.over = Over::mean;  // as a test three equal ratios say little: 1/8
  BOOST_TEST((only(check, runs) == Outcome::undecided));
  check.against = {"none"};
  BOOST_TEST((only(check, runs) == Outcome::missing));
}

BOOST_AUTO_TEST_CASE(mean_ratios_hold_fail_and_need_all_their_runs) {
  Check check = ratio_check();
  check.measure = parse_measure("test_accuracy");
  check.at_least = 0.97;
  check.at_most = 1.03;
  const auto runs_of = [&](double mine) {
    std::vector<RunRecord> runs;
    add(runs, "a", "mine", mine, 0.01);
    add(runs, "a", "base", 0.7, 0.01);
    return runs;
  };
  BOOST_TEST((only(check, runs_of(0.7)) == Outcome::holds));
  BOOST_TEST((only(check, runs_of(0.5)) == Outcome::fails));
  BOOST_TEST((only(check, runs_of(0.9)) == Outcome::fails));
  BOOST_TEST((only(check, runs_of(0.7 * 1.03)) == Outcome::undecided));
  BOOST_TEST(evaluate_check(check, runs_of(0.7)).front().measured.find("could show a factor 1.0") !=
             std::string::npos);
  // A run that did not finish, or has no value: five ratios cannot hold for six, though they may refute.
  for (const double mine : {0.7, 0.5}) {
    std::vector<RunRecord> runs = runs_of(mine);
    runs.front().attributes.status = RunStatus::diverged;
    BOOST_TEST((only(check, runs) == (mine == 0.7 ? Outcome::undecided : Outcome::fails)));
    runs = runs_of(mine);
    runs.back().end.last.front().second = std::nan("");  // the other method's
    BOOST_TEST((only(check, runs) == (mine == 0.7 ? Outcome::undecided : Outcome::fails)));
  }
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
    std::vector<RunRecord> runs;
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
  check.measure = parse_measure("tail(objective)");
  const auto runs_of = [&](int linear, int sublinear, int undetermined) {
    std::vector<RunRecord> runs;
    const auto add_model = [&](int count, RateModel model) {
      for (int i = 0; i < count; ++i) {
        runs.push_back(run("a", "mine", static_cast<std::int64_t>(runs.size()),
                           {{"tail(objective)", static_cast<double>(model)}}));
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
  BOOST_TEST((only(check, runs_of(1, 0, 0)) == Outcome::undecided));  // one call may be a mistake
  BOOST_TEST(evaluate_check(check, runs_of(6, 2, 1)).front().measured.ends_with(", could show 6 of them"));
}

BOOST_AUTO_TEST_CASE(what_the_machine_does_not_offer_is_not_testable) {
  Check check;
  check.kind = RuleKind::offers;
  check.experiment = "e";
  check.methods = {"*"};
  check.grid = "threads";
  check.at_least = 10;
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5);
  for (const char* threads : {"1", "16"}) {
    for (RunRecord& one : runs) one.config.grid = {{"threads", threads}};
    const bool enough = std::string(threads) == "16";
    const JudgedClaim judged = judge(claim_of(check), runs);
    BOOST_TEST(judged.text == (enough ? "confirmed" : "not tested (threads up to 1 here, 10 in the claim)"));
    BOOST_TEST((judged.verdict == (enough ? ClaimVerdict::confirmed : ClaimVerdict::not_tested)));
  }
  BOOST_TEST((judge(claim_of(check), {}).verdict == ClaimVerdict::not_tested));
}

BOOST_AUTO_TEST_CASE(data_sets_out_of_reach_are_said) {
  Claim claim = claim_of(bound_check("test_accuracy", 0.4, {}, Over::mean));
  claim.outside = {"svhn"};
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5);
  BOOST_TEST(judge(claim, runs).text == "confirmed; not tested for svhn, not to be had here");
}

BOOST_AUTO_TEST_CASE(labels_with_a_star) {
  Check check = bound_check("test_accuracy", 0.4, {}, Over::mean);
  check.methods = {"mine-*"};
  std::vector<RunRecord> runs;
  add(runs, "a", "mine-1", 0.5);
  add(runs, "a", "mine-2", 0.3);
  add(runs, "a", "other", 0.9);
  const auto units = evaluate_check(check, runs);
  BOOST_REQUIRE_EQUAL(units.size(), 2U);
  BOOST_TEST((units[0].outcome == Outcome::holds));
  BOOST_TEST((units[1].outcome == Outcome::fails));
}

/// Runs cut short unevenly say nothing of a claim about published settings, whichever way they point; at its size they do.
BOOST_AUTO_TEST_CASE(a_claim_about_a_size_is_judged_at_that_size) {
  std::vector<RunRecord> runs;
  add(runs, "cora", "mine", 0.9);
  add(runs, "cora", "sgd", 0.5);
  add(runs, "cora", "adam", 0.6);
  Check check = compare_check();
  BOOST_TEST((only(check, runs) == Outcome::holds));
  const auto set_iterations = [&](const std::string& label, std::int64_t iterations) {
    for (RunRecord& run : runs) {
      if (run.attributes.label == label) run.end.iterations = iterations;
    }
  };
  check.size = PublishedSize{{{"mine", 600}, {"others", 200}}, 0};
  set_iterations("mine", 90);
  set_iterations("sgd", 200);
  set_iterations("adam", 200);
  for (const bool wins : {true, false}) {
    if (!wins) std::swap(check.methods, check.against);
    for (const ClaimUnit& unit : evaluate_check(check, runs)) {
      BOOST_TEST((unit.outcome == Outcome::other_size));
      BOOST_TEST(unit.measured == "mine: 90 of 600 iterations");
    }
    const JudgedClaim judged = judge(claim_of(check), runs);
    BOOST_TEST((judged.verdict == ClaimVerdict::not_tested));
    BOOST_TEST(judged.text == "not tested (not at its size; mine: 90 of 600 iterations)");
  }
  std::swap(check.methods, check.against);
  set_iterations("mine", 600);
  BOOST_TEST((only(check, runs) == Outcome::holds));
  // An opponent that was cut is as bad.
  set_iterations("adam", 199);
  BOOST_TEST((only(check, runs) == Outcome::other_size));
  set_iterations("adam", 200);

  check.size->samples = 55000;
  BOOST_TEST(evaluate_check(check, runs).front().measured ==
             "mine: the record does not say of how many training samples");
  for (RunRecord& run : runs) run.attributes.samples.train = 5000;
  BOOST_TEST(evaluate_check(check, runs).front().measured == "mine: 5000 of 55000 training samples");
  for (RunRecord& run : runs) run.attributes.samples.train = 55000;
  BOOST_TEST((only(check, runs) == Outcome::holds));

  // One data set at its size, another not: what holds is said of the one alone.
  add(runs, "pubmed", "mine", 0.9);
  add(runs, "pubmed", "sgd", 0.5);
  add(runs, "pubmed", "adam", 0.6);
  const JudgedClaim judged = judge(claim_of(check), runs);
  BOOST_TEST((judged.verdict == ClaimVerdict::conditional));
  BOOST_TEST(judged.text == "holds only if (cora), 1 of 2. not tested at its size for pubmed");
}

BOOST_AUTO_TEST_SUITE_END()
