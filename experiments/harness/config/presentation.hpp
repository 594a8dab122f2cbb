#pragma once
/// How the results of an experiment are shown. The keys `table:` and `rank:` decide no number, so they are not in the result
/// files, whose content would change with them; they stay beside them, in <out>/<experiment>/presentation.yaml.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "experiments/harness/config/experiment.hpp"

namespace admmbench {

struct Presentation {
  TableKeys table;
  RankKeys rank;
};

/// Writes the file, or removes it where the experiment has no such key.
void write_presentation(const Experiment& experiment, const std::filesystem::path& out);

/// What is said beside the results of `roots`, by the name of the experiment. A root is a result file, or a folder of any
/// depth in which or in whose parents they are; what does not exist says nothing. Throws ConfigError for a file that cannot
/// be understood.
std::map<std::string, Presentation> read_presentations(const std::vector<std::filesystem::path>& roots);

}  // namespace admmbench
