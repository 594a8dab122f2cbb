#include "results/comparison/column_best.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/statistics/tests.hpp"

namespace admmbench {

namespace {

/// The method whose runs stand for the best; the number of methods if none has a value.
std::size_t find_best(const std::vector<SeedValues>& values, const std::vector<BesideBest>& methods) {
  std::size_t found = values.size();
  for (std::size_t m = 0; m < values.size(); ++m) {
    if (methods[m].best &&
        (found == values.size() || present_values(values[m]).size() > present_values(values[found]).size()))
      found = m;
  }
  return found;
}

void mark_best_means(const std::vector<SeedValues>& values, bool higher, std::vector<BesideBest>& methods) {
  std::optional<double> best;
  std::vector<std::optional<double>> means;
  for (const SeedValues& seeds : values) {
    const std::vector<double> there = present_values(seeds);
    means.push_back(there.empty() ? std::nullopt : std::optional(mean_of(there)));
    const auto& mean = means.back();
    if (mean && (!best || (higher ? *mean > *best : *mean < *best))) best = mean;
  }
  // Means of different values may differ by their rounding alone: 0.91 and 0.93 against 0.92 twice.
  const double rounding = best ? 1e-12 * std::abs(*best) : 0;
  for (std::size_t m = 0; m < values.size(); ++m)
    methods[m].best = means[m] && std::abs(*means[m] - *best) <= rounding;
}

/// "0.0021", or "0.0021 to 0.013".
std::string range_text(const std::vector<double>& values, double scale) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const std::string least = fmt::format("{:.2g}", *low * scale);
  const std::string most = fmt::format("{:.2g}", *high * scale);
  return least == most ? least : least + " to " + most;
}

std::string count_text(const std::vector<std::size_t>& counts) {
  const auto [low, high] = std::minmax_element(counts.begin(), counts.end());
  return *low == *high ? fmt::format("n = {}", *low) : fmt::format("n = {} to {}", *low, *high);
}

}  // namespace

std::vector<BesideBest> beside_best(const std::vector<SeedValues>& values, bool higher_is_better,
                                    std::int64_t samples) {
  std::vector<BesideBest> methods(values.size());
  mark_best_means(values, higher_is_better, methods);
  const std::size_t best = find_best(values, methods);
  if (best == values.size()) return methods;
  std::vector<std::size_t> tested;
  std::vector<PairedComparison> comparisons;
  std::vector<double> p_values;
  for (std::size_t m = 0; m < values.size(); ++m) {
    if (methods[m].best || present_values(values[m]).empty()) continue;
    const PairedComparison pairs =
        compare_pairs(values[best], values[m], {higher_is_better, PairedTest::t, samples});
    if (pairs.count() < 2) continue;
    tested.push_back(m);
    comparisons.push_back(pairs);
    p_values.push_back(pairs.p_value());
  }
  const std::vector<double> adjusted = holm(p_values);
  for (std::size_t i = 0; i < tested.size(); ++i) {
    BesideBest& method = methods[tested[i]];
    method.pairs = comparisons[i].count();
    method.adjusted = adjusted[i];
    method.could_show = comparisons[i].detectable(column_alpha / static_cast<double>(tested.size()));
    if (samples > 0 && method.could_show > 1)
      method.could_show.reset();  // shares do not differ by more than 1
    method.test = comparisons[i].decides;
    const SeedValues& own = values[tested[i]];
    method.undecided = method.could_show && present_values(own).size() == own.size() &&
                       outcome_of(comparisons[i], adjusted[i], values[best], own, higher_is_better,
                                  column_alpha) != PairOutcome::better;
  }
  return methods;
}

std::string describe_best(const std::vector<std::vector<BesideBest>>& columns, bool in_per_cent) {
  std::vector<std::size_t> counts;
  std::vector<double> effects;
  std::size_t by_ranks = 0;
  std::size_t blind = 0;
  for (const auto& column : columns) {
    for (const BesideBest& method : column) {
      if (!method.adjusted) continue;
      counts.push_back(method.pairs);
      by_ranks += method.test == PairedTest::wilcoxon ? 1 : 0;
      if (method.could_show) {
        effects.push_back(*method.could_show);
      } else {
        ++blind;
      }
    }
  }
  if (counts.empty()) return "the best mean; not tested, no two methods have two seeds in common";
  std::string text = fmt::format(
      "the best mean and what is not told apart from it by {} paired by seed ({}), Holm over each column, "
      "level {}",
      by_ranks == counts.size() ? "signed ranks" : "t-tests", count_text(counts), column_alpha);
  if (by_ranks > 0 && by_ranks < counts.size())
    text += fmt::format("; {} by signed ranks, where differences do not vary or a run is missing", by_ranks);
  if (!effects.empty())
    text +=
        fmt::format("; smallest difference they would show: {}", range_text(effects, in_per_cent ? 100 : 1));
  if (blind > 0)
    text += fmt::format("; {} of {} comparisons could show none, with so few seeds", blind, counts.size());
  return text;
}

}  // namespace admmbench
