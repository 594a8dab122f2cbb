#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// admmbench list
void add_list_command(CLI::App& app);

}  // namespace admmbench
