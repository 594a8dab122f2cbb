#include "tools/commands/result_files.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace admmbench {

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

std::string default_metric(const std::vector<RunRecord>& runs) {
  for (const std::string name : {"test_accuracy", "val_accuracy", "train_loss", "objective"}) {
    const bool there = std::any_of(
        runs.begin(), runs.end(), [&](const RunRecord& run) { return run.trajectory.find(name) != nullptr; });
    if (there) return name;
  }
  return "test_accuracy";
}

void require_column(const std::vector<RunRecord>& runs, const std::string& option, const std::string& name,
                    const std::vector<std::string>& derived) {
  std::set<std::string> columns;
  for (const RunRecord& run : runs) {
    for (const auto& column : run.trajectory.columns) columns.insert(column.first);
  }
  if (columns.empty() || name.empty()) return;
  columns.insert(derived.begin(), derived.end());
  if (!columns.contains(name)) {
    throw std::runtime_error(
        fmt::format("{}: no run has '{}'; there are: {}", option, name, fmt::join(columns, ", ")));
  }
}

}  // namespace admmbench
