/// What the outcomes of a check hang on: one function per rule (docs/reference/claims-registry.md).

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "results/claims/samples.hpp"
#include "results/claims/trials.hpp"
#include "results/comparison/cost_exponents.hpp"
#include "results/comparison/paired.hpp"
#include "results/record/columns.hpp"
#include "results/record/find_or_add.hpp"
#include "results/statistics/power.hpp"
#include "results/statistics/tests.hpp"

namespace admmbench {

namespace {

Trial decided(Outcome outcome, std::size_t count, std::string estimate) {
  Trial trial;
  trial.outcome = outcome;
  trial.count = count;
  trial.estimate = std::move(estimate);
  return trial;
}

// ---------------------------------------------------------------------------------------------------------- compare

std::string gain_text(const PairedComparison& pairs, bool higher) {
  if (!pairs.difference) return "no gain to speak of";
  const double sign = higher ? 1 : -1;
  std::string text = fmt::format("gain {:.3g}", sign * *pairs.difference);
  if (pairs.interval) {
    const double ends[] = {sign * pairs.interval->lower, sign * pairs.interval->upper};
    text += fmt::format(" [{:.3g}, {:.3g}]", std::min(ends[0], ends[1]), std::max(ends[0], ends[1]));
  }
  return text;
}

Trial contest(const Check& check, const Sample& mine, const Sample& theirs, const std::string& opponent) {
  const std::int64_t samples = mine.samples == theirs.samples ? mine.samples : 0;
  const PairedComparison pairs = compare_pairs(
      mine.seeds, theirs.seeds,
      {check.higher, check.wilcoxon ? PairedTest::wilcoxon : PairedTest::t, samples, 1 - claims_alpha});
  Trial trial = decided(Outcome::missing, pairs.count(), "no pairs");
  trial.opponent = opponent;
  if (pairs.pairs + pairs.without < 2) return trial;
  const double direction = check.higher ? pairs.direction() : -pairs.direction();
  trial.p = pairs.p_value();
  trial.outcome = direction > 0 ? Outcome::holds : direction < 0 ? Outcome::fails : Outcome::undecided;
  trial.incomplete = mine.incomplete();
  std::string how;
  if (!check.wilcoxon && pairs.decides == PairedTest::wilcoxon) {
    how = pairs.without > 0 ? fmt::format(", signed ranks ({} without a value)", pairs.without)
                            : ", signed ranks";
  }
  if (pairs.difference) trial.figure = {"gain", (check.higher ? 1 : -1) * *pairs.difference};
  trial.estimate = fmt::format("{}, n = {}{}", gain_text(pairs, check.higher), pairs.count(), how);
  trial.detectable = [pairs](double level) { return pairs.detectable(level); };
  return trial;
}

std::vector<OpenUnit> open_compare(const Check& check, const std::vector<RunRecord>& runs,
                                   const std::vector<PlannedExperiment>& plan) {
  const auto opponents = labels_of(runs, check, check.against);
  return for_each_unit(
      check, runs, plan,
      [&](const std::string& dataset, const std::string& method, const Sample& mine, OpenUnit& unit) {
        for (const std::string& opponent : opponents) {
          if (opponent == method) continue;
          unit.trials.push_back(contest(check, mine, sample(runs, check, dataset, opponent), opponent));
        }
      });
}

// ----------------------------------------------------------------------------------------- bounds of values and ratios

bool inside(const Check& check, double value) {
  return (!check.at_least || value >= *check.at_least) && (!check.at_most || value <= *check.at_most);
}

/// One-sided: that the mean is below `bound`, and that it is above.
struct Evidence {
  double below = 1, above = 1;
};

Evidence evidence(const std::vector<double>& values, double bound) {
  const std::vector<double> bounds(values.size(), bound);
  const PairedTTest test = paired_t_test(values, bounds);
  if (test.p_value) {
    const double small = *test.p_value / 2;
    return *test.t < 0 ? Evidence{small, 1 - small} : Evidence{1 - small, small};
  }
  // Values that do not vary: the signed ranks, all of one sign.
  const SignedRankTest ranks = wilcoxon_signed_rank(values, bounds);
  const double small = least_signed_rank_p(ranks.count, Sides::one);
  if (ranks.count == 0) return {};
  return ranks.positive > 0 ? Evidence{1, small} : Evidence{small, 1};
}

/// Whether the mean of `values` keeps the bounds `map(at_least)`, `map(at_most)`. A bound is missed on one side only, so the tests are
/// one-sided: if the mean keeps it, only "refuted" can be wrong, else only "holds".
template <class Map>
Trial test_bounds(const Check& check, const std::vector<double>& values, Map map) {
  double holds = 0;
  double fails = 1;
  if (check.at_least) {
    holds = std::max(holds, evidence(values, map(*check.at_least)).above);
    fails = std::min(fails, evidence(values, map(*check.at_least)).below);
  }
  if (check.at_most) {
    holds = std::max(holds, evidence(values, map(*check.at_most)).below);
    fails = std::min(fails, evidence(values, map(check.refuted_above.value_or(*check.at_most))).above);
  }
  Trial trial;
  trial.count = values.size();
  trial.p = std::min(holds, fails);
  trial.outcome = holds < fails ? Outcome::holds : fails < holds ? Outcome::fails : Outcome::undecided;
  const PairedTTest spread = paired_t_test(values, std::vector<double>(values.size(), 0), 1 - claims_alpha);
  const double deviation = spread.deviation.value_or(0);
  trial.detectable = [count = values.size(), deviation](double level) -> std::optional<double> {
    if (deviation > 0) return detectable_difference(count, deviation, level, Sides::one);
    return least_signed_rank_p(count, Sides::one) > level ? std::nullopt : std::optional(0.0);
  };
  return trial;
}

std::string interval_text(const std::vector<double>& values, double (*map)(double)) {
  const PairedTTest test = paired_t_test(values, std::vector<double>(values.size(), 0), 1 - claims_alpha);
  std::string text = fmt::format("{:.3g}", map(test.mean));
  if (test.interval)
    text += fmt::format(" [{:.3g}, {:.3g}]", map(test.interval->lower), map(test.interval->upper));
  return text;
}

double itself(double value) { return value; }
double exponential(double value) { return std::exp(value); }

/// Every one is looked at: no test, but what so few could have missed.
Trial look_at_every(const Check& check, const std::vector<double>& values, std::size_t expected) {
  const auto holding = static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [&](double value) { return inside(check, value); }));
  const Summary summary = summarize(values);
  Trial trial = decided(holding < values.size()    ? Outcome::fails
                        : expected > values.size() ? Outcome::undecided
                                                   : Outcome::holds,
                        values.size(),
                        fmt::format("{} of {}, median {:.3g}, from {:.3g} to {:.3g}", holding, expected,
                                    summary.median, summary.minimum, summary.maximum));
  trial.figure = {"median", summary.median};
  trial.unit = EffectUnit::share;
  trial.detectable = [count = values.size()](double) {
    return std::optional(detectable_share(count, claims_alpha));
  };
  return trial;
}

Trial bound_trial(const Check& check, const Sample& mine, std::size_t planned) {
  const std::vector<double> values = values_of(mine.seeds);
  if (values.empty()) return decided(Outcome::missing, 0, "no runs with " + check.measure.text);
  if (check.over == Over::every) return look_at_every(check, values, std::max(mine.runs(), planned));
  if (values.size() < 2) return decided(Outcome::undecided, 1, fmt::format("{:.3g}, n = 1", values.front()));
  Trial trial = test_bounds(check, values, itself);
  trial.incomplete = mine.incomplete();
  trial.figure = {"mean", mean_of(values)};
  trial.estimate = fmt::format("{}, n = {}", interval_text(values, itself), values.size());
  return trial;
}

/// Logs of the ratios of the seeds that have positive values on both sides.
std::vector<double> log_ratios(const Sample& mine, const Sample& theirs) {
  std::vector<double> logs;
  for (const auto& [seed, value] : mine.seeds) {
    const auto other = theirs.seeds.find(seed);
    if (!value || other == theirs.seeds.end() || !other->second || *value <= 0 || *other->second <= 0)
      continue;
    logs.push_back(std::log(*value / *other->second));
  }
  return logs;
}

std::vector<double> ratios(const std::vector<double>& logs) {
  std::vector<double> result;
  for (const double value : logs) result.push_back(std::exp(value));
  return result;
}

Trial ratio_trial(const Check& check, const Sample& mine, const Sample& theirs, std::size_t planned) {
  const std::vector<double> logs = log_ratios(mine, theirs);
  if (check.over == Over::every && !logs.empty())
    return look_at_every(check, ratios(logs), std::max(mine.runs(), planned));
  if (logs.size() < 2)
    return decided(Outcome::missing, logs.size(), "fewer than two pairs of positive values");
  Trial trial = test_bounds(check, logs, [](double bound) { return std::log(bound); });
  trial.incomplete = logs.size() < mine.runs();
  trial.figure = {"ratio", std::exp(mean_of(logs))};
  trial.estimate = fmt::format("ratio {}, n = {}", interval_text(logs, exponential), logs.size());
  trial.unit = EffectUnit::factor;
  trial.detectable = [in_logs = trial.detectable](double level) -> std::optional<double> {
    const auto effect = in_logs(level);
    return effect ? std::optional(std::exp(*effect)) : std::nullopt;
  };
  return trial;
}

/// At least one run of any method on any data set, as what is claimed as "up to" says: one unit. None of them: refuted, if the runs are
/// all there.
std::vector<OpenUnit> open_best(const Check& check, const std::vector<RunRecord>& runs,
                                const std::vector<PlannedExperiment>& plan) {
  struct Candidate {
    double value;
    std::string name;
  };
  std::vector<Candidate> all;
  bool complete = true;
  for_each_unit(check, runs, plan,
                [&](const std::string& dataset, const std::string&, const Sample& mine, OpenUnit& unit) {
                  const std::vector<double> values =
                      check.kind == RuleKind::bound
                          ? values_of(mine.seeds)
                          : ratios(log_ratios(mine, sample(runs, check, dataset, check.against.front())));
                  complete = complete && !values.empty() && values.size() >= mine.runs();
                  for (const double value : values) all.push_back({value, unit.name});
                });
  if (all.empty()) return {};
  // The best is the one that keeps the bounds by most; with two bounds any that does.
  const auto best = std::min_element(all.begin(), all.end(), [&](const Candidate& a, const Candidate& b) {
    if (inside(check, a.value) != inside(check, b.value)) return inside(check, a.value);
    return check.at_most ? a.value < b.value : a.value > b.value;
  });
  const auto holding =
      std::count_if(all.begin(), all.end(), [&](const Candidate& one) { return inside(check, one.value); });
  Trial trial = decided(
      holding > 0 ? Outcome::holds
      : complete  ? Outcome::fails
                  : Outcome::undecided,
      all.size(),
      fmt::format("{} of {} runs, the best {:.3g}, of {}", holding, all.size(), best->value, best->name));
  trial.figure = {"best", best->value};
  trial.unit = EffectUnit::share;
  trial.detectable = [count = all.size()](double) {
    return std::optional(detectable_share(count, claims_alpha));
  };
  return {{"the best run", {trial}, complete ? "" : "; runs are missing"}};
}

std::vector<OpenUnit> open_bounds(const Check& check, const std::vector<RunRecord>& runs,
                                  const std::vector<PlannedExperiment>& plan) {
  if (check.over == Over::best) return open_best(check, runs, plan);
  const std::size_t planned = planned_runs(check, plan);
  return for_each_unit(
      check, runs, plan,
      [&](const std::string& dataset, const std::string&, const Sample& mine, OpenUnit& unit) {
        unit.trials.push_back(
            check.kind == RuleKind::bound
                ? bound_trial(check, mine, planned)
                : ratio_trial(check, mine, sample(runs, check, dataset, check.against.front()), planned));
      });
}

// ------------------------------------------------------------------------------------------------------------- rate

/// A tail is named wrongly by chance in at most so many runs (docs/reference/rates.md has what was measured).
constexpr double wrong_calls = 0.05;

bool two_of_three(std::size_t calls, std::size_t runs) { return 3 * calls >= 2 * runs; }

/// Two of three runs must agree, a bare majority may be chance, and so many calls must not be mistakes of the estimate.
Trial rate_trial(const Check& check, const Sample& mine) {
  std::map<RateModel, std::size_t> counts;
  for (const double value : values_of(mine.seeds)) ++counts[static_cast<RateModel>(static_cast<int>(value))];
  if (counts.empty()) return decided(Outcome::missing, 0, "no runs with " + check.measure.text);
  const std::size_t n = mine.runs();
  std::size_t other = 0;
  std::vector<std::string> parts;
  for (const auto& [model, count] : counts) {
    if (model != check.model && model != RateModel::undetermined) other = std::max(other, count);
    parts.push_back(fmt::format("{} {}", to_string(model), count));
  }
  const std::size_t calls = counts[check.model];
  Trial trial = decided(Outcome::undecided, n, fmt::format("tails: {}", fmt::join(parts, ", ")));
  trial.p = 1;
  if (n >= 2 && two_of_three(std::max(calls, other), n)) {
    trial.outcome = calls > other ? Outcome::holds : Outcome::fails;
    trial.p = binomial_tail(n, std::max(calls, other), wrong_calls);
  }
  trial.unit = EffectUnit::calls;
  trial.detectable = [n](double level) -> std::optional<double> {
    for (std::size_t needed = 1; n >= 2 && needed <= n; ++needed) {
      if (two_of_three(needed, n) && binomial_tail(n, needed, wrong_calls) <= level)
        return static_cast<double>(needed);
    }
    return std::nullopt;
  };
  return trial;
}

std::vector<OpenUnit> open_rates(const Check& check, const std::vector<RunRecord>& runs,
                                 const std::vector<PlannedExperiment>& plan) {
  return for_each_unit(check, runs, plan,
                       [&](const std::string&, const std::string&, const Sample& mine, OpenUnit& unit) {
                         unit.trials.push_back(rate_trial(check, mine));
                       });
}

// --------------------------------------------------------------------------------------------------------- exponent

/// Whether an interval lies within the bounds of `check`, outside, or across one.
Outcome within(const Check& check, const Interval& interval) {
  if (inside(check, interval.lower) && inside(check, interval.upper)) return Outcome::holds;
  const bool under = check.at_least && interval.upper < *check.at_least;
  const bool over = check.at_most && interval.lower > *check.at_most;
  return under || over ? Outcome::fails : Outcome::undecided;
}

/// The slope in the upper half of the sizes: the leading power, not what the terms below it add at small sizes.
OpenUnit open_exponent(const Check& check, const std::vector<RunRecord>& runs,
                       const std::vector<PlannedExperiment>& plan, const std::string& method) {
  std::vector<std::pair<double, double>> points;
  for (const std::string& dataset : datasets_of(runs, check, plan)) {
    const auto size = size_of(dataset);
    if (!size) continue;
    const auto values = values_of(sample(runs, check, dataset, method).seeds);
    if (!values.empty() && mean_of(values) > 0) points.emplace_back(*size, mean_of(values));
  }
  if (points.size() < 4)
    return {method, {decided(Outcome::missing, points.size(), "fewer than four sizes")}, ""};
  // The slopes between neighbours bound the drift that lower-order terms leave; three points have no interval worth the name.
  const ExponentFit fit = *fit_exponent(points, std::max<std::size_t>(3, points.size() / 2));
  Trial trial = decided(within(check, fit.local), fit.sizes,
                        fmt::format("exponent {:.3f}, local ones {:.3f} to {:.3f}, largest {} sizes",
                                    fit.slope, fit.local.lower, fit.local.upper, fit.sizes));
  trial.figure = {"exponent", fit.slope};
  return {method, {std::move(trial)}, ""};
}

std::vector<OpenUnit> open_exponents(const Check& check, const std::vector<RunRecord>& runs,
                                     const std::vector<PlannedExperiment>& plan) {
  std::vector<OpenUnit> units;
  for (const std::string& method : labels_of(runs, check, check.methods))
    units.push_back(open_exponent(check, runs, plan, method));
  return units;
}

// ----------------------------------------------------------------------------------------------------------- offers

std::vector<OpenUnit> open_offers(const Check& check, const std::vector<RunRecord>& runs) {
  std::optional<double> largest;
  std::size_t count = 0;
  for (const RunRecord& run : runs) {
    if (run.attributes.experiment != check.experiment) continue;
    for (const auto& [name, text] : run.config.grid) {
      double value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (name != check.grid || error != std::errc{}) continue;
      largest = std::max(largest.value_or(value), value);
      ++count;
    }
  }
  if (!largest) return {{check.grid, {decided(Outcome::missing, 0, "no runs with this grid parameter")}, ""}};
  return {{check.grid,
           {decided(*largest >= *check.at_least ? Outcome::holds : Outcome::fails, count,
                    fmt::format("up to {:g} here, {:g} in the claim", *largest, *check.at_least))},
           ""}};
}

}  // namespace

std::string to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::holds:
      return "holds";
    case Outcome::fails:
      return "refuted";
    case Outcome::undecided:
      return "not decided";
    case Outcome::missing:
      return "no runs";
    case Outcome::other_size:
      return "not tested at its size";
  }
  return "";
}

std::vector<OpenUnit> open_units(const Check& check, const std::vector<RunRecord>& runs,
                                 const std::vector<PlannedExperiment>& plan) {
  std::vector<OpenUnit> units;
  switch (check.kind) {
    case RuleKind::compare:
      units = open_compare(check, runs, plan);
      break;
    case RuleKind::bound:
    case RuleKind::ratio:
      units = open_bounds(check, runs, plan);
      break;
    case RuleKind::rate:
      units = open_rates(check, runs, plan);
      break;
    case RuleKind::exponent:
      units = open_exponents(check, runs, plan);
      break;
    case RuleKind::offers:
      units = open_offers(check, runs);
      break;
  }
  if (units.empty()) units.push_back({check.experiment, {decided(Outcome::missing, 0, "no runs")}, ""});
  return units;
}

}  // namespace admmbench
