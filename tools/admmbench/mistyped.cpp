#include "tools/admmbench/mistyped.hpp"

#include <fmt/format.h>

#include <vector>

#include "experiments/harness/config/yaml_reader.hpp"
#include "tools/admmbench/own_name.hpp"

namespace admmbench {
namespace {

/// The command that the line had come to.
const CLI::App& innermost(const CLI::App& app) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.back());
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (!command->get_group().empty()) names.push_back(command->get_name());  // the others are not for people
  }
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string command_line_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? own_name() : command_line_of(*app.get_parent()) + " " + app.get_name();
}

}  // namespace

std::string mistake_text(const CLI::App& app, const CLI::Error& error) {
  const CLI::App& at = innermost(app);
  const std::vector<std::string> commands = commands_of(at);
  const std::vector<std::string> words = app.remaining(true);
  if (words.empty()) {
    return commands.empty() || error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError)
               ? error.what()
               : fmt::format("a command is missing; allowed: {}", join(commands));
  }
  const std::string word = words.front().substr(0, words.front().find('='));
  if (word.starts_with("-")) {
    const std::vector<std::string> options = options_of(at);
    return fmt::format("{}: no option of {}{}", word, command_line_of(at), did_you_mean(word, options));
  }
  if (commands.empty())
    return fmt::format("'{}' was not expected: {} takes no more words", word, command_line_of(at));
  return fmt::format("'{}' is no command{}; allowed: {}", word, did_you_mean(word, commands), join(commands));
}

}  // namespace admmbench
