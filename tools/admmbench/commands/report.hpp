#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// admmbench report: result files as one interactive HTML page.
void add_report_command(CLI::App& app);

}  // namespace admmbench
