#include "results/comparison/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <tuple>

#include "core/io/csv.hpp"
#include "results/record/find_or_add.hpp"
#include "results/record/run_config.hpp"

namespace admmbench {

namespace {

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

void mark_best(Table& table) {
  const bool higher = higher_is_better(table.metric);
  for (std::size_t d = 0; d < table.datasets.size(); ++d) {
    std::optional<double> best;
    for (const TableRow& row : table.rows) {
      const Summary& s = row.cells[d].summary;
      if (s.count > 0 && (!best || (higher ? s.mean > *best : s.mean < *best))) best = s.mean;
    }
    // Means of different values may differ by their rounding alone: 0.91 and 0.93 against 0.92 twice.
    const double rounding = best ? 1e-12 * std::abs(*best) : 0;
    for (TableRow& row : table.rows) {
      const Summary& s = row.cells[d].summary;
      row.cells[d].best = best && s.count > 0 && std::abs(s.mean - *best) <= rounding;
    }
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

std::string fixed(double value, const std::string& metric) {
  return higher_is_better(metric) ? fmt::format("{:.4f}", value) : fmt::format("{:.4g}", value);
}

std::string difference_text(double difference, const std::string& metric) {
  return higher_is_better(metric) ? fmt::format("{:+.4f}", difference) : fmt::format("{:+.3g}", difference);
}

/// Smallest and largest number of seeds of the cells that have any; 0 and 0 if none has.
std::pair<std::size_t, std::size_t> seed_counts(const Table& table) {
  std::size_t low = 0;
  std::size_t high = 0;
  for (const TableRow& row : table.rows) {
    for (const TableCell& cell : row.cells) {
      if (cell.summary.count == 0) continue;
      low = low == 0 ? cell.summary.count : std::min(low, cell.summary.count);
      high = std::max(high, cell.summary.count);
    }
  }
  return {low, high};
}

/// Mean and deviation, `missing` if there is none; what qualifies them in parentheses: the number of seeds where the
/// cells differ in it (else the caption says it), and the runs that are not in the mean.
std::string cell_text(const TableCell& cell, const Table& table, const std::string& plus_minus,
                      const std::string& missing) {
  std::string text = missing;
  std::vector<std::string> remarks;
  if (cell.summary.count > 0) {
    text = fixed(cell.summary.mean, table.metric);
    if (cell.summary.deviation) text += plus_minus + fixed(*cell.summary.deviation, table.metric);
    const auto [low, high] = seed_counts(table);
    if (low != high) remarks.push_back(fmt::format("n = {}", cell.summary.count));
  }
  if (cell.not_finished > 0) remarks.push_back(fmt::format("{} not finished", cell.not_finished));
  if (cell.not_finite > 0) remarks.push_back(fmt::format("{} not finite", cell.not_finite));
  if (!remarks.empty()) text += fmt::format(" ({})", fmt::join(remarks, ", "));
  return text;
}

/// Length in characters, not bytes, so that columns align in a terminal.
std::size_t display_length(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string seeds_text(const Table& table) {
  const auto [low, high] = seed_counts(table);
  if (high == 0) return "no seeds";
  if (low == high) return fmt::format("{} seed{}", high, high == 1 ? "" : "s");
  return fmt::format("{} to {} seeds", low, high);
}

std::string caption(const Table& table) {
  std::string text =
      fmt::format("{}: {}, mean ± sd over {}", table.experiment, table.metric, seeds_text(table));
  if (!table.profile.empty()) text += fmt::format(", profile {}", table.profile);
  return text;
}

/// The published figures shown, once each, in order of appearance.
std::vector<std::string> footnotes(const Table& table) {
  std::vector<std::string> notes;
  for (const TableRow& row : table.rows) {
    for (const TableCell& cell : row.cells) {
      if (!cell.published) continue;
      const PublishedFigure& p = *cell.published;
      find_or_add(notes, fmt::format("published: {} ({}; {}; {}; {})", p.key, p.title, p.provenance,
                                     p.setting, p.citation));
    }
  }
  return notes;
}

bool has_published(const Table& table, std::size_t dataset) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const TableRow& row) { return row.cells[dataset].published.has_value(); });
}

std::string latex_escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}':
        escaped += '\\';
        escaped += c;
        break;
      case '~':
        escaped += "\\textasciitilde{}";
        break;
      case '^':
        escaped += "\\textasciicircum{}";
        break;
      case '\\':
        escaped += "\\textbackslash{}";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

/// `text` as a comment: every line of it, so that a note of several lines does not end up in the document.
std::string latex_comment(const std::string& text) {
  std::string comment = "% ";
  for (const char c : text) comment += c == '\n' ? std::string("\n% ") : std::string(1, c);
  return comment + "\n";
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

}  // namespace

std::vector<const RunRecord*> distinct_runs(const std::vector<RunRecord>& runs) {
  std::vector<const RunRecord*> kept;
  std::map<std::tuple<std::string, std::string, std::int64_t>, std::size_t> place;
  for (const RunRecord& run : runs) {
    const RunAttributes& a = run.attributes;
    const auto [found, fresh] = place.try_emplace({a.label, a.dataset, a.seed}, kept.size());
    if (fresh) {
      kept.push_back(&run);
      continue;
    }
    const RunRecord*& other = kept[found->second];
    if (a.content_hash.empty() || a.content_hash != other->attributes.content_hash) {
      throw std::runtime_error(
          fmt::format("two different runs of {} on {} with seed {}: {} and {}; give only one of them",
                      a.label, a.dataset, a.seed, other->path.string(), run.path.string()));
    }
    if (!is_finished(*other)) other = &run;  // the same run: interrupted in one folder, finished in another
  }
  return kept;
}

Table make_table(const std::vector<const RunRecord*>& runs, const std::vector<StoredConfig>& configs,
                 const std::string& metric, const std::vector<PublishedFigure>& published,
                 const std::vector<std::string>& keys) {
  Table table;
  table.metric = metric;
  if (runs.empty()) return table;
  table.experiment = runs.front()->attributes.experiment;
  std::vector<std::string> selected = keys;
  std::vector<std::string> labels;
  std::vector<std::string> registry_names;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> values;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunRecord& run = *runs[i];
    const StoredConfig& config = configs[i];
    table.profile = config.profile;
    table.note = config.note;
    if (keys.empty()) {
      for (const std::string& key : config.published) find_or_add(selected, key);
    }
    const std::size_t row = find_or_add(labels, run.attributes.label);
    const std::size_t column = find_or_add(table.datasets, run.attributes.dataset);
    if (row == table.rows.size()) table.rows.push_back({run.attributes.label, run.attributes.solver, {}});
    if (column == registry_names.size()) {
      registry_names.push_back(config.dataset_name.empty() ? run.attributes.dataset : config.dataset_name);
    }
    std::vector<TableCell>& cells = table.rows[row].cells;
    if (cells.size() <= column) cells.resize(column + 1);
    if (!is_finished(run)) {
      ++cells[column].not_finished;
    } else if (const std::optional<double> value = final_value(run, metric)) {
      values[{row, column}].push_back(*value);
    } else if (run.trajectory.find(metric) != nullptr) {
      ++cells[column].not_finite;
    }
  }
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    table.rows[r].cells.resize(table.datasets.size());
    for (std::size_t d = 0; d < table.datasets.size(); ++d) {
      table.rows[r].cells[d].summary = summarize(values[{r, d}]);
    }
  }
  mark_best(table);
  sort_rows(table);

  for (const std::string& key : selected) {
    const auto known = published_keys(published);
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      throw std::runtime_error(
          fmt::format("published figure '{}' is not known; known: {}", key, fmt::join(known, ", ")));
    }
    for (const PublishedFigure& figure : published) {
      if (figure.key == key && figure.metric == metric) place_figure(table, registry_names, figure);
    }
  }
  return table;
}

Table make_table(const std::vector<RunRecord>& runs, const std::string& metric,
                 const std::vector<PublishedFigure>& published, const std::vector<std::string>& keys) {
  const std::vector<const RunRecord*> distinct = distinct_runs(runs);
  std::vector<StoredConfig> configs;
  for (const RunRecord* run : distinct) configs.push_back(stored_config(*run));
  return make_table(distinct, configs, metric, published, keys);
}

std::string to_markdown(const Table& table) {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> head{"method"};
  for (std::size_t d = 0; d < table.datasets.size(); ++d) {
    head.push_back(table.datasets[d]);
    if (has_published(table, d)) {
      head.emplace_back("published");
      head.emplace_back("difference");
    }
  }
  lines.push_back(head);
  for (const TableRow& row : table.rows) {
    std::vector<std::string> line{row.label};
    for (std::size_t d = 0; d < table.datasets.size(); ++d) {
      const TableCell& cell = row.cells[d];
      const std::string text = cell_text(cell, table, " ± ", "–");
      line.push_back(cell.best ? "**" + text + "**" : text);
      if (!has_published(table, d)) continue;
      if (cell.published) {
        std::string figure = fmt::format("{}", cell.published->value);
        if (cell.published->deviation) figure += fmt::format(" ± {}", *cell.published->deviation);
        line.push_back(figure);
        line.push_back(cell.summary.count > 0
                           ? difference_text(cell.summary.mean - cell.published->value, table.metric)
                           : "–");
      } else {
        line.emplace_back("");
        line.emplace_back("");
      }
    }
    lines.push_back(line);
  }
  std::vector<std::size_t> width(head.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) width[i] = std::max(width[i], display_length(line[i]));
  }
  std::string text = fmt::format("**{}**\n\n", caption(table));
  if (!table.note.empty()) text += fmt::format("{}\n\n", table.note);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += "|";
    for (std::size_t j = 0; j < lines[i].size(); ++j) {
      text += " " + lines[i][j] + std::string(width[j] - display_length(lines[i][j]), ' ') + " |";
    }
    text += "\n";
    if (i == 0) {
      text += "|";
      for (const std::size_t w : width) text += std::string(w + 2, '-') + "|";
      text += "\n";
    }
  }
  for (const std::string& note : footnotes(table)) text += "\n" + note + "\n";
  return text;
}

std::string to_csv(const Table& table) {
  std::string text =
      "experiment,profile,dataset,label,solver,metric,n,mean,sd,best,not_finished,not_finite,published,"
      "difference,published_key,provenance,citation,source\n";
  for (const TableRow& row : table.rows) {
    for (std::size_t d = 0; d < table.datasets.size(); ++d) {
      const TableCell& cell = row.cells[d];
      const Summary& s = cell.summary;
      const auto number = [](std::optional<double> value) {
        return value ? fmt::format("{}", *value) : std::string();
      };
      const std::optional<double> mean = s.count > 0 ? std::optional(s.mean) : std::nullopt;
      std::optional<double> value;
      std::optional<double> difference;
      if (cell.published) {
        value = cell.published->value;
        if (mean) difference = *mean - *value;
      }
      text +=
          fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(table.experiment),
                      csv_field(table.profile), csv_field(table.datasets[d]), csv_field(row.label),
                      csv_field(row.solver), csv_field(table.metric), s.count, number(mean),
                      number(s.deviation), cell.best ? 1 : 0, cell.not_finished, cell.not_finite,
                      number(value), number(difference), csv_field(cell.published ? cell.published->key : ""),
                      csv_field(cell.published ? cell.published->provenance : ""),
                      csv_field(cell.published ? cell.published->citation : ""),
                      csv_field(cell.published ? cell.published->source : ""));
    }
  }
  return text;
}

std::string to_latex(const Table& table) {
  std::string columns = "l";
  std::string head = "method";
  for (std::size_t d = 0; d < table.datasets.size(); ++d) {
    columns += has_published(table, d) ? "rrr" : "r";
    head += " & " + latex_escape(table.datasets[d]);
    if (has_published(table, d)) head += " & published & difference";
  }
  std::string text = latex_comment(caption(table));
  if (!table.note.empty()) text += latex_comment(table.note);
  for (const std::string& note : footnotes(table)) text += latex_comment(note);
  text += fmt::format("\\begin{{tabular}}{{{}}}\n\\toprule\n{} \\\\\n\\midrule\n", columns, head);
  for (const TableRow& row : table.rows) {
    text += latex_escape(row.label);
    for (std::size_t d = 0; d < table.datasets.size(); ++d) {
      const TableCell& cell = row.cells[d];
      const std::string value = cell_text(cell, table, " $\\pm$ ", "--");
      text += cell.best ? " & \\textbf{" + value + "}" : " & " + value;
      if (!has_published(table, d)) continue;
      if (cell.published) {
        text += fmt::format(" & {}", cell.published->value);
        text += cell.summary.count > 0
                    ? fmt::format(" & ${}$",
                                  difference_text(cell.summary.mean - cell.published->value, table.metric))
                    : std::string(" & --");
      } else {
        text += " & & ";
      }
    }
    text += " \\\\\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

std::vector<std::vector<RunRecord>> by_experiment(std::vector<RunRecord> runs) {
  std::vector<std::pair<std::string, std::string>> names;
  std::vector<std::vector<RunRecord>> groups;
  for (RunRecord& run : runs) {
    const std::size_t group = find_or_add(names, {run.attributes.experiment, profile_of(run)});
    if (group == groups.size()) groups.emplace_back();
    groups[group].push_back(std::move(run));
  }
  return groups;
}

std::vector<std::filesystem::path> write_tables(const std::vector<Table>& tables,
                                                const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::vector<std::filesystem::path> paths;
  for (const Table& table : tables) {
    const bool alone = std::count_if(tables.begin(), tables.end(), [&](const Table& other) {
                         return other.experiment == table.experiment;
                       }) == 1;
    const std::string stem =
        alone || table.profile.empty() ? table.experiment : table.experiment + "-" + table.profile;
    const auto write = [&](const char* extension, const std::string& text) {
      paths.push_back(folder / (stem + extension));
      write_text_file(paths.back(), text);
    };
    write(".md", to_markdown(table));
    write(".csv", to_csv(table));
    write(".tex", to_latex(table));
  }
  return paths;
}

}  // namespace admmbench
