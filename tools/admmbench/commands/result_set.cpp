#include "tools/admmbench/commands/result_set.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/shipped_experiments.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_summary.hpp"
#include "tools/admmbench/commands/git_revision.hpp"

namespace admmbench {

namespace {

bool is_csv(const std::filesystem::path& path) { return path.extension() == ".csv"; }

void add_csv(ResultSet& set, const std::filesystem::path& path) {
  const std::string text = read_text_file(path);
  const std::string header = text.substr(0, text.find('\n'));
  const auto rows = parse_csv(header, path.string());
  if (!rows.empty() && is_summary_header(rows.front())) {
    const std::vector<RunRecord> runs = read_summaries(text, path.string());
    set.runs.insert(set.runs.end(), runs.begin(), runs.end());
  } else {
    const std::vector<TableFigure> figures = read_table_figures(text, path.string());
    set.figures.insert(set.figures.end(), figures.begin(), figures.end());
  }
}

/// Every CSV file under `folder` whose header `wanted` accepts.
template <typename Wanted>
std::vector<std::filesystem::path> csv_files_in(const std::filesystem::path& folder, const Wanted& wanted) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || !is_csv(entry.path())) continue;
    const std::string text = read_text_file(entry.path());
    const auto rows = parse_csv(text.substr(0, text.find('\n')), entry.path().string());
    if (!rows.empty() && wanted(rows.front())) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// What a revision holds: its summaries and, for cells that have none, its tables.
ResultSet read_revision(const std::string& name, const std::string& commit) {
  const RevisionFiles files(commit);
  ResultSet set;
  set.name = fmt::format("{} (revision {})", name, commit.substr(0, 12));
  for (const auto& path : csv_files_in(files.folder(), [](const std::vector<std::string>& header) {
         return is_summary_header(header) || is_table_header(header);
       })) {
    add_csv(set, path);
  }
  if (set.runs.empty() && set.figures.empty()) {
    throw std::runtime_error(set.name + ": no CSV file under results/ is a summary or a table");
  }
  return set;
}

}  // namespace

ResultFiles read_any_result_files(const std::vector<std::filesystem::path>& roots, const KeptRun& kept) {
  ResultFiles files;
  const std::vector<std::filesystem::path> found = find_runs(roots);
  const std::vector<std::string> wrong = examine_runs(found);
  for (std::size_t i = 0; i < found.size(); ++i) {
    try {
      if (!wrong[i].empty()) throw std::runtime_error(wrong[i]);
      RunRecord run = read_examined_run(found[i]);
      files.runs.push_back(kept ? kept(std::move(run)) : std::move(run));
    } catch (const std::exception& error) {
      ++files.damaged;
      spdlog::warn("skipped: {}", error.what());
    }
  }
  return files;
}

ResultFiles read_result_files(const std::vector<std::filesystem::path>& roots, const KeptRun& kept) {
  ResultFiles files = read_any_result_files(roots, kept);
  if (!files.runs.empty()) return files;
  if (files.damaged > 0) {
    throw std::runtime_error(
        fmt::format("none of the {} result file(s) could be read, see above", files.damaged));
  }
  std::vector<std::string> names;
  for (const auto& root : roots) names.push_back(root.string());
  throw std::runtime_error(fmt::format("no result files (seed-*.h5) under {}; `admmbench run` makes them",
                                       fmt::join(names, ", ")));
}

void require_undamaged(std::size_t damaged) {
  if (damaged > 0) {
    throw std::runtime_error(fmt::format("{} result file(s) could not be read, see above", damaged));
  }
}

std::string picture_name(const std::string& name) {
  const std::string ending = std::filesystem::path(name).extension();
  if (ending == ".svg" || ending == ".pdf" || ending == ".png") return {};
  return fmt::format("'{}' does not end in .svg, .pdf or .png", name);
}

std::string default_metric(const std::vector<RunRecord>& runs) {
  for (const char* name : {"test_accuracy", "val_accuracy", "train_loss", "objective"}) {
    const bool there = std::any_of(
        runs.begin(), runs.end(), [&](const RunRecord& run) { return run.trajectory.find(name) != nullptr; });
    if (there) return name;
  }
  return "test_accuracy";
}

Presentation presentation_of(const std::vector<RunRecord>& runs,
                             const std::map<std::string, Presentation>& beside) {
  const RunAttributes& run = runs.front().attributes;
  const auto said = beside.find(run.experiment);
  if (said != beside.end()) return said->second;
  if (!run.config.empty()) return {};
  for (const ShippedExperiment& shipped : list_experiments(installed_files())) {
    if (shipped.name != run.experiment) continue;
    const Experiment experiment = load_experiment(shipped.file);
    return {experiment.table, experiment.rank};
  }
  return {};
}

ResultSet read_result_set(const std::string& name) {
  if (!std::filesystem::exists(name)) {
    const auto commit = commit_of(name);
    if (!commit) {
      throw CLI::ValidationError(name, "no such file or folder, and no revision of the git repository here");
    }
    return read_revision(name, *commit);
  }
  ResultSet set;
  set.name = name;
  if (is_csv(name)) {
    add_csv(set, name);
    return set;
  }
  if (std::filesystem::is_directory(name) && find_runs({name}).empty()) {
    const auto summaries = csv_files_in(name, is_summary_header);
    for (const auto& path : summaries) add_csv(set, path);
    if (!summaries.empty()) return set;
  }
  ResultFiles files = read_result_files({name});
  set.damaged = files.damaged;
  set.runs = std::move(files.runs);
  return set;
}

}  // namespace admmbench
