/// docs/claims.md and the same as JSON.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/io/markdown.hpp"
#include "results/claims/claims.hpp"

namespace admmbench {

namespace {

std::string to_string(ClaimVerdict verdict) {
  switch (verdict) {
    case ClaimVerdict::confirmed:
      return "confirmed";
    case ClaimVerdict::refuted:
      return "refuted";
    case ClaimVerdict::conditional:
      return "holds only if";
    case ClaimVerdict::not_testable:
      return "not testable here";
    case ClaimVerdict::undetermined:
      return "not decided";
    case ClaimVerdict::not_tested:
      return "not tested";
  }
  return "";
}

std::string file_of(const std::string& experiment) { return "experiments/claims/" + experiment + ".yaml"; }

std::string command_of(const std::string& experiment) {
  return fmt::format("admmbench run {} --out results/runs/claims", file_of(experiment));
}

template <class Part>
std::string per_experiment(const JudgedClaim& judged, Part part) {
  std::vector<std::string> parts;
  for (const std::string& experiment : judged.experiments) parts.push_back(part(experiment));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string experiment_links(const JudgedClaim& judged) {
  return per_experiment(
      judged, [](const std::string& name) { return fmt::format("[{}](../{})", name, file_of(name)); });
}

/// The data sets that have runs of `experiment`, each a file of results/summaries.
std::vector<std::string> datasets_with_runs(const std::vector<RunRecord>& runs,
                                            const std::string& experiment) {
  std::set<std::string> datasets;
  for (const RunRecord& run : runs) {
    if (run.attributes.experiment == experiment) datasets.insert(run.attributes.dataset);
  }
  return {datasets.begin(), datasets.end()};
}

std::string run_links(const JudgedClaim& judged, const std::vector<RunRecord>& runs,
                      const ClaimsSource& source) {
  std::string text;
  for (const std::string& experiment : judged.experiments) {
    std::vector<std::string> links;
    for (const std::string& dataset : datasets_with_runs(runs, experiment)) {
      links.push_back(source.committed
                          ? fmt::format("[{}](../results/summaries/{}/{}.csv)", dataset, experiment, dataset)
                          : dataset);
    }
    text += fmt::format("{}{}: {}", text.empty() ? "" : ". ", experiment,
                        links.empty() ? "no runs" : fmt::format("{}", fmt::join(links, ", ")));
  }
  return text;
}

std::size_t largest_n(const JudgedClaim& judged) {
  std::size_t n = 0;
  for (const ClaimUnit& unit : judged.units) n = std::max(n, unit.runs);
  return n;
}

/// Of a single unit what was measured; of many, how they came out. All of them are below.
std::string measured(const JudgedClaim& judged) {
  if (judged.units.size() == 1) return judged.units.front().measured;
  std::array<std::size_t, 5> counts{};  // one per Outcome
  for (const ClaimUnit& unit : judged.units) ++counts.at(static_cast<std::size_t>(unit.outcome));
  std::vector<std::string> parts;
  for (const Outcome outcome :
       {Outcome::holds, Outcome::fails, Outcome::undecided, Outcome::missing, Outcome::other_size}) {
    const std::size_t count = counts.at(static_cast<std::size_t>(outcome));
    if (count > 0) parts.push_back(fmt::format("{} {}", to_string(outcome), count));
  }
  std::string text =
      fmt::format("{} units: {}; n up to {}", judged.units.size(), fmt::join(parts, ", "), largest_n(judged));
  for (const Outcome outcome : {Outcome::holds, Outcome::fails}) {
    for (const ClaimUnit& unit : judged.units) {
      if (unit.outcome != outcome) continue;
      text += fmt::format("; {}, e.g. {}: {}", to_string(outcome), unit.name, unit.measured);
      break;
    }
  }
  return text;
}

/// What a cell of the overview may hold; the sections tell the rest.
constexpr std::size_t widest_cell = 120;

/// The verdict as a cell: whole where it fits.
std::string short_verdict(const JudgedClaim& judged) {
  if (judged.text.size() + 4 <= widest_cell) return judged.text;
  return judged.verdict == ClaimVerdict::conditional ? "holds for some, see there"
                                                     : to_string(judged.verdict) + ", see there";
}

std::vector<std::string> summary_row(const JudgedClaim& judged) {
  return {fmt::format("[{}](#{})", judged.claim.id, judged.claim.id), judged.claim.work, judged.claim.text,
          fmt::format("**{}**", short_verdict(judged))};
}

std::string section(const JudgedClaim& judged, const std::vector<RunRecord>& runs,
                    const ClaimsSource& source) {
  std::string text = fmt::format("## {}\n{} ({}; {}, {})\n\n", judged.claim.id, judged.claim.text,
                                 judged.claim.work, judged.claim.citation, judged.claim.source);
  text += fmt::format("Verdict: **{}**\n\n", judged.text);
  text += fmt::format("Measured: {}\n\n", measured(judged));
  text += fmt::format("Power: {}\n\n", judged.power);
  if (!judged.claim.note.empty()) text += judged.claim.note + "\n\n";
  text += fmt::format("Experiments: {}. Runs: {}.\n\n", experiment_links(judged),
                      run_links(judged, runs, source));
  std::string below;
  MarkdownTable table({"unit", "outcome", "n", "measured"});
  for (const ClaimUnit& unit : judged.units) {
    const bool fits = markdown_cell(unit.measured).size() <= widest_cell;
    if (!fits) below += fmt::format("- {}: {}\n", unit.name, unit.measured);
    table.add({unit.name, to_string(unit.outcome), fmt::format("{}", unit.runs),
               fits ? unit.measured : "see below"});
  }
  text += table.text();
  if (!below.empty()) text += "\n" + below;
  return text + "\n";
}

constexpr const char* rules_text =
    R"(What the rules mean, and how a verdict follows from them: [claims-registry](reference/claims-registry.md). Intervals are at 95 %,
tests at 5 % after Holm's correction over all tests of a claim, whatever their kind; *could show* is the smallest effect that a test
would have found with 80 % ([statistics](reference/statistics.md#what-a-test-could-have-shown)). Most experiments are reduced (fewer
samples, narrower nets, fewer iterations): a verdict is about the setting of its experiment file.

)";

constexpr const char* committed_heading = R"(# The claims, tested
For whoever wants to know whether a paper's claim held here, and on what evidence. The whole page is what `admmbench claims` says of
[results/summaries](../results/summaries) by the rules in [results/claims](../results/claims): do not edit, `tools/update-docs` writes
it. `make reproduce PROFILE=claims` runs everything again, `admmbench run EXPERIMENT --out results/runs/claims` one experiment.

)";

std::string heading(const ClaimsSource& source) {
  if (source.committed) return std::string(committed_heading) + rules_text;
  return fmt::format(
      "# The claims, tested on other runs\nWhat `admmbench claims` says of the runs in {}, not of those of "
      "the repository, which "
      "docs/claims.md is about. Data sets that an experiment's file has and that have no runs here are units "
      "without runs.\n\n{}",
      source.folders, rules_text);
}

std::string counts_line(const std::vector<JudgedClaim>& judged) {
  std::vector<std::string> parts;
  for (const ClaimVerdict verdict :
       {ClaimVerdict::confirmed, ClaimVerdict::conditional, ClaimVerdict::refuted, ClaimVerdict::not_testable,
        ClaimVerdict::undetermined, ClaimVerdict::not_tested}) {
    const auto count = std::count_if(judged.begin(), judged.end(),
                                     [&](const JudgedClaim& one) { return one.verdict == verdict; });
    if (count > 0) parts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  }
  return fmt::format("{} claims: {}.\n\n", judged.size(), fmt::join(parts, ", "));
}

}  // namespace

std::string claims_page(const std::vector<JudgedClaim>& judged, const std::vector<RunRecord>& runs,
                        const ClaimsSource& source) {
  std::string text = heading(source) + counts_line(judged);
  MarkdownTable table({"claim", "of", "in our words", "verdict"});
  for (const JudgedClaim& one : judged) table.add(summary_row(one));
  text += table.text() + "\n";
  for (const JudgedClaim& one : judged) text += section(one, runs, source);
  text.pop_back();
  return text;
}

std::string claims_json(const std::vector<JudgedClaim>& judged, const ClaimsSource& source) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const JudgedClaim& one : judged) {
    Json units = Json::array();
    for (const ClaimUnit& unit : one.units) {
      units.push_back({{"unit", unit.name},
                       {"outcome", to_string(unit.outcome)},
                       {"n", unit.runs},
                       {"measured", unit.measured}});
    }
    Json commands = Json::array();
    for (const std::string& experiment : one.experiments) commands.push_back(command_of(experiment));
    list.push_back({{"id", one.claim.id},
                    {"work", one.claim.work},
                    {"citation", one.claim.citation},
                    {"source", one.claim.source},
                    {"claim", one.claim.text},
                    {"note", one.claim.note},
                    {"experiments", one.experiments},
                    {"commands", commands},
                    {"outside", one.claim.outside},
                    {"verdict", to_string(one.verdict)},
                    {"text", one.text},
                    {"power", one.power},
                    {"tests", one.tests},
                    {"runs", source.folders},
                    {"units", units}});
  }
  return list.dump(2) + "\n";
}

}  // namespace admmbench
