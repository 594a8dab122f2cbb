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
#include "results/claims/claims.hpp"
#include "results/record/run_set.hpp"
#include "results/record/run_summary.hpp"
#include "tools/admmbench/commands/check_page.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

struct ClaimsArguments {
  std::vector<std::filesystem::path> results;
  std::filesystem::path registry, out, check, save;
  bool json = false;
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

void judge_claims(const ClaimsArguments& options) {
  const std::vector<Claim> claims = load_claims(options.registry);
  const std::vector<PlannedExperiment> plan = planned_experiments(claims);
  const ClaimsSource source = source_of(options);
  std::size_t damaged = 0;
  const std::vector<RunRecord> runs = read_runs(options, claims, damaged);
  std::vector<JudgedClaim> judged;
  for (const Claim& claim : claims) judged.push_back(judge(claim, runs, plan));
  const std::string text = options.json ? claims_json(judged, source) : claims_page(judged, runs, source);
  if (!options.save.empty()) save_summaries(runs, options.save);
  if (!options.check.empty()) {
    check_page(text, options.check, "admmbench claims", "the results say");
  } else if (options.out.empty()) {
    fmt::print("{}", text);
    std::fflush(stdout);
  } else {
    if (options.out.has_parent_path()) std::filesystem::create_directories(options.out.parent_path());
    write_text_file(options.out, text);
  }
  require_undamaged(damaged);
}

}  // namespace

void add_claims_command(CLI::App& app) {
  auto options = std::make_shared<ClaimsArguments>();
  CLI::App* command = app.add_subcommand("claims", "verdicts on the papers' claims, from results");
  command
      ->add_option("RESULTS", options->results,
                   "folders of result files or of summaries, or summaries [results/summaries]")
      ->type_name("RESULTS");
  command
      ->add_option("--registry", options->registry, "folder of the claims and their rules [results/claims]")
      ->type_name("DIR");
  CLI::Option* out =
      command->add_option("-o,--out", options->out, "file to write [standard output]")->type_name("FILE");
  command->add_option("--check", options->check, "exit code 4 if this file is not what would be written")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->excludes(out);
  command
      ->add_option("--save-summaries", options->save,
                   "also write one summary per experiment and data set into this folder")
      ->type_name("DIR");
  command->add_option("--save-reference", options->save)->group("");  // its name before
  command->add_flag("--json", options->json, "everything, as JSON");
  command->footer("Example:\n  admmbench claims results/runs/claims -o my-claims.md");
  command->callback([options] {
    if (options->results.empty()) options->results = {installed_files() / "results/summaries"};
    if (options->registry.empty()) options->registry = claims_folder();
    judge_claims(*options);
  });
}

}  // namespace admmbench
