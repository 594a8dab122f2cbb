#pragma once
/// What it costs many methods to reach one target on each data set, and their performance profiles.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/record/trajectory.hpp"
#include "results/statistics/performance_profile.hpp"

namespace admmbench {

/// One run among those that are compared.
struct TargetRun {
  std::size_t dataset = 0, method = 0;  ///< numbers from 0
  std::int64_t seed = 0;
  bool finished = true;                    ///< a run that did not finish misses every target and sets none
  const Trajectory* trajectory = nullptr;  ///< nullptr: not known; a miss
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
/// the factors of the profiles.
Targets costs_to_targets(const std::vector<TargetRun>& runs, const std::string& metric, std::size_t methods,
                         std::size_t datasets, double remaining, const std::vector<double>& tau,
                         const std::vector<std::optional<double>>& given = {});

}  // namespace admmbench
