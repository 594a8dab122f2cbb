#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench scaling`.
void add_scaling_command(CLI::App& app);

}  // namespace admmbench
