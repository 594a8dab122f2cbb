#pragma once
/// The texts that are made of the declared commands and options: --help and the man page.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace admmbench {

struct ExitCode {
  int code;
  std::string brief;    ///< for --help
  std::string meaning;  ///< for the man page
};

/// The exit codes of every command.
std::vector<ExitCode> exit_codes();

/// Help in 80 columns: commands by group, options with their defaults, examples (the footer), exit codes.
class HelpFormatter final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

/// The man page admmbench(1) in roff.
std::string manual_page(const CLI::App& app, const std::string& version);

/// Commands that are shown, in the order of their groups.
std::vector<const CLI::App*> visible_commands(const CLI::App& app);
/// "-o,--out DIR", or a positional's "EXPERIMENT"; without the value for a flag.
std::string option_usage(const CLI::Option& option);
/// "FILE", "{a,b}": what the option takes; empty for a flag.
std::string value_name(const CLI::Option& option);
/// "admmbench data fetch".
std::string full_name(const CLI::App& app);

}  // namespace admmbench
