#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench table RESULTS...`: tables of result files as Markdown, CSV and LaTeX.
void add_table_command(CLI::App& app);

}  // namespace admmbench
