#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// admmbench run
void add_run_command(CLI::App& app);

}  // namespace admmbench
