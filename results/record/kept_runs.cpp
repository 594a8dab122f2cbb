#include "results/record/kept_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "core/io/csv.hpp"
#include "core/io/sha256.hpp"
#include "results/record/run_file.hpp"

namespace admmbench {

namespace {

const std::vector<std::string> settings_header{"settings_sha256", "cpu", "blas", "widths", "config"};

using RunKey = std::tuple<std::string, std::string, std::string, std::string, std::int64_t>;

RunKey key_of(const RunRecord& run) {
  const RunAttributes& a = run.attributes;
  return {a.experiment, run.config.profile, a.dataset, a.label, a.seed};
}

/// "784 1000 10"
std::vector<std::uint64_t> parse_widths(const std::string& text) {
  std::vector<std::uint64_t> widths;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    std::uint64_t width = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), width);
    if (error != std::errc{} || end != word.data() + word.size() || width == 0)
      throw std::runtime_error(fmt::format("'{}' is not the width of a layer", word));
    widths.push_back(width);
  }
  return widths;
}

/// `config` with another seed: the line "seed: ..." of the resolved configuration.
std::string with_seed(const std::string& config, std::int64_t seed) {
  std::string text;
  std::istringstream lines(config);
  for (std::string line; std::getline(lines, line);)
    text += (line.starts_with("seed: ") ? fmt::format("seed: {}", seed) : line) + "\n";
  return text;
}

void add_settings(RunRecord& run, const KeptSettings& settings) {
  const std::string config = with_seed(settings.config, run.attributes.seed);
  if (sha256(config) != run.attributes.config_sha256) return;
  run.attributes.config = config;
  run.attributes.cpu = settings.cpu;
  run.attributes.blas = settings.blas;
  run.widths = settings.widths;
  const auto grid = run.config.grid;
  run.config = read_run_config(config);
  if (run.config.grid.empty()) run.config.grid = grid;
}

}  // namespace

void write_settings(std::ostream& out, const std::vector<RunRecord>& runs) {
  out << fmt::format("{}\n", fmt::join(settings_header, ","));
  std::set<std::string> seen;
  for (const RunRecord& run : runs) {
    if (run.config.settings_sha256.empty() || !seen.insert(run.config.settings_sha256).second) continue;
    out << fmt::format("{},{},{},{},{}\n", run.config.settings_sha256, csv_field(run.attributes.cpu),
                       csv_field(run.attributes.blas), fmt::join(layer_widths(run.path), " "),
                       csv_field(run.attributes.config));
  }
}

bool is_settings_header(const std::vector<std::string>& header) { return header == settings_header; }

std::vector<KeptSettings> read_settings(const std::string& text, const std::string& source) {
  const std::vector<std::vector<std::string>> rows = parse_csv(text, source);
  if (rows.empty() || !is_settings_header(rows.front()))
    throw std::runtime_error(source + ": is not what `admmbench export --settings` writes");
  std::vector<KeptSettings> settings;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    try {
      settings.push_back({rows[i][0], rows[i][1], rows[i][2], parse_widths(rows[i][3]), rows[i][4]});
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(fmt::format("{}: row {}: {}", source, i, error.what()));
    }
  }
  return settings;
}

void join_kept_runs(std::vector<RunRecord>& summaries, const std::vector<RunRecord>& curves,
                    const std::vector<KeptSettings>& settings) {
  std::map<RunKey, const Trajectory*> trajectories;
  for (const RunRecord& run : curves) trajectories.emplace(key_of(run), &run.trajectory);
  std::map<std::string, const KeptSettings*> by_hash;
  for (const KeptSettings& one : settings) by_hash.emplace(one.settings_sha256, &one);
  for (RunRecord& run : summaries) {
    const auto found = trajectories.find(key_of(run));
    if (found != trajectories.end()) run.trajectory = *found->second;
    const auto setting = by_hash.find(run.config.settings_sha256);
    if (setting != by_hash.end()) add_settings(run, *setting->second);
  }
}

}  // namespace admmbench
