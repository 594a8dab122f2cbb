#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench rates RESULTS...`: how fast the recorded runs converge.
void add_rates_command(CLI::App& app);

}  // namespace admmbench
