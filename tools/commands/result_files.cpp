#include "tools/commands/result_files.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>
#include <stdexcept>

#include "results/run_summary.hpp"
#include "results/text_file.hpp"

namespace admmbench {

namespace {

bool is_csv(const std::filesystem::path& path) { return path.extension() == ".csv"; }

void add_csv(ResultSet& set, const std::filesystem::path& path) {
  const std::string text = read_text_file(path);
  const std::string header = text.substr(0, text.find('\n'));
  const auto rows = parse_csv(header, path.string());
  if (!rows.empty() && is_summary_header(rows.front())) {
    const std::vector<RunSummary> runs = read_summaries(text, path.string());
    set.runs.insert(set.runs.end(), runs.begin(), runs.end());
  } else {
    const std::vector<TableFigure> figures = read_table_figures(text, path.string());
    set.figures.insert(set.figures.end(), figures.begin(), figures.end());
  }
}

/// A folder of summaries, such as results/reference: every CSV file in it that is one.
std::vector<std::filesystem::path> summaries_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || !is_csv(entry.path())) continue;
    const std::string text = read_text_file(entry.path());
    const auto rows = parse_csv(text.substr(0, text.find('\n')), entry.path().string());
    if (!rows.empty() && is_summary_header(rows.front())) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

ResultFiles read_result_files(const std::vector<std::filesystem::path>& roots) {
  ResultFiles files;
  for (const auto& path : find_runs(roots)) {
    try {
      files.runs.push_back(read_run(path));
    } catch (const std::exception& error) {
      ++files.damaged;
      spdlog::warn("skipped: {}", error.what());
    }
  }
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

void require_undamaged(const ResultFiles& files) {
  if (files.damaged > 0) {
    throw std::runtime_error(fmt::format("{} result file(s) could not be read, see above", files.damaged));
  }
}

ResultSet read_result_set(const std::string& name) {
  if (!std::filesystem::exists(name)) {
    throw CLI::ValidationError(
        name,
        fmt::format("no such file or folder. If it is a revision: its results have to be made first, as in\n"
                    "  git worktree add ../{0} {0}; (cd ../{0} && make build && build/bin/admmbench run "
                    "EXPERIMENT --out results/runs)\n"
                    "and ../{0}/results/runs is then what to compare",
                    name));
  }
  ResultSet set;
  set.name = name;
  if (is_csv(name)) {
    add_csv(set, name);
    return set;
  }
  if (std::filesystem::is_directory(name) && find_runs({name}).empty()) {
    const auto summaries = summaries_in(name);
    for (const auto& path : summaries) add_csv(set, path);
    if (!summaries.empty()) return set;
  }
  ResultFiles files = read_result_files({name});
  set.damaged = files.damaged;
  for (RunRecord& run : files.runs) {
    set.runs.push_back(summarize_run(run));
    set.trajectories.push_back(std::move(run.trajectory));
  }
  return set;
}

void require_column(const std::vector<RunRecord>& runs, const std::string& option, const std::string& name,
                    const std::vector<std::string>& derived) {
  std::set<std::string> columns;
  for (const RunRecord& run : runs) {
    for (const auto& column : run.trajectory.columns) columns.insert(column.first);
  }
  if (columns.empty()) return;
  columns.insert(derived.begin(), derived.end());
  if (!columns.contains(name)) {
    throw std::runtime_error(
        fmt::format("{}: no run has '{}'; there are: {}", option, name, fmt::join(columns, ", ")));
  }
}

}  // namespace admmbench
