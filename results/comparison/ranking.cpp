#include "results/comparison/ranking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "results/record/columns.hpp"
#include "results/record/find_or_add.hpp"
#include "results/record/run_set.hpp"

namespace admmbench {

namespace {

using Seeds = SeedValues;

/// The runs of an experiment as numbers: values[method][data set][seed].
struct Values {
  std::vector<std::string> methods, datasets;
  std::vector<std::vector<Seeds>> of;
  std::vector<std::int64_t> samples;  ///< per data set: what the metric is a share of; 0 if that is not known
};

/// Numbers the methods and data sets of `runs`, in order of appearance.
std::vector<PlacedRun> place(const std::vector<const RunRecord*>& runs, Values& values) {
  std::vector<PlacedRun> placed;
  for (const RunRecord* run : runs) {
    placed.push_back({run, find_or_add(values.datasets, run->attributes.dataset),
                      find_or_add(values.methods, run->attributes.label)});
  }
  return placed;
}

Values seed_values(const std::vector<const RunRecord*>& runs, const std::string& metric) {
  Values values;
  const std::vector<PlacedRun> placed = place(runs, values);
  values.of.assign(values.methods.size(), std::vector<Seeds>(values.datasets.size()));
  values.samples.assign(values.datasets.size(), -1);
  for (const auto& [run, dataset, method] : placed) {
    std::optional<double> value = run->last(metric);
    if (!run->finished() || (value && !std::isfinite(*value))) value.reset();
    values.of[method][dataset][run->attributes.seed] = value;
    std::int64_t& samples = values.samples[dataset];
    const std::int64_t own = samples_of(*run, metric);
    samples = samples == -1 || samples == own ? own : 0;
  }
  return values;
}

std::vector<double> with_worst(const Seeds& seeds, double worst) {
  std::vector<double> values;
  for (const auto& seed : seeds) values.push_back(seed.second.value_or(worst));
  return values;
}

/// Stands for a run without a value on data set `d`: worse than what any method has there.
double worst_on(const Values& values, std::size_t d, bool higher) {
  std::vector<double> all;
  for (const auto& method : values.of) {
    const std::vector<double> some = present_values(method[d]);
    all.insert(all.end(), some.begin(), some.end());
  }
  return worse_than_all(all, higher);
}

/// Sorts the methods: best mean rank first, then those without runs on every data set. Returns how many are ranked.
std::size_t sort_by_rank(Values& values, bool higher) {
  const auto complete = [&](std::size_t m) {
    return std::none_of(values.of[m].begin(), values.of[m].end(),
                        [](const Seeds& seeds) { return seeds.empty(); });
  };
  std::vector<std::size_t> order(values.methods.size());
  std::iota(order.begin(), order.end(), 0);
  const auto end = std::stable_partition(order.begin(), order.end(), complete);
  const std::vector<std::size_t> ranked(order.begin(), end);
  std::vector<double> sums(values.methods.size());
  for (std::size_t d = 0; d < values.datasets.size(); ++d) {
    std::vector<double> medians;
    for (const std::size_t m : ranked)
      medians.push_back(median_of(with_worst(values.of[m][d], worst_on(values, d, higher))));
    const std::vector<double> places = ranks(medians, higher);
    for (std::size_t i = 0; i < ranked.size(); ++i) sums[ranked[i]] += places[i];
  }
  std::stable_sort(order.begin(), end, [&](std::size_t a, std::size_t b) { return sums[a] < sums[b]; });
  Values sorted;
  sorted.datasets = values.datasets;
  sorted.samples = values.samples;
  for (const std::size_t m : order) {
    sorted.methods.push_back(values.methods[m]);
    sorted.of.push_back(values.of[m]);
  }
  values = std::move(sorted);
  return ranked.size();
}

std::vector<double> differences_of(const Seeds& x, const Seeds& y) {
  std::vector<double> differences;
  for (const auto& [seed, value] : x) {
    const auto other = y.find(seed);
    if (value && other != y.end() && other->second) differences.push_back(*value - *other->second);
  }
  return differences;
}

PairedResult paired_result(const Seeds& reference, const Seeds& other, const PairOptions& options) {
  PairedResult result;
  static_cast<PairedComparison&>(result) = compare_pairs(reference, other, options);
  if (!result.interval) return result;
  const std::vector<double> differences = differences_of(reference, other);
  result.interval = bootstrap(differences, mean_of).interval;
  // A mean of differences that cancel is zero, not the ulp that is left.
  double largest = 0;
  for (const std::vector<double>& values : {present_values(reference), present_values(other)}) {
    for (const double value : values) largest = std::max(largest, std::abs(value));
  }
  for (double* end : {&result.interval->lower, &result.interval->upper}) {
    if (std::abs(*end) <= rounding_of(largest)) *end = 0;
  }
  return result;
}

void compare_with_reference(MethodRanking& result, const Values& values, bool higher) {
  const auto& reference = values.of[result.reference];
  std::vector<std::size_t> tested;
  std::vector<double> p_values;
  for (std::size_t m = 0; m < values.methods.size(); ++m) {
    if (m == result.reference) continue;
    for (std::size_t d = 0; d < values.datasets.size(); ++d) {
      if (reference[d].empty() || values.of[m][d].empty()) continue;
      PairedResult pair =
          paired_result(reference[d], values.of[m][d], {higher, result.test, values.samples[d]});
      pair.method = m;
      pair.dataset = d;
      if (pair.count() > 0) {
        tested.push_back(result.pairs.size());
        p_values.push_back(pair.p_value());
      }
      result.pairs.push_back(pair);
    }
  }
  const std::vector<double> adjusted = holm(p_values);
  const double level = result.alpha / static_cast<double>(std::max<std::size_t>(1, tested.size()));
  for (std::size_t i = 0; i < tested.size(); ++i) {
    PairedResult& pair = result.pairs[tested[i]];
    pair.adjusted = adjusted[i];
    pair.could_show = pair.detectable(level);
  }
  result.over.resize(values.methods.size());
  for (PairedResult& pair : result.pairs) {
    pair.outcome = outcome_of(pair, pair.adjusted, reference[pair.dataset],
                              values.of[pair.method][pair.dataset], higher, result.alpha);
    OverDatasets& over = result.over[pair.method];
    ++(pair.outcome == PairOutcome::better  ? over.better
       : pair.outcome == PairOutcome::worse ? over.worse
                                            : over.undecided);
  }
}

/// Signed-rank tests over the data sets, of medians, with every data set the same weight.
void test_over_datasets(MethodRanking& result) {
  std::vector<std::size_t> tested;
  std::vector<double> p_values;
  for (std::size_t m = 0; m < result.methods.size(); ++m) {
    if (m == result.reference) continue;
    std::vector<double> x, y;
    for (std::size_t d = 0; d < result.datasets.size(); ++d) {
      const auto& a = result.cells[result.reference][d].median;
      const auto& b = result.cells[m][d].median;
      if (!a || !b) continue;
      x.push_back(*a);
      y.push_back(*b);
    }
    result.over[m].datasets = x.size();
    if (x.size() < 2) continue;
    result.over[m].p_value = wilcoxon_signed_rank(x, y).p_value;
    tested.push_back(m);
    p_values.push_back(*result.over[m].p_value);
  }
  const std::vector<double> adjusted = holm(p_values);
  for (std::size_t i = 0; i < tested.size(); ++i) result.over[tested[i]].adjusted = adjusted[i];
}

std::vector<std::optional<double>> given_targets(const std::vector<std::string>& datasets,
                                                 const RankingOptions& options) {
  std::vector<std::optional<double>> given;
  for (const std::string& dataset : datasets) {
    const auto found = options.targets.find(dataset);
    given.push_back(found == options.targets.end() ? options.target : std::optional(found->second));
  }
  return given;
}

std::optional<Targets> targets_of(const std::vector<const RunRecord*>& runs, Values& values,
                                  const RankingOptions& options) {
  const bool recorded = std::any_of(runs.begin(), runs.end(), [&](const RunRecord* run) {
    return run->trajectory.find(options.metric) != nullptr;
  });
  if (!recorded) return std::nullopt;
  return costs_to_targets(place(runs, values), options.metric, values.methods.size(), values.datasets.size(),
                          options.remaining, {1, 1.25, 1.5, 2, 3, 4},
                          given_targets(values.datasets, options));
}

}  // namespace

MethodRanking rank_runs(const std::vector<RunRecord>& all, const RankingOptions& options) {
  MethodRanking result;
  result.metric = options.metric;
  result.test = options.test;
  result.alpha = options.alpha;
  if (all.empty()) return result;
  result.experiment = all.front().attributes.experiment;
  result.profile = all.front().config.profile;
  const bool higher = higher_is_better(options.metric);
  const std::vector<const RunRecord*> runs = distinct_runs(all);
  Values values = seed_values(runs, options.metric);
  result.ranked = sort_by_rank(values, higher);
  result.methods = values.methods;
  result.datasets = values.datasets;
  for (const auto& method : values.of) {
    auto& row = result.cells.emplace_back();
    for (std::size_t d = 0; d < method.size(); ++d) {
      RankedCell cell;
      cell.summary = summarize(present_values(method[d]));
      cell.without = method[d].size() - cell.summary.count;
      if (!method[d].empty()) cell.median = median_of(with_worst(method[d], worst_on(values, d, higher)));
      row.push_back(cell);
    }
  }
  if (result.ranked >= 2 && result.datasets.size() >= 2) {
    std::vector<std::vector<double>> medians(result.datasets.size());
    for (std::size_t d = 0; d < medians.size(); ++d) {
      for (std::size_t m = 0; m < result.ranked; ++m) medians[d].push_back(*result.cells[m][d].median);
    }
    result.ranking = rank_methods(medians, higher, options.alpha);
  }
  if (!options.reference.empty()) {
    const auto found = std::find(result.methods.begin(), result.methods.end(), options.reference);
    if (found == result.methods.end()) {
      throw std::runtime_error(fmt::format("{}: no method '{}'; there are: {}", result.experiment,
                                           options.reference, fmt::join(result.methods, ", ")));
    }
    result.reference = static_cast<std::size_t>(found - result.methods.begin());
  }
  for (const auto& target : options.targets) {
    if (std::find(result.datasets.begin(), result.datasets.end(), target.first) == result.datasets.end()) {
      throw std::runtime_error(fmt::format("{}: a target for '{}', which is no data set of it; there are: {}",
                                           result.experiment, target.first,
                                           fmt::join(result.datasets, ", ")));
    }
  }
  compare_with_reference(result, values, higher);
  test_over_datasets(result);
  result.targets = targets_of(runs, values, options);
  return result;
}

}  // namespace admmbench
