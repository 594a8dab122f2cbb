#pragma once
/// `admmbench data list | info NAME | fetch NAME... | verify NAME...`

#include <CLI/CLI.hpp>

namespace admmbench {

/// Adds the command. What goes wrong is thrown: DataUnavailable, DataError, other std::runtime_error.
void add_data_command(CLI::App& app);

}  // namespace admmbench
