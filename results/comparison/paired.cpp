#include "results/comparison/paired.hpp"

#include <cmath>
#include <vector>

#include "results/statistics/power.hpp"

namespace admmbench {

double PairedComparison::p_value() const {
  return decides == PairedTest::t ? t_p.value_or(1) : signed_ranks.p_value;
}

double PairedComparison::direction() const {
  const double ranks = signed_ranks.positive - signed_ranks.negative;
  return without > 0 || !difference ? ranks : *difference;
}

std::optional<double> PairedComparison::detectable(double level) const {
  if (decides == PairedTest::t) return detectable_difference(pairs, deviation.value_or(0), level);
  return detectable_by_signed_ranks(count(), deviation.value_or(0), level);
}

PairedComparison compare_pairs(const SeedValues& x, const SeedValues& y, const PairOptions& options) {
  const double samples = options.samples > 0 ? static_cast<double>(options.samples) : 1;
  const auto counted = [&](double value) {
    return options.samples > 0 ? std::round(value * samples) : value;
  };
  std::vector<double> a, b, both, differences;
  std::vector<std::pair<std::optional<double>, std::optional<double>>> seeds;
  PairedComparison result;
  for (const auto& [seed, left] : x) {
    const auto found = y.find(seed);
    if (found == y.end()) continue;
    const std::optional<double>& right = found->second;
    seeds.emplace_back(left ? std::optional(counted(*left)) : left,
                       right ? std::optional(counted(*right)) : right);
    for (const auto& value : {seeds.back().first, seeds.back().second}) {
      if (value) both.push_back(*value);
    }
    if (left && right) {
      a.push_back(*seeds.back().first);
      b.push_back(*seeds.back().second);
      differences.push_back(a.back() - b.back());
    } else {
      ++result.without;
    }
  }
  result.pairs = a.size();
  if (seeds.empty()) return result;
  const double worst = worse_than_all(both, options.higher_is_better);
  std::vector<double> all_x, all_y;
  for (const auto& [left, right] : seeds) {
    all_x.push_back(left.value_or(worst));
    all_y.push_back(right.value_or(worst));
  }
  result.signed_ranks = wilcoxon_signed_rank(all_x, all_y);
  result.cliffs_delta = cliffs_delta(all_x, all_y);
  if (a.empty()) return result;
  const PairedTTest test = paired_t_test(a, b, options.confidence);
  result.difference = test.mean / samples;
  if (test.deviation) result.deviation = *test.deviation / samples;
  if (test.interval)
    result.interval = Interval{test.interval->lower / samples, test.interval->upper / samples};
  if (result.without == 0) result.t_p = test.p_value;
  if (options.test == PairedTest::t && result.t_p) result.decides = PairedTest::t;
  return result;
}

std::string to_string(PairOutcome outcome) {
  return outcome == PairOutcome::better ? "better" : outcome == PairOutcome::worse ? "worse" : "undecided";
}

PairOutcome outcome_of(const PairedComparison& pairs, std::optional<double> adjusted, const SeedValues& x,
                       const SeedValues& y, bool higher_is_better, double alpha) {
  if (!adjusted || *adjusted > alpha) return PairOutcome::undecided;
  const bool better = (pairs.direction() > 0) == higher_is_better;
  const SeedValues& winner = better ? x : y;
  if (present_values(winner).size() < winner.size()) return PairOutcome::undecided;
  return better ? PairOutcome::better : PairOutcome::worse;
}

std::vector<double> present_values(const SeedValues& seeds) {
  std::vector<double> values;
  for (const auto& seed : seeds) {
    if (seed.second) values.push_back(*seed.second);
  }
  return values;
}

}  // namespace admmbench
