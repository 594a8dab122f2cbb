#include "tools/admmbench/commands/claims.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "results/claims/claims.hpp"
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
std::vector<RunSummary> summaries_under(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> files;
  if (root.extension() == ".csv") files.push_back(root);
  if (std::filesystem::is_directory(root)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.is_regular_file() && entry.path().extension() == ".csv") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<RunSummary> runs;
  for (const auto& file : files) {
    for (RunSummary& run : read_summaries(read_text_file(file), file.string()))
      runs.push_back(std::move(run));
  }
  return runs;
}

/// Result files under `root` with the measures that the claims look at; damaged ones are named and left out.
std::vector<RunSummary> result_summaries(const std::filesystem::path& root, const std::vector<Claim>& claims,
                                         std::size_t& damaged) {
  std::vector<RunSummary> runs;
  for (const auto& file : find_runs({root})) {
    try {
      const RunRecord run = read_run(file);
      runs.push_back(summarize_run(run, claim_measures(claims, run.attributes.experiment)));
    } catch (const std::exception& error) {
      ++damaged;
      spdlog::warn("skipped: {}", error.what());
    }
  }
  return runs;
}

using Key = std::tuple<std::string, std::string, std::string, std::int64_t>;

Key key_of(const RunSummary& run) { return {run.experiment, run.dataset, run.label, run.seed}; }

/// Each run once, in the order of experiment, data set, label and seed. Two different ones of the same name are an error.
std::vector<RunSummary> distinct(std::vector<RunSummary> runs) {
  std::map<Key, RunSummary> found;
  for (RunSummary& run : runs) {
    const auto [place, fresh] = found.emplace(key_of(run), run);
    if (fresh || place->second.trajectory_sha256 == run.trajectory_sha256) continue;
    throw std::runtime_error(fmt::format(
        "two different runs of {} / {} / {} / seed {}: {} and {}; give one of them", run.experiment,
        run.dataset, run.label, run.seed, place->second.file.string(), run.file.string()));
  }
  std::vector<RunSummary> result;
  for (auto& entry : found) result.push_back(std::move(entry.second));
  return result;
}

std::vector<RunSummary> read_runs(const ClaimsArguments& options, const std::vector<Claim>& claims,
                                  std::size_t& damaged) {
  std::vector<RunSummary> runs;
  for (const auto& root : options.results) {
    if (!std::filesystem::exists(root)) {
      throw CLI::ValidationError(root.string(),
                                 "no such file or folder; `make reproduce PROFILE=claims` makes the runs");
    }
    for (RunSummary& run : summaries_under(root)) runs.push_back(std::move(run));
    for (RunSummary& run : result_summaries(root, claims, damaged)) runs.push_back(std::move(run));
  }
  return distinct(std::move(runs));
}

/// One summary per experiment and data set: small files, which change only where results do.
void save_summaries(const std::vector<RunSummary>& runs, const std::filesystem::path& folder) {
  std::map<std::filesystem::path, std::vector<RunSummary>> files;
  for (const RunSummary& run : runs) files[folder / run.experiment / (run.dataset + ".csv")].push_back(run);
  for (const auto& [file, part] : files) {
    std::filesystem::create_directories(file.parent_path());
    const std::vector<RunSummary>& lines = part;
    write_text_file(file, [&](std::ostream& out) { write_summaries(out, lines); });
  }
}

void judge_claims(const ClaimsArguments& options) {
  const std::vector<Claim> claims = load_claims(options.registry);
  std::size_t damaged = 0;
  const std::vector<RunSummary> runs = read_runs(options, claims, damaged);
  std::vector<JudgedClaim> judged;
  for (const Claim& claim : claims) judged.push_back(judge(claim, runs));
  const std::string text = options.json ? claims_json(judged) : claims_page(judged, runs);
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
  if (damaged > 0)
    throw std::runtime_error(fmt::format("{} result file(s) could not be read, see above", damaged));
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
  command->footer("Example:\n  admmbench claims results/runs/claims -o docs/claims.md");
  command->callback([options] {
    if (options->results.empty()) options->results = {installed_files() / "results/summaries"};
    if (options->registry.empty()) options->registry = claims_folder();
    judge_claims(*options);
  });
}

}  // namespace admmbench
