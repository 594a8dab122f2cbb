#pragma once
/// What is said of a command line that is not understood.

#include <CLI/CLI.hpp>
#include <string>

namespace admmbench {

/// `error` in words, with the command or option that was probably meant: "'rum' is no command; did you mean 'run'?".
std::string mistake_text(const CLI::App& app, const CLI::Error& error);

}  // namespace admmbench
