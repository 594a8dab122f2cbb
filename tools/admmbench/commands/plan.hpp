#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// admmbench plan
struct Console;

void add_plan_command(CLI::App& app, const Console& console);

}  // namespace admmbench
