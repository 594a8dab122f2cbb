#pragma once
/// The experiment files that come with the suite, so that they can be called by name.

#include <filesystem>
#include <string>
#include <vector>

namespace admmbench {

struct ShippedExperiment {
  std::string name;  ///< file name without .yaml
  std::filesystem::path file;
  std::string summary;  ///< the file's first comment line
};

/// All experiments/**.yaml under `share`, sorted by path.
std::vector<ShippedExperiment> list_experiments(const std::filesystem::path& share);

/// `given` if it is a file, else the experiment under `share` with that name. Throws ConfigError.
std::filesystem::path find_experiment(const std::string& given, const std::filesystem::path& share);

}  // namespace admmbench
