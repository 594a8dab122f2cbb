#pragma once
/// Runs over data sets that are named by their size: for cost exponents, as a library and as a command.

#include <functional>
#include <string>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench::testing {

inline const std::vector<double> run_sizes{32, 64, 128, 256, 512, 1024};

/// Two runs of `label` per size that took 10 iterations, of `flops` operations each.
inline std::vector<RunRecord> sized_runs(const std::string& label,
                                         const std::function<double(double)>& flops) {
  std::vector<RunRecord> runs;
  for (const double size : run_sizes) {
    for (std::int64_t seed = 0; seed < 2; ++seed) {
      RunRecord run;
      run.attributes.experiment = "cost";
      run.attributes.dataset = "n-" + std::to_string(static_cast<int>(size));
      run.attributes.label = label;
      run.attributes.seed = seed;
      run.end.iterations = 10;
      // Seconds: the second run was disturbed, by much at small sizes.
      run.end.last = {{"flops", 10 * flops(size)}, {"seconds", 1e-3 * size + (seed == 1 ? 5 : 0)}};
      runs.push_back(run);
    }
  }
  return runs;
}

}  // namespace admmbench::testing
