#include "tools/admmbench/commands/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
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
#include "results/record/find_or_add.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_set.hpp"
#include "results/record/run_summary.hpp"
#include "tools/admmbench/commands/parameter_table.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

struct TableOptions {
  std::vector<std::filesystem::path> results;
  std::string metric;  ///< empty: default_metric of each experiment
  std::string format = "markdown";
  std::filesystem::path out;
  std::vector<std::string> published;
  std::vector<std::filesystem::path> reference;
  std::vector<std::string> methods, datasets;  ///< labels; empty: all
  TableStyle style;
  bool exponents = false;
  bool cells = false;
  bool brief = false;
  bool parameters = false;
};

/// Those of `runs` whose label `of` is among `wanted`. Throws, listing what there is, for a label that no run has.
std::vector<RunRecord> chosen(std::vector<RunRecord> runs, const std::vector<std::string>& wanted,
                              std::string RunAttributes::*of, const char* option) {
  if (wanted.empty()) return runs;
  std::set<std::string> there;
  for (const RunRecord& run : runs) there.insert(run.attributes.*of);
  for (const std::string& label : wanted) {
    if (!there.contains(label))
      throw std::runtime_error(
          fmt::format("{}: no run has '{}'; there are: {}", option, label, fmt::join(there, ", ")));
  }
  std::erase_if(runs, [&](const RunRecord& run) {
    return std::find(wanted.begin(), wanted.end(), run.attributes.*of) == wanted.end();
  });
  return runs;
}

std::vector<RunRecord> chosen(std::vector<RunRecord> runs, const TableOptions& options) {
  runs = chosen(std::move(runs), options.methods, &RunAttributes::label, "--method");
  return chosen(std::move(runs), options.datasets, &RunAttributes::dataset, "--dataset");
}

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

/// The same, none if no experiment of that name is shipped.
std::vector<std::string> shipped_keys(const std::string& experiment) {
  const std::vector<ShippedExperiment> known = list_experiments(installed_files());
  const bool shipped = std::any_of(known.begin(), known.end(),
                                   [&](const ShippedExperiment& one) { return one.name == experiment; });
  return shipped ? keys_of(experiment) : std::vector<std::string>{};
}

/// Each of `results` that is no path: the committed runs of the experiment of that name, of the papers' sizes or summaries, which are a
/// file or one for each data set.
std::vector<std::filesystem::path> with_committed(std::vector<std::filesystem::path> results) {
  for (auto& path : results) {
    if (std::filesystem::exists(path)) continue;
    const std::string name = path.string();
    for (const std::string& place : {"results/paper/" + name + ".csv", "results/summaries/" + name + ".csv",
                                     "results/summaries/" + name}) {
      if (!std::filesystem::exists(installed_files() / place)) continue;
      path = installed_files() / place;
      break;
    }
  }
  return results;
}

/// What the experiment of `runs` says, or what there is.
std::string metric_of(const std::vector<RunRecord>& runs,
                      const std::map<std::string, Presentation>& presentations) {
  std::string metric = presentation_of(runs, presentations).table.metric;
  if (metric.empty()) return default_metric(runs);
  require_column(runs, "`table: {metric: ...}` of experiment " + runs.front().attributes.experiment,
                 column_behind(metric), {"seconds_per_iteration"});
  return metric;
}

void print_brief(const TableOptions& options) {
  if (options.format != "markdown") throw CLI::ValidationError("--format", "--brief is Markdown");
  std::size_t damaged = 0;
  const auto published = load_published(published_folder());
  const auto presentations = read_presentations(options.results);
  bool first = true;
  for (const auto& group :
       by_experiment(chosen(read_sets(with_committed(options.results), damaged), options))) {
    const std::vector<std::string> keys =
        options.published.empty() ? keys_of(group.front().attributes.experiment) : options.published;
    const std::string metric = options.metric.empty() ? metric_of(group, presentations) : options.metric;
    fmt::print("{}{}", first ? "" : "\n", to_brief_markdown(make_table(group, metric, published, keys)));
    first = false;
  }
  require_undamaged(damaged);
}

/// What the figures of `keys` are of, in the order of the keys.
std::vector<std::string> metrics_of(const std::vector<PublishedFigure>& published,
                                    const std::vector<std::string>& keys) {
  std::vector<std::string> metrics;
  for (const std::string& key : keys) {
    for (const PublishedFigure& figure : published) {
      if (figure.key == key) find_or_add(metrics, figure.metric);
    }
  }
  return metrics;
}

/// The thinned trajectories that are kept beside summaries: NAME-curves.csv beside NAME.csv.
std::vector<RunRecord> read_kept_curves(const std::vector<std::filesystem::path>& roots) {
  std::vector<std::filesystem::path> files;
  for (const auto& root : roots) {
    if (root.extension() == ".csv") {
      files.push_back(root.parent_path() / (root.stem().string() + "-curves.csv"));
    } else if (std::filesystem::is_directory(root)) {
      for (const auto& entry : std::filesystem::directory_iterator(root)) {
        if (entry.path().string().ends_with("-curves.csv")) files.push_back(entry.path());
      }
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<RunRecord> runs;
  for (const auto& file : files) {
    if (!std::filesystem::exists(file)) continue;
    std::vector<RunRecord> found = read_curves(read_text_file(file), file.string());
    std::move(found.begin(), found.end(), std::back_inserter(runs));
  }
  return runs;
}

/// Those of `keys` whose figures are of that iteration; empty: of the end.
std::vector<std::string> keys_at(const std::vector<PublishedFigure>& published,
                                 const std::vector<std::string>& keys, std::optional<long> iteration) {
  std::vector<std::string> found;
  for (const std::string& key : keys) {
    for (const PublishedFigure& figure : published) {
      if (figure.key == key && figure.iteration == iteration) find_or_add(found, key);
    }
  }
  return found;
}

/// A table of `runs` for every metric that a figure of `keys` is of.
void add_tables(std::vector<Table>& tables, const std::vector<RunRecord>& runs,
                const std::vector<PublishedFigure>& published, const std::vector<std::string>& keys,
                const std::string& metric_only) {
  if (runs.empty()) return;
  for (const std::string& metric : metrics_of(published, keys)) {
    if (metric_only.empty() || metric == metric_only)
      tables.push_back(make_table(runs, metric, published, keys));
  }
}

void print_cells(const TableOptions& options) {
  if (options.format != "markdown") throw CLI::ValidationError("--format", "--cells is Markdown");
  std::size_t damaged = 0;
  const auto published = load_published(published_folder());
  std::set<std::optional<long>> iterations;
  for (const PublishedFigure& figure : published) iterations.insert(figure.iteration);
  const std::vector<RunRecord> curves = read_kept_curves(options.results);
  std::vector<Table> tables;
  for (const auto& group : by_experiment(read_sets(options.results, damaged))) {
    const std::string& experiment = group.front().attributes.experiment;
    const std::vector<std::string> keys = options.published.empty() ? keys_of(experiment) : options.published;
    for (const std::optional<long> iteration : iterations) {
      const std::vector<std::string> then = keys_at(published, keys, iteration);
      if (then.empty()) continue;
      std::vector<RunRecord> runs;
      for (const RunRecord& run : iteration ? curves : group) {
        if (run.attributes.experiment != experiment || run.config.profile != group.front().config.profile)
          continue;
        if (auto ended = iteration ? ended_at(run, *iteration) : std::optional(run))
          runs.push_back(std::move(*ended));
      }
      add_tables(tables, runs, published, then, options.metric);
    }
  }
  const std::vector<PublishedCell> cells = published_cells(tables, published);
  if (cells.empty()) throw std::runtime_error("--cells: nothing was published about these results");
  fmt::print("{}", to_markdown(cells));
  require_undamaged(damaged);
}

/// A summary, or a folder of them that has no result files.
bool holds_summaries(const std::filesystem::path& root) {
  if (!std::filesystem::is_directory(root)) return root.extension() == ".csv";
  if (!find_runs({root}).empty()) return false;
  const std::filesystem::recursive_directory_iterator files(root);
  return std::any_of(begin(files), end(files),
                     [](const auto& file) { return file.path().extension() == ".csv"; });
}

/// Runs of which tables are made: of result files, and of summaries (of which committed ones go by their experiment's name).
ResultFiles read_runs(const std::vector<std::filesystem::path>& results) {
  const std::vector<std::filesystem::path> roots = with_committed(results);
  if (std::none_of(roots.begin(), roots.end(), holds_summaries)) return read_result_files(roots);
  ResultFiles files;
  files.runs = read_sets(roots, files.damaged);
  return files;
}

void print_tables(const TableOptions& options) {
  ResultFiles files = read_runs(options.results);
  require_column(files.runs, "--metric", column_behind(options.metric), {"seconds_per_iteration"});
  const auto published = load_published(published_folder());
  const auto presentations = read_presentations(options.results);
  std::size_t damaged = 0;
  const std::vector<RunRecord> reference = read_sets(options.reference, damaged);
  std::vector<Table> tables;
  for (const auto& group : by_experiment(chosen(std::move(files.runs), options))) {
    const std::string metric = options.metric.empty() ? metric_of(group, presentations) : options.metric;
    std::vector<std::string> keys = options.published;
    if (keys.empty() && group.front().attributes.config.empty())
      keys = shipped_keys(group.front().attributes.experiment);
    tables.push_back(make_table(group, metric, published, keys));
    tables.back().style = options.style;
    place_reference(tables.back(), reference);
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
  require_undamaged(files.damaged + damaged);
}

void print_parameters(const TableOptions& options) {
  ResultFiles files = read_result_files(options.results);
  bool first = true;
  for (const auto& group : by_experiment(chosen(std::move(files.runs), options))) {
    const ParameterTable table = parameter_table(group);
    fmt::print("{}{}", first ? "" : "\n",
               options.format == "csv"     ? to_csv(table)
               : options.format == "latex" ? to_latex(table, options.style.width)
                                           : to_markdown(table));
    first = false;
  }
  require_undamaged(files.damaged);
}

}  // namespace

void add_table_command(CLI::App& app) {
  auto options = std::make_shared<TableOptions>();
  CLI::App* command = app.add_subcommand("table", "tables of results beside the published figures");
  command->add_option("RESULTS", options->results, "result files, folders of them, summaries")
      ->type_name("RESULTS");
  command->add_option("--metric", options->metric, "COLUMN, log10_COLUMN or seconds_per_iteration [its own]");
  command->add_option("--format", options->format, "what is printed")
      ->check(CLI::IsMember({"markdown", "csv", "latex", "all"}))
      ->capture_default_str();
  command->add_option("-o,--out", options->out, "also write .md, .csv and .tex into this folder")
      ->type_name("DIR");
  command->add_option("--published", options->published, "keys of figures [those the experiment names]")
      ->type_name("KEY");
  command->add_option("--reference", options->reference, "of the same profile, in a column of their own")
      ->type_name("RESULTS");
  command->add_option("--method", options->methods, "only these rows")->type_name("LABEL");
  command->add_option("--dataset", options->datasets, "only these columns")->type_name("LABEL");
  command->add_option("--digits", options->style.digits, "behind the point [accuracies: 4, in per cent 2]")
      ->check(CLI::Range(0, 15))
      ->type_name("N");
  command->add_flag("--percent", options->style.percent, "accuracies in per cent");
  command->add_flag("--transpose", options->style.transpose, "a row per data set");
  command->add_option("--width", options->style.width, "inches that LaTeX has: its columns are broken, 8 pt")
      ->check(CLI::PositiveNumber)
      ->type_name("INCHES");
  command->add_flag("--exponents", options->exponents, "instead: cost by the size in data sets' labels");
  command->add_flag("--cells", options->cells, "instead: every published figure [of results/paper]");
  command->add_flag("--brief", options->brief, "instead: ours / published; also by experiment's name");
  command->add_flag("--parameters", options->parameters, "instead: what was tuned or is no default");
  command->footer("Example: admmbench table results/runs/first-run --percent");
  command->callback([options] {
    if (options->results.empty() && options->cells)
      options->results.push_back(installed_files() / "results/paper");
    if (options->results.empty()) throw CLI::RequiredError("RESULTS");
    if (options->exponents) {
      print_exponents(*options);
    } else if (options->cells) {
      print_cells(*options);
    } else if (options->brief) {
      print_brief(*options);
    } else if (options->parameters) {
      print_parameters(*options);
    } else {
      print_tables(*options);
    }
  });
}

}  // namespace admmbench
