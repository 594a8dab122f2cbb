#pragma once
/// The experiment files of the source tree, so that they can be called by name.

#include <filesystem>
#include <string>
#include <vector>

namespace admmbench {

struct CatalogEntry {
  std::string name;  ///< file name without .yaml
  std::filesystem::path file;
  std::string summary;  ///< the file's first comment line
};

/// All experiments/**.yaml under `source_dir`, sorted by path.
std::vector<CatalogEntry> list_experiments(const std::filesystem::path& source_dir);

/// `given` if it is a file, else the experiment of the source tree with that name. Throws ConfigError.
std::filesystem::path find_experiment(const std::string& given, const std::filesystem::path& source_dir);

}  // namespace admmbench
