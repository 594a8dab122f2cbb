#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench figure RESULTS...` or `admmbench figure FILE.yaml`: a figure for a paper.
void add_figure_command(CLI::App& app);

}  // namespace admmbench
