#include "tools/admmbench/commands/claim_runs.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/shipped_experiments.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "results/costs/scaling_study.hpp"
#include "results/costs/team_records.hpp"
#include "results/record/run_set.hpp"
#include "results/record/run_summary.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

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

/// Names that share a beginning or a part with `word`, or are a slip of the finger away.
std::string near_names(const std::string& word, const std::vector<std::string>& names) {
  std::string best = did_you_mean(word, names);
  std::vector<std::string> near;
  std::copy_if(names.begin(), names.end(), std::back_inserter(near),
               [&](const std::string& name) { return name.find(word) != std::string::npos; });
  if (near.empty()) return best;
  return fmt::format("{}; names with it: {}", best, fmt::join(near, ", "));
}

}  // namespace

std::vector<RunRecord> read_claim_runs(const std::vector<std::filesystem::path>& roots,
                                       const std::vector<Claim>& claims, std::size_t& damaged) {
  std::vector<RunRecord> runs;
  for (const auto& root : roots) {
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

std::vector<RunRecord> read_team_records() {
  const std::filesystem::path timings = installed_files() / "results/timings";
  if (!std::filesystem::exists(timings / "team.json")) return {};
  const Calibration calibration = read_calibration(timings / "scaling.json");
  return team_records(read_team_timings(timings / "team.json"), fit_machine(calibration.timings));
}

std::filesystem::path claim_experiment_file(const std::string& experiment) {
  const std::filesystem::path root = installed_files();
  for (const ShippedExperiment& shipped : list_experiments(root)) {
    if (shipped.name == experiment) return shipped.file;
  }
  return root / "experiments/claims" / (experiment + ".yaml");
}

std::vector<PlannedExperiment> planned_experiments(const std::vector<Claim>& claims) {
  std::set<std::string> names;
  for (const Claim& claim : claims) {
    for (const Check& check : claim.checks) names.insert(check.experiment);
  }
  std::vector<PlannedExperiment> plan;
  for (const std::string& name : names) {
    const auto file = claim_experiment_file(name);
    if (!std::filesystem::exists(file)) continue;
    const Experiment experiment = load_experiment(file);
    PlannedExperiment planned{name,
                              {},
                              experiment.seeds.size(),
                              file.parent_path().lexically_relative(installed_files()).generic_string()};
    for (const DatasetEntry& entry : experiment.datasets) planned.datasets.push_back(entry.request.label);
    plan.push_back(std::move(planned));
  }
  return plan;
}

void unknown_claim(const std::string& command, const std::string& word, const std::vector<Claim>& claims) {
  std::vector<std::string> names;
  for (const Claim& claim : claims) names.push_back(claim.id);
  config_error(command, word,
               fmt::format("no such claim{}; `admmbench claims --brief` lists all", near_names(word, names)));
}

}  // namespace admmbench
