#pragma once
/// What it costs many methods to reach one target on each data set, and their performance profiles.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "results/record/run_record.hpp"
#include "results/statistics/performance_profile.hpp"

namespace admmbench {

/// One run among those that are compared, and its place in their table, from 0.
struct PlacedRun {
  const RunRecord* run = nullptr;
  std::size_t dataset = 0, method = 0;
};

/// What it costs to reach one target that all methods share.
struct Targets {
  std::string metric;
  double remaining = 0;                        ///< see shared_target
  std::vector<std::optional<double>> targets;  ///< per data set
  struct Cost {
    std::string name;                            ///< iteration, seconds, flops
    std::vector<std::vector<ToTarget>> reached;  ///< [method][data set]; runs 0: none there
    std::vector<std::size_t> profiled;          ///< methods of the profile: those with runs on every data set
    std::optional<PerformanceProfile> profile;  ///< over (data set, seed); empty for fewer than two methods
  };
  std::vector<Cost> costs;
};

/// Iterations, seconds and flops of `methods` methods on `datasets` data sets until trajectory column `metric` reaches the
/// target: the one in `given` where there is one for the data set, else shared_target() of all finished runs there. `tau`:
/// the factors of the profiles. A run that did not finish, or whose trajectory is not at hand, misses every target and sets none.
Targets costs_to_targets(const std::vector<PlacedRun>& runs, const std::string& metric, std::size_t methods,
                         std::size_t datasets, double remaining, const std::vector<double>& tau,
                         const std::vector<std::optional<double>>& given = {});

}  // namespace admmbench
