#include "results/claims/rerun.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "results/claims/samples.hpp"
#include "results/record/find_or_add.hpp"

namespace admmbench {

namespace {

template <class Value>
bool among(const std::vector<Value>& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// What is in `all` and not in `part`, in the order of `all`.
template <class Value>
std::vector<Value> without(const std::vector<Value>& all, const std::vector<Value>& part) {
  std::vector<Value> rest;
  std::copy_if(all.begin(), all.end(), std::back_inserter(rest),
               [&](const Value& value) { return !among(part, value); });
  return rest;
}

/// A test of pairs, or of a mean, has no number from one run; a tail's model none that one run could settle.
std::size_t least_seeds(const Check& check) {
  if (check.kind == RuleKind::compare || check.kind == RuleKind::rate) return 2;
  const bool mean = check.kind == RuleKind::bound || check.kind == RuleKind::ratio;
  return mean && check.over == Over::mean ? 2 : 1;
}

std::size_t least_datasets(const Check& check) { return check.kind == RuleKind::exponent ? 4 : 1; }

/// Of all its committed runs; one that has none comes last.
double seconds_on(const std::vector<RunRecord>& committed, const std::string& experiment,
                  const std::string& dataset) {
  double sum = 0;
  std::size_t count = 0;
  for (const RunRecord& run : committed) {
    if (run.attributes.experiment != experiment || run.attributes.dataset != dataset) continue;
    sum += run.last("seconds").value_or(0);
    ++count;
  }
  return count == 0 ? std::numeric_limits<double>::infinity() : sum;
}

/// The first `most` of `datasets` by time, in their own order.
std::vector<std::string> quickest(const std::vector<std::string>& datasets, std::size_t most,
                                  const std::vector<RunRecord>& committed, const std::string& experiment) {
  std::vector<std::string> by_time = datasets;
  std::stable_sort(by_time.begin(), by_time.end(), [&](const std::string& a, const std::string& b) {
    return seconds_on(committed, experiment, a) < seconds_on(committed, experiment, b);
  });
  by_time.resize(std::min(most, by_time.size()));
  std::vector<std::string> chosen;
  std::copy_if(datasets.begin(), datasets.end(), std::back_inserter(chosen),
               [&](const std::string& dataset) { return among(by_time, dataset); });
  return chosen;
}

void add_labels(std::vector<std::string>& labels, const OfferedRuns& offered,
                const std::vector<std::string>& patterns) {
  for (const std::string& label : offered.labels) {
    if (std::any_of(patterns.begin(), patterns.end(),
                    [&](const std::string& pattern) { return label_matches(label, pattern); }))
      find_or_add(labels, label);
  }
}

/// Data sets that the check names and the file has; all of the file if it names none.
std::vector<std::string> datasets_of_check(const Check& check, const OfferedRuns& offered) {
  if (check.datasets.empty()) return offered.datasets;
  return without(offered.datasets, without(offered.datasets, check.datasets));
}

}  // namespace

NeededRuns needed_runs(const Claim& claim, const OfferedRuns& offered,
                       const std::vector<RunRecord>& committed, bool quick) {
  NeededRuns needed{{offered.experiment, {}, {}, {}}, {offered.experiment, {}, {}, {}}};
  std::vector<std::string> looked_at;
  std::size_t seeds = quick ? 1 : offered.seeds.size();
  for (const Check& check : claim.checks) {
    if (check.experiment != offered.experiment) continue;
    add_labels(needed.runs.labels, offered, check.methods);
    add_labels(needed.runs.labels, offered, check.against);
    std::vector<std::string> datasets = datasets_of_check(check, offered);
    for (const std::string& dataset : datasets) find_or_add(looked_at, dataset);
    if (quick) {
      datasets = quickest(datasets, least_datasets(check), committed, offered.experiment);
      seeds = std::max(seeds, least_seeds(check));
    }
    for (const std::string& dataset : datasets) find_or_add(needed.runs.datasets, dataset);
  }
  needed.runs.seeds.assign(
      offered.seeds.begin(),
      offered.seeds.begin() + static_cast<std::ptrdiff_t>(std::min(seeds, offered.seeds.size())));
  needed.left_out.datasets = without(looked_at, needed.runs.datasets);
  needed.left_out.seeds = without(offered.seeds, needed.runs.seeds);
  return needed;
}

bool UnitDifference::opposite() const {
  return (before.outcome == Outcome::holds && now.outcome == Outcome::fails) ||
         (before.outcome == Outcome::fails && now.outcome == Outcome::holds);
}

JudgementDifference difference(const JudgedClaim& before, const JudgedClaim& now) {
  JudgementDifference result;
  for (const ClaimUnit& unit : before.units) {
    const auto found = std::find_if(now.units.begin(), now.units.end(),
                                    [&](const ClaimUnit& other) { return other.name == unit.name; });
    if (found == now.units.end() || found->outcome == Outcome::missing) {
      ++result.without_runs;
    } else if (found->outcome == unit.outcome) {
      ++result.same;
    } else {
      result.units.push_back({unit, *found});
    }
  }
  for (const ClaimUnit& unit : now.units) {  // of a method that had no runs before
    const bool known = std::any_of(before.units.begin(), before.units.end(),
                                   [&](const ClaimUnit& other) { return other.name == unit.name; });
    if (known || unit.outcome == Outcome::missing) continue;
    ClaimUnit none;
    none.name = unit.name;
    result.units.push_back({none, unit});
  }
  return result;
}

}  // namespace admmbench
