#pragma once
/// Whether a run that was made again came out as it did before.

#include <optional>
#include <string>
#include <vector>

#include "results/record/run_record.hpp"

namespace admmbench {

/// Where two runs differ most.
struct LargestDifference {
  std::string where;  ///< a trajectory column and its iteration, or a variable of the final network
  double relative = 0;
};

struct Repetition {
  std::vector<std::string>
      other_machine;       ///< what was different about it, as "blas: A and B"; empty: the same kind
  bool identical = false;  ///< to the bit, in all but time
  std::optional<LargestDifference> largest;
  std::string shape;  ///< what cannot be compared: another length, a column that one has not; empty: nothing

  /// Identical, or, of another kind of machine, within `tolerance`.
  bool holds(double tolerance) const;
};

/// Relative differences up to this are expected between kinds of machines (docs/reference/results.md): another order of summation, not
/// another method.
double repetition_tolerance(const std::string& precision);

/// Trajectories but for `seconds`, and the final networks where both files hold one. The files of both must have been examined.
Repetition compare_repetition(const RunRecord& before, const RunRecord& now);

}  // namespace admmbench
