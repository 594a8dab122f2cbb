#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench claims`.
void add_claims_command(CLI::App& app);

}  // namespace admmbench
