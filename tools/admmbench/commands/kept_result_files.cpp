#include "tools/admmbench/commands/kept_result_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "results/record/kept_runs.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_summary.hpp"

namespace admmbench {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> header_of(const fs::path& path) {
  const std::string text = read_text_file(path);
  const auto rows = parse_csv(text.substr(0, text.find('\n')), path.string());
  return rows.empty() ? std::vector<std::string>{} : rows.front();
}

std::vector<fs::path> kept_summaries(const fs::path& root) {
  std::vector<fs::path> found;
  const auto add = [&](const fs::path& path) {
    if (path.extension() == ".csv" && is_summary_header(header_of(path))) found.push_back(path);
  };
  if (fs::is_directory(root)) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) add(entry.path());
    }
  } else {
    add(root);
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// NAME-curves.csv beside NAME.csv.
fs::path kept_beside(const fs::path& summary, const char* ending) {
  return summary.parent_path() / (summary.stem().string() + ending);
}

std::vector<RunRecord> read_kept(const fs::path& summary) {
  std::vector<RunRecord> runs = read_summaries(read_text_file(summary), summary.string());
  std::vector<RunRecord> curves;
  std::vector<KeptSettings> settings;
  const fs::path curves_file = kept_beside(summary, "-curves.csv");
  const fs::path settings_file = kept_beside(summary, "-settings.csv");
  if (fs::exists(curves_file)) curves = read_curves(read_text_file(curves_file), curves_file.string());
  if (fs::exists(settings_file))
    settings = read_settings(read_text_file(settings_file), settings_file.string());
  join_kept_runs(runs, curves, settings);
  return runs;
}

}  // namespace

ResultFiles read_runs_or_kept(const std::vector<fs::path>& roots) {
  std::vector<fs::path> with_files;
  ResultFiles all;
  for (const fs::path& root : roots) {
    const bool is_csv = root.extension() == ".csv";
    if (!is_csv && !find_runs({root}).empty()) {
      with_files.push_back(root);
      continue;
    }
    const std::vector<fs::path> summaries = fs::exists(root) ? kept_summaries(root) : std::vector<fs::path>{};
    if (is_csv && summaries.empty()) {
      throw std::runtime_error(
          fmt::format("{}: is no summary of runs, as `admmbench export --summary` writes it", root.string()));
    }
    for (const fs::path& summary : summaries) {
      std::vector<RunRecord> runs = read_kept(summary);
      std::move(runs.begin(), runs.end(), std::back_inserter(all.runs));
    }
  }
  if (!with_files.empty()) {
    ResultFiles files = read_result_files(with_files);
    all.damaged = files.damaged;
    std::move(files.runs.begin(), files.runs.end(), std::back_inserter(all.runs));
  }
  if (!all.runs.empty()) return all;
  std::vector<std::string> names;
  for (const fs::path& root : roots) names.push_back(root.string());
  throw std::runtime_error(
      fmt::format("no result files (seed-*.h5) under {}, nor summaries of runs (*.csv); `admmbench run` "
                  "makes result files",
                  fmt::join(names, ", ")));
}

}  // namespace admmbench
