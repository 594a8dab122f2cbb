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
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 10;
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

bool lacks_means(const Claim& claim, const std::vector<RunRecord>& runs) {
  return std::any_of(claim.checks.begin(), claim.checks.end(), [&](const Check& check) {
    return check.kind == RuleKind::offers && evaluate_check(check, runs).front().outcome == Outcome::fails;
  });
}

/// Why a claim without any unit that has runs of its size was not tested.
std::string reason_not_tested(const Claim& claim, const std::vector<ClaimUnit>& units,
                              const std::vector<RunRecord>& runs) {
  for (const ClaimUnit& unit : units) {
    if (unit.outcome == Outcome::other_size) return fmt::format("not tested at its size ({})", unit.measured);
  }
  for (const Check& check : claim.checks) {
    const bool any = std::any_of(runs.begin(), runs.end(), [&](const RunRecord& run) {
      return run.attributes.experiment == check.experiment;
    });
    if (any && !check.measure.text.empty())
      return fmt::format("not tested: no runs that recorded {}", check.measure.text);
  }
  return "not tested: no runs";
}

void give_verdict(JudgedClaim& judged, const std::vector<RunRecord>& runs) {
  const auto& units = judged.units;
  const std::size_t holds = count_of(units, Outcome::holds);
  const std::size_t fails = count_of(units, Outcome::fails);
  if (lacks_means(judged.claim, runs)) {
    judged.verdict = ClaimVerdict::not_testable;
    judged.text = "not testable here";
  } else if (count_of(units, Outcome::missing) + count_of(units, Outcome::other_size) == units.size()) {
    judged.verdict = ClaimVerdict::not_tested;
    judged.text = reason_not_tested(judged.claim, units, runs);
  } else if (holds == 0 && fails == 0) {
    judged.verdict = ClaimVerdict::undetermined;
    judged.text =
        "not decided: the runs could be chance" + rest(units, {Outcome::missing, Outcome::other_size});
  } else if (holds == units.size()) {
    judged.verdict = ClaimVerdict::confirmed;
    judged.text = "confirmed";
  } else if (holds == 0) {
    judged.verdict = ClaimVerdict::refuted;
    judged.text = fails == units.size()
                      ? "refuted"
                      : fmt::format("refuted for {}{}", listed(names_with(units, Outcome::fails)),
                                    rest(units, {Outcome::undecided, Outcome::missing, Outcome::other_size}));
  } else {
    judged.verdict = ClaimVerdict::conditional;
    judged.text = fmt::format(
        "holds only for {} ({} of {}){}", listed(names_with(units, Outcome::holds)), holds, units.size(),
        rest(units, {Outcome::fails, Outcome::undecided, Outcome::missing, Outcome::other_size}));
  }
  if (!judged.claim.outside.empty()) {
    judged.text += fmt::format("; not testable here for {}", listed(judged.claim.outside));
  }
}

}  // namespace

JudgedClaim judge(const Claim& claim, const std::vector<RunRecord>& runs,
                  const std::vector<PlannedExperiment>& plan) {
  JudgedClaim judged;
  judged.claim = claim;
  std::vector<OpenUnit> units;
  for (const Check& check : claim.checks) {
    find_or_add(judged.experiments, check.experiment);
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
