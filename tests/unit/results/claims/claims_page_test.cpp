/// What is shown of verdicts: their words, the overview, the claims' own pages.

#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "results/claims/claims.hpp"
#include "tests/unit/results/claims/claim_runs.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(claims_page_test)

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Results for, against, mixed, of chance, and none; the verdict's beginning of each.
std::vector<std::pair<std::vector<RunRecord>, std::string>> outcomes() {
  std::vector<RunRecord> good, bad, noise;
  for (auto* runs : {&good, &bad}) {
    add(*runs, "a", "mine", runs == &good ? 0.9 : 0.5);
    add(*runs, "a", "sgd", 0.7);
    add(*runs, "a", "adam", 0.7);
  }
  add(noise, "a", "mine", 0.701, 0.1);
  add(noise, "a", "sgd", 0.7, 0.1);
  add(noise, "a", "adam", 0.5, 0.1);
  std::vector<RunRecord> mixed = good;
  for (RunRecord run : bad) {
    run.attributes.dataset = "b";
    mixed.push_back(run);
  }
  return {{good, "confirmed"},
          {bad, "refuted"},
          {mixed, "holds only if (a), 1 of 2"},
          {noise, "not decided (the runs could be chance)"},
          {{}, "not tested (no runs)"}};
}

std::size_t widest_cell_of(const std::string& page) {
  std::size_t widest = 0;
  for (std::size_t at = 0; (at = page.find("| ", at)) != std::string::npos; at += 2)
    widest = std::max(widest, page.find(" |", at + 2) - (at + 2));
  return widest;
}

}  // namespace

/// A reconstruction's verdict says so itself, whatever it is; of a method read at its source it does not.
BOOST_AUTO_TEST_CASE(a_verdict_on_a_reconstruction_says_so) {
  for (const auto& [runs, begin] : outcomes()) {
    Claim claim = claim_of(compare_check());
    const JudgedClaim own = judge(claim, runs);
    BOOST_TEST(own.text.starts_with(begin), own.text);
    BOOST_TEST(!contains(own.text + own.brief, "reconstruction"), own.text);
    claim.reconstruction = true;
    const JudgedClaim ours = judge(claim, runs);
    BOOST_TEST(ours.text.starts_with(begin + ", of our reconstruction"), ours.text);
    BOOST_TEST(ours.brief.starts_with(begin + ", of our reconstruction"), ours.brief);
    BOOST_TEST((ours.verdict == own.verdict));
  }
}

BOOST_AUTO_TEST_CASE(a_brief_verdict_fits_whatever_the_units_are_called) {
  std::vector<RunRecord> runs;
  Check check = bound_check("test_accuracy", 0.4, {}, Over::mean);
  for (int i = 0; i < 8; ++i)
    add(runs, fmt::format("a-data-set-with-a-rather-long-name-{}", i), "mine", i < 6 ? 0.9 : 0.1);
  for (const bool most_hold : {true, false}) {
    if (!most_hold) std::swap(check.at_least, check.at_most);
    Claim claim = claim_of(check);
    claim.reconstruction = true;
    const JudgedClaim judged = judge(claim, runs);
    BOOST_TEST(judged.text.size() > brief_length);
    BOOST_TEST(judged.brief.size() <= brief_length, judged.brief);
    BOOST_TEST(contains(judged.brief, most_hold ? "6 of 8" : "2 of 8"), judged.brief);
  }
}

BOOST_AUTO_TEST_CASE(evidence_is_at_most_twelve_words_with_its_figures) {
  for (const auto& [runs, begin] : outcomes()) {
    const std::string evidence = evidence_in_short(judge(claim_of(compare_check()), runs));
    BOOST_TEST(std::count(evidence.begin(), evidence.end(), ' ') < 12, evidence);
  }
  const auto all = outcomes();
  BOOST_TEST(evidence_in_short(judge(claim_of(compare_check()), all[0].first)) == "holds; gain 0.2; n=6");
  BOOST_TEST(evidence_in_short(judge(claim_of(compare_check()), all[2].first)) ==
             "1 of 2 units hold, 1 refuted; gain -0.2 to 0.2; n=6");
  BOOST_TEST(evidence_in_short(judge(claim_of(compare_check()), {})) == "no runs");
}

BOOST_AUTO_TEST_CASE(the_overview_has_a_table_per_work_and_links_to_the_claims) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5);
  Claim claim = claim_of(bound_check("test_accuracy", 0.4, {}, Over::mean));
  claim.work = "One";
  claim.text = "so | so";
  Claim other = claim;
  other.id = "d";
  other.work = "Two";
  other.text = std::string(130, 'x');
  other.reconstruction = true;
  const std::vector<JudgedClaim> judged{judge(claim, runs), judge(other, runs)};
  const std::string page = claims_page(judged);
  BOOST_TEST(contains(page, "2 claims: 2 confirmed."));
  BOOST_TEST(contains(page, "\n## One\n"));
  BOOST_TEST(contains(page, "| **confirmed** | [so \\| so](claims/c.md) | holds; mean 0.5; n=6 |"), page);
  // A text too long for a cell gives way to the short one, or to the name.
  BOOST_TEST(contains(page, "\n## Two\n"));
  BOOST_TEST(contains(page, "| **confirmed, of our reconstruction** | [d](claims/d.md) |"), page);
  BOOST_TEST(widest_cell_of(page) <= 120U);
  other.short_text = "short";
  BOOST_TEST(contains(claims_page({judge(other, runs)}, {}, "mine"), "[short](mine/d.md)"));
  BOOST_TEST(claims_brief(judged) == "c  confirmed\nd  confirmed, of our reconstruction\n");
  const std::string counts = claims_counts(judged);
  BOOST_TEST(
      counts.starts_with("| claims of | confirmed | holds only if | refuted | not decided | not tested |\n"),
      counts);
  BOOST_TEST(counts.ends_with("\n\n2 claims: 2 confirmed.\n"), counts);
  std::size_t of_papers = 0;  // each claim is in the row of its paper
  for (std::size_t at = 0; (at = counts.find("\n| ", at)) != std::string::npos; ++at) {
    const std::string row = counts.substr(at + 1, counts.find('\n', at + 1) - at - 1);
    of_papers += row.find("| 1 | 0 | 0 | 0 | 0 |") != std::string::npos ? 1 : 0;
    of_papers += row.find("| 2 | 0 | 0 | 0 | 0 |") != std::string::npos ? 2 : 0;
  }
  BOOST_TEST(of_papers == 2, counts);
  // Of somebody's own runs the page says whose they are, and links to no summaries of the repository.
  const std::string own = claims_page(judged, {"my/runs", false});
  BOOST_TEST(contains(own, "says of the runs in my/runs, not of those of the repository"));
  BOOST_TEST(!contains(own, "results/summaries"));
}

BOOST_AUTO_TEST_CASE(a_claims_page_has_its_units_power_runs_and_commands) {
  std::vector<RunRecord> runs;
  add(runs, "a", "mine", 0.5);
  Claim claim = claim_of(bound_check("test_accuracy", 0.4, {}, Over::mean));
  const std::string page = claim_page(judge(claim, runs), runs);
  BOOST_TEST(page.starts_with("# c\n"));
  BOOST_TEST(is_claim_page(page));
  BOOST_TEST(!is_claim_page("# c\nSomebody's notes\n"));
  BOOST_TEST(!is_claim_page("# c"));
  BOOST_TEST(contains(page, "[All claims](../claims.md)"));
  BOOST_TEST(contains(page, "\nVerdict: **confirmed**\n"));
  BOOST_TEST(contains(page, "\n| a | holds | 6 | 0.5 ["), page);
  BOOST_TEST(contains(page, "[a](../../results/summaries/e/a.csv)"));
  BOOST_TEST(contains(page, "[e](../../experiments/claims/e.yaml)"));
  BOOST_TEST(contains(page, "\nadmmbench run experiments/claims/e.yaml --out results/runs/claims\n"));
  // An experiment of another folder, as the plan says.
  const std::string paper = claim_page(judge(claim, runs, {{"e", {"a"}, 6, "experiments/paper"}}), runs);
  BOOST_TEST(contains(paper, "[e](../../experiments/paper/e.yaml)"));
  BOOST_TEST(contains(paper, "\nadmmbench run experiments/paper/e.yaml --out results/runs/claims\n"));
  BOOST_TEST(contains(page, "\nadmmbench check-claim c "));
  BOOST_TEST(contains(page, "\nPower: n = 6; Holm over 1 test at 5 %"));
  BOOST_TEST(!contains(page, "reconstruction"));
  claim.reconstruction = true;
  BOOST_TEST(contains(claim_page(judge(claim, runs), runs), "the method is our reconstruction"));
  BOOST_TEST(!contains(claim_page(judge(claim, runs), runs, {"my/runs", false}), "results/summaries"));
}

BOOST_AUTO_TEST_SUITE_END()
