#pragma once
/// One entry of `solvers:`, resolved at every point of its grid.

#include <filesystem>
#include <string>
#include <vector>

#include "experiments/harness/config/experiment.hpp"

namespace admmbench {

/// The keys of an entry. What depends on the method is read by read_solver() itself.
struct SolverKeys {
  std::string label;
  bool tune = true;
  std::optional<long> iterations;
  std::vector<std::string> datasets;

  void visit(ParameterVisitor& v);
};

/// The variants of entry `value`: the cartesian product of its `grid`, last parameter fastest; one if it has none.
/// Parameters are defaults, then the preset, then `params`, then the grid point. If `experiment`, of which data sets and `tune`
/// are known, is tuned, each variant has the points of its `search` as well, as many as its data sets' largest budget; an entry
/// then has a `search`, or says `tune: false`. What is wrong goes to `problems`; none are returned if the method itself is unknown.
/// `folder`: the experiment file's, for the files that a method names.
std::vector<SolverVariant> read_solver(const ConfigValue& value, const std::string& path,
                                       const Experiment& experiment, const std::filesystem::path& folder,
                                       ConfigProblems& problems);

}  // namespace admmbench
