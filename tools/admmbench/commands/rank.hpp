#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench rank`: methods against each other over data sets; docs/reference/results.md.
void add_rank_command(CLI::App& app);

}  // namespace admmbench
