/// What judging a claim again needs of its experiments, and in what the outcome differs.

#include "results/claims/rerun.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/unit/results/claims/claim_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(rerun_test)

namespace {

using Names = std::vector<std::string>;
using Seeds = std::vector<std::int64_t>;

const OfferedRuns offered{
    "e", {"a", "b", "c", "d", "f"}, {"mine", "sgd", "adam", "mine-too", "rest"}, {3, 4, 5}};

/// A run of 30, 10, 20, ... seconds on each data set, and none on f.
std::vector<RunRecord> timed() {
  std::vector<RunRecord> runs;
  const double seconds[] = {30, 10, 20, 40};
  for (std::size_t i = 0; i < 4; ++i)
    runs.push_back(run(offered.datasets[i], "mine", 3, {{"seconds", seconds[i]}}));
  return runs;
}

Claim exponent_claim() {
  Check check;
  check.kind = RuleKind::exponent;
  check.experiment = "e";
  check.methods = {"mine*"};
  check.measure = parse_measure("per_iteration(flops)");
  return claim_of(check);
}

}  // namespace

BOOST_AUTO_TEST_CASE(only_what_the_checks_look_at_is_needed) {
  Check check = compare_check();
  check.datasets = {"c", "a", "none"};
  const NeededRuns needed = needed_runs(claim_of(check), offered, {}, false);
  BOOST_TEST(needed.runs.datasets == (Names{"a", "c"}), boost::test_tools::per_element());
  BOOST_TEST(needed.runs.labels == (Names{"mine", "sgd", "adam"}), boost::test_tools::per_element());
  BOOST_TEST(needed.runs.seeds == offered.seeds, boost::test_tools::per_element());
  BOOST_TEST(needed.left_out.datasets.empty());
  BOOST_TEST(needed.left_out.seeds.empty());
  // Another experiment's checks ask nothing of this one.
  OfferedRuns other = offered;
  other.experiment = "other";
  BOOST_TEST(needed_runs(claim_of(check), other, {}, false).runs.labels.empty());
  // A star, and all data sets.
  const NeededRuns all = needed_runs(exponent_claim(), offered, {}, false);
  BOOST_TEST(all.runs.labels == (Names{"mine", "mine-too"}), boost::test_tools::per_element());
  BOOST_TEST(all.runs.datasets == offered.datasets, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(quickly_the_quickest_part_that_gives_a_number) {
  const NeededRuns pairs = needed_runs(claim_of(compare_check()), offered, timed(), true);
  BOOST_TEST(pairs.runs.datasets == Names{"b"}, boost::test_tools::per_element());
  BOOST_TEST(pairs.runs.seeds == (Seeds{3, 4}), boost::test_tools::per_element());
  BOOST_TEST(pairs.left_out.datasets == (Names{"a", "c", "d", "f"}), boost::test_tools::per_element());
  BOOST_TEST(pairs.left_out.seeds == Seeds{5}, boost::test_tools::per_element());
  // One seed where nothing is tested; an exponent needs four sizes.
  const NeededRuns sizes = needed_runs(exponent_claim(), offered, timed(), true);
  BOOST_TEST(sizes.runs.datasets == (Names{"a", "b", "c", "d"}), boost::test_tools::per_element());
  BOOST_TEST(sizes.runs.seeds == Seeds{3}, boost::test_tools::per_element());
  const Claim every = claim_of(bound_check("test_accuracy", 0.5, {}, Over::every));
  BOOST_TEST(needed_runs(every, offered, timed(), true).runs.seeds.size() == 1U);
  const Claim mean = claim_of(bound_check("test_accuracy", 0.5, {}, Over::mean));
  BOOST_TEST(needed_runs(mean, offered, timed(), true).runs.seeds.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_quick_part_does_give_a_number) {
  for (const Over over : {Over::mean, Over::every}) {
    const Claim claim = claim_of(bound_check("test_accuracy", 0.5, {}, over));
    const NeededRuns needed = needed_runs(claim, offered, timed(), true);
    std::vector<RunRecord> runs;
    for (const std::int64_t seed : needed.runs.seeds)
      runs.push_back(run("b", "mine", seed, {{"test_accuracy", 0.8 + 0.01 * static_cast<double>(seed)}}));
    const JudgedClaim judged = judge(claim, runs);
    BOOST_TEST(judged.units.front().measured.find("0.8") != std::string::npos, judged.units.front().measured);
  }
}

BOOST_AUTO_TEST_CASE(judgements_differ_in_units) {
  const auto judged = [](double on_a, std::optional<double> on_b, bool on_c = false) {
    std::vector<RunRecord> runs;
    add(runs, "a", "mine", on_a);
    if (on_b) add(runs, "b", "mine", *on_b, 0.1);
    if (on_c) add(runs, "c", "mine", 0.9);
    return judge(claim_of(bound_check("test_accuracy", 0.5, {}, Over::mean)), runs, {{"e", {"a", "b"}, 6}});
  };
  const JudgedClaim before = judged(0.9, 0.9);
  const JudgementDifference none = difference(before, before);
  BOOST_TEST(none.units.empty());
  BOOST_TEST(none.same == 2U);
  const JudgementDifference opposite = difference(before, judged(0.1, {}));
  BOOST_REQUIRE_EQUAL(opposite.units.size(), 1U);
  BOOST_TEST(opposite.units.front().now.name == "a");
  BOOST_TEST(opposite.units.front().opposite());
  BOOST_TEST(opposite.same == 0U);
  BOOST_TEST(opposite.without_runs == 1U);
  const JudgementDifference weaker = difference(before, judged(0.9, 0.505));
  BOOST_REQUIRE_EQUAL(weaker.units.size(), 1U);
  BOOST_TEST((weaker.units.front().now.outcome == Outcome::undecided));
  BOOST_TEST(!weaker.units.front().opposite());
  BOOST_TEST(difference(before, judged(0.9, 0.9, true)).units.size() == 1U);  // of a data set that is new
}

BOOST_AUTO_TEST_SUITE_END()
