#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// admmbench import FILE...: runs made elsewhere become results beside ours.
void add_import_command(CLI::App& app);

}  // namespace admmbench
