#pragma once
/// Runs and checks of which a claim is made up.

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/claims/claims.hpp"

namespace admmbench {

inline RunRecord run(const std::string& dataset, const std::string& label, std::int64_t seed,
                     std::vector<std::pair<std::string, double>> last) {
  RunRecord summary;
  summary.attributes.experiment = "e";
  summary.attributes.dataset = dataset;
  summary.attributes.label = label;
  summary.attributes.seed = seed;
  summary.end.last = std::move(last);
  return summary;
}

/// Six seeds of a method whose values are `mean` plus a fixed scatter of about `spread`.
inline void add(std::vector<RunRecord>& runs, const std::string& dataset, const std::string& label,
                double mean, double spread = 0.01, const std::string& column = "test_accuracy") {
  const double scatter[] = {0.1, -0.7, 0.9, -0.3, 0.6, -0.6};
  for (int seed = 0; seed < 6; ++seed) {
    // Labels scatter differently: differences that do not vary have no t.
    const double factor = label == "mine" ? 1 : 1.0 / static_cast<double>(label.size());
    runs.push_back(run(dataset, label, seed, {{column, mean + spread * factor * scatter[seed]}}));
  }
}

inline Check compare_check() {
  Check check;
  check.kind = RuleKind::compare;
  check.experiment = "e";
  check.methods = {"mine"};
  check.against = {"sgd", "adam"};
  check.measure = parse_measure("test_accuracy");
  return check;
}

inline Claim claim_of(Check check) {
  Claim claim;
  claim.id = "c";
  claim.checks = {std::move(check)};
  return claim;
}

inline Check bound_check(const std::string& measure, std::optional<double> at_least,
                         std::optional<double> at_most, Over over) {
  Check check;
  check.kind = RuleKind::bound;
  check.experiment = "e";
  check.methods = {"mine"};
  check.measure = parse_measure(measure);
  check.at_least = at_least;
  check.at_most = at_most;
  check.over = over;
  return check;
}

/// The outcome of a check of one unit.
inline Outcome only(const Check& check, const std::vector<RunRecord>& runs) {
  const auto units = evaluate_check(check, runs);
  BOOST_REQUIRE_EQUAL(units.size(), 1U);
  return units.front().outcome;
}

}  // namespace admmbench
