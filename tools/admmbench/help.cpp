#include "tools/admmbench/help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "tools/admmbench/own_name.hpp"

namespace admmbench {

namespace {

constexpr std::size_t screen_columns = 80;
constexpr std::ptrdiff_t screen_lines =
    24;  ///< the prompt among them; where that is too few, there are no empty lines
constexpr std::size_t widest_left = 30;

/// `text` from column `indent` on, wrapped at the right margin; the caller has filled the first line so far.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string out;
  std::size_t used = indent;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (used > indent && used + 1 + word.size() > screen_columns) {
      out += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (used > indent) {
      out += ' ';
      ++used;
    }
    out += word;
    used += word.size();
  }
  return out + "\n";
}

/// `left`, and `right` in a column of its own, which starts behind `width` characters.
std::string entry(const std::string& left, const std::string& right, std::size_t width) {
  std::string out = fmt::format("  {:<{}}", left, width);
  out += left.size() > width ? "\n" + std::string(width + 3, ' ') : " ";
  return out + wrapped(right, width + 3);
}

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string block(const std::string& title, const Rows& rows) {
  if (rows.empty()) return "";
  std::size_t width = 0;
  for (const auto& [left, right] : rows) {
    if (left.size() <= widest_left) width = std::max(width, left.size());
  }
  std::string out = "\n" + title + ":\n";
  for (const auto& [left, right] : rows) out += entry(left, right, width);
  return out;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional) {
  return app.get_options([&](const CLI::Option* option) {
    return option->get_positional() == positional && !option->get_group().empty();
  });
}

std::string meaning(const CLI::Option& option) {
  std::string text = option.get_description();
  if (!option.get_default_str().empty() && !value_name(option).empty())
    text += fmt::format(" [{}]", option.get_default_str());
  return text;
}

Rows rows_of(const std::vector<const CLI::Option*>& options) {
  Rows rows;
  for (const CLI::Option* option : options) rows.emplace_back(option_usage(*option), meaning(*option));
  return rows;
}

/// The program's own options in running text: with a row for each, its help would not fit a screen of 24 lines.
std::string option_list(const std::vector<const CLI::Option*>& options) {
  std::string text;
  for (const CLI::Option* option : options) {
    const std::string usage = option_usage(*option);
    // The words of a choice are the man page's: here all options share a line.
    text += (text.empty() ? "" : ", ") +
            (usage.ends_with('}') ? usage.substr(0, usage.find('{')) + "WHEN" : usage);
  }
  return text;
}

/// "admmbench run [OPTIONS] EXPERIMENT"
std::string usage(const CLI::App& app) {
  std::string text = full_name(app);
  if (!options_of(app, false).empty()) text += " [OPTIONS]";
  for (const CLI::Option* option : options_of(app, true)) {
    const std::string name = option_usage(*option) + (option->get_expected_max() > 1 ? "..." : "");
    text += option->get_required() ? " " + name : " [" + name + "]";
  }
  if (!visible_commands(app).empty()) text += " COMMAND ...";
  return text;
}

/// Of "Example: THIS; THAT". In the program's own help it shares the line of the usage, or there would be too many lines for a screen;
/// the man page has both.
std::string first_example(const CLI::App& app) {
  std::string footer = app.get_footer();
  const std::size_t begin = footer.find(": ");
  if (begin == std::string::npos) return footer;
  return footer.substr(begin + 2, footer.find(';') - begin - 2);
}

/// The commands, with their group in front of the first of each.
std::string command_list(const CLI::App& app) {
  const auto commands = visible_commands(app);
  std::size_t group_width = 0;
  std::size_t name_width = 0;
  for (const CLI::App* command : commands) {
    group_width = std::max(group_width, command->get_group().size());
    name_width = std::max(name_width, command->get_name().size());
  }
  std::string out;
  std::string group;
  std::string tools;  // a line together: with one for each the program's help would not fit a screen
  for (const CLI::App* command : commands) {
    if (command->get_group() == "Tools") {
      tools += " " + command->get_name();
      continue;
    }
    out += fmt::format("{:<{}}  {:<{}}  ", command->get_group() == group ? "" : command->get_group(),
                       group_width, command->get_name(), name_width);
    out += wrapped(command->get_description(), group_width + name_width + 4);
    group = command->get_group();
  }
  if (!tools.empty()) out += fmt::format("{:<{}} {} (COMMAND --help)\n", "Tools", group_width, tools);
  return out;
}

std::string exit_code_text() {
  std::string text;
  for (const ExitCode& exit : exit_codes())
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", exit.code, exit.brief);
  return text + ".";
}

/// `text` as roff shows it literally.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
      out += c;
    }
  }
  return out;
}

std::string roff_options(const CLI::App& app, bool positional) {
  std::string out;
  for (const CLI::Option* option : options_of(app, positional))
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(option_usage(*option)), roff(meaning(*option)));
  return out;
}

/// A footer: examples, line by line.
std::string roff_footer(const CLI::App& app) {
  return app.get_footer().empty() ? "" : fmt::format(".PP\n.nf\n{}\n.fi\n", roff(app.get_footer()));
}

std::string roff_command(const CLI::App& app) {
  std::string out =
      fmt::format(".SS {}\n{}.\n.PP\n{}\n", roff(usage(app).substr(sizeof("admmbench"))),
                  roff(app.get_description()), roff_options(app, true) + roff_options(app, false));
  out += roff_footer(app);
  for (const CLI::App* command : visible_commands(app)) out += roff_command(*command);
  return out;
}

}  // namespace

std::vector<ExitCode> exit_codes() {
  return {{0, "success", "all is well"},
          {1, "failed", "a run failed (the others are complete), or another error at run time"},
          {2, "usage", "wrong usage, or a mistake in an experiment"},
          {3, "no data", "data that cannot be had, or are damaged"},
          {4, "worse",
           "compare found something worse, claims --check a page out of date, check-claim or rerun another "
           "outcome, verify or merge something to look at"},
          {130, "interrupted", "interrupted by Ctrl-C or SIGTERM"}};
}

std::vector<const CLI::App*> visible_commands(const CLI::App& app) {
  std::vector<std::string> groups;
  const auto commands =
      app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
  for (const CLI::App* command : commands) {
    if (std::find(groups.begin(), groups.end(), command->get_group()) == groups.end())
      groups.push_back(command->get_group());
  }
  std::vector<const CLI::App*> sorted;
  for (const std::string& group : groups) {
    std::copy_if(commands.begin(), commands.end(), std::back_inserter(sorted),
                 [&](const CLI::App* command) { return command->get_group() == group; });
  }
  return sorted;
}

std::string value_name(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  // CLI11 appends the validators: "TEXT:{a,b}", "N:INT in [1 - 9]".
  const std::string type = option.get_type_name();
  if (const auto words = type.find('{'); words != std::string::npos) return type.substr(words);
  return type.substr(0, type.find(':'));
}

std::string option_usage(const CLI::Option& option) {
  const std::string value = value_name(option);
  if (option.get_positional()) {
    std::string name = option.get_name(true);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    return name;
  }
  const std::string names = option.get_name(false, true);
  return value.empty() ? names : names + " " + value;
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

namespace {

std::string help_text(const CLI::App* app) {
  const bool top = app->get_parent() == nullptr;
  std::string out = fmt::format("{}\nusage: {}{}\n", app->get_description(), usage(*app),
                                top ? ", such as: " + first_example(*app) : "");
  const std::string commands = command_list(*app);
  if (!top && !commands.empty()) out += "\n";  // the program's own help needs the line
  out += commands;
  out += block("Arguments", rows_of(options_of(*app, true)));
  std::vector<const CLI::Option*> options = options_of(*app, false);
  // Known from the line that led here.
  std::erase_if(options, [](const CLI::Option* option) { return option->check_lname("help"); });
  if (top) {
    return out + "Options: " + wrapped(option_list(options), sizeof("Options:")) +
           "Exit codes: " + wrapped(exit_code_text(), sizeof("Exit codes:"));
  }
  out += block("Options", rows_of(options));
  if (!app->get_footer().empty()) out += app->get_footer() + "\n";
  return out + "also: -q -v --log-file FILE --color WHEN, exit codes: admmbench --help\n";
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  std::string text = help_text(app);
  if (std::count(text.begin(), text.end(), '\n') >= screen_lines) {
    for (std::size_t at = 0; (at = text.find("\n\n", at)) != std::string::npos;) text.erase(at, 1);
  }
  return in_own_name(std::move(text));
}

std::string manual_page(const CLI::App& app, const std::string& version) {
  std::string out = fmt::format(
      ".TH ADMMBENCH 1 \"\" \"admmbench {}\" \"User Commands\"\n.SH NAME\nadmmbench \\- {}\n.SH SYNOPSIS\n"
      ".B admmbench\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...\n.SH DESCRIPTION\n",
      version, roff(app.get_description()));
  out +=
      "An experiment file says which methods train which networks on which data sets; \\fBadmmbench run\\fR "
      "makes one\n"
      "result file of every data set, method and seed, and the other commands read them.\n";
  out += ".SH OPTIONS\nThey may stand before or after the command.\n" + roff_options(app, false);
  std::string group;
  for (const CLI::App* command : visible_commands(app)) {
    if (command->get_group() != group) {
      group = command->get_group();
      std::string title = group;
      std::transform(title.begin(), title.end(), title.begin(),
                     [](unsigned char c) { return std::toupper(c); });
      out += fmt::format(".SH \"COMMANDS: {}\"\n", title);
    }
    out += roff_command(*command);
  }
  out += ".SH EXIT STATUS\n";
  for (const ExitCode& exit : exit_codes())
    out += fmt::format(".TP\n{}\n{}\n", exit.code, roff(exit.meaning));
  out += ".SH ENVIRONMENT\n";
  const Rows variables{
      {"ADMMBENCH_CACHE", "folder of the data sets; the default is admmbench in the user's cache folder"},
      {"ADMMBENCH_DATA_MIRROR", "folder with copies of the raw files, looked into before any download"},
      {"ADMMBENCH_SHARE", "folder of the program's own files, instead of the one it was installed with"},
      {"ADMMBENCH_REGISTRY", "further registries of data sets, separated by colons"},
      {"NO_COLOR", "if set, no colours, unless --color says otherwise"},
      {"TERM", "dumb: plain lines, no colours"}};
  for (const auto& [name, text] : variables) out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", name, roff(text));
  out += ".SH FILES\n.TP\nresults/runs\nresult files, unless --out says otherwise\n";
  out += ".SH EXAMPLES\n.nf\n" + roff(app.get_footer()) + "\n.fi\n";
  return out;
}

}  // namespace admmbench
