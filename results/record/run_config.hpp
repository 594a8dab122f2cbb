#pragma once
/// What a run's stored configuration (attribute `config`: resolved YAML, one line per key) says beyond the run's numbers.

#include <string>
#include <utility>
#include <vector>

#include "results/record/run_file.hpp"

namespace admmbench {

struct StoredConfig {
  std::string profile;  ///< empty: none
  std::string note;
  std::string dataset_name;            ///< in the registry; empty for a data file
  std::vector<std::string> published;  ///< keys of results/published
  /// The solver's parameters with their values as text, groups dotted ("step.rule"), in declaration order.
  std::vector<std::pair<std::string, std::string>> params;
  std::vector<std::pair<std::string, std::string>> grid;  ///< the grid's parameters with this run's values
  std::vector<long> iterates;                             ///< iterations whose variables were to be recorded
};

/// Throws std::runtime_error naming the file if the attribute is not YAML. Missing keys are empty.
StoredConfig stored_config(const RunRecord& run);

/// The profile alone, without reading the rest; empty: none.
std::string profile_of(const RunRecord& run);

/// The stored configuration as an experiment file of its own, whose only run is this one: what profile, grid and tuning
/// chose is written out.
std::string experiment_of(const RunRecord& run);

}  // namespace admmbench
