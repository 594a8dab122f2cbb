#include "tools/admmbench/commands/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "results/claims/claims.hpp"
#include "results/record/run_ranges.hpp"
#include "results/record/run_summary.hpp"
#include "tools/admmbench/commands/claim_runs.hpp"
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
  bool counts = false;
};

/// One summary per experiment and data set: small files, which change only where results do.
void save_summaries(const std::vector<RunRecord>& runs, const std::filesystem::path& folder) {
  std::map<std::filesystem::path, std::vector<RunRecord>> files;
  for (const RunRecord& run : runs)
    files[file_inside(file_inside(folder, run.attributes.experiment), run.attributes.dataset + ".csv")]
        .push_back(run);
  for (const auto& [file, part] : files) {
    std::filesystem::create_directories(file.parent_path());
    const std::vector<RunRecord>& lines = part;
    write_text_file(file, [&](std::ostream& out) { write_summaries(out, lines); });
  }
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

/// What is neither a claim's name nor there as a file or folder is taken for a name unless it looks like a path.
void sort_arguments(ClaimsArguments& options, const std::vector<Claim>& claims) {
  std::vector<std::string> names;
  for (const Claim& claim : claims) names.push_back(claim.id);
  for (const std::string& word : options.given) {
    if (std::find(names.begin(), names.end(), word) != names.end()) {
      options.names.push_back(word);
    } else if (std::filesystem::exists(word)) {
      options.results.emplace_back(word);
    } else if (word.find_first_of("/.") != std::string::npos) {
      throw CLI::ValidationError(word,
                                 "no such file or folder; `make reproduce PROFILE=claims` makes the runs");
    } else {
      unknown_claim("claims", word, claims);
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
  if (options.counts) return claims_counts(judged);
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
  std::vector<RunRecord> runs = read_claim_runs(options.results, claims, damaged);
  if (!options.save.empty()) save_summaries(runs, options.save);
  for (RunRecord& record : read_team_records()) runs.push_back(std::move(record));
  const std::vector<JudgedClaim> judged = judge_wanted(options, claims, runs);
  const bool all_pages = !options.json && !options.brief && !options.counts && options.names.empty();
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
          "CLAIM|RESULTS", options->given,
          "claims whose pages are wanted [the overview]; folders of result files or of summaries, or "
          "summaries [results/summaries]")
      ->type_name("CLAIM|RESULTS");
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
  command->add_flag("--markdown", options->counts, "how many of each paper came out how, as a table")
      ->excludes(json)
      ->excludes("--brief")
      ->excludes("--check");
  command->footer(
      "Examples:\n  admmbench claims results/runs/claims -o my-claims.md\n  admmbench claims aa-r-linear");
  command->callback([options] {
    if (options->registry.empty()) options->registry = claims_folder();
    judge_claims(*options);
  });
}

}  // namespace admmbench
