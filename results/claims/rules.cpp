/// The outcomes of a check: one function per rule (docs/reference/claims-registry.md).

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "results/claims/claims.hpp"
#include "results/comparison/cost_exponents.hpp"
#include "results/record/find_or_add.hpp"
#include "results/statistics/tests.hpp"

namespace admmbench {

namespace {

/// Seed -> value of the finished runs of one label on one data set.
using BySeed = std::map<std::int64_t, double>;

struct Sample {
  BySeed values;
  std::size_t unfinished = 0;  ///< diverged, failed, interrupted
  std::size_t without = 0;     ///< finished, but without a finite value
  std::size_t runs() const { return values.size() + unfinished + without; }
};

bool matches(const std::string& label, const std::string& pattern) {
  if (!pattern.empty() && pattern.back() == '*')
    return label.starts_with(pattern.substr(0, pattern.size() - 1));
  return label == pattern;
}

/// The labels of the runs that match; a label without `*` also if it has no runs.
std::vector<std::string> labels_of(const std::vector<RunSummary>& runs, const Check& check,
                                   const std::vector<std::string>& patterns) {
  std::vector<std::string> labels;
  for (const std::string& pattern : patterns) {
    const std::size_t before = labels.size();
    for (const RunSummary& run : runs) {
      if (run.experiment == check.experiment && matches(run.label, pattern)) find_or_add(labels, run.label);
    }
    if (labels.size() == before && pattern.back() != '*') find_or_add(labels, pattern);  // named, and missing
  }
  return labels;
}

std::vector<std::string> datasets_of(const std::vector<RunSummary>& runs, const Check& check) {
  if (!check.datasets.empty()) return check.datasets;
  std::vector<std::string> datasets;
  for (const RunSummary& run : runs) {
    if (run.experiment == check.experiment) find_or_add(datasets, run.dataset);
  }
  return datasets;
}

/// Never to reach a target is a value, infinity; all else that is not finite is none.
std::optional<double> value_of(const RunSummary& run, const Measure& measure) {
  const auto value = run.find(measure.text);
  if (!value || std::isfinite(*value)) return value;
  return measure.function == "reach" && *value > 0 ? value : std::nullopt;
}

Sample sample(const std::vector<RunSummary>& runs, const Check& check, const std::string& dataset,
              const std::string& label) {
  Sample result;
  for (const RunSummary& run : runs) {
    if (run.experiment != check.experiment || run.dataset != dataset || run.label != label) continue;
    if (!run.finished()) {
      ++result.unfinished;
    } else if (const auto value = value_of(run, check.measure)) {
      result.values[run.seed] = *value;
    } else {
      ++result.without;
    }
  }
  return result;
}

std::string remark(const Sample& sample) {
  std::string text;
  if (sample.unfinished > 0) text += fmt::format("; {} not finished", sample.unfinished);
  if (sample.without > 0) text += fmt::format("; {} without a value", sample.without);
  return text;
}

std::vector<double> values_of(const BySeed& by_seed) {
  std::vector<double> values;
  for (const auto& entry : by_seed) values.push_back(entry.second);
  return values;
}

struct Pairs {
  std::vector<double> a, b;
};

Pairs pairs_of(const BySeed& a, const BySeed& b) {
  Pairs pairs;
  for (const auto& [seed, value] : a) {
    const auto other = b.find(seed);
    if (other == b.end()) continue;
    pairs.a.push_back(value);
    pairs.b.push_back(other->second);
  }
  return pairs;
}

struct Estimate {
  double mean = 0;
  Interval
      interval;  ///< of the mean; the point itself if the values do not vary; infinite for fewer than two
};

Estimate estimate(const std::vector<double>& values) {
  const PairedTTest test = paired_t_test(values, std::vector<double>(values.size(), 0), 1 - claims_alpha);
  if (test.interval) return {test.mean, *test.interval};
  if (values.size() > 1) return {test.mean, {test.mean, test.mean}};
  const double infinity = std::numeric_limits<double>::infinity();
  return {test.mean, {-infinity, infinity}};
}

std::string text_of(const Estimate& estimate) {
  return fmt::format("{:.3g} [{:.3g}, {:.3g}]", estimate.mean, estimate.interval.lower,
                     estimate.interval.upper);
}

/// Whether an interval lies within the bounds of `check`, outside, or across one.
Outcome within(const Check& check, const Interval& interval) {
  const bool above = !check.at_least || interval.lower >= *check.at_least;
  const bool below = !check.at_most || interval.upper <= *check.at_most;
  if (above && below) return Outcome::holds;
  const bool under = check.at_least && interval.upper < *check.at_least;
  const bool over = check.at_most && interval.lower > *check.at_most;
  return under || over ? Outcome::fails : Outcome::undecided;
}

// ---------------------------------------------------------------------------------------------------------- compare

struct Contest {
  std::string opponent;
  std::size_t pairs = 0;
  double p = 1;            ///< adjusted once all are known
  Estimate gain;           ///< of the method over the opponent; positive is better
  bool lost_runs = false;  ///< the method has runs that did not end: it cannot be called better
  std::string remark;
};

/// With differences that are all the same and not zero, t has no value: the signed ranks decide.
double p_value(const Check& check, const Pairs& pairs) {
  if (!check.wilcoxon) {
    const PairedTTest test = paired_t_test(pairs.a, pairs.b);
    if (test.p_value) return *test.p_value;
  }
  return wilcoxon_signed_rank(pairs.a, pairs.b).p_value;
}

Contest contest(const Check& check, const Sample& mine, const Sample& theirs, const std::string& opponent) {
  Contest result;
  result.opponent = opponent;
  result.lost_runs = mine.unfinished + mine.without > 0;
  result.remark = remark(mine);
  const Pairs pairs = pairs_of(mine.values, theirs.values);
  result.pairs = pairs.a.size();
  if (result.pairs < 2) return result;
  result.p = p_value(check, pairs);
  std::vector<double> gains;
  for (std::size_t i = 0; i < pairs.a.size(); ++i) {
    gains.push_back(check.higher ? pairs.a[i] - pairs.b[i] : pairs.b[i] - pairs.a[i]);
  }
  result.gain = estimate(gains);
  return result;
}

Outcome outcome_of(const Contest& contest) {
  if (contest.pairs < 2) return Outcome::missing;
  if (contest.p > claims_alpha || contest.gain.mean == 0) return Outcome::undecided;
  if (contest.gain.mean < 0) return Outcome::fails;
  return contest.lost_runs ? Outcome::undecided : Outcome::holds;
}

std::string text_of(const Contest& contest) {
  if (contest.pairs < 2) return fmt::format("{}: no pairs{}", contest.opponent, contest.remark);
  return fmt::format("{}: gain {}, n = {}, p {:.2g}{}", contest.opponent, text_of(contest.gain),
                     contest.pairs, contest.p, contest.remark);
}

/// Against all opponents together: lost to one is lost; short of one is undecided.
Outcome all_of(const std::vector<Contest>& contests) {
  std::set<Outcome> outcomes;
  for (const Contest& one : contests) outcomes.insert(outcome_of(one));
  for (const Outcome worst : {Outcome::fails, Outcome::undecided}) {
    if (outcomes.contains(worst)) return worst;
  }
  if (!outcomes.contains(Outcome::missing)) return Outcome::holds;
  return outcomes.size() == 1 ? Outcome::missing : Outcome::undecided;
}

struct CompareUnit {
  std::string name;
  std::vector<Contest> contests;
};

void adjust(std::vector<CompareUnit>& units) {
  std::vector<double> p;
  for (const CompareUnit& unit : units) {
    for (const Contest& one : unit.contests) {
      if (one.pairs >= 2) p.push_back(one.p);
    }
  }
  const std::vector<double> adjusted = holm(p);
  std::size_t next = 0;
  for (CompareUnit& unit : units) {
    for (Contest& one : unit.contests) {
      if (one.pairs >= 2) one.p = adjusted[next++];
    }
  }
}

std::string unit_name(const std::string& dataset, const std::string& method, std::size_t datasets,
                      std::size_t methods) {
  if (methods <= 1) return dataset;
  return datasets <= 1 ? method : fmt::format("{} / {}", dataset, method);
}

std::vector<ClaimUnit> evaluate_compare(const Check& check, const std::vector<RunSummary>& runs) {
  const auto datasets = datasets_of(runs, check);
  const auto methods = labels_of(runs, check, check.methods);
  const auto opponents = labels_of(runs, check, check.against);
  std::vector<CompareUnit> units;
  for (const std::string& dataset : datasets) {
    for (const std::string& method : methods) {
      CompareUnit unit{unit_name(dataset, method, datasets.size(), methods.size()), {}};
      const Sample mine = sample(runs, check, dataset, method);
      for (const std::string& opponent : opponents) {
        if (opponent == method) continue;
        unit.contests.push_back(contest(check, mine, sample(runs, check, dataset, opponent), opponent));
      }
      units.push_back(std::move(unit));
    }
  }
  adjust(units);
  std::vector<ClaimUnit> result;
  for (const CompareUnit& unit : units) {
    ClaimUnit one{unit.name, all_of(unit.contests), 0, ""};
    for (const Contest& contest : unit.contests) {
      one.runs = std::max(one.runs, contest.pairs);
      one.measured += (one.measured.empty() ? "" : "; ") + text_of(contest);
    }
    result.push_back(std::move(one));
  }
  return result;
}

// ------------------------------------------------------------------------------------------- rules for each sample

ClaimUnit bound_every(const Check& check, const Sample& mine) {
  std::size_t holding = 0;
  for (const auto& entry : mine.values) {
    if (within(check, {entry.second, entry.second}) == Outcome::holds) ++holding;
  }
  const Summary summary = summarize(values_of(mine.values));
  const Outcome outcome = holding < mine.values.size() ? Outcome::fails
                          : mine.runs() > holding      ? Outcome::undecided
                                                       : Outcome::holds;
  return {"", outcome, mine.values.size(),
          fmt::format("{} of {} runs, median {:.3g}, from {:.3g} to {:.3g}", holding, mine.runs(),
                      summary.median, summary.minimum, summary.maximum)};
}

ClaimUnit bound_mean(const Check& check, const Sample& mine) {
  const Estimate mean = estimate(values_of(mine.values));
  Outcome outcome = within(check, mean.interval);
  if (outcome == Outcome::holds && mine.runs() > mine.values.size()) outcome = Outcome::undecided;
  return {"", outcome, mine.values.size(), fmt::format("{}, n = {}", text_of(mean), mine.values.size())};
}

ClaimUnit evaluate_bound(const Check& check, const Sample& mine) {
  return check.every ? bound_every(check, mine) : bound_mean(check, mine);
}

/// Two of three runs must agree: a bare majority may be chance.
ClaimUnit evaluate_rate(const Check& check, const Sample& mine) {
  std::map<RateModel, std::size_t> counts;
  for (const auto& entry : mine.values) ++counts[static_cast<RateModel>(static_cast<int>(entry.second))];
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  Outcome outcome = Outcome::undecided;
  if (3 * most->second >= 2 * mine.runs() && most->first != RateModel::undetermined) {
    outcome = most->first == check.model ? Outcome::holds : Outcome::fails;
  }
  std::vector<std::string> parts;
  for (const auto& [model, count] : counts) parts.push_back(fmt::format("{} {}", to_string(model), count));
  return {"", outcome, mine.values.size(), fmt::format("tails: {}", fmt::join(parts, ", "))};
}

std::vector<ClaimUnit> evaluate_each(const Check& check, const std::vector<RunSummary>& runs) {
  const auto datasets = datasets_of(runs, check);
  const auto methods = labels_of(runs, check, check.methods);
  std::vector<ClaimUnit> units;
  for (const std::string& dataset : datasets) {
    for (const std::string& method : methods) {
      const Sample mine = sample(runs, check, dataset, method);
      ClaimUnit unit{"", Outcome::missing, 0, "no runs with " + check.measure.text};
      if (!mine.values.empty()) {
        unit = check.kind == RuleKind::bound ? evaluate_bound(check, mine) : evaluate_rate(check, mine);
      }
      unit.name = unit_name(dataset, method, datasets.size(), methods.size());
      unit.measured += remark(mine);
      units.push_back(std::move(unit));
    }
  }
  return units;
}

// ------------------------------------------------------------------------------------------------------------ ratio

ClaimUnit evaluate_ratio(const Check& check, const Sample& mine, const Sample& theirs) {
  const Pairs pairs = pairs_of(mine.values, theirs.values);
  std::vector<double> logs;
  for (std::size_t i = 0; i < pairs.a.size(); ++i) {
    if (pairs.a[i] > 0 && pairs.b[i] > 0) logs.push_back(std::log(pairs.a[i] / pairs.b[i]));
  }
  if (logs.size() < 2) return {"", Outcome::missing, logs.size(), "fewer than two pairs of positive values"};
  const Estimate log_mean = estimate(logs);
  const Estimate mean{std::exp(log_mean.mean),
                      {std::exp(log_mean.interval.lower), std::exp(log_mean.interval.upper)}};
  Outcome outcome = within(check, mean.interval);
  if (outcome == Outcome::holds && logs.size() < mine.runs()) outcome = Outcome::undecided;
  return {"", outcome, logs.size(), fmt::format("ratio {}, n = {}", text_of(mean), logs.size())};
}

std::vector<ClaimUnit> evaluate_ratios(const Check& check, const std::vector<RunSummary>& runs) {
  const auto datasets = datasets_of(runs, check);
  const auto methods = labels_of(runs, check, check.methods);
  std::vector<ClaimUnit> units;
  for (const std::string& dataset : datasets) {
    const Sample theirs = sample(runs, check, dataset, check.against.front());
    for (const std::string& method : methods) {
      const Sample mine = sample(runs, check, dataset, method);
      ClaimUnit unit = evaluate_ratio(check, mine, theirs);
      unit.name = unit_name(dataset, method, datasets.size(), methods.size());
      unit.measured += remark(mine);
      units.push_back(std::move(unit));
    }
  }
  return units;
}

// --------------------------------------------------------------------------------------------------------- exponent

/// The slope in the upper half of the sizes: the leading power, not what the terms below it add at small sizes.
ClaimUnit evaluate_exponent(const Check& check, const std::vector<RunSummary>& runs,
                            const std::string& method) {
  std::vector<std::pair<double, double>> points;
  for (const std::string& dataset : datasets_of(runs, check)) {
    const auto size = size_of(dataset);
    if (!size) continue;
    const auto values = values_of(sample(runs, check, dataset, method).values);
    if (!values.empty() && mean_of(values) > 0) points.emplace_back(*size, mean_of(values));
  }
  if (points.size() < 4) return {method, Outcome::missing, points.size(), "fewer than four sizes"};
  // The slopes between neighbours bound the drift that lower-order terms leave; three points have no interval worth the name.
  const ExponentFit fit = *fit_exponent(points, std::max<std::size_t>(3, points.size() / 2));
  return {method, within(check, fit.local), fit.sizes,
          fmt::format("exponent {:.3f}, local ones {:.3f} to {:.3f}, largest {} sizes", fit.slope,
                      fit.local.lower, fit.local.upper, fit.sizes)};
}

std::vector<ClaimUnit> evaluate_exponents(const Check& check, const std::vector<RunSummary>& runs) {
  std::vector<ClaimUnit> units;
  for (const std::string& method : labels_of(runs, check, check.methods)) {
    units.push_back(evaluate_exponent(check, runs, method));
  }
  return units;
}

// ----------------------------------------------------------------------------------------------------------- offers

std::vector<ClaimUnit> evaluate_offers(const Check& check, const std::vector<RunSummary>& runs) {
  std::optional<double> largest;
  std::size_t count = 0;
  for (const RunSummary& run : runs) {
    if (run.experiment != check.experiment) continue;
    for (const auto& [name, text] : run.grid) {
      double value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (name != check.grid || error != std::errc{}) continue;
      largest = std::max(largest.value_or(value), value);
      ++count;
    }
  }
  if (!largest) return {{check.grid, Outcome::missing, 0, "no runs with this grid parameter"}};
  return {{check.grid, *largest >= *check.at_least ? Outcome::holds : Outcome::fails, count,
           fmt::format("up to {:g} here, {:g} in the claim", *largest, *check.at_least)}};
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
  }
  return "";
}

std::vector<ClaimUnit> evaluate_check(const Check& check, const std::vector<RunSummary>& runs) {
  std::vector<ClaimUnit> units;
  switch (check.kind) {
    case RuleKind::compare:
      units = evaluate_compare(check, runs);
      break;
    case RuleKind::bound:
    case RuleKind::rate:
      units = evaluate_each(check, runs);
      break;
    case RuleKind::ratio:
      units = evaluate_ratios(check, runs);
      break;
    case RuleKind::exponent:
      units = evaluate_exponents(check, runs);
      break;
    case RuleKind::offers:
      units = evaluate_offers(check, runs);
      break;
  }
  if (units.empty()) units.push_back({check.experiment, Outcome::missing, 0, "no runs"});
  return units;
}

}  // namespace admmbench
