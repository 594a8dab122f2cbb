#include "results/comparison/cost_to_target.hpp"

#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "results/record/columns.hpp"

namespace admmbench {

namespace {

const std::vector<std::string> cost_names{"iteration", "seconds", "flops"};
constexpr double miss = std::numeric_limits<double>::infinity();

std::vector<double> cumulative(const Trajectory& run, const std::string& cost) {
  if (cost == "iteration") return {run.iteration.begin(), run.iteration.end()};
  const std::vector<double>* values = run.find(cost);
  return values == nullptr ? std::vector<double>() : *values;
}

/// Infinite for a run that missed the target or did not finish; empty for one that has no such cost: a run made elsewhere has no
/// seconds of ours, a program of the user's own no operations that were counted.
std::optional<double> cost_of(const RunRecord& run, const std::string& metric, const std::string& cost,
                              double target, Direction direction) {
  const std::vector<double> spent = cumulative(run.trajectory, cost);
  if (spent.empty() && !run.trajectory.iteration.empty()) return std::nullopt;
  const std::vector<double>* values = run.trajectory.find(metric);
  if (!run.finished() || values == nullptr || spent.size() != values->size()) return miss;
  return cost_to_target(spent, *values, target, direction);
}

/// Profile over the problems (data set, seed) that all methods with runs on every data set have tried, those left out of which a run
/// has no such cost. `cost_of_run[i]` is that of `runs[i]`.
void add_profile(Targets::Cost& cost, const std::vector<PlacedRun>& runs,
                 const std::vector<std::optional<double>>& cost_of_run, std::size_t methods,
                 std::size_t datasets, const std::vector<double>& tau) {
  std::vector<std::set<std::size_t>> tried(methods);
  std::vector<bool> known(methods, true);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    tried[runs[i].method].insert(runs[i].dataset);
    if (!cost_of_run[i]) known[runs[i].method] = false;
  }
  for (std::size_t m = 0; m < methods; ++m) {
    if (known[m] && tried[m].size() == datasets) cost.profiled.push_back(m);
  }
  if (cost.profiled.size() < 2) return;
  std::map<std::pair<std::size_t, std::int64_t>, std::map<std::size_t, double>> problems;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!cost_of_run[i]) continue;
    problems[{runs[i].dataset, runs[i].run->attributes.seed}][runs[i].method] = *cost_of_run[i];
  }
  std::vector<std::vector<double>> table;
  for (const auto& problem : problems) {
    std::vector<double> row;
    for (const std::size_t m : cost.profiled) {
      const auto found = problem.second.find(m);
      if (found != problem.second.end()) row.push_back(found->second);
    }
    if (row.size() == cost.profiled.size()) table.push_back(std::move(row));
  }
  if (!table.empty()) cost.profile = performance_profile(table, tau);
}

}  // namespace

Targets costs_to_targets(const std::vector<PlacedRun>& runs, const std::string& metric, std::size_t methods,
                         std::size_t datasets, double remaining, const std::vector<double>& tau,
                         const std::vector<std::optional<double>>& given) {
  Targets result{metric, remaining, {}, {}};
  const Direction direction = higher_is_better(metric) ? Direction::increase : Direction::decrease;
  for (std::size_t d = 0; d < datasets; ++d) {
    if (d < given.size() && given[d]) {
      result.targets.push_back(given[d]);
      continue;
    }
    std::vector<std::vector<double>> columns;
    for (const PlacedRun& run : runs) {
      if (run.dataset != d || !run.run->finished()) continue;
      if (const std::vector<double>* values = run.run->trajectory.find(metric)) columns.push_back(*values);
    }
    result.targets.push_back(shared_target(columns, remaining, direction));
  }
  for (const std::string& name : cost_names) {
    std::vector<std::optional<double>> cost_of_run;
    std::vector<std::vector<std::vector<double>>> grouped(methods,
                                                          std::vector<std::vector<double>>(datasets));
    for (const PlacedRun& run : runs) {
      const std::optional<double>& target = result.targets[run.dataset];
      cost_of_run.push_back(target ? cost_of(*run.run, metric, name, *target, direction)
                                   : std::optional<double>(miss));
      if (target && cost_of_run.back()) grouped[run.method][run.dataset].push_back(*cost_of_run.back());
    }
    Targets::Cost cost{name, {}, {}, {}};
    for (const auto& method : grouped) {
      auto& row = cost.reached.emplace_back();
      for (const auto& cell : method) row.push_back(summarize_to_target(cell));
    }
    add_profile(cost, runs, cost_of_run, methods, datasets, tau);
    result.costs.push_back(std::move(cost));
  }
  return result;
}

}  // namespace admmbench
