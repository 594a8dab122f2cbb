#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// admmbench describe
void add_describe_command(CLI::App& app);

}  // namespace admmbench
