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
  throw std::runtime_error(fmt::format(
      "two different runs of {} on {} with seed {}: {} and {}; give only one of them", a.attributes.label,
      a.attributes.dataset, a.attributes.seed, a.path.string(), b.path.string()));
}

std::vector<const RunRecord*> distinct_runs(const std::vector<RunRecord>& runs) {
  using Name = std::tuple<std::string, std::string, std::string, std::string, std::int64_t>;
  std::vector<const RunRecord*> kept;
  std::map<Name, std::size_t> place;
  for (const RunRecord& run : runs) {
    const RunAttributes& a = run.attributes;
    const auto [found, fresh] =
        place.try_emplace({a.experiment, run.config.profile, a.dataset, a.label, a.seed}, kept.size());
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
