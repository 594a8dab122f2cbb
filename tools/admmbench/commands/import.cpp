#include "tools/admmbench/commands/import.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "results/record/foreign_runs.hpp"

namespace admmbench {

namespace {

struct ImportOptions {
  std::vector<std::filesystem::path> files;
  std::filesystem::path out = "results/runs";
  ForeignNames names;
  bool force = false;
};

void import(const ImportOptions& options) {
  std::vector<RunRecord> runs;
  for (const std::filesystem::path& file : options.files) {
    for (RunRecord& run : read_foreign_runs(file, options.names)) runs.push_back(std::move(run));
  }
  for (const std::filesystem::path& file : write_foreign_runs(runs, options.out, options.force))
    fmt::print("{}\n", file.string());
  fmt::print("{} imported; next: admmbench table {}\n", runs.size(), options.out.string());
}

}  // namespace

void add_import_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("import", "runs made elsewhere, as results beside ours");
  const auto options = std::make_shared<ImportOptions>();
  command->add_option("FILES", options->files, "CSV with a line per record, or HDF5")
      ->required()
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  for (const char* const name : {"experiment", "dataset", "label", "seed"}) {
    command
        ->add_option_function<std::string>(
            fmt::format("--{}", name),
            [options, name](const std::string& value) { options->names[name] = value; },
            fmt::format("{} of the runs, where the file does not say", name))
        ->type_name("TEXT");
  }
  command->add_option("-o,--out", options->out, "folder of results [results/runs]")->type_name("DIR");
  command->add_flag("--force", options->force, "replace imported results of other content");
  command->footer(
      "Needed: experiment, dataset, label, seed, a column iteration and a quantity.\n"
      "Seconds become seconds_elsewhere: no table sets them beside ours.\n"
      "Example:\n  admmbench import theirs.csv --experiment x --dataset cora --label theirs");
  command->callback([options] { import(*options); });
}

}  // namespace admmbench
