#pragma once
/// `new`: a repository to start from.

#include <CLI/CLI.hpp>

namespace admmbench {

void add_new_command(CLI::App& app);

}  // namespace admmbench
