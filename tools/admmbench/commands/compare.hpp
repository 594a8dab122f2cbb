#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench compare A B`: what got better or worse beyond noise between two sets of results.
void add_compare_command(CLI::App& app);

}  // namespace admmbench
