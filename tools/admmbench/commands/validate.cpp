#include "tools/admmbench/commands/validate.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/program/installed_files.hpp"
#include "experiments/harness/config/key_tables.hpp"
#include "experiments/harness/config/lint.hpp"
#include "experiments/harness/config/schema.hpp"
#include "experiments/harness/config/shipped_experiments.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "results/comparison/published.hpp"
#include "tools/admmbench/json_text.hpp"

namespace admmbench {

namespace {

namespace fs = std::filesystem;

struct ValidateOptions {
  std::vector<std::string> experiments;
  bool json = false;
};

/// The files that the arguments name; of a folder all *.yaml in and below it.
std::vector<fs::path> files_of(const std::vector<std::string>& arguments) {
  std::vector<fs::path> files;
  for (const std::string& argument : arguments) {
    if (!fs::is_directory(argument)) {
      files.push_back(find_experiment(argument, installed_files()));
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& item : fs::recursive_directory_iterator(argument)) {
      if (item.is_regular_file() && item.path().extension() == ".yaml") found.push_back(item.path());
    }
    if (found.empty()) config_error(argument, "", "there is no *.yaml file in this folder");
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

void print_text(const std::vector<CheckedFile>& checked, bool quiet, bool color) {
  for (const CheckedFile& file : checked) {
    for (const ConfigProblem& problem : file.problems) {
      const Origin& origin = problem.origin;
      const std::string place =
          origin.column > 0 ? fmt::format("{}:{}", origin.text(), origin.column) : origin.text();
      fmt::print("{}: {}: {}{}{}\n", place, painted("error", fmt::terminal_color::red, color), problem.key,
                 problem.key.empty() ? "" : ": ", problem.what);
    }
    if (quiet || !file.problems.empty()) continue;
    fmt::print("{}: {}, {} runs{}\n", file.file.string(), painted("valid", fmt::terminal_color::green, color),
               file.runs, file.profiles.empty() ? "" : fmt::format("; profiles: {}", join(file.profiles)));
  }
}

void print_json(const std::vector<CheckedFile>& checked) {
  Json files = Json::array();
  bool valid = true;
  for (const CheckedFile& file : checked) {
    Json problems = Json::array();
    for (const ConfigProblem& problem : file.problems) {
      problems.push_back({{"line", problem.origin.line},
                          {"column", problem.origin.column},
                          {"key", problem.key},
                          {"message", problem.what}});
    }
    valid = valid && file.problems.empty();
    files.push_back({{"file", file.file.string()},
                     {"valid", file.problems.empty()},
                     {"runs", file.runs},
                     {"profiles", file.profiles},
                     {"problems", std::move(problems)}});
  }
  fmt::print("{}\n", json_text(Json{{"valid", valid}, {"files", std::move(files)}}));
}

void validate(const ValidateOptions& options, const Console& console) {
  const std::vector<std::string> published = published_keys(load_published(published_folder()));
  std::vector<CheckedFile> checked;
  for (const fs::path& file : files_of(options.experiments))
    checked.push_back(check_experiment(file, published));
  if (options.json) {
    print_json(checked);
  } else {
    print_text(checked, console.quiet, probe_terminal(STDOUT_FILENO, console.color).color);
  }
  std::fflush(stdout);
  std::size_t problems = 0;
  for (const CheckedFile& file : checked) problems += file.problems.size();
  if (problems == 0) return;
  const auto wrong = std::count_if(checked.begin(), checked.end(),
                                   [](const CheckedFile& file) { return !file.problems.empty(); });
  spdlog::error("{} mistake{} in {} of {} file{}", problems, problems == 1 ? "" : "s", wrong, checked.size(),
                checked.size() == 1 ? "" : "s");
  throw CLI::RuntimeError(2);
}

}  // namespace

void add_validate_command(CLI::App& app, const Console& console) {
  CLI::App* command = app.add_subcommand("validate", "check experiment files and show all their mistakes");
  const auto options = std::make_shared<ValidateOptions>();
  command->add_option("experiment", options->experiments, "experiment files, their names, or folders of them")
      ->required()
      ->type_name("EXPERIMENT");
  command->add_flag("--json", options->json, "machine-readable");
  command->footer("Examples:\n  admmbench validate mine.yaml\n  admmbench validate experiments --json");
  command->callback([options, &console] { validate(*options, console); });
}

void add_schema_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("schema", "print the JSON Schema of experiment files, for editors");
  command->footer(
      "Example:\n  admmbench schema > experiment.json\n"
      "  first line of mine.yaml: # yaml-language-server: $schema=experiment.json");
  const auto markdown = std::make_shared<bool>(false);
  command->add_flag("--markdown", *markdown, "the keys as Markdown tables instead, for their documentation");
  command->callback(
      [markdown] { fmt::print("{}", *markdown ? key_tables() : schema_text(experiment_schema())); });
}

}  // namespace admmbench
