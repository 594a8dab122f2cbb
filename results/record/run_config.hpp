#pragma once
/// What a run's stored configuration (attribute `config`: resolved YAML, one line per key) says beyond the run's numbers.

#include <string>
#include <utility>
#include <vector>

namespace admmbench {

struct RunConfig {
  std::string profile;  ///< empty: none
  std::string note;
  std::string dataset_name;            ///< in the registry; empty for a data file
  std::vector<std::string> published;  ///< keys of results/published
  /// The solver's parameters with their values as text, groups dotted ("step.rule"), in declaration order.
  std::vector<std::pair<std::string, std::string>> params;
  std::vector<std::pair<std::string, std::string>> grid;  ///< the grid's parameters with this run's values
  std::vector<long> iterates;                             ///< iterations whose variables were to be recorded
  /// Of the configuration without the seed and without remarks (note, published): runs of one setting have the same. Empty if
  /// there is no configuration.
  std::string settings_sha256;
};

/// The only place that parses stored configurations. Missing keys are empty. Throws std::runtime_error if `text` is not YAML.
RunConfig read_run_config(const std::string& text);

/// The keys of two stored configurations, dotted, whose values differ, with both values ("iterations: 300 and 1", "network.hidden: [4]
/// and [64]"); what settings_sha256 leaves out is not looked at. Texts that are not YAML have no keys.
std::vector<std::string> differing_settings(const std::string& a, const std::string& b);

/// Parts of a stored configuration as they are written there, for captions; empty: not in it.
struct WrittenConfig {
  std::string dataset, network, precision, iterations;
  std::string params;  ///< the solver's, with their braces
};
WrittenConfig written_config(const std::string& text);

/// The configuration `text` as an experiment file of its own, whose only run is this one: what profile, grid and tuning
/// chose is written out.
std::string experiment_of(const std::string& text);

}  // namespace admmbench
