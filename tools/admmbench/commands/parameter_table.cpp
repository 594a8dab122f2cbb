#include "tools/admmbench/commands/parameter_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "core/io/latex.hpp"
#include "core/io/markdown.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "results/comparison/latex_grid.hpp"
#include "results/record/find_or_add.hpp"
#include "results/record/run_set.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

namespace {

/// Of a method of the suite or a plug-in, as text; none of others, whose every parameter was given.
std::map<std::string, std::string> default_values(const std::string& solver) {
  std::map<std::string, std::string> values;
  const SolverInfo* info = find_solver(solver);
  if (info == nullptr) return values;
  const auto made = info->make_default();
  ParameterLister lister;
  made->visit(lister);
  for (const ParameterEntry& entry : lister.entries) values[entry.name] = entry.value;
  return values;
}

/// What a run was tuned with: the parameters chosen, the edges, and how.
struct TunedWith {
  std::set<std::string> parameters;
  std::map<std::string, std::string> edges;
  std::string way;
};

TunedWith tuned_with(const RunRecord& run) {
  TunedWith result;
  if (run.attributes.tuned.empty()) return result;
  const nlohmann::json trace = nlohmann::json::parse(run.attributes.tuned);
  const nlohmann::json& chosen = trace.at("chosen");
  for (const auto& [key, value] : chosen.at("parameters").items()) result.parameters.insert(key);
  if (chosen.contains("edges")) {
    for (const auto& [key, edge] : chosen["edges"].items()) result.edges[key] = edge.get<std::string>();
  }
  const std::size_t seeds = trace.at("seeds").size();
  result.way =
      fmt::format("{}, {} points of {} seed{}, {} iterations, by {}", trace.at("method").get<std::string>(),
                  trace.at("points").get<long>(), seeds, seeds == 1 ? "" : "s",
                  trace.at("iterations").get<long>(), trace.at("select").get<std::string>());
  return result;
}

/// True if `parameter`, or the group it is in, is among `keys`.
bool is_among(const std::set<std::string>& keys, const std::string& parameter) {
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return parameter == key || parameter.starts_with(key + ".");
  });
}

ParameterRow& row_of(ParameterTable& table, const std::string& method, const std::string& parameter) {
  const auto found = std::find_if(table.rows.begin(), table.rows.end(), [&](const ParameterRow& row) {
    return row.method == method && row.parameter == parameter;
  });
  return found != table.rows.end() ? *found : table.rows.emplace_back(ParameterRow{method, parameter, {}});
}

void add_run(ParameterTable& table, const RunRecord& run) {
  const std::size_t column = find_or_add(table.datasets, run.attributes.dataset);
  const TunedWith tuned = tuned_with(run);
  if (!tuned.way.empty()) find_or_add(table.tuning, tuned.way);
  const std::map<std::string, std::string> defaults = default_values(run.attributes.solver);
  for (const auto& [name, value] : run.config.params) {
    const bool chosen = is_among(tuned.parameters, name);
    const auto usual = defaults.find(name);
    if (!chosen && usual != defaults.end() && usual->second == value) continue;
    ParameterRow& row = row_of(table, run.attributes.label, name);
    row.values.resize(std::max(row.values.size(), column + 1));
    const auto edge = tuned.edges.find(name);
    row.values[column] = {value, chosen, edge == tuned.edges.end() ? "" : edge->second};
  }
}

/// A heading and a line per row; `words` says how an edge and a missing value look.
struct Words {
  const char *highest, *lowest, *missing;
};
std::vector<std::vector<std::string>> grid_of(const ParameterTable& table, const Words& words) {
  std::vector<std::vector<std::string>> grid{{"method", "parameter"}};
  grid.front().insert(grid.front().end(), table.datasets.begin(), table.datasets.end());
  for (const ParameterRow& row : table.rows) {
    std::vector<std::string> line{row.method, row.parameter};
    for (const auto& value : row.values) {
      if (!value) {
        line.emplace_back(words.missing);
        continue;
      }
      line.push_back(value->text + (value->edge == "highest"  ? words.highest
                                    : value->edge == "lowest" ? words.lowest
                                                              : ""));
    }
    grid.push_back(std::move(line));
  }
  return grid;
}

std::string caption(const ParameterTable& table) {
  return fmt::format("{}{}: parameters that were tuned or are not the method's defaults", table.experiment,
                     table.profile.empty() ? "" : fmt::format(" (profile {})", table.profile));
}

std::string tuning_note(const std::string& way) {
  return fmt::format("tuned on the validation split: {}; an arrow: the highest or lowest number tried", way);
}

}  // namespace

ParameterTable parameter_table(const std::vector<RunRecord>& runs) {
  ParameterTable table;
  for (const RunRecord* run : distinct_runs(runs)) {
    if (run->attributes.config.empty())
      throw std::runtime_error("--parameters: summaries do not have them; give the result files");
    table.experiment = run->attributes.experiment;
    table.profile = run->config.profile;
    add_run(table, *run);
  }
  std::vector<std::string> methods;
  for (const ParameterRow& row : table.rows) find_or_add(methods, row.method);
  std::stable_sort(table.rows.begin(), table.rows.end(), [&](const ParameterRow& a, const ParameterRow& b) {
    return find_or_add(methods, a.method) < find_or_add(methods, b.method);
  });
  for (ParameterRow& row : table.rows) row.values.resize(table.datasets.size());
  return table;
}

std::string to_markdown(const ParameterTable& table) {
  const auto grid = grid_of(table, {" ↑", " ↓", "–"});
  MarkdownTable cells(grid.front());
  for (auto line = grid.begin() + 1; line != grid.end(); ++line) cells.add(*line);
  std::string text = fmt::format("**{}**\n\n{}", caption(table), cells.aligned_text());
  for (const std::string& way : table.tuning) text += "\n" + tuning_note(way) + "\n";
  return text;
}

std::string to_latex(const ParameterTable& table, std::optional<double> width) {
  auto grid = grid_of(table, {"\u2191", "\u2193", ""});
  for (auto& line : grid) {
    for (std::string& cell : line) {
      const bool highest = cell.ends_with("\u2191");
      const bool lowest = cell.ends_with("\u2193");
      if (highest || lowest) cell.resize(cell.size() - std::string("\u2191").size());
      cell = latex_text(cell);
      if (cell.empty()) cell = "--";
      if (highest) cell += "$\\uparrow$";
      if (lowest) cell += "$\\downarrow$";
    }
    line[0] += " " + line[1];  // the names stay together where columns are broken
    line.erase(line.begin() + 1);
  }
  grid.front().front() = "method, parameter";
  std::string text = latex_comment_lines(caption(table));
  for (const std::string& way : table.tuning) text += latex_comment_lines(tuning_note(way));
  const std::vector<std::size_t> groups(table.datasets.size(), 1);
  return text + (width ? latex_tabular(grid, groups, *width) : latex_tabular(grid));
}

std::string to_csv(const ParameterTable& table) {
  std::string text = "experiment,profile,dataset,label,parameter,value,tuned,edge\n";
  for (const ParameterRow& row : table.rows) {
    for (std::size_t d = 0; d < table.datasets.size(); ++d) {
      const auto& value = row.values[d];
      if (!value) continue;
      text += fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(table.experiment), csv_field(table.profile),
                          csv_field(table.datasets[d]), csv_field(row.method), csv_field(row.parameter),
                          csv_field(value->text), value->tuned ? 1 : 0, value->edge);
    }
  }
  return text;
}

}  // namespace admmbench
