#include "tools/commands/table.hpp"

#include <fmt/format.h>

#include <memory>
#include <set>

#include "results/table.hpp"

namespace admmbench {

namespace {

struct TableOptions {
  std::vector<std::filesystem::path> results;
  std::string metric = "test_accuracy";
  std::string format = "markdown";
  std::filesystem::path out;
  std::vector<std::string> published;
};

/// Throws if no run has the column: a misspelt one would give a table without a number.
void require_metric(const std::vector<RunRecord>& runs, const std::string& metric) {
  std::set<std::string> columns;
  for (const RunRecord& run : runs) {
    for (const auto& column : run.trajectory.columns) columns.insert(column.first);
  }
  if (columns.empty()) return;  // all runs failed before their first record
  columns.insert("seconds_per_iteration");
  if (!columns.contains(metric)) {
    throw std::runtime_error(
        fmt::format("--metric: no run has '{}'; there are: {}", metric, fmt::join(columns, ", ")));
  }
}

void print_tables(const TableOptions& options) {
  const auto paths = find_runs(options.results);
  std::vector<RunRecord> runs;
  std::size_t damaged = 0;
  for (const auto& path : paths) {
    try {
      runs.push_back(read_run(path));
    } catch (const std::exception& error) {
      ++damaged;
      fmt::print(stderr, "admmbench: skipped: {}\n", error.what());
    }
  }
  if (runs.empty() && damaged > 0) {
    throw std::runtime_error(fmt::format("none of the {} result file(s) could be read, see above", damaged));
  }
  if (runs.empty()) {
    std::vector<std::string> names;
    for (const auto& root : options.results) names.push_back(root.string());
    throw std::runtime_error(fmt::format("no result files (seed-*.h5) under {}; `admmbench run` makes them",
                                         fmt::join(names, ", ")));
  }
  require_metric(runs, options.metric);
  const auto published = load_published(published_folder());
  std::vector<Table> tables;
  for (const auto& group : by_experiment(std::move(runs))) {
    tables.push_back(make_table(group, options.metric, published, options.published));
  }
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const bool all = options.format == "all";
    if (i > 0) fmt::print("\n");
    if (all || options.format == "markdown") fmt::print("{}", to_markdown(tables[i]));
    if (all || options.format == "csv") fmt::print("{}", to_csv(tables[i]));
    if (all || options.format == "latex") fmt::print("{}", to_latex(tables[i]));
  }
  if (!options.out.empty()) {
    for (const auto& path : write_tables(tables, options.out)) fmt::print("{}\n", path.string());
  }
  if (damaged > 0)
    throw std::runtime_error(fmt::format("{} result file(s) could not be read, see above", damaged));
}

}  // namespace

void add_table_command(CLI::App& app) {
  auto options = std::make_shared<TableOptions>();
  CLI::App* command = app.add_subcommand(
      "table", "Tables of result files: mean and sd over seeds beside the published figures");
  command->add_option("RESULTS", options->results, "result files, or folders of them")->required();
  command
      ->add_option("--metric", options->metric,
                   "trajectory column (its last entry), or seconds_per_iteration")
      ->capture_default_str();
  command->add_option("--format", options->format, "what is printed")
      ->check(CLI::IsMember({"markdown", "csv", "latex", "all"}))
      ->capture_default_str();
  command->add_option("-o,--out", options->out, "also write <experiment>.md, .csv and .tex into this folder");
  command->add_option("--published", options->published,
                      "keys of results/published to show (default: those the experiment names)");
  command->footer("example: admmbench table results/runs/first-run --metric train_accuracy");
  command->callback([options] { print_tables(*options); });
}

}  // namespace admmbench
