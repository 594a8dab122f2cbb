/// From the outcomes of a claim's checks to its verdict.

#include "results/claims/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "results/claims/trials.hpp"
#include "results/record/find_or_add.hpp"

namespace admmbench {

namespace {

std::size_t count_of(const std::vector<ClaimUnit>& units, Outcome outcome) {
  return static_cast<std::size_t>(std::count_if(
      units.begin(), units.end(), [&](const ClaimUnit& unit) { return unit.outcome == outcome; }));
}

/// Names of the units with this outcome; a check with several units that all have it is one name.
std::vector<std::string> names_with(const std::vector<ClaimUnit>& units, Outcome outcome) {
  std::vector<std::string> names;
  for (const ClaimUnit& unit : units) {
    if (unit.outcome != outcome) continue;
    std::vector<ClaimUnit> family;
    std::copy_if(units.begin(), units.end(), std::back_inserter(family),
                 [&](const ClaimUnit& other) { return other.check == unit.check; });
    const bool whole = !unit.check.empty() && family.size() > 1 && count_of(family, outcome) == family.size();
    find_or_add(names, whole ? fmt::format("{} (all {})", unit.check, family.size()) : unit.name);
  }
  return names;
}

/// The first few names, and how many more.
std::string listed(const std::vector<std::string>& names, std::size_t most = 10) {
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(most, names.size()));
  const std::string more = names.size() > most ? fmt::format("; and {} more", names.size() - most) : "";
  return fmt::format("{}{}", fmt::join(names.begin(), end, "; "), more);
}

/// ". WORD for UNITS" of each of `outcomes` that a unit has.
std::string rest(const std::vector<ClaimUnit>& units, const std::vector<Outcome>& outcomes) {
  std::string text;
  for (const Outcome outcome : outcomes) {
    const auto names = names_with(units, outcome);
    if (!names.empty()) text += fmt::format(". {} for {}", to_string(outcome), listed(names));
  }
  return text;
}

/// What the machine does not offer of what the claim needs; empty: nothing is lacking.
std::string lacking(const Claim& claim, const std::vector<RunRecord>& runs) {
  for (const Check& check : claim.checks) {
    if (check.kind != RuleKind::offers) continue;
    const ClaimUnit unit = evaluate_check(check, runs).front();
    if (unit.outcome == Outcome::fails) return fmt::format("{} {}", unit.name, unit.measured);
  }
  return "";
}

/// Why a claim without any unit that has runs of its size was not tested.
std::string reason_not_tested(const Claim& claim, const std::vector<ClaimUnit>& units,
                              const std::vector<RunRecord>& runs) {
  for (const ClaimUnit& unit : units) {
    if (unit.outcome == Outcome::other_size) return fmt::format("not at its size; {}", unit.measured);
  }
  for (const Check& check : claim.checks) {
    const bool any = std::any_of(runs.begin(), runs.end(), [&](const RunRecord& run) {
      return run.attributes.experiment == check.experiment;
    });
    if (any && !check.measure.text.empty())
      return fmt::format("no runs that recorded {}", check.measure.text);
  }
  return "no runs";
}

ClaimVerdict verdict_of(const std::vector<ClaimUnit>& units) {
  const std::size_t holds = count_of(units, Outcome::holds);
  const std::size_t fails = count_of(units, Outcome::fails);
  if (count_of(units, Outcome::missing) + count_of(units, Outcome::other_size) == units.size())
    return ClaimVerdict::not_tested;
  if (holds == units.size()) return ClaimVerdict::confirmed;
  if (holds > 0) return ClaimVerdict::conditional;
  return fails > 0 ? ClaimVerdict::refuted : ClaimVerdict::undetermined;
}

/// Whose method it is stands in the verdict itself.
std::string whose(const Claim& claim) { return claim.reconstruction ? ", of our reconstruction" : ""; }

std::string conditions(const std::vector<ClaimUnit>& units, std::size_t most) {
  return fmt::format("holds only if ({}), {} of {}", listed(names_with(units, Outcome::holds), most),
                     count_of(units, Outcome::holds), units.size());
}

/// The verdict with all that belongs to it.
std::string full_text(const JudgedClaim& judged, const std::string& reason) {
  const auto& units = judged.units;
  const std::string ours = whose(judged.claim);
  const std::string set_off = ours.empty() ? "" : ours + ",";
  const std::vector<Outcome> open{Outcome::undecided, Outcome::missing, Outcome::other_size};
  switch (judged.verdict) {
    case ClaimVerdict::confirmed:
      return "confirmed" + ours;
    case ClaimVerdict::refuted: {
      const auto names = names_with(units, Outcome::fails);
      return count_of(units, Outcome::fails) == units.size()
                 ? "refuted" + ours
                 : fmt::format("refuted{} for {}{}", set_off, listed(names), rest(units, open));
    }
    case ClaimVerdict::conditional:
      return conditions(units, 10) + ours +
             rest(units, {Outcome::fails, Outcome::undecided, Outcome::missing, Outcome::other_size});
    case ClaimVerdict::undetermined:
      return fmt::format("not decided ({}){}{}", reason, ours,
                         rest(units, {Outcome::missing, Outcome::other_size}));
    case ClaimVerdict::not_tested:
      return fmt::format("not tested ({}){}", reason, ours);
  }
  return "";
}

/// From long to short: the first that fits is taken.
std::string brief_text(const JudgedClaim& judged, const std::string& reason) {
  const auto& units = judged.units;
  const std::string ours = whose(judged.claim);
  const std::string set_off = ours.empty() ? "" : ours + ",";
  std::vector<std::string> texts{judged.text};
  if (judged.verdict == ClaimVerdict::conditional) {
    for (const std::size_t most : {3U, 2U, 1U}) texts.push_back(conditions(units, most) + ours);
    texts.push_back(fmt::format("holds only if (see there), {} of {}{}", count_of(units, Outcome::holds),
                                units.size(), ours));
  } else if (judged.verdict == ClaimVerdict::refuted) {
    texts.push_back(
        fmt::format("refuted{} for {} of {} units", set_off, count_of(units, Outcome::fails), units.size()));
  } else if (!reason.empty()) {
    texts.push_back(fmt::format("{} ({}){}", to_string(judged.verdict), reason, ours));
    texts.push_back(fmt::format("{} (see there){}", to_string(judged.verdict), ours));
  }
  const auto fits = std::find_if(texts.begin(), texts.end(),
                                 [](const std::string& text) { return text.size() <= brief_length; });
  return fits == texts.end() ? texts.back() : *fits;
}

void give_verdict(JudgedClaim& judged, const std::vector<RunRecord>& runs) {
  std::string reason = lacking(judged.claim, runs);
  judged.verdict = reason.empty() ? verdict_of(judged.units) : ClaimVerdict::not_tested;
  if (judged.verdict == ClaimVerdict::not_tested && reason.empty()) {
    reason = reason_not_tested(judged.claim, judged.units, runs);
  } else if (judged.verdict == ClaimVerdict::undetermined) {
    reason = "the runs could be chance";
  }
  judged.text = full_text(judged, reason);
  if (!judged.claim.outside.empty())
    judged.text += fmt::format("; not tested for {}, not to be had here", listed(judged.claim.outside));
  judged.brief = brief_text(judged, reason);
}

void add_experiment(std::vector<JudgedClaim::Experiment>& experiments, const std::string& name,
                    const std::vector<PlannedExperiment>& plan) {
  const auto is_it = [&](const auto& experiment) { return experiment.name == name; };
  if (std::any_of(experiments.begin(), experiments.end(), is_it)) return;
  const auto planned = std::find_if(plan.begin(), plan.end(), is_it);
  experiments.push_back({name, (planned == plan.end() ? PlannedExperiment{} : *planned).folder});
}

}  // namespace

bool is_team_experiment(const std::string& experiment) { return experiment.starts_with("team-"); }

bool rests_on_team_timings(const Claim& claim) {
  return std::all_of(claim.checks.begin(), claim.checks.end(),
                     [](const Check& check) { return is_team_experiment(check.experiment); });
}

std::string to_string(ClaimVerdict verdict) {
  switch (verdict) {
    case ClaimVerdict::confirmed:
      return "confirmed";
    case ClaimVerdict::refuted:
      return "refuted";
    case ClaimVerdict::conditional:
      return "holds only if";
    case ClaimVerdict::undetermined:
      return "not decided";
    case ClaimVerdict::not_tested:
      return "not tested";
  }
  return "";
}

JudgedClaim judge(const Claim& claim, const std::vector<RunRecord>& runs,
                  const std::vector<PlannedExperiment>& plan) {
  JudgedClaim judged;
  judged.claim = claim;
  std::vector<OpenUnit> units;
  for (const Check& check : claim.checks) {
    add_experiment(judged.experiments, check.experiment, plan);
    for (OpenUnit& unit : open_units(check, runs, plan)) {
      unit.check = check.name;
      if (!check.name.empty()) unit.name = fmt::format("{}: {}", check.name, unit.name);
      units.push_back(std::move(unit));
    }
  }
  judged.tests = count_tests(units);
  judged.power = power_of(units);
  judged.units = settle(std::move(units));
  give_verdict(judged, runs);
  return judged;
}

}  // namespace admmbench
