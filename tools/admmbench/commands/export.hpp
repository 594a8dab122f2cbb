#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench export RESULTS...`: trajectories in long format, or one line per run, as CSV.
void add_export_command(CLI::App& app);

}  // namespace admmbench
