#include "results/report/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>
#include <set>

#include "results/record/columns.hpp"
#include "results/record/find_or_add.hpp"
#include "results/record/run_file.hpp"
#include "results/record/run_set.hpp"
#include "results/report/distances.hpp"

namespace admmbench {

namespace {

const std::vector<std::string> main_quantities{"test_accuracy", "val_accuracy", "train_accuracy",
                                               "train_loss",    "objective",    "residual"};
const std::vector<std::string> target_metrics{"test_accuracy", "val_accuracy", "train_accuracy",
                                              "train_loss"};

/// `metric` and the main quantities in their order, then the methods' own, layers last: those that some run has.
std::vector<std::string> ordered_quantities(std::set<std::string> columns, const std::string& metric) {
  std::vector<std::string> names;
  const auto take = [&](const std::string& name) {
    if (columns.erase(name) > 0) names.push_back(name);
  };
  std::erase_if(columns, is_clock);
  columns.erase("flops");
  take(metric);
  for (const std::string& name : main_quantities) take(name);
  const auto is_layer = [](const std::string& name) { return name.starts_with("weight_change_"); };
  for (const bool layers : {false, true}) {
    for (const std::string& name : columns) {
      if (is_layer(name) == layers) names.push_back(name);
    }
  }
  return names;
}

std::vector<std::string> table_metrics(const std::set<std::string>& columns, const std::string& metric) {
  std::vector<std::string> metrics;
  if (columns.contains(metric)) metrics.push_back(metric);
  for (const std::string& name : main_quantities) {
    if (columns.contains(name)) find_or_add(metrics, name);
  }
  for (const char* name : {"seconds", "flops"}) {
    if (columns.contains(name)) metrics.emplace_back(name);
  }
  if (columns.contains("seconds")) metrics.emplace_back("seconds_per_iteration");
  return metrics;
}

/// Chance is 1 / classes, from the width of the network's output; empty where no accuracy is recorded.
ReportDataset dataset_of(const RunRecord& run) {
  const RunAttributes& a = run.attributes;
  ReportDataset dataset{a.dataset, run.config.dataset_name, std::nullopt, a.samples, run.widths};
  if (!run.kept && std::filesystem::exists(run.path)) dataset.widths = layer_widths(run.path);
  const auto entries = run.last_entries();
  const bool accuracy = std::any_of(entries.begin(), entries.end(),
                                    [](const auto& entry) { return entry.first.ends_with("accuracy"); });
  if (accuracy && !dataset.widths.empty()) dataset.chance = 1.0 / static_cast<double>(dataset.widths.back());
  return dataset;
}

/// Points per curve, so that the curves of all runs together keep to the budget.
std::size_t points_per_curve(const std::vector<RunRecord>& runs, std::size_t numbers) {
  std::map<std::string, std::size_t> seen;
  std::size_t arrays = 0;
  for (const RunRecord& run : runs) {
    const RunAttributes& a = run.attributes;
    std::size_t& count =
        seen[fmt::format("{}\n{}\n{}\n{}", a.experiment, run.config.profile, a.dataset, a.label)];
    ++count;
    // The mean of the first run; deviation, low and high if there is a second one.
    if (count <= 2) arrays += (count == 1 ? 1 : 3) * run.trajectory.columns.size();
  }
  return std::clamp<std::size_t>(arrays > 0 ? numbers / arrays : numbers, 24, 200);
}

std::vector<std::vector<ReportCell>> make_cells(const std::vector<PlacedRun>& entries, std::size_t methods,
                                                std::size_t datasets, const ReportOptions& options,
                                                std::size_t points) {
  std::vector<std::vector<ReportCell>> cells(methods, std::vector<ReportCell>(datasets));
  std::vector<std::vector<std::vector<const RunRecord*>>> finished(
      methods, std::vector<std::vector<const RunRecord*>>(datasets));
  std::vector<std::vector<std::vector<Trajectory>>> distances(methods,
                                                              std::vector<std::vector<Trajectory>>(datasets));
  for (const PlacedRun& entry : entries) {
    ReportCell& cell = cells[entry.method][entry.dataset];
    if (cell.seeds.empty() && cell.not_finished == 0)
      cell.written = written_config(entry.run->attributes.config);
    if (!entry.run->finished()) {
      ++cell.not_finished;
      continue;
    }
    cell.seeds.push_back(entry.run->attributes.seed);
    finished[entry.method][entry.dataset].push_back(entry.run);
    if (entry.run->config.iterates.empty() || entry.run->kept) continue;
    distances[entry.method][entry.dataset].push_back(iterate_distances(entry.run->path, options.solution));
  }
  for (std::size_t m = 0; m < methods; ++m) {
    for (std::size_t d = 0; d < datasets; ++d) {
      std::vector<const Trajectory*> trajectories;
      for (const RunRecord* run : finished[m][d]) trajectories.push_back(&run->trajectory);
      cells[m][d].curves = aggregate(trajectories, points);
      std::vector<const Trajectory*> recorded;
      for (const Trajectory& one : distances[m][d]) {
        if (!one.iteration.empty()) recorded.push_back(&one);
      }
      cells[m][d].distances = aggregate(recorded, points);
      std::sort(cells[m][d].seeds.begin(), cells[m][d].seeds.end());
    }
  }
  return cells;
}

ReportTable with_values(Table table, const std::vector<PlacedRun>& entries) {
  ReportTable result;
  for (const TableRow& row : table.rows) {
    auto& cells = result.values.emplace_back(table.datasets.size());
    for (std::size_t d = 0; d < table.datasets.size(); ++d) {
      std::vector<std::pair<std::int64_t, double>> seeds;
      for (const PlacedRun& entry : entries) {
        const RunAttributes& a = entry.run->attributes;
        if (a.label != row.label || entry.dataset != d || !entry.run->finished()) continue;
        if (const auto value = final_value(*entry.run, table.metric)) seeds.emplace_back(a.seed, *value);
      }
      std::sort(seeds.begin(), seeds.end());
      for (const auto& seed : seeds) cells[d].push_back(seed.second);
    }
  }
  result.table = std::move(table);
  return result;
}

using Grid = std::vector<std::pair<std::string, std::string>>;  ///< parameter, value

/// The grid point in a label, "adam-learning_rate=0.1,beta1=0.9"; empty: none. For results that do not hold it themselves.
Grid grid_of_label(const std::string& label) {
  static const std::regex pattern(".*?-([A-Za-z_][A-Za-z0-9_.]*=[^,]+(,[A-Za-z_][A-Za-z0-9_.]*=[^,]+)*)");
  std::smatch match;
  Grid grid;
  if (!std::regex_match(label, match, pattern)) return grid;
  const std::string point = match[1];
  for (std::size_t begin = 0; begin < point.size();) {
    const std::size_t end = std::min(point.find(',', begin), point.size());
    const std::size_t equal = point.find('=', begin);
    grid.emplace_back(point.substr(begin, equal - begin), point.substr(equal + 1, end - equal - 1));
    begin = end + 1;
  }
  return grid;
}

using Params = std::map<std::string, std::string>;

/// The parameters of the labels that mean the same on every data set, by solver.
std::map<std::string, std::map<std::string, Params>> label_params(const std::vector<PlacedRun>& entries) {
  std::map<std::string, std::map<std::string, Params>> result;
  std::set<std::string> ambiguous;
  for (const PlacedRun& entry : entries) {
    const RunAttributes& a = entry.run->attributes;
    const Params params(entry.run->config.params.begin(), entry.run->config.params.end());
    const auto [found, fresh] = result[a.solver].try_emplace(a.label, params);
    if (!fresh && found->second != params) ambiguous.insert(a.label);
  }
  for (auto& solver : result) {
    for (const std::string& label : ambiguous) solver.second.erase(label);
  }
  return result;
}

/// Labels written by hand: variants of a solver that differ in one or two parameters, three of them at least.
std::optional<ReportSensitivity> by_hand(const std::string& solver,
                                         const std::map<std::string, Params>& labels) {
  std::map<std::string, std::set<std::string>> values;
  for (const auto& label : labels) {
    for (const auto& [key, value] : label.second) values[key].insert(value);
  }
  ReportSensitivity result{solver, {}, {}};
  for (const auto& [key, distinct] : values) {
    const bool everywhere = std::all_of(
        labels.begin(), labels.end(), [&key = key](const auto& label) { return label.second.contains(key); });
    if (!everywhere) return std::nullopt;
    if (distinct.size() > 1) result.keys.push_back(key);
  }
  if (labels.size() < 3 || result.keys.empty() || result.keys.size() > 2) return std::nullopt;
  for (const auto& [label, params] : labels) {
    ReportSensitivity::Point point{label, {}};
    for (const std::string& key : result.keys) point.values.push_back(params.at(key));
    result.points.push_back(std::move(point));
  }
  return result;
}

std::vector<ReportSensitivity> sensitivities_of(const std::vector<PlacedRun>& entries) {
  std::map<std::string, Grid> grids;
  for (const PlacedRun& entry : entries) grids.emplace(entry.run->attributes.label, entry.run->config.grid);
  std::vector<ReportSensitivity> result;
  std::map<std::string, std::map<std::string, Params>> rest;
  for (const auto& [solver, labels] : label_params(entries)) {
    for (const auto& [label, params] : labels) {
      const Grid grid = grids[label].empty() ? grid_of_label(label) : grids[label];
      if (grid.empty()) {
        rest[solver].emplace(label, params);
        continue;
      }
      const std::string name = label.substr(0, label.find("-" + grid.front().first + "="));
      std::vector<std::string> keys;
      ReportSensitivity::Point point{label, {}};
      for (const auto& [key, value] : grid) {
        keys.push_back(key);
        point.values.push_back(value);
      }
      auto group = std::find_if(result.begin(), result.end(), [&](const ReportSensitivity& other) {
        return other.name == name && other.keys == keys;
      });
      if (group == result.end()) {
        result.push_back({name, keys, {}});
        group = std::prev(result.end());
      }
      group->points.push_back(std::move(point));
    }
  }
  for (const auto& [solver, labels] : rest) {
    if (auto found = by_hand(solver, labels)) result.push_back(std::move(*found));
  }
  return result;
}

std::vector<ReportTuning> tunings_of(const std::vector<PlacedRun>& entries) {
  std::vector<ReportTuning> result;
  std::set<std::pair<std::string, std::string>> seen;  // all seeds carry the same trace
  for (const PlacedRun& entry : entries) {
    const RunAttributes& a = entry.run->attributes;
    if (!a.tuned.empty() && seen.emplace(a.dataset, a.label).second)
      result.push_back({a.dataset, a.label, a.tuned});
  }
  return result;
}

ReportEnvironment environment_of(const RunRecord& run) {
  const RunAttributes& a = run.attributes;
  return {a.host, a.cpu, a.blas, a.git_commit, a.threads, 0};
}

std::size_t environment_index(std::vector<ReportEnvironment>& environments, const RunRecord& run) {
  const ReportEnvironment wanted = environment_of(run);
  auto found = std::find_if(environments.begin(), environments.end(), [&](ReportEnvironment other) {
    other.runs = 0;
    return other == wanted;
  });
  if (found == environments.end()) {
    environments.push_back(wanted);
    found = std::prev(environments.end());
  }
  ++found->runs;
  return static_cast<std::size_t>(found - environments.begin());
}

/// Letters, digits and . _ - of `text`, all else as '-': a file name without quotes.
std::string file_name(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return !(std::isalnum(c) || c == '.' || c == '_'); },
      '-');
  return text;
}

/// The run is copied, its trajectory is not: it may be long.
RunRecord without_trajectory(const RunRecord& run) {
  return {run.path, run.attributes, run.config, {}, {run.iterations(), run.last_entries(), {}}, run.kept, {}};
}

/// Points of a curve do not tell its rate: only runs whose every record is at hand.
std::vector<RunRecord> with_every_record(const std::vector<RunRecord>& runs) {
  std::vector<RunRecord> whole;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(whole),
               [](const RunRecord& run) { return !run.kept; });
  return whole;
}

ReportRun run_of(const PlacedRun& entry, const std::vector<std::string>& metrics,
                 std::vector<ReportEnvironment>& environments) {
  const RunRecord& run = *entry.run;
  const RunAttributes& a = run.attributes;
  ReportRun result;
  result.run = without_trajectory(run);
  result.dataset = entry.dataset;
  result.method = entry.method;
  for (const std::string& metric : metrics) result.finals.push_back(final_value(run, metric));
  result.environment = environment_index(environments, run);
  result.experiment = experiment_of(a.config);
  const std::string name = file_name(fmt::format("{}-{}-seed-{}", a.dataset, a.label, a.seed)) + ".yaml";
  result.command = fmt::format("cat > {0} <<'END'\n{1}END\nadmmbench run {0} --threads {2} --out repeated\n",
                               name, result.experiment, a.threads);
  return result;
}

/// What the page says first, in the metric of the first table.
void add_ranking(ReportExperiment& result, const std::vector<RunRecord>& runs) {
  if (result.tables.empty()) return;
  const ReportTable& first = result.tables.front();
  result.sentence = verdict_sentence(first.table);
  result.basis = verdict_basis(first.table);
  RankingOptions options;
  options.metric = first.table.metric;
  result.ranking = rank_runs(runs, options);
}

ReportExperiment build_experiment(const std::vector<RunRecord>& runs,
                                  const std::vector<PublishedFigure>& published, const ReportOptions& options,
                                  std::size_t points, std::vector<ReportEnvironment>& environments) {
  ReportExperiment result;
  const std::vector<const RunRecord*> distinct = distinct_runs(runs);
  const std::set<std::string> columns = columns_of(runs);
  const std::vector<std::string> metrics = table_metrics(columns, options.metric);
  result.quantities = ordered_quantities(columns, options.metric);
  result.name = runs.front().attributes.experiment;
  result.profile = distinct.front()->config.profile;
  result.note = distinct.front()->config.note;

  std::vector<Table> tables;
  for (const std::string& metric : metrics) tables.push_back(make_table(distinct, metric, published));
  std::vector<std::string> labels;
  if (!tables.empty()) {
    for (const TableRow& row : tables.front().rows) {
      labels.push_back(row.label);
      result.methods.emplace_back(row.label, row.solver);
    }
  }
  std::vector<std::string> datasets;
  std::vector<PlacedRun> entries;
  for (const RunRecord* run : distinct) {
    const RunAttributes& a = run->attributes;
    const PlacedRun entry{run, find_or_add(datasets, a.dataset), find_or_add(labels, a.label)};
    if (entry.method == result.methods.size()) result.methods.emplace_back(a.label, a.solver);
    if (entry.dataset == result.datasets.size()) result.datasets.push_back(dataset_of(*run));
    // Of kept runs not every one has its settings.
    if (result.datasets[entry.dataset].widths.empty() && !run->widths.empty())
      result.datasets[entry.dataset] = dataset_of(*run);
    entries.push_back(entry);
  }
  const std::size_t count = datasets.size();
  result.cells = make_cells(entries, labels.size(), count, options, points);
  for (const Table& table : tables) {
    result.tables.push_back(with_values(table, entries));
    result.tables.back().tested =
        std::find(main_quantities.begin(), main_quantities.end(), table.metric) != main_quantities.end();
  }
  add_ranking(result, runs);
  for (const std::string& metric : target_metrics) {
    if (columns.contains(metric))
      result.targets.push_back(costs_to_targets(entries, metric, labels.size(), count, options.remaining,
                                                profile_factors(16, 61)));
  }
  const std::vector<RunRecord> whole = with_every_record(runs);
  result.kept = runs.size() - whole.size();
  for (const char* column : {"objective", "residual"}) {
    if (!columns.contains(column) || whole.empty()) continue;
    const RateMeasure measure{column, known_optimum(column), 0.95};
    result.rates.emplace_back(measure, rate_groups(whole, measure));
  }
  result.sensitivities = sensitivities_of(entries);
  result.tunings = tunings_of(entries);
  for (const PlacedRun& entry : entries) result.runs.push_back(run_of(entry, metrics, environments));
  return result;
}

}  // namespace

Report build_report(std::vector<RunRecord> runs, const std::vector<PublishedFigure>& published,
                    std::vector<TimingHistory> timings, const ReportOptions& options) {
  Report report;
  report.timings = std::move(timings);
  const std::size_t points = points_per_curve(runs, options.curve_numbers);
  for (const auto& group : by_experiment(std::move(runs))) {
    report.experiments.push_back(build_experiment(group, published, options, points, report.environments));
  }
  return report;
}

}  // namespace admmbench
