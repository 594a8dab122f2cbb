#pragma once
/// Figure files: what `admmbench figure` draws, in YAML, read and written like experiment files.

#include <string>

#include "experiments/harness/config/yaml_tree.hpp"
#include "results/report/paper_figure.hpp"

namespace admmbench {

/// Throws ConfigError with all mistakes: keys that do not exist, values that are not allowed, each with file and line.
PaperFigure read_figure(const ConfigValue& root);

/// The file of `figure`, every key that has a value with what it means.
std::string figure_file_text(PaperFigure figure);

/// The keys of figure files as Markdown tables, for docs/guide/figures.md.
std::string figure_key_tables();

}  // namespace admmbench
