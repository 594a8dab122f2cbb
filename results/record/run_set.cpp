#include "results/record/run_set.hpp"

#include <fmt/format.h>

#include <map>
#include <stdexcept>
#include <tuple>

#include "results/record/find_or_add.hpp"

namespace admmbench {

bool same_run(const RunRecord& a, const RunRecord& b) {
  const std::string& hash_a = a.attributes.content_hash;
  const std::string& hash_b = b.attributes.content_hash;
  if (!hash_a.empty() && !hash_b.empty()) return hash_a == hash_b;
  return a.trajectory_sha256() == b.trajectory_sha256();
}

void require_same_run(const RunRecord& a, const RunRecord& b) {
  if (same_run(a, b)) return;
  const auto differing = differences_beyond_seed(a, b);
  throw std::runtime_error(fmt::format(
      "two different runs of {} on {} with seed {}: {} and {}{}; give only one of them", a.attributes.label,
      a.attributes.dataset, a.attributes.seed, a.path.string(), b.path.string(),
      differing.empty() ? "" : fmt::format(" differ in {}", fmt::join(differing, ", "))));
}

std::vector<std::string> differences_beyond_seed(const RunRecord& a, const RunRecord& b, bool with_code) {
  std::vector<std::string> differing;
  const auto look = [&](const char* name, const std::string& left, const std::string& right, bool hash) {
    if (left.empty() || right.empty() || left == right) return;
    const std::size_t shown = hash ? 12 : std::string::npos;
    differing.push_back(fmt::format("{}: {} and {}", name, left.substr(0, shown), right.substr(0, shown)));
  };
  const RunAttributes& x = a.attributes;
  const RunAttributes& y = b.attributes;
  look("data_sha256", x.data_sha256, y.data_sha256, true);
  if (with_code) look("code_version", x.code_version, y.code_version, true);
  const std::string& left = a.config.settings_sha256;
  const std::string& right = b.config.settings_sha256;
  const bool unknown = left.empty() || right.empty();
  if (!unknown && left == right) return differing;
  if (!x.config.empty() && !y.config.empty()) {
    const auto settings = differing_settings(x.config, y.config);
    differing.insert(differing.end(), settings.begin(), settings.end());
    return differing;
  }
  const std::size_t before = differing.size();
  look("solver", x.solver, y.solver, false);
  look("precision", x.precision, y.precision, false);
  for (const auto& [name, value] : a.config.grid) {
    for (const auto& other : b.config.grid) {
      if (other.first == name) look(name.c_str(), value, other.second, false);
    }
  }
  if (!unknown && differing.size() == before) look("settings_sha256", left, right, true);
  return differing;
}

namespace {

void require_one_setting(const RunRecord& a, const RunRecord& b) {
  const auto differing = differences_beyond_seed(a, b);
  if (differing.empty()) return;
  throw std::runtime_error(
      fmt::format("the runs of {} on {} ({}) are not of one setting, so there is no mean over their seeds: "
                  "{} and {} differ in {}; "
                  "run all seeds alike, or give only runs that belong together",
                  a.attributes.label, a.attributes.dataset, a.attributes.experiment, a.path.string(),
                  b.path.string(), fmt::join(differing, ", ")));
}

}  // namespace

std::vector<const RunRecord*> distinct_runs(const std::vector<RunRecord>& runs) {
  using CellName = std::tuple<std::string, std::string, std::string, std::string>;
  std::vector<const RunRecord*> kept;
  std::map<CellName, const RunRecord*> first;
  std::map<std::pair<CellName, std::int64_t>, std::size_t> place;
  for (const RunRecord& run : runs) {
    const RunAttributes& a = run.attributes;
    const CellName cell{a.experiment, run.config.profile, a.dataset, a.label};
    const auto [found, fresh] = place.try_emplace({cell, a.seed}, kept.size());
    if (fresh) require_one_setting(*first.try_emplace(cell, &run).first->second, run);
    if (fresh) {
      kept.push_back(&run);
      continue;
    }
    const RunRecord*& other = kept[found->second];
    require_same_run(*other, run);
    const bool knows_more = run.finished() && other->trajectory.iteration.empty();
    if (!other->finished() || knows_more) other = &run;
  }
  return kept;
}

std::vector<std::vector<RunRecord>> by_experiment(std::vector<RunRecord> runs) {
  std::vector<std::pair<std::string, std::string>> names;
  std::vector<std::vector<RunRecord>> groups;
  for (RunRecord& run : runs) {
    const std::size_t group = find_or_add(names, {run.attributes.experiment, run.config.profile});
    if (group == groups.size()) groups.emplace_back();
    groups[group].push_back(std::move(run));
  }
  return groups;
}

}  // namespace admmbench
