/// From the outcomes of a claim's checks to its verdict.

#include "results/claims/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

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

std::string conditions(const std::vector<ClaimUnit>& units) {
  std::string text = fmt::format("holds only for {} ({} of {})", listed(names_with(units, Outcome::holds)),
                                 count_of(units, Outcome::holds), units.size());
  const std::vector<std::pair<Outcome, std::string>> others{
      {Outcome::fails, "refuted"}, {Outcome::undecided, "not decided"}, {Outcome::missing, "no runs"}};
  for (const auto& [outcome, word] : others) {
    const auto names = names_with(units, outcome);
    if (!names.empty()) text += fmt::format(". {} for {}", word, listed(names));
  }
  return text;
}

bool lacks_means(const Claim& claim, const std::vector<RunSummary>& runs) {
  return std::any_of(claim.checks.begin(), claim.checks.end(), [&](const Check& check) {
    return check.kind == RuleKind::offers && evaluate_check(check, runs).front().outcome == Outcome::fails;
  });
}

std::string reason_undetermined(const std::vector<ClaimUnit>& units) {
  const std::size_t undecided = count_of(units, Outcome::undecided);
  if (undecided == 0) return "undetermined: no runs";
  const auto missing = units.size() - undecided;
  return fmt::format(
      "undetermined: the data do not decide{}",
      missing > 0 ? fmt::format(", and there are no runs for {} of {}", missing, units.size()) : "");
}

void give_verdict(JudgedClaim& judged, bool not_testable) {
  const auto& units = judged.units;
  const std::size_t holds = count_of(units, Outcome::holds);
  const std::size_t fails = count_of(units, Outcome::fails);
  if (not_testable) {
    judged.verdict = ClaimVerdict::not_testable;
    judged.text = "not testable here";
  } else if (holds == 0 && fails == 0) {
    judged.verdict = ClaimVerdict::undetermined;
    judged.text = reason_undetermined(units);
  } else if (holds == units.size()) {
    judged.verdict = ClaimVerdict::confirmed;
    judged.text = "confirmed";
  } else if (holds == 0) {
    judged.verdict = ClaimVerdict::refuted;
    judged.text = fails == units.size() ? "refuted"
                                        : fmt::format("refuted for {}; not decided elsewhere",
                                                      listed(names_with(units, Outcome::fails)));
  } else {
    judged.verdict = ClaimVerdict::conditional;
    judged.text = conditions(units);
  }
  if (!judged.claim.outside.empty()) {
    judged.text += fmt::format("; not testable here for {}", listed(judged.claim.outside));
  }
}

}  // namespace

JudgedClaim judge(const Claim& claim, const std::vector<RunSummary>& runs) {
  JudgedClaim judged;
  judged.claim = claim;
  for (const Check& check : claim.checks) {
    find_or_add(judged.experiments, check.experiment);
    for (ClaimUnit unit : evaluate_check(check, runs)) {
      unit.check = check.name;
      if (!check.name.empty()) unit.name = fmt::format("{}: {}", check.name, unit.name);
      judged.units.push_back(std::move(unit));
    }
  }
  give_verdict(judged, lacks_means(claim, runs));
  return judged;
}

}  // namespace admmbench
