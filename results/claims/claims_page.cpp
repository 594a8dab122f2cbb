/// docs/claims.md, a page of each claim in docs/claims/, and the same as lines and as JSON.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/io/markdown.hpp"
#include "results/claims/claims.hpp"
#include "results/record/find_or_add.hpp"

namespace admmbench {

namespace {

std::string file_of(const JudgedClaim::Experiment& experiment) {
  return is_team_experiment(experiment.name) ? "results/timings/team.json"
                                             : fmt::format("{}/{}.yaml", experiment.folder, experiment.name);
}

std::string command_of(const JudgedClaim::Experiment& experiment) {
  if (is_team_experiment(experiment.name))
    return "tools/measure-team  # on a quiet machine: results/timings/team.json";
  return fmt::format("admmbench run {} --out results/runs/claims", file_of(experiment));
}

template <class Part>
std::string per_experiment(const JudgedClaim& judged, Part part) {
  std::vector<std::string> parts;
  for (const JudgedClaim::Experiment& experiment : judged.experiments) parts.push_back(part(experiment));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string experiment_links(const JudgedClaim& judged) {
  return per_experiment(
      judged, [](const auto& one) { return fmt::format("[{}](../../{})", one.name, file_of(one)); });
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
  for (const auto& [experiment, folder] : judged.experiments) {
    std::vector<std::string> links;
    for (const std::string& dataset : datasets_with_runs(runs, experiment)) {
      links.push_back(
          source.committed && !is_team_experiment(experiment)
              ? fmt::format("[{}](../../results/summaries/{}/{}.csv)", dataset, experiment, dataset)
              : dataset);
    }
    text += fmt::format("{}{}: {}", text.empty() ? "" : ". ", experiment,
                        links.empty() ? "no runs" : fmt::format("{}", fmt::join(links, ", ")));
  }
  return text;
}

std::array<std::size_t, 5> count_outcomes(const JudgedClaim& judged) {
  std::array<std::size_t, 5> counts{};  // one per Outcome
  for (const ClaimUnit& unit : judged.units) ++counts.at(static_cast<std::size_t>(unit.outcome));
  return counts;
}

// --------------------------------------------------------------------------------------------------------- evidence

std::string numbers(std::vector<std::size_t> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *low == *high ? fmt::format("n={}", *low) : fmt::format("n={}-{}", *low, *high);
}

/// Whether all checks ask the same of the same kind of number: only then its range says something.
bool ask_the_same(const std::vector<Check>& checks) {
  return std::all_of(checks.begin(), checks.end(), [&](const Check& check) {
    const Check& first = checks.front();
    return check.kind == first.kind && check.over == first.over && check.at_least == first.at_least &&
           check.at_most == first.at_most;
  });
}

std::string figures_in_short(const JudgedClaim& judged) {
  if (!ask_the_same(judged.claim.checks)) return "";
  std::set<std::string> what;
  std::vector<double> values;
  for (const ClaimUnit& unit : judged.units) {
    for (const Figure& figure : unit.figures) {
      what.insert(figure.what);
      values.push_back(figure.value);
    }
  }
  if (what.size() != 1) return "";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const std::string from = fmt::format("{:.3g}", *low), to = fmt::format("{:.3g}", *high);
  return from == to ? fmt::format("{} {}", *what.begin(), from)
                    : fmt::format("{} {} to {}", *what.begin(), from, to);
}

std::string how_units_came_out(const JudgedClaim& judged) {
  const auto counts = count_outcomes(judged);
  const auto count = [&](Outcome outcome) { return counts.at(static_cast<std::size_t>(outcome)); };
  const std::size_t all = judged.units.size();
  if (all == 1) return to_string(judged.units.front().outcome);
  if (count(Outcome::missing) == all) return fmt::format("{} units, none with such runs", all);
  if (count(Outcome::missing) + count(Outcome::other_size) == all)
    return fmt::format("{} units, none at the size", all);
  if (count(Outcome::holds) == all) return fmt::format("all {} units hold", all);
  if (count(Outcome::fails) == all) return fmt::format("all {} units refuted", all);
  const std::string refuted =
      count(Outcome::fails) > 0 ? fmt::format(", {} refuted", count(Outcome::fails)) : "";
  return fmt::format("{} of {} units hold{}", count(Outcome::holds), all, refuted);
}

std::size_t words(const std::string& text) {
  return text.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), ' '));
}

// ------------------------------------------------------------------------------------------------------------- tables

/// What a cell of a table may hold.
constexpr std::size_t widest_cell = 120;

std::string claim_cell(const Claim& claim, const std::string& pages) {
  const auto link = [&](const std::string& text) {
    return fmt::format("[{}]({}/{}.md)", text, pages, claim.id);
  };
  for (const std::string& text : {claim.text, claim.short_text}) {
    if (!text.empty() && markdown_cell(link(text)).size() <= widest_cell) return link(text);
  }
  return link(claim.id);  // a registry of somebody's own, without a short text
}

/// Units as a table; what does not fit a cell stands under it.
std::string units_table(const JudgedClaim& judged) {
  std::string below;
  MarkdownTable table({"unit", "outcome", "n", "measured"});
  for (const ClaimUnit& unit : judged.units) {
    const bool fits = markdown_cell(unit.measured).size() <= widest_cell;
    if (!fits) below += fmt::format("- {}: {}\n", unit.name, unit.measured);
    table.add({unit.name, to_string(unit.outcome), fmt::format("{}", unit.runs),
               fits ? unit.measured : "see below"});
  }
  return table.text() + (below.empty() ? "" : "\n" + below);
}

// -------------------------------------------------------------------------------------------------------------- pages

constexpr const char* rules_text =
    R"(The words: [how a claim is judged](reference/claims-registry.md#from-outcomes-to-a-verdict). Most experiments are reduced (fewer
samples, narrower nets, fewer iterations): a verdict is about the setting of its experiment file. In the evidence a unit is mostly a
data set and a method, n the number of runs; tests are at 5 % after Holm's correction over all of a claim. Each claim's page has its
units, what they could have shown, its runs and the commands.

)";

constexpr const char* committed_heading = R"(# The claims, tested
For whoever wants to know whether a paper's claim held here, and on what evidence. `admmbench claims` writes this page and those of
the claims from [results/summaries](../results/summaries) by the rules in [results/claims](../results/claims): do not edit,
`tools/update-docs` writes them. `make reproduce PROFILE=claims` runs everything again.

)";

/// The second line of every claim's page begins with it, so that a page can be told from other files.
constexpr const char* page_mark =
    "For whoever asks why this claim is judged as it is; `admmbench claims` wrote it";

std::string heading(const ClaimsSource& source) {
  if (source.committed) return std::string(committed_heading) + rules_text;
  return fmt::format(
      "# The claims, tested on other runs\nWhat `admmbench claims` says of the runs in {}, not of those of "
      "the repository, which "
      "docs/claims.md is about. Data sets that an experiment's file has and that have no runs here are units "
      "without runs.\n\n{}",
      source.folders, rules_text);
}

constexpr std::array all_verdicts{ClaimVerdict::confirmed, ClaimVerdict::conditional, ClaimVerdict::refuted,
                                  ClaimVerdict::undetermined, ClaimVerdict::not_tested};

/// Of the paper `work`; empty: of all.
std::ptrdiff_t count_of(const std::vector<JudgedClaim>& judged, ClaimVerdict verdict,
                        const std::string& work = {}) {
  return std::count_if(judged.begin(), judged.end(), [&](const JudgedClaim& one) {
    return one.verdict == verdict && (work.empty() || one.claim.work == work);
  });
}

std::string counts_line(const std::vector<JudgedClaim>& judged) {
  std::vector<std::string> parts;
  for (const ClaimVerdict verdict : all_verdicts) {
    const auto count = count_of(judged, verdict);
    if (count > 0) parts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  }
  return fmt::format("{} claims: {}.\n", judged.size(), fmt::join(parts, ", "));
}

constexpr const char* reconstruction_text =
    "The paper's text was not available: the method is our reconstruction from its abstract and reviews, and "
    "so is "
    "what every verdict is about.";

std::string work_heading(const Claim& claim) {
  return fmt::format("\n## {}\n{}.{}\n\n", claim.work, claim.citation,
                     claim.reconstruction ? fmt::format(" {}", reconstruction_text) : "");
}

std::string commands_text(const JudgedClaim& judged) {
  if (rests_on_team_timings(judged.claim))
    return fmt::format("Again:\n\n```bash\n{}\nadmmbench claims {}\n```\n",
                       command_of(judged.experiments.front()), judged.claim.id);
  std::string text = fmt::format(
      "Again, complete runs being reused; the first command does what the others do:\n\n"
      "```bash\nadmmbench check-claim {}  # only what the claim needs\n",
      judged.claim.id);
  for (const JudgedClaim::Experiment& experiment : judged.experiments) text += command_of(experiment) + "\n";
  return text + fmt::format("admmbench claims results/runs/claims {}\n```\n", judged.claim.id);
}

}  // namespace

std::string evidence_in_short(const JudgedClaim& judged) {
  constexpr std::size_t most_words = 12;
  std::string text = how_units_came_out(judged);
  std::vector<std::string> more{figures_in_short(judged)};
  std::vector<std::size_t> n;
  for (const ClaimUnit& unit : judged.units) {
    if (unit.runs > 0) n.push_back(unit.runs);
  }
  if (!n.empty()) more.push_back(numbers(n));
  for (const std::string& part : more) {
    if (!part.empty() && words(text) + words(part) <= most_words) text += "; " + part;
  }
  return text;
}

std::string claims_page(const std::vector<JudgedClaim>& judged, const ClaimsSource& source,
                        const std::string& pages) {
  std::string text = heading(source) + counts_line(judged);
  for (std::size_t i = 0; i < judged.size();) {
    const std::string work = judged[i].claim.work;
    text += work_heading(judged[i].claim);
    MarkdownTable table({"verdict", "claim", "evidence"});
    for (; i < judged.size() && judged[i].claim.work == work; ++i) {
      table.add({fmt::format("**{}**", judged[i].brief), claim_cell(judged[i].claim, pages),
                 evidence_in_short(judged[i])});
    }
    text += table.text();
  }
  return text;
}

std::string claim_page(const JudgedClaim& judged, const std::vector<RunRecord>& runs,
                       const ClaimsSource& source, const std::string& overview) {
  const Claim& claim = judged.claim;
  std::string text = fmt::format(
      "# {}\n{} from {} by [the rules](../reference/claims-registry.md): do not edit. [All "
      "claims](../{}).\n\n",
      claim.id, page_mark, source.folders, overview);
  text += fmt::format("{} ({}; {}; {})\n\n", claim.text, claim.work, claim.citation, claim.source);
  text += fmt::format("Verdict: **{}**\n\n", judged.text);
  if (claim.reconstruction) text += std::string(reconstruction_text) + "\n\n";
  text += fmt::format("Evidence: {}\n\nPower: {}\n\n", evidence_in_short(judged), judged.power);
  if (!claim.note.empty()) text += claim.note + "\n\n";
  text += "## Units\n" + units_table(judged);
  text += fmt::format("\n## Runs\nExperiments: {}. Runs: {}.\n\n", experiment_links(judged),
                      run_links(judged, runs, source));
  return text + commands_text(judged);
}

bool is_claim_page(const std::string& text) {
  const std::size_t second = text.find('\n');
  return text.starts_with("# ") && second != std::string::npos &&
         text.compare(second + 1, std::string_view(page_mark).size(), page_mark) == 0;
}

std::string claims_brief(const std::vector<JudgedClaim>& judged) {
  std::size_t width = 0;
  for (const JudgedClaim& one : judged) width = std::max(width, one.claim.id.size());
  std::string text;
  for (const JudgedClaim& one : judged) text += fmt::format("{:<{}}  {}\n", one.claim.id, width, one.brief);
  return text;
}

std::string claims_counts(const std::vector<JudgedClaim>& judged) {
  std::vector<std::string> head{"claims of"};
  for (const ClaimVerdict verdict : all_verdicts) head.push_back(to_string(verdict));
  MarkdownTable table(head, MarkdownTable::Columns::numbers);
  std::vector<std::string> works;
  for (const JudgedClaim& one : judged) find_or_add(works, one.claim.work);
  for (const std::string& work : works) {
    std::vector<std::string> line{work};
    for (const ClaimVerdict verdict : all_verdicts)
      line.push_back(fmt::format("{}", count_of(judged, verdict, work)));
    table.add(std::move(line));
  }
  return table.text() + "\n" + counts_line(judged);
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
    Json commands = Json::array(), experiments = Json::array();
    for (const JudgedClaim::Experiment& experiment : one.experiments) {
      experiments.push_back(experiment.name);
      const std::string command = command_of(experiment);
      if (std::find(commands.begin(), commands.end(), command) == commands.end()) commands.push_back(command);
    }
    list.push_back({{"id", one.claim.id},
                    {"work", one.claim.work},
                    {"citation", one.claim.citation},
                    {"source", one.claim.source},
                    {"claim", one.claim.text},
                    {"note", one.claim.note},
                    {"experiments", experiments},
                    {"commands", commands},
                    {"outside", one.claim.outside},
                    {"verdict", to_string(one.verdict)},
                    {"text", one.text},
                    {"brief", one.brief},
                    {"evidence", evidence_in_short(one)},
                    {"reconstruction", one.claim.reconstruction},
                    {"power", one.power},
                    {"tests", one.tests},
                    {"runs", source.folders},
                    {"units", units}});
  }
  return list.dump(2) + "\n";
}

}  // namespace admmbench
