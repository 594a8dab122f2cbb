#pragma once

#include <CLI/CLI.hpp>

#include "tools/admmbench/console.hpp"

namespace admmbench {

/// `admmbench validate EXPERIMENT...`: all mistakes of experiment files at once.
void add_validate_command(CLI::App& app, const Console& console);

/// `admmbench schema`: the JSON Schema of experiment files.
void add_schema_command(CLI::App& app);

}  // namespace admmbench
