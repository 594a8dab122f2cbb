#include "tools/admmbench/commands/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "results/claims/claims.hpp"
#include "results/record/run_set.hpp"
#include "results/record/run_summary.hpp"
#include "tools/admmbench/commands/page_set.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

struct ClaimsArguments {
  std::vector<std::string> given;  ///< names of claims and places of results
  std::vector<std::filesystem::path> results;
  std::vector<std::string> names;
  std::filesystem::path registry, out, check, save;
  bool json = false;
  bool brief = false;
};

/// All summaries (*.csv) under `root`, in the order of their paths.
std::vector<RunRecord> summaries_under(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> files;
  if (root.extension() == ".csv") files.push_back(root);
  if (std::filesystem::is_directory(root)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.is_regular_file() && entry.path().extension() == ".csv") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<RunRecord> runs;
  for (const auto& file : files) {
    for (RunRecord& run : read_summaries(read_text_file(file), file.string())) runs.push_back(std::move(run));
  }
  return runs;
}

using Key = std::tuple<std::string, std::string, std::string, std::int64_t>;

Key key_of(const RunRecord& run) {
  const RunAttributes& a = run.attributes;
  return {a.experiment, a.dataset, a.label, a.seed};
}

/// Each run once, in the order of experiment, data set, label and seed. A claim is about one profile of its experiment.
std::vector<RunRecord> sorted(const std::vector<RunRecord>& runs) {
  std::map<Key, const RunRecord*> found;
  for (const RunRecord* run : distinct_runs(runs)) {
    const auto [place, fresh] = found.emplace(key_of(*run), run);
    if (!fresh) require_same_run(*place->second, *run);
  }
  std::vector<RunRecord> result;
  for (const auto& entry : found) result.push_back(*entry.second);
  return result;
}

std::vector<RunRecord> read_runs(const ClaimsArguments& options, const std::vector<Claim>& claims,
                                 std::size_t& damaged) {
  std::vector<RunRecord> runs;
  for (const auto& root : options.results) {
    if (!std::filesystem::exists(root)) {
      throw CLI::ValidationError(root.string(),
                                 "no such file or folder; `make reproduce PROFILE=claims` makes the runs");
    }
    for (RunRecord& run : summaries_under(root)) runs.push_back(std::move(run));
    ResultFiles files = read_any_result_files({root}, [&](const RunRecord& run) {
      return summarize_run(run, claim_measures(claims, run.attributes.experiment));
    });
    damaged += files.damaged;
    std::move(files.runs.begin(), files.runs.end(), std::back_inserter(runs));
  }
  return sorted(runs);
}

/// One summary per experiment and data set: small files, which change only where results do.
void save_summaries(const std::vector<RunRecord>& runs, const std::filesystem::path& folder) {
  std::map<std::filesystem::path, std::vector<RunRecord>> files;
  for (const RunRecord& run : runs)
    files[folder / run.attributes.experiment / (run.attributes.dataset + ".csv")].push_back(run);
  for (const auto& [file, part] : files) {
    std::filesystem::create_directories(file.parent_path());
    const std::vector<RunRecord>& lines = part;
    write_text_file(file, [&](std::ostream& out) { write_summaries(out, lines); });
  }
}

/// What the files of the claims' experiments say there should be. Registries of other people may name experiments without a file.
std::vector<PlannedExperiment> planned_experiments(const std::vector<Claim>& claims) {
  std::set<std::string> names;
  for (const Claim& claim : claims) {
    for (const Check& check : claim.checks) names.insert(check.experiment);
  }
  std::vector<PlannedExperiment> plan;
  for (const std::string& name : names) {
    const auto file = installed_files() / "experiments/claims" / (name + ".yaml");
    if (!std::filesystem::exists(file)) continue;
    const Experiment experiment = load_experiment(file);
    PlannedExperiment planned{name, {}, experiment.seeds.size()};
    for (const DatasetEntry& entry : experiment.datasets) planned.datasets.push_back(entry.request.label);
    plan.push_back(std::move(planned));
  }
  return plan;
}

ClaimsSource source_of(const ClaimsArguments& options) {
  const std::filesystem::path committed = installed_files() / "results/summaries";
  std::error_code none;
  if (options.results.size() == 1 && std::filesystem::equivalent(options.results.front(), committed, none))
    return {};
  std::vector<std::string> names;
  for (const auto& root : options.results) names.push_back(root.string());
  return {fmt::format("{}", fmt::join(names, ", ")), false};
}

/// Names that share a beginning or a part with `word`, or are a slip of the finger away.
std::string near_names(const std::string& word, const std::vector<std::string>& names) {
  const std::string best = did_you_mean(word, names);
  std::vector<std::string> near;
  std::copy_if(names.begin(), names.end(), std::back_inserter(near),
               [&](const std::string& name) { return name.find(word) != std::string::npos; });
  if (near.empty()) return best;
  return fmt::format("{}; names with it: {}", best, fmt::join(near, ", "));
}

/// What is neither a claim's name nor there as a file or folder is taken for a name unless it looks like a path.
void sort_arguments(ClaimsArguments& options, const std::vector<Claim>& claims) {
  std::vector<std::string> names;
  for (const Claim& claim : claims) names.push_back(claim.id);
  for (const std::string& word : options.given) {
    if (std::find(names.begin(), names.end(), word) != names.end()) {
      options.names.push_back(word);
    } else if (std::filesystem::exists(word)) {
      options.results.push_back(word);
    } else if (word.find_first_of("/.") != std::string::npos) {
      throw CLI::ValidationError(word,
                                 "no such file or folder; `make reproduce PROFILE=claims` makes the runs");
    } else {
      config_error(
          "claims", word,
          fmt::format("no such claim{}; `admmbench claims --brief` lists all", near_names(word, names)));
    }
  }
  if (options.results.empty()) options.results = {installed_files() / "results/summaries"};
}

/// The verdicts that were asked for, in the order of the registry.
std::vector<JudgedClaim> judge_wanted(const ClaimsArguments& options, const std::vector<Claim>& claims,
                                      const std::vector<RunRecord>& runs) {
  const std::vector<PlannedExperiment> plan = planned_experiments(claims);
  std::vector<JudgedClaim> judged;
  for (const Claim& claim : claims) {
    const auto& names = options.names;
    if (names.empty() || std::find(names.begin(), names.end(), claim.id) != names.end())
      judged.push_back(judge(claim, runs, plan));
  }
  return judged;
}

/// The overview `file` and the claims' own pages in the folder of the same name beside it.
PageSet pages_of(const std::vector<JudgedClaim>& judged, const std::vector<RunRecord>& runs,
                 const ClaimsSource& source, const std::filesystem::path& file) {
  if (file.extension() != ".md")
    throw CLI::ValidationError(file.string(),
                               "must end in .md: the claims' pages go to a folder of its name");
  PageSet set;
  set.overview = file;
  set.folder = std::filesystem::path(file).replace_extension();
  set.overview_text = claims_page(judged, source, set.folder.filename().string());
  for (const JudgedClaim& one : judged)
    set.pages[one.claim.id + ".md"] = claim_page(one, runs, source, file.filename().string());
  set.is_ours = is_claim_page;
  return set;
}

/// What goes to standard output, or as one file.
std::string text_of(const ClaimsArguments& options, const std::vector<JudgedClaim>& judged,
                    const std::vector<RunRecord>& runs, const ClaimsSource& source) {
  if (options.json) return claims_json(judged, source);
  if (options.brief) return claims_brief(judged);
  if (options.names.empty()) return claims_page(judged, source);
  std::string text;
  for (const JudgedClaim& one : judged) text += (text.empty() ? "" : "\n") + claim_page(one, runs, source);
  return text;
}

void judge_claims(ClaimsArguments& options) {
  const std::vector<Claim> claims = load_claims(options.registry);
  sort_arguments(options, claims);
  if (!options.check.empty() && !options.names.empty())
    throw CLI::ValidationError("--check", "is about all pages: it takes no names of claims");
  const ClaimsSource source = source_of(options);
  std::size_t damaged = 0;
  const std::vector<RunRecord> runs = read_runs(options, claims, damaged);
  const std::vector<JudgedClaim> judged = judge_wanted(options, claims, runs);
  const bool all_pages = !options.json && !options.brief && options.names.empty();
  if (!options.save.empty()) save_summaries(runs, options.save);
  if (!options.check.empty()) {
    check_pages(pages_of(judged, runs, source, options.check), "admmbench claims", "the results say");
  } else if (options.out.empty()) {
    fmt::print("{}", text_of(options, judged, runs, source));
    std::fflush(stdout);
  } else if (all_pages) {
    write_pages(pages_of(judged, runs, source, options.out));
  } else {
    if (options.out.has_parent_path()) std::filesystem::create_directories(options.out.parent_path());
    write_text_file(options.out, text_of(options, judged, runs, source));
  }
  require_undamaged(damaged);
}

}  // namespace

void add_claims_command(CLI::App& app) {
  auto options = std::make_shared<ClaimsArguments>();
  CLI::App* command = app.add_subcommand("claims", "verdicts on the papers' claims, from results");
  command
      ->add_option(
          "NAME|RESULTS", options->given,
          "claims, whose pages are wanted [the overview]; folders of result files or of summaries, or "
          "summaries [results/summaries]")
      ->type_name("NAME|RESULTS");
  command
      ->add_option("--registry", options->registry, "folder of the claims and their rules [results/claims]")
      ->type_name("DIR");
  CLI::Option* out =
      command
          ->add_option("-o,--out", options->out,
                       "file to write [standard output]; of all claims FILE.md and their pages in FILE/")
          ->type_name("FILE");
  command
      ->add_option("--check", options->check,
                   "exit code 4 if this page, or one in its folder, is not what would be written")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->excludes(out);
  command
      ->add_option("--save-summaries", options->save,
                   "also write one summary per experiment and data set into this folder")
      ->type_name("DIR");
  command->add_option("--save-reference", options->save)->group("");  // its name before
  CLI::Option* json = command->add_flag("--json", options->json, "everything, as JSON")->excludes("--check");
  command->add_flag("--brief", options->brief, "a line per claim: name and verdict")
      ->excludes(json)
      ->excludes("--check");
  command->footer(
      "Examples:\n  admmbench claims results/runs/claims -o my-claims.md\n  admmbench claims aa-r-linear");
  command->callback([options] {
    if (options->registry.empty()) options->registry = claims_folder();
    judge_claims(*options);
  });
}

}  // namespace admmbench
