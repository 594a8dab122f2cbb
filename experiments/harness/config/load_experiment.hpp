#pragma once
/// From an experiment file to typed values.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "experiments/harness/config/experiment.hpp"

namespace admmbench {

/// Reads, merges and validates an experiment file: `profile` (if not empty) is laid over the top-level keys, then
/// every `--set` setting. Throws ConfigError.
Experiment load_experiment(const std::filesystem::path& file, const std::string& profile = {},
                           const std::vector<std::string>& settings = {});

/// The experiment that `text` is, with files relative to `folder`, else to the working directory. Throws ConfigError, which calls it
/// `origin`.
Experiment load_experiment_text(const std::string& text, const std::string& origin,
                                const std::filesystem::path& folder);

/// `targets` of the mapping `rank` at `path`.
std::map<std::string, double> read_targets(const ConfigValue& rank, const std::string& path,
                                           ConfigProblems& problems);

/// What a profile may lay over: the keys of the top level without the name and the profiles.
std::vector<std::string> profile_keys();

}  // namespace admmbench
