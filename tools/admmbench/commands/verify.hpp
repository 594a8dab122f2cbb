#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

void add_verify_command(CLI::App& app);

}  // namespace admmbench
