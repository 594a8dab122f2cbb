#pragma once
/// Trajectories of the same method on the same data set, made into one curve with a band over the seeds. The page and the static
/// figures draw these.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "results/record/trajectory.hpp"

namespace admmbench {

/// One quantity over the seeds; all as long as the iterations. NaN where a seed's value is not finite.
struct Band {
  std::vector<double> mean;
  std::vector<double> deviation;  ///< sample standard deviation (n - 1); empty for one seed
  std::vector<double> low, high;  ///< smallest and largest; empty for one seed
};

struct Curves {
  std::size_t runs = 0;
  std::int64_t longest =
      0;  ///< last iteration of the longest run; the curves end where the shortest one does
  std::vector<std::int64_t> iteration;
  /// Cumulative, inside the solver, means over the seeds at the same iteration; empty if not recorded.
  std::vector<double> seconds, flops;
  std::vector<std::pair<std::string, Band>> quantities;  ///< every other column that all runs have

  const Band* find(const std::string& quantity) const;
};

/// Which of `count` records are drawn if at most about `points` may be: half of them in equal steps, half in equal ratios
/// (a logarithmic axis shows the first iterations too), the first and the last always. Increasing.
std::vector<std::size_t> thinned(std::size_t count, std::size_t points);

/// Mean and spread at the iterations that all of `runs` have recorded: beyond the end of the shortest run the mean would be
/// of those that went on. `points` as in `thinned`. No runs: no curves.
Curves aggregate(const std::vector<const Trajectory*>& runs, std::size_t points);

}  // namespace admmbench
