#pragma once
/// What can be wrong with a folder of results as a whole.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace admmbench {

struct TreeFinding {
  enum class Kind {
    damaged,     ///< not readable, or not what its checksums say
    misplaced,   ///< not where a run of its names would be
    mixed,       ///< differs in more than the seed from the others of its method and data set
    missing,     ///< a seed that other methods or data sets of the experiment have
    incomplete,  ///< interrupted or failed
    leftover  ///< a temporary file, claim or checkpoint: of a run that is being made, or of a process that is dead
  };
  Kind kind;
  std::filesystem::path where;
  std::string what;  ///< one line
};

std::string to_string(TreeFinding::Kind kind);

struct TreeReport {
  std::size_t results = 0;  ///< files that are whole
  std::vector<TreeFinding> findings;
};

/// Looks at all files under `roots`. Throws std::runtime_error for a root that is not there.
TreeReport verify_tree(const std::vector<std::filesystem::path>& roots);

}  // namespace admmbench
