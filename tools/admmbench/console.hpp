#pragma once
/// What the options that every command has ask for: how much is said, in colour or not, and a copy of it in a file.

#include <CLI/CLI.hpp>
#include <string>

#include "datasets/fetch.hpp"
#include "tools/admmbench/terminal.hpp"

namespace admmbench {

struct Console {
  bool quiet = false;
  bool verbose = false;
  ColorMode color = ColorMode::automatic;
  std::string log_file;      ///< empty: none
  std::string command_line;  ///< as it was given, quoted for a shell, to be shown when it should be repeated
};

/// --quiet, --verbose, --log-file, --color; they stand before the command or after it.
void add_console_options(CLI::App& app, Console& console);

/// Sends what is logged (spdlog) to stderr, as far as `console` wants it, and all of it with time stamps to the log file.
/// Throws std::runtime_error if that cannot be written.
void start_logging(const Console& console);

/// Draws a line on stderr that tells how far `downloads` are, where that is a terminal.
void show_downloads(Downloads& downloads);

/// Prints `text` at once. Never throws: what cannot be printed ends no sweep, but main() says so at the end.
void tell(const std::string& text);

/// `arguments` as a shell reads them back.
std::string shell_quoted(int count, const char* const* arguments);

}  // namespace admmbench
