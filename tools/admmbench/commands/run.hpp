#pragma once

#include <CLI/CLI.hpp>

#include "tools/admmbench/console.hpp"

namespace admmbench {

/// admmbench run
void add_run_command(CLI::App& app, const Console& console);

}  // namespace admmbench
