#include "results/comparison/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

#include "results/record/columns.hpp"
#include "results/record/find_or_add.hpp"
#include "results/record/run_set.hpp"

namespace admmbench {

namespace {

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// What the seeds of one row gave in one column; without a value where a run did not finish.
using CellValues = std::map<std::pair<std::size_t, std::size_t>, SeedValues>;

/// `samples`: per column, of which the metric is a share; see PairOptions.
void mark_best(Table& table, CellValues& values, const std::vector<std::int64_t>& samples) {
  for (std::size_t d = 0; d < table.datasets.size(); ++d) {
    std::vector<SeedValues> column;
    for (std::size_t r = 0; r < table.rows.size(); ++r) column.push_back(values[{r, d}]);
    const std::vector<BesideBest> found = beside_best(column, higher_is_better(table.metric), samples[d]);
    for (std::size_t r = 0; r < table.rows.size(); ++r) table.rows[r].cells[d].beside_best = found[r];
  }
}

void sort_rows(Table& table) {
  const bool higher = higher_is_better(table.metric);
  const auto gaps = [](const TableRow& row) {
    return std::count_if(row.cells.begin(), row.cells.end(),
                         [](const TableCell& c) { return c.summary.count == 0; });
  };
  const auto mean = [](const TableRow& row) {
    double sum = 0;
    double count = 0;
    for (const TableCell& cell : row.cells) {
      if (cell.summary.count == 0) continue;
      sum += cell.summary.mean;
      count += 1;
    }
    return count > 0 ? sum / count : 0;
  };
  std::stable_sort(table.rows.begin(), table.rows.end(), [&](const TableRow& a, const TableRow& b) {
    if (gaps(a) != gaps(b)) return gaps(a) < gaps(b);
    return higher ? mean(a) > mean(b) : mean(a) < mean(b);
  });
}

/// Puts `figure` beside ours in every column of its data set; see make_table.
void place_figure(Table& table, const std::vector<std::string>& registry_names,
                  const PublishedFigure& figure) {
  for (std::size_t d = 0; d < table.datasets.size(); ++d) {
    if (registry_names[d] != figure.dataset && table.datasets[d] != figure.dataset) continue;
    const bool shown = std::any_of(table.rows.begin(), table.rows.end(), [&](const TableRow& row) {
      return row.cells[d].published && row.cells[d].published->method == figure.method;
    });
    if (shown) continue;
    const auto first_row = [&](auto matches) {
      return std::find_if(table.rows.begin(), table.rows.end(),
                          [&](const TableRow& row) { return !row.cells[d].published && matches(row); });
    };
    auto row = first_row([&](const TableRow& r) { return lower_case(r.label) == lower_case(figure.method); });
    // A row that has no runs on this data set (settings tuned per data set) comes last.
    if (row == table.rows.end()) {
      row = first_row(
          [&](const TableRow& r) { return r.solver == figure.method && r.cells[d].summary.count > 0; });
    }
    if (row == table.rows.end())
      row = first_row([&](const TableRow& r) { return r.solver == figure.method; });
    if (row != table.rows.end()) row->cells[d].published = figure;
  }
}

/// Rows and cells without figures; `registry_names` becomes the name of each column's data set.
Table fill(const std::vector<const RunRecord*>& runs, const std::string& metric,
           std::vector<std::string>& registry_names) {
  Table table;
  table.metric = metric;
  if (runs.empty()) return table;
  table.experiment = runs.front()->attributes.experiment;
  std::vector<std::string> labels;
  CellValues values;
  std::vector<std::int64_t> samples;
  for (const RunRecord* one : runs) {
    const RunRecord& run = *one;
    const RunConfig& config = run.config;
    table.profile = config.profile;
    table.note = config.note;
    const std::size_t row = find_or_add(labels, run.attributes.label);
    const std::size_t column = find_or_add(table.datasets, run.attributes.dataset);
    if (row == table.rows.size()) table.rows.push_back({run.attributes.label, run.attributes.solver, {}});
    if (column == registry_names.size()) {
      registry_names.push_back(config.dataset_name.empty() ? run.attributes.dataset : config.dataset_name);
    }
    std::vector<TableCell>& cells = table.rows[row].cells;
    if (cells.size() <= column) cells.resize(column + 1);
    const std::optional<double> value = run.finished() ? final_value(run, metric) : std::nullopt;
    values[{row, column}][run.attributes.seed] = value;
    if (!run.finished()) {
      ++cells[column].not_finished;
    } else if (!value && run.last(column_behind(metric))) {
      ++cells[column].not_finite;
    }
    const std::int64_t own = samples_of(run, metric);
    if (column == samples.size()) samples.push_back(own);
    if (samples[column] != own) samples[column] = 0;
  }
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    table.rows[r].cells.resize(table.datasets.size());
    for (std::size_t d = 0; d < table.datasets.size(); ++d) {
      table.rows[r].cells[d].summary = summarize(present_values(values[{r, d}]));
    }
  }
  mark_best(table, values, samples);
  sort_rows(table);
  return table;
}

}  // namespace

Table make_table(const std::vector<const RunRecord*>& runs, const std::string& metric,
                 const std::vector<PublishedFigure>& published, const std::vector<std::string>& keys) {
  std::vector<std::string> registry_names;
  Table table = fill(runs, metric, registry_names);
  std::vector<std::string> selected = keys;
  if (keys.empty()) {
    for (const RunRecord* run : runs) {
      for (const std::string& key : run->config.published) find_or_add(selected, key);
    }
  }
  const auto is_end = [&](long iteration) {
    return std::any_of(runs.begin(), runs.end(),
                       [&](const RunRecord* run) { return run->iterations() == iteration; });
  };
  for (const std::string& key : selected) {
    const auto known = published_keys(published);
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      throw std::runtime_error(
          fmt::format("published figure '{}' is not known; known: {}", key, fmt::join(known, ", ")));
    }
    for (const PublishedFigure& figure : published) {
      if (figure.key != key || figure.metric != metric) continue;
      if (!figure.iteration || is_end(*figure.iteration)) place_figure(table, registry_names, figure);
    }
  }
  return table;
}

Table make_table(const std::vector<RunRecord>& runs, const std::string& metric,
                 const std::vector<PublishedFigure>& published, const std::vector<std::string>& keys) {
  return make_table(distinct_runs(runs), metric, published, keys);
}

void place_reference(Table& table, const std::vector<RunRecord>& runs) {
  std::vector<const RunRecord*> same;
  for (const RunRecord* run : distinct_runs(runs)) {
    if (run->attributes.experiment == table.experiment && run->config.profile == table.profile)
      same.push_back(run);
  }
  std::vector<std::string> registry_names;
  const Table reference = fill(same, table.metric, registry_names);
  for (const TableRow& theirs : reference.rows) {
    for (TableRow& row : table.rows) {
      if (row.label != theirs.label) continue;
      for (std::size_t d = 0; d < reference.datasets.size(); ++d) {
        const auto column = std::find(table.datasets.begin(), table.datasets.end(), reference.datasets[d]);
        if (column == table.datasets.end() || theirs.cells[d].summary.count == 0) continue;
        row.cells[static_cast<std::size_t>(column - table.datasets.begin())].reference =
            theirs.cells[d].summary;
      }
    }
  }
}

}  // namespace admmbench
