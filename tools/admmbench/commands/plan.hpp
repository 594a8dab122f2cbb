#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// admmbench plan
void add_plan_command(CLI::App& app);

}  // namespace admmbench
