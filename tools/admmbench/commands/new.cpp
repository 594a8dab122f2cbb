#include "tools/admmbench/commands/new.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/program/installed_files.hpp"
#include "tools/admmbench/commands/template_names.hpp"
#include "tools/admmbench/commands/template_repository.hpp"

namespace admmbench {

namespace {

namespace fs = std::filesystem;

struct NewOptions {
  std::string kind;
  std::string name;
  std::string language;
  std::string out;
};

bool is_code(const std::string& kind) { return kind == "solver" || kind == "dataset"; }

/// The folder of the templates that is meant; throws CLI::ValidationError.
std::string template_of(const NewOptions& options) {
  if (is_code(options.kind)) return options.kind + (options.language == "python" ? "-python" : "-cpp");
  if (options.language.empty()) return options.kind;
  throw CLI::ValidationError(
      fmt::format("--language {}: of {} there is one kind only; allowed with solver and dataset",
                  options.language, options.kind == "paper" ? "a paper" : "an experiment"));
}

/// `text` with `lines` of advice that depends on where the suite is.
std::string first_lines(const std::string& kind, const std::string& language) {
  const fs::path share = installed_files();
  const bool installed = share.parent_path().filename() == "share";
  const fs::path prefix = share.parent_path().parent_path();
  const bool usual = prefix == "/usr" || prefix == "/usr/local";
  if (!is_code(kind) || (installed && usual)) return {};
  if (language == "python") {
    return kind == "solver" ? fmt::format("  export PYTHONPATH={}\n", (share / "python").string())
                            : std::string();
  }
  if (installed) return fmt::format("  export CMAKE_PREFIX_PATH={}\n", prefix.string());
  return "  export CMAKE_PREFIX_PATH=PREFIX   # where `cmake --install build/release --prefix PREFIX` put "
         "the "
         "suite\n";
}

void make_new(const NewOptions& options) {
  const std::string which = template_of(options);
  const TemplateNames names(options.name, options.kind);
  const fs::path folder = options.out.empty() ? fs::path(options.name) : fs::path(options.out);
  const fs::path from = installed_files() / "examples/templates" / which;
  const std::vector<TemplateFile> files = filled_templates(from, names);
  write_repository(folder, files);
  fmt::print("{}: {} files in {}\n", options.name, files.size(), folder.string());
  for (const TemplateFile& file : files) fmt::print("  {}\n", file.path.string());
  fmt::print("\nNext:\n  cd {}\n{}{}", folder.string(), first_lines(options.kind, options.language),
             commands_of_readme(files));
}

}  // namespace

void add_new_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("new", "a repository to start from: solver, data set, paper");
  const auto options = std::make_shared<NewOptions>();
  command
      ->add_option("kind", options->kind,
                   "solver, dataset, experiment, or paper: figures and tables from runs")
      ->required()
      ->type_name("KIND")
      ->check(CLI::IsMember({"solver", "dataset", "experiment", "paper"}));
  command->add_option("name", options->name, "what it is called: a-z and 0-9, in words joined by -")
      ->required()
      ->type_name("NAME");
  command->add_option("--language", options->language, "of a solver or data set [c++]")
      ->check(CLI::IsMember({"c++", "python"}));
  command->add_option("-o,--out", options->out, "folder, new or empty [NAME]")->type_name("DIR");
  command->footer(
      "Examples:\n  admmbench new solver my-admm\n  admmbench new solver my-admm --language python\n"
      "  admmbench new paper my-paper -o papers/2027");
  command->callback([options] { make_new(*options); });
}

}  // namespace admmbench
