#include "tools/admmbench/commands/table.hpp"

#include <fmt/format.h>

#include <iterator>
#include <memory>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "core/program/installed_files.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/presentation.hpp"
#include "experiments/harness/config/shipped_experiments.hpp"
#include "results/comparison/cost_exponents.hpp"
#include "results/comparison/published_cells.hpp"
#include "results/comparison/table.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_set.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

struct TableOptions {
  std::vector<std::filesystem::path> results;
  std::string metric;  ///< empty: default_metric of each experiment
  std::string format = "markdown";
  std::filesystem::path out;
  std::vector<std::string> published;
  bool exponents = false;
  bool cells = false;
};

/// Runs or summaries under all of `roots`.
std::vector<RunRecord> read_sets(const std::vector<std::filesystem::path>& roots, std::size_t& damaged) {
  std::vector<RunRecord> runs;
  for (const auto& path : roots) {
    ResultSet set = read_result_set(path.string());
    damaged += set.damaged;
    std::move(set.runs.begin(), set.runs.end(), std::back_inserter(runs));
  }
  return runs;
}

void print_exponents(const TableOptions& options) {
  if (options.format == "latex")
    throw CLI::ValidationError("--format", "exponents have no LaTeX; markdown or csv");
  std::size_t damaged = 0;
  const std::vector<RunRecord> runs = read_sets(options.results, damaged);
  const std::vector<ExponentRow> rows = exponents(runs);
  if (rows.empty()) {
    throw std::runtime_error(
        "--exponents: no method has runs on three data sets whose labels end in a size, as in n-64, n-128, "
        "n-256");
  }
  if (options.format != "csv") fmt::print("{}", to_markdown(rows));
  if (options.format != "markdown") fmt::print("{}", to_csv(rows));
  if (!options.out.empty()) {
    std::filesystem::create_directories(options.out);
    for (const auto& [name, text] :
         {std::pair("exponents.md", to_markdown(rows)), std::pair("exponents.csv", to_csv(rows))}) {
      write_text_file(options.out / name, text);
      fmt::print("{}\n", (options.out / name).string());
    }
  }
  require_undamaged(damaged);
}

/// The keys that the shipped experiment of that name shows; a summary does not have them.
std::vector<std::string> keys_of(const std::string& experiment) {
  return load_experiment(find_experiment(experiment, installed_files())).published;
}

void print_cells(const TableOptions& options) {
  if (options.format != "markdown") throw CLI::ValidationError("--format", "--cells is Markdown");
  std::size_t damaged = 0;
  const auto published = load_published(published_folder());
  std::vector<Table> tables;
  for (const auto& group : by_experiment(read_sets(options.results, damaged))) {
    const std::string& experiment = group.front().attributes.experiment;
    const std::vector<std::string> keys = options.published.empty() ? keys_of(experiment) : options.published;
    if (keys.empty()) continue;
    tables.push_back(
        make_table(group, options.metric.empty() ? default_metric(group) : options.metric, published, keys));
  }
  const std::vector<PublishedCell> cells = published_cells(tables, published);
  if (cells.empty()) throw std::runtime_error("--cells: nothing was published about these results");
  fmt::print("{}", to_markdown(cells));
  require_undamaged(damaged);
}

/// What the experiment of `runs` says, or what there is.
std::string metric_of(const std::vector<RunRecord>& runs,
                      const std::map<std::string, Presentation>& presentations) {
  const auto said = presentations.find(runs.front().attributes.experiment);
  if (said == presentations.end() || said->second.table.metric.empty()) return default_metric(runs);
  const std::string& metric = said->second.table.metric;
  require_column(runs, "`table: {metric: ...}` of experiment " + said->first, metric,
                 {"seconds_per_iteration"});
  return metric;
}

void print_tables(const TableOptions& options) {
  ResultFiles files = read_result_files(options.results);
  require_column(files.runs, "--metric", options.metric, {"seconds_per_iteration"});
  const auto published = load_published(published_folder());
  const auto presentations = read_presentations(options.results);
  std::vector<Table> tables;
  for (const auto& group : by_experiment(std::move(files.runs))) {
    const std::string metric = options.metric.empty() ? metric_of(group, presentations) : options.metric;
    tables.push_back(make_table(group, metric, published, options.published));
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
  require_undamaged(files.damaged);
}

}  // namespace

void add_table_command(CLI::App& app) {
  auto options = std::make_shared<TableOptions>();
  CLI::App* command = app.add_subcommand("table", "tables of results beside the published figures");
  command->add_option("RESULTS", options->results, "result files, or folders of them")
      ->required()
      ->type_name("RESULTS");
  command->add_option("--metric", options->metric,
                      "trajectory column (its last entry), or seconds_per_iteration [the experiment's, "
                      "else test_accuracy; of regressions train_loss]");
  command->add_option("--format", options->format, "what is printed")
      ->check(CLI::IsMember({"markdown", "csv", "latex", "all"}))
      ->capture_default_str();
  command->add_option("-o,--out", options->out, "also write <experiment>.md, .csv and .tex into this folder")
      ->type_name("DIR");
  command->add_option("--published", options->published,
                      "keys of results/published to show (default: those the experiment names)");
  command->add_flag("--exponents", options->exponents,
                    "instead: how flops and seconds of an iteration grow with the number that the data sets' "
                    "labels end in; also from summaries");
  command->add_flag("--cells", options->cells,
                    "instead: every published figure beside ours, and why it was missed; also from "
                    "summaries");
  command->footer("Example:\n  admmbench table results/runs/first-run --metric train_accuracy");
  command->callback([options] {
    if (options->exponents) {
      print_exponents(*options);
    } else if (options->cells) {
      print_cells(*options);
    } else {
      print_tables(*options);
    }
  });
}

}  // namespace admmbench
