/// The registry of claims, and what is said of its mistakes.

#include <boost/test/unit_test.hpp>

#include "results/claims/claims.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(read_claims_test)

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
                 .ends_with("it goes with rule: bound, over: every or best"));
  const auto bound = [](const std::string& keys) {
    return complaint("compare, experiment: e, methods: mine, against: [sgd]",
                     "bound, experiment: e, methods: mine, " + keys);
  };
  BOOST_TEST(bound("at_most: 1, over: best") == "none");
  BOOST_TEST(bound("at_most: 1, refuted_above: 2") == "none");
  BOOST_TEST(bound("at_most: 1, over: all").ends_with("'all'; allowed: mean, every, best"));
  BOOST_TEST(bound("at_most: 1, refuted_above: 0.5").ends_with("must not be below at_most"));
  BOOST_TEST(bound("at_most: 1, over: every, refuted_above: 2").ends_with("goes with over: mean"));
  const auto size = [](const std::string& value) {
    return complaint("measure: test_accuracy", "measure: test_accuracy, size: " + value);
  };
  BOOST_TEST(size("{iterations: 200, samples: 55000}") == "none");
  BOOST_TEST(size("{iterations: {mine: 600, others: 200}}") == "none");
  BOOST_TEST(size("{iterations: 0}").ends_with("iterations: a whole number above 0 is needed here"));
  BOOST_TEST(size("{epochs: 200}").ends_with("unknown key 'epochs'; allowed: iterations, samples"));
  BOOST_TEST(complaint("claim: c", "claim: c") == "none");
}

BOOST_AUTO_TEST_CASE(the_committed_registry_is_valid) {
  BOOST_TEST(load_claims(claims_folder()).size() >= 20U);
}

BOOST_AUTO_TEST_CASE(a_registry_says_whose_its_claims_are_and_where_they_stand) {
  const TemporaryFolder folder;
  std::string first = good, last = good;
  first.insert(0, "order: 2\nreconstruction: true\n");
  last.replace(last.find("one:"), 4, "two:");
  last.replace(last.find("claim: c"), 8, "claim: c\n    short: s c");
  last.insert(0, "order: 1\n");
  folder.write("a.yaml", first);
  folder.write("b.yaml", last);
  const auto claims = load_claims(folder.path());
  BOOST_REQUIRE_EQUAL(claims.size(), 2U);
  BOOST_TEST(claims[0].id == "two");
  BOOST_TEST(claims[0].short_text == "s c");
  BOOST_TEST(!claims[0].reconstruction);
  BOOST_TEST(claims[1].reconstruction);
  BOOST_TEST(complaint("work: W", "reconstruction: perhaps\nwork: W")
                 .ends_with("reconstruction: 'perhaps'; allowed: true, false"));
}

BOOST_AUTO_TEST_SUITE_END()
