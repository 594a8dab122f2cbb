#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

void add_rerun_command(CLI::App& app);

}  // namespace admmbench
