#include "tools/admmbench/commands/export.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <iostream>
#include <memory>
#include <set>

#include "core/io/csv.hpp"
#include "results/record/run_summary.hpp"

namespace admmbench {

namespace {

struct ExportOptions {
  std::vector<std::filesystem::path> results;
  std::filesystem::path out;
  bool summary = false;
  std::vector<std::string> quantities;
};

/// The runs of a first pass: their summaries, and the files that cannot be read.
struct Found {
  std::vector<RunSummary> runs;
  std::size_t damaged = 0;
};

Found read_all(const std::vector<std::filesystem::path>& roots) {
  Found found;
  const std::vector<std::filesystem::path> files = find_runs(roots);
  for (const auto& file : files) {
    try {
      found.runs.push_back(summarize_run(read_run(file)));
    } catch (const std::exception& error) {
      ++found.damaged;
      spdlog::warn("skipped: {}", error.what());
    }
  }
  if (found.runs.empty()) {
    std::vector<std::string> names;
    for (const auto& root : roots) names.push_back(root.string());
    throw std::runtime_error(
        found.damaged > 0
            ? fmt::format("none of the {} result file(s) could be read, see above", found.damaged)
            : fmt::format("no result files (seed-*.h5) under {}; `admmbench run` makes them",
                          fmt::join(names, ", ")));
  }
  return found;
}

void check_quantities(const std::vector<RunSummary>& runs, const std::vector<std::string>& wanted) {
  std::set<std::string> known;
  for (const RunSummary& run : runs) {
    for (const auto& column : run.last) known.insert(column.first);
  }
  for (const std::string& name : wanted) {
    if (!known.contains(name)) {
      throw std::runtime_error(
          fmt::format("--quantity: no run has '{}'; there are: {}", name, fmt::join(known, ", ")));
    }
  }
}

void write_runs(const ExportOptions& options) {
  if (options.out.extension() == ".parquet") {
    throw CLI::ValidationError(
        "--out",
        "Parquet is not written here (Debian has no library for it): write CSV, and convert it as "
        "docs/guide/reading-results.md shows");
  }
  const Found found = read_all(options.results);
  check_quantities(found.runs, options.quantities);
  const auto write = [&](std::ostream& out) {
    if (options.summary) {
      write_summaries(out, found.runs);
      return;
    }
    const std::vector<std::string> grid = grid_parameters(found.runs);
    write_long_header(out, grid);
    // Read again, one at a time: the trajectories of all runs need not fit into memory.
    for (const RunSummary& run : found.runs) write_long(out, read_run(run.file), grid, options.quantities);
  };
  if (options.out.empty() || options.out == "-") {
    write(std::cout);
    std::cout.flush();
    if (!std::cout) throw std::runtime_error("standard output cannot be written");
  } else {
    if (options.out.has_parent_path()) std::filesystem::create_directories(options.out.parent_path());
    write_text_file(options.out, write);
  }
  if (found.damaged > 0) {
    throw std::runtime_error(fmt::format("{} result file(s) could not be read, see above", found.damaged));
  }
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
  command->add_option("--quantity", options->quantities, "only this trajectory column; may be repeated")
      ->type_name("COLUMN")
      ->allow_extra_args(false)
      ->excludes(summary);
  command->footer("Example:\n  admmbench export results/runs/first-run -o first-run.csv");
  command->callback([options] { write_runs(*options); });
}

}  // namespace admmbench
