#pragma once
/// Everything that can be said of an experiment file without its data.

#include <filesystem>
#include <string>
#include <vector>

#include "experiments/harness/config/yaml_tree.hpp"

namespace admmbench {

struct CheckedFile {
  std::filesystem::path file;
  std::vector<ConfigProblem> problems;  ///< in the order of the file; none: all is well
  std::size_t runs = 0;                 ///< of the file as it is, without a profile; 0 if there are problems
  std::vector<std::string> profiles;
};

/// Reads `file` as it is and with each of its profiles, and checks what a run would not complain of: entries for data
/// sets that are nowhere in the file, and figures that are not in `published` (names of published figures).
CheckedFile check_experiment(const std::filesystem::path& file, const std::vector<std::string>& published);

}  // namespace admmbench
