#pragma once
/// What it costs to reach a target, and how methods compare in that over many problems. The target is one for all methods; a
/// run that misses it has an infinite cost, which stays in every median and every denominator.

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace admmbench {

enum class Direction { decrease, increase };  ///< towards the better: of a loss, of an accuracy

/// Index of the first of `values` at the target or beyond. NaN reaches nothing.
std::optional<std::size_t> first_reaching(const std::vector<double>& values, double target,
                                          Direction direction);

/// `cost` (seconds, epochs, flops: cumulative, as long as `values`) at the first record that reaches the target; infinite if
/// none does. No interpolation: what happened between two records is not known. Throws std::invalid_argument for unequal
/// lengths.
double cost_to_target(const std::vector<double>& cost, const std::vector<double>& values, double target,
                      Direction direction);

/// One target for every run on a problem: the fraction 1 - `remaining` of the way from the median initial value to the best
/// value that any run reached (More & Wild, SIAM J. Optim. 20, 2009). Empty if no run has a finite initial value, or none
/// gets beyond the median initial one. Give it the runs of all methods: the target from one method's own best would reward
/// the method that stops early. Throws std::invalid_argument unless 0 < remaining < 1.
std::optional<double> shared_target(const std::vector<std::vector<double>>& runs, double remaining,
                                    Direction direction);

/// Costs of one method over its seeds.
struct ToTarget {
  std::size_t runs = 0;
  std::size_t missed = 0;
  double median = std::numeric_limits<double>::infinity();  ///< infinite if half the runs or more missed
  double best = std::numeric_limits<double>::infinity();
  double worst = std::numeric_limits<double>::infinity();
};

/// NaN counts as a miss, like infinity.
ToTarget summarize_to_target(const std::vector<double>& costs);

/// Performance profile (Dolan & More, Math. Program. 91, 2002).
struct PerformanceProfile {
  std::vector<double> tau;  ///< factors of the best cost, increasing from 1
  /// fraction[s][t]: of all problems, those that solver s solved at no more than tau[t] times the best solver's cost.
  std::vector<std::vector<double>> fraction;
  std::size_t problems = 0;
  std::size_t unsolved = 0;  ///< by any solver; they stay in the denominator
};

/// 1 to `largest` in `count` steps of equal ratio.
std::vector<double> profile_factors(double largest = 4, std::size_t count = 61);

/// `costs[p][s]` of solver s on problem p: not negative, infinite or NaN for a miss. Profiles of more than two solvers rank
/// them only against the best of these: leaving one out can change the order of the others (Gould & Scott, ACM TOMS 43, 2016).
PerformanceProfile performance_profile(const std::vector<std::vector<double>>& costs,
                                       const std::vector<double>& tau = profile_factors());

}  // namespace admmbench
