#pragma once

#include <CLI/CLI.hpp>

namespace admmbench {

/// `admmbench completion bash|zsh|fish`: the script that makes a shell complete admmbench's arguments; and the hidden
/// `admmbench complete -- WORD...` that these scripts ask. It reads the commands and options from `app`, so that those
/// added later are completed without more ado.
void add_completion_commands(CLI::App& app);

}  // namespace admmbench
