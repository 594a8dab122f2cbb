#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench plot RESULTS... -o FILE`: a static figure.
void add_plot_command(CLI::App& app);

}  // namespace admmbench
