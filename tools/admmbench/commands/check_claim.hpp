#pragma once

#include <CLI/CLI.hpp>

#include "tools/admmbench/console.hpp"

namespace admmbench {

/// `admmbench check-claim`.
void add_check_claim_command(CLI::App& app, const Console& console);

}  // namespace admmbench
