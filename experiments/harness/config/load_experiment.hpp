#pragma once
/// From an experiment file to typed values.

#include <filesystem>
#include <string>
#include <vector>

#include "experiments/harness/config/experiment.hpp"

namespace admmbench {

/// Reads, merges and validates an experiment file: `profile` (if not empty) is laid over the top-level keys, then
/// every `--set` setting. Throws ConfigError.
Experiment load_experiment(const std::filesystem::path& file, const std::string& profile = {},
                           const std::vector<std::string>& settings = {});

/// What a profile may lay over: the keys of the top level without the name and the profiles.
std::vector<std::string> profile_keys();

}  // namespace admmbench
