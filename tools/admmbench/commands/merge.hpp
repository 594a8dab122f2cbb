#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

void add_merge_command(CLI::App& app);

}  // namespace admmbench
