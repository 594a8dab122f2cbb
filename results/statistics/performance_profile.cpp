#include "results/statistics/performance_profile.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "results/statistics/tests.hpp"

namespace admmbench {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool reaches(double value, double target, Direction direction) {
  return direction == Direction::decrease ? value <= target : value >= target;
}

}  // namespace

std::optional<std::size_t> first_reaching(const std::vector<double>& values, double target,
                                          Direction direction) {
  const auto found = std::find_if(values.begin(), values.end(), [&](double value) {
    return std::isfinite(value) && reaches(value, target, direction);
  });
  if (found == values.end()) return std::nullopt;
  return static_cast<std::size_t>(found - values.begin());
}

double cost_to_target(const std::vector<double>& cost, const std::vector<double>& values, double target,
                      Direction direction) {
  if (cost.size() != values.size())
    throw std::invalid_argument("cost_to_target: costs and values differ in number");
  const std::optional<std::size_t> place = first_reaching(values, target, direction);
  return place ? cost[*place] : infinity;
}

std::optional<double> shared_target(const std::vector<std::vector<double>>& runs, double remaining,
                                    Direction direction) {
  if (!(remaining > 0 && remaining < 1))
    throw std::invalid_argument("shared_target: the remaining fraction must be between 0 and 1");
  std::vector<double> initial;
  std::optional<double> best;
  for (const std::vector<double>& run : runs) {
    if (!run.empty() && std::isfinite(run.front())) initial.push_back(run.front());
    for (const double value : run) {
      if (std::isfinite(value) && (!best || reaches(value, *best, direction))) best = value;
    }
  }
  if (initial.empty()) return std::nullopt;
  const double start = median_of(std::move(initial));
  if (*best == start || !reaches(*best, start, direction)) return std::nullopt;
  return *best + remaining * (start - *best);
}

ToTarget summarize_to_target(const std::vector<double>& costs) {
  ToTarget result;
  result.runs = costs.size();
  if (costs.empty()) return result;
  std::vector<double> sorted = costs;
  std::replace_if(
      sorted.begin(), sorted.end(), [](double cost) { return std::isnan(cost); }, infinity);
  std::sort(sorted.begin(), sorted.end());
  result.missed = static_cast<std::size_t>(std::count(sorted.begin(), sorted.end(), infinity));
  result.best = sorted.front();
  result.worst = sorted.back();
  const std::size_t middle = sorted.size() / 2;
  result.median = sorted.size() % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
  return result;
}

std::vector<double> profile_factors(double largest, std::size_t count) {
  if (!(largest > 1) || count < 2)
    throw std::invalid_argument("profile_factors: needs a largest factor above 1 and two steps");
  std::vector<double> tau(count);
  for (std::size_t i = 0; i < count; ++i) {
    tau[i] = std::pow(largest, static_cast<double>(i) / static_cast<double>(count - 1));
  }
  return tau;
}

PerformanceProfile performance_profile(const std::vector<std::vector<double>>& costs,
                                       const std::vector<double>& tau) {
  if (costs.empty() || costs.front().empty())
    throw std::invalid_argument("performance_profile: needs a problem and a solver");
  if (tau.empty() || tau.front() < 1 || !std::is_sorted(tau.begin(), tau.end()))
    throw std::invalid_argument("performance_profile: factors must increase from 1");
  PerformanceProfile profile;
  profile.tau = tau;
  profile.problems = costs.size();
  const std::size_t solvers = costs.front().size();
  profile.fraction.assign(solvers, std::vector<double>(tau.size(), 0.0));
  for (const std::vector<double>& row : costs) {
    if (row.size() != solvers)
      throw std::invalid_argument("performance_profile: every problem needs a cost of every solver");
    double best = infinity;
    for (const double cost : row) {
      if (cost < 0) throw std::invalid_argument("performance_profile: a cost is negative");
      if (cost < best) best = cost;
    }
    if (std::isinf(best)) {
      ++profile.unsolved;
      continue;
    }
    for (std::size_t s = 0; s < solvers; ++s) {
      if (!std::isfinite(row[s])) continue;
      for (std::size_t t = 0; t < tau.size(); ++t) {
        if (row[s] <= tau[t] * best) profile.fraction[s][t] += 1;
      }
    }
  }
  for (std::vector<double>& one : profile.fraction) {
    for (double& value : one) value /= static_cast<double>(profile.problems);
  }
  return profile;
}

}  // namespace admmbench
