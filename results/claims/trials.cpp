#include "results/claims/trials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "results/statistics/tests.hpp"

namespace admmbench {

namespace {

Outcome outcome_of(const Trial& trial) {
  const Outcome pointed = trial.p && trial.adjusted > claims_alpha ? Outcome::undecided : trial.outcome;
  return pointed == Outcome::holds && trial.incomplete ? Outcome::undecided : pointed;
}

/// Lost to one is lost; short of one is undecided.
Outcome all_of(const std::vector<Trial>& trials) {
  std::set<Outcome> outcomes;
  for (const Trial& one : trials) outcomes.insert(outcome_of(one));
  for (const Outcome worst : {Outcome::fails, Outcome::undecided}) {
    if (outcomes.contains(worst)) return worst;
  }
  if (!outcomes.contains(Outcome::missing)) return Outcome::holds;
  return outcomes.size() == 1 ? Outcome::missing : Outcome::undecided;
}

void adjust(std::vector<OpenUnit>& units) {
  std::vector<Trial*> tested;
  std::vector<double> p;
  for (OpenUnit& unit : units) {
    for (Trial& trial : unit.trials) {
      if (!trial.p) continue;
      tested.push_back(&trial);
      p.push_back(*trial.p);
    }
  }
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < tested.size(); ++i) tested[i]->adjusted = adjusted[i];
}

std::string effect_text(EffectUnit unit, const std::optional<double>& effect) {
  if (!effect) return "nothing";
  switch (unit) {
    case EffectUnit::difference:
      return *effect > 0 ? fmt::format("{:.2g}", *effect) : "any";
    case EffectUnit::factor:
      return *effect > 1 ? fmt::format("a factor {:.3g}", *effect) : "any factor";
    case EffectUnit::calls:
      return fmt::format("{:g} of them", *effect);
    case EffectUnit::share:
      return fmt::format("{:.0f} %", 100 * *effect);
  }
  return "";
}

/// The level that the correction leaves to the first of `tests`.
double first_level(std::size_t tests) {
  return claims_alpha / static_cast<double>(std::max<std::size_t>(1, tests));
}

std::string text_of(const Trial& trial, double level) {
  std::string text = trial.opponent.empty() ? "" : trial.opponent + ": ";
  text += trial.estimate;
  if (trial.p) text += fmt::format(", p {:.2g}", trial.adjusted);
  if (trial.p && trial.detectable)
    text += fmt::format(", could show {}", effect_text(trial.unit, trial.detectable(level)));
  return text;
}

std::string range_text(std::size_t low, std::size_t high) {
  return low == high ? fmt::format("n = {}", low) : fmt::format("n = {} to {}", low, high);
}

/// "gains from 0.01 to 0.04", "nothing in 3 of them".
std::string effects_text(EffectUnit unit, const std::vector<std::optional<double>>& effects) {
  std::vector<double> found;
  for (const auto& effect : effects) {
    if (effect) found.push_back(*effect);
  }
  const std::size_t none = effects.size() - found.size();
  std::string text;
  if (!found.empty()) {
    const auto [low, high] = std::minmax_element(found.begin(), found.end());
    const std::string from = effect_text(unit, *low);
    const std::string to = effect_text(unit, *high);
    switch (unit) {
      case EffectUnit::difference:
        text = from == to ? "differences of " + from
                          : fmt::format("differences of {} (best unit) to {} (worst)", from, to);
        break;
      case EffectUnit::factor:
        text = from == to ? from + " beyond the bound"
                          : fmt::format("{} (best unit) to {} (worst) beyond the bound", from, to);
        break;
      case EffectUnit::calls:
        text = from == to ? from + " with tails of one model"
                          : fmt::format("{} to {} with tails of one model", from, to);
        break;
      case EffectUnit::share:
        text = from == to ? from : fmt::format("{} to {}", from, to);
        break;
    }
  }
  if (none > 0)
    text += fmt::format("{}nothing at all in {} of {}", text.empty() ? "" : ", ", none, effects.size());
  return text;
}

}  // namespace

std::size_t count_tests(const std::vector<OpenUnit>& units) {
  std::size_t tests = 0;
  for (const OpenUnit& unit : units) {
    tests += static_cast<std::size_t>(std::count_if(unit.trials.begin(), unit.trials.end(),
                                                    [](const Trial& trial) { return trial.p.has_value(); }));
  }
  return tests;
}

std::vector<ClaimUnit> settle(std::vector<OpenUnit> units) {
  adjust(units);
  const double level = first_level(count_tests(units));
  std::vector<ClaimUnit> settled;
  for (const OpenUnit& unit : units) {
    if (!unit.other_size.empty()) {
      settled.push_back({unit.name, Outcome::other_size, 0, unit.other_size, unit.check});
      continue;
    }
    ClaimUnit one{unit.name, all_of(unit.trials), 0, "", unit.check};
    for (const Trial& trial : unit.trials) {
      one.runs = std::max(one.runs, trial.count);
      if (trial.figure) one.figures.push_back(*trial.figure);
      one.measured += (one.measured.empty() ? "" : "; ") + text_of(trial, level);
    }
    one.measured += unit.remark;
    settled.push_back(std::move(one));
  }
  return settled;
}

std::string power_of(const std::vector<OpenUnit>& units) {
  const std::size_t tests = count_tests(units);
  const double level = first_level(tests);
  std::vector<std::string> parts;
  for (const EffectUnit unit :
       {EffectUnit::difference, EffectUnit::factor, EffectUnit::calls, EffectUnit::share}) {
    std::vector<std::optional<double>> effects;
    std::size_t low = std::numeric_limits<std::size_t>::max();
    std::size_t high = 0;
    for (const OpenUnit& open : units) {
      for (const Trial& trial : open.trials) {
        if (!trial.detectable || trial.unit != unit) continue;
        effects.push_back(trial.detectable(level));
        low = std::min(low, trial.count);
        high = std::max(high, trial.count);
      }
    }
    if (effects.empty()) continue;
    const std::string n = range_text(low, high);
    const std::string what = effects_text(unit, effects);
    if (unit == EffectUnit::share) {
      parts.push_back(
          fmt::format("{} runs, each looked at, no test; a share of {} that is otherwise would have shown "
                      "with 95 %",
                      n, what));
      continue;
    }
    parts.push_back(fmt::format(
        "{}; Holm over {} test{} at {:g} %; {}{}", n, tests, tests == 1 ? "" : "s", 100 * claims_alpha,
        unit == EffectUnit::calls ? "it takes " : "could have shown, with 80 %, ", what));
  }
  const bool any = std::any_of(units.begin(), units.end(), [](const OpenUnit& unit) {
    return std::any_of(unit.trials.begin(), unit.trials.end(),
                       [](const Trial& trial) { return trial.outcome != Outcome::missing; });
  });
  if (parts.empty() && any) return "no test: what was counted is no matter of chance";
  return parts.empty() ? "nothing was tested" : fmt::format("{}", fmt::join(parts, ". "));
}

std::vector<ClaimUnit> evaluate_check(const Check& check, const std::vector<RunRecord>& runs,
                                      const std::vector<PlannedExperiment>& plan) {
  return settle(open_units(check, runs, plan));
}

}  // namespace admmbench
