#include "tools/admmbench/commands/export.hpp"

#include <iostream>
#include <memory>

#include "core/io/csv.hpp"
#include "results/record/columns.hpp"
#include "results/record/kept_runs.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_set.hpp"
#include "results/record/run_summary.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

struct ExportOptions {
  std::vector<std::filesystem::path> results;
  std::filesystem::path out;
  bool summary = false;
  bool settings = false;
  std::vector<std::string> quantities;
  std::size_t points = 0;
  bool wide = false;
};

void write_runs(const ExportOptions& options) {
  if (options.out.extension() == ".parquet") {
    throw CLI::ValidationError(
        "--out",
        "Parquet is not written here (Debian has no library for it): write CSV, and convert it as "
        "docs/guide/reading-results.md shows");
  }
  const ResultFiles found =
      read_result_files(options.results, [](const RunRecord& run) { return summarize_run(run); });
  distinct_runs(found.runs);  // whoever reads the file will average over the seeds
  for (const std::string& name : options.quantities) require_column(found.runs, "--quantity", name);
  const auto write = [&](std::ostream& out) {
    if (options.summary) {
      write_summaries(out, found.runs);
      return;
    }
    if (options.settings) {
      write_settings(out, found.runs);
      return;
    }
    RecordLines lines{grid_parameters(found.runs), options.quantities, options.points, options.wide};
    if (lines.quantities.empty()) lines.quantities = recorded_quantities(found.runs);
    write_records_header(out, lines);
    // Read again, one at a time: the trajectories of all runs need not fit into memory.
    for (const RunRecord& run : found.runs) write_records(out, read_examined_run(run.path), lines);
  };
  if (options.out.empty() || options.out == "-") {
    write(std::cout);
    std::cout.flush();
    if (!std::cout) throw std::runtime_error("standard output cannot be written");
  } else {
    if (options.out.has_parent_path()) std::filesystem::create_directories(options.out.parent_path());
    write_text_file(options.out, write);
  }
  require_undamaged(found.damaged);
}

}  // namespace

void add_export_command(CLI::App& app) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export", "results as CSV: every record, or a line per run");
  command->add_option("RESULTS", options->results, "result files, or folders of them")
      ->required()
      ->type_name("RESULTS");
  command->add_option("-o,--out", options->out, "file to write [standard output]")->type_name("FILE");
  CLI::Option* summary = command->add_flag(
      "--summary", options->summary, "one line per run: last entries, hashes, status; what `compare` reads");
  CLI::Option* settings =
      command->add_flag("--settings", options->settings,
                        "one line per setting: its configuration, for runs that are kept as CSV");
  settings->excludes(summary);
  command->add_option("--quantity", options->quantities, "only this trajectory column; may be repeated")
      ->type_name("COLUMN")
      ->allow_extra_args(false)
      ->excludes(summary)
      ->excludes(settings);
  command
      ->add_option("--points", options->points,
                   "at most so many records of each run, evenly chosen, the first and the last among them")
      ->type_name("N")
      ->check(CLI::Range(2, 1'000'000))
      ->excludes(summary)
      ->excludes(settings);
  command->add_flag("--wide", options->wide, "a line per record with a column per quantity")
      ->excludes(summary)
      ->excludes(settings);
  command->footer(
      "Examples:\n  admmbench export results/runs/first-run -o first-run.csv\n  admmbench export "
      "results/runs/first-run --wide --points 50 --quantity seconds");
  command->callback([options] { write_runs(*options); });
}

}  // namespace admmbench
