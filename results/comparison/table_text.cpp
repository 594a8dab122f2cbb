#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/io/csv.hpp"
#include "core/io/latex.hpp"
#include "core/io/markdown.hpp"
#include "results/comparison/latex_grid.hpp"
#include "results/comparison/table.hpp"
#include "results/record/columns.hpp"
#include "results/record/find_or_add.hpp"
#include "results/record/run_ranges.hpp"

namespace admmbench {

namespace {

/// Whether the table's values are shares, shown with a fixed number of digits.
bool of_shares(const Table& table) { return higher_is_better(table.metric); }

double scale_of(const Table& table) { return table.style.percent && of_shares(table) ? 100 : 1; }

std::string number_text(double value, const Table& table) {
  value *= scale_of(table);
  const int of_a_share = scale_of(table) > 1 ? 2 : 4;
  if (table.style.digits || of_shares(table))
    return fmt::format("{:.{}f}", value, table.style.digits.value_or(of_a_share));
  return fmt::format("{:.4g}", value);
}

std::string difference_text(double difference, const Table& table) {
  if (!table.style.digits && !of_shares(table)) return fmt::format("{:+.3g}", difference);
  return (difference < 0 ? "" : "+") + number_text(difference, table);
}

/// As it was published, but for its scale.
std::string published_text(double value, const Table& table) {
  // What 100 times a decimal fraction adds to its last digits is not part of the figure.
  return scale_of(table) > 1 ? fmt::format("{:.10g}", value * scale_of(table)) : fmt::format("{}", value);
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
    text = number_text(cell.summary.mean, table);
    if (cell.summary.deviation) text += plus_minus + number_text(*cell.summary.deviation, table);
    const auto [low, high] = seed_counts(table);
    if (low != high) remarks.push_back(fmt::format("n = {}", cell.summary.count));
  }
  if (cell.not_finished > 0) remarks.push_back(fmt::format("{} not finished", cell.not_finished));
  if (cell.not_finite > 0) remarks.push_back(fmt::format("{} not finite", cell.not_finite));
  if (!remarks.empty()) text += fmt::format(" ({})", fmt::join(remarks, ", "));
  return text;
}

std::string seeds_text(const Table& table) {
  const auto [low, high] = seed_counts(table);
  if (high == 0) return "no seeds";
  if (low == high) return fmt::format("{} seed{}", high, high == 1 ? "" : "s");
  return fmt::format("{} to {} seeds", low, high);
}

std::string caption(const Table& table) {
  std::string text = fmt::format("{}: {}{}, mean ± sd over {}", table.experiment, table.metric,
                                 scale_of(table) > 1 ? " in per cent" : "", seeds_text(table));
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

bool has_reference(const Table& table, std::size_t dataset) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const TableRow& row) { return row.cells[dataset].reference.has_value(); });
}

/// Whether the published figures are of runs as large as these.
bool of_full_size(const Table& table) { return table.profile.empty(); }

/// What stands in the columns of one data set, from left to right.
std::vector<std::string> headings(const Table& table, std::size_t dataset) {
  std::vector<std::string> names{table.datasets[dataset]};
  if (has_reference(table, dataset)) names.emplace_back("reference");
  if (has_published(table, dataset))
    names.emplace_back(of_full_size(table) ? "published" : "published, full size");
  if (has_published(table, dataset) && of_full_size(table)) names.emplace_back("difference");
  return names;
}

std::string figure_text(const PublishedFigure& figure, const Table& table, const std::string& plus_minus) {
  std::string text = published_text(figure.value, table);
  if (figure.deviation) text += plus_minus + published_text(*figure.deviation, table);
  return text;
}

std::string reference_text(const TableCell& cell, const Table& table, const std::string& plus_minus) {
  if (!cell.reference) return {};
  std::string text = number_text(cell.reference->mean, table);
  if (cell.reference->deviation) text += plus_minus + number_text(*cell.reference->deviation, table);
  return text;
}

/// How a document says what stands in a cell.
struct Words {
  std::string plus_minus, missing;
  std::function<std::string(const std::string&)> bold, text, difference;
};

using Grid = std::vector<std::vector<std::string>>;

/// The cells of one method, from left to right.
std::vector<std::string> grid_row(const Table& table, const TableRow& row, const Words& words) {
  std::vector<std::string> line{words.text(row.name())};
  for (std::size_t d = 0; d < table.datasets.size(); ++d) {
    const TableCell& cell = row.cells[d];
    const std::string text = cell_text(cell, table, words.plus_minus, words.missing);
    line.push_back(cell.beside_best.among_best() ? words.bold(text) : text);
    if (has_reference(table, d)) line.push_back(reference_text(cell, table, words.plus_minus));
    if (!has_published(table, d)) continue;
    line.push_back(cell.published ? figure_text(*cell.published, table, words.plus_minus) : "");
    if (!of_full_size(table)) continue;
    line.push_back(!cell.published ? ""
                   : cell.summary.count > 0
                       ? words.difference(difference_text(cell.summary.mean - cell.published->value, table))
                       : words.missing);
  }
  return line;
}

/// The whole table, its heading first: a row for each method, or for each data set and what is beside it.
Grid grid_of(const Table& table, const Words& words) {
  Grid grid{{"method"}};
  for (std::size_t d = 0; d < table.datasets.size(); ++d) {
    for (const std::string& name : headings(table, d)) grid.front().push_back(words.text(name));
  }
  for (const TableRow& row : table.rows) grid.push_back(grid_row(table, row, words));
  if (!table.style.transpose) return grid;
  Grid turned(grid.front().size(), std::vector<std::string>(grid.size()));
  for (std::size_t i = 0; i < grid.size(); ++i) {
    for (std::size_t j = 0; j < grid[i].size(); ++j) turned[j][i] = grid[i][j];
  }
  turned.front().front() = "data set";
  return turned;
}

}  // namespace

std::string bold_note(const Table& table) {
  std::vector<std::vector<BesideBest>> columns(table.datasets.size());
  for (const TableRow& row : table.rows) {
    for (std::size_t d = 0; d < columns.size(); ++d) columns[d].push_back(row.cells[d].beside_best);
  }
  return fmt::format("bold: {}", describe_best(columns, scale_of(table) > 1));
}

std::string to_markdown(const Table& table) {
  const auto as_it_is = [](const std::string& text) { return text; };
  const Words words{" ± ", "–", [](const std::string& text) { return "**" + text + "**"; }, as_it_is,
                    as_it_is};
  const Grid cells = grid_of(table, words);
  MarkdownTable grid(cells.front());
  for (auto line = cells.begin() + 1; line != cells.end(); ++line) grid.add(*line);
  std::string text = fmt::format("**{}**\n\n", caption(table));
  if (!table.note.empty()) text += fmt::format("{}\n\n", table.note);
  text += grid.aligned_text();
  text += fmt::format("\n{}\n", bold_note(table));
  for (const std::string& note : footnotes(table)) text += "\n" + note + "\n";
  return text;
}

std::string to_brief_markdown(const Table& table) {
  std::vector<std::string> head{"method"};
  head.insert(head.end(), table.datasets.begin(), table.datasets.end());
  MarkdownTable grid(head);
  const auto text_of = [&](double value) {
    return of_shares(table) ? fmt::format("{:.3f}", value) : number_text(value, table);
  };
  for (const TableRow& row : table.rows) {
    std::vector<std::string> line{row.name()};
    for (const TableCell& cell : row.cells) {
      std::string text = cell.summary.count > 0 ? text_of(cell.summary.mean) : "–";
      if (cell.summary.count > 0 && cell.summary.deviation)
        text += fmt::format(" ± {}", text_of(*cell.summary.deviation));
      if (cell.beside_best.among_best()) text = fmt::format("**{}**", text);
      if (cell.published) text += fmt::format(" / {}", text_of(cell.published->value));
      line.push_back(std::move(text));
    }
    grid.add(std::move(line));
  }
  return fmt::format("{}\n{}\n", grid.aligned_text(), bold_note(table));
}

std::string to_terminal(const Table& table, std::size_t columns) {
  Table shown = table;
  shown.style.transpose = shown.datasets.size() > shown.rows.size();
  const auto as_it_is = [](const std::string& text) { return text; };
  const Words words{" ± ", "–", [](const std::string& text) { return text + " *"; }, as_it_is, as_it_is};
  for (TableRow& row : shown.rows) {
    for (TableCell& cell : row.cells) cell.published.reset();
  }
  const Grid cells = grid_of(shown, words);
  return fmt::format("{}\n{}* {}\n", caption(shown), aligned_columns(cells, columns),
                     bold_note(shown).substr(std::string("bold: ").size()));
}

std::string to_csv(const Table& table) {
  std::string text =
      "experiment,profile,dataset,label,solver,metric,n,mean,sd,best,p_best,not_finished,not_finite,"
      "reference_n,reference_mean,reference_sd,published,difference,published_key,provenance,citation,"
      "source\n";
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
        if (mean && of_full_size(table)) difference = *mean - *value;
      }
      const std::vector<std::string> fields{csv_field(table.experiment),
                                            csv_field(table.profile),
                                            csv_field(table.datasets[d]),
                                            csv_field(row.label),
                                            csv_field(row.solver),
                                            csv_field(table.metric),
                                            fmt::format("{}", s.count),
                                            number(mean),
                                            number(s.deviation),
                                            cell.beside_best.best ? "1" : "0",
                                            number(cell.beside_best.adjusted),
                                            fmt::format("{}", cell.not_finished),
                                            fmt::format("{}", cell.not_finite),
                                            cell.reference ? fmt::format("{}", cell.reference->count) : "",
                                            cell.reference ? number(cell.reference->mean) : "",
                                            cell.reference ? number(cell.reference->deviation) : "",
                                            number(value),
                                            number(difference),
                                            csv_field(cell.published ? cell.published->key : ""),
                                            csv_field(cell.published ? cell.published->provenance : ""),
                                            csv_field(cell.published ? cell.published->citation : ""),
                                            csv_field(cell.published ? cell.published->source : "")};
      text += fmt::format("{}\n", fmt::join(fields, ","));
    }
  }
  return text;
}

std::string to_latex(const Table& table) {
  const Words words{" $\\pm$ ", "--", [](const std::string& text) { return "\\textbf{" + text + "}"; },
                    latex_text, [](const std::string& text) { return "$" + text + "$"; }};
  const Grid cells = grid_of(table, words);
  std::string text = latex_comment_lines(caption(table));
  if (!table.note.empty()) text += latex_comment_lines(table.note);
  text += latex_comment_lines(bold_note(table));
  for (const std::string& note : footnotes(table)) text += latex_comment_lines(note);
  std::vector<std::size_t> groups;
  for (std::size_t d = 0; d < table.datasets.size(); ++d) groups.push_back(headings(table, d).size());
  if (table.style.transpose) groups.assign(table.rows.size(), 1);
  return text + (table.style.width ? latex_tabular(cells, groups, *table.style.width) : latex_tabular(cells));
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
      paths.push_back(file_inside(folder, stem + extension));
      write_text_file(paths.back(), text);
    };
    write(".md", to_markdown(table));
    write(".csv", to_csv(table));
    write(".tex", to_latex(table));
  }
  return paths;
}

}  // namespace admmbench
