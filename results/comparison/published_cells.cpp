#include "results/comparison/published_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/io/markdown.hpp"
#include "results/record/find_or_add.hpp"

namespace admmbench {

namespace {

constexpr double close = 0.01;  // of an accuracy; of what is above 1 the share
constexpr double confidence = 0.95;
constexpr double last_digits = 1e-9;  // of differences of figures with three digits

bool same(const PublishedFigure& a, const PublishedFigure& b) {
  return a.key == b.key && a.dataset == b.dataset && a.method == b.method;
}

/// Fills in what `table` has beside the figure.
void find_ours(PublishedCell& cell, const Table& table) {
  for (const TableRow& row : table.rows) {
    for (const TableCell& beside : row.cells) {
      if (!beside.published || !same(*beside.published, cell.figure)) continue;
      cell.experiment = table.experiment;
      cell.label = row.label;
      if (beside.summary.count > 0) cell.summary = beside.summary;
      return;
    }
  }
}

/// Thousandths of what an accuracy is like; four digits of bytes.
std::string number(double value, bool with_sign = false) {
  constexpr double large = 1e4;
  if (std::abs(value) >= large)
    return with_sign ? fmt::format("{:+.4g}", value) : fmt::format("{:.4g}", value);
  return with_sign ? fmt::format("{:+.3f}", value) : fmt::format("{:.3f}", value);
}

std::string with_deviation(double value, const std::optional<double>& deviation) {
  return deviation ? fmt::format("{} ± {}", number(value), number(*deviation)) : number(value);
}

/// Whether the cause is that of a figure without runs.
bool of_missing_runs(const PublishedFigure& figure) { return figure.cause.starts_with("not run"); }

std::string text_of(const PublishedCell& cell) {
  switch (reached(cell)) {
    case Reached::closely:
      return std::abs(cell.figure.value) > 1 ? "within a hundredth" : "within 0.01";
    case Reached::within_deviation:
      return "within the published deviation";
    case Reached::as_a_seed:
      return "one run, as far as one more of our seeds may be (95 %)";
    case Reached::explained:
      return cell.figure.cause;
    case Reached::unexplained:
      return "not explained";
    case Reached::not_run:
      return of_missing_runs(cell.figure) ? cell.figure.cause : "not run";
  }
  return {};
}

}  // namespace

Reached reached(const PublishedCell& cell) {
  if (!cell.summary) return Reached::not_run;
  const double difference = std::abs(cell.summary->mean - cell.figure.value);
  if (difference <= close * std::max(1.0, std::abs(cell.figure.value)) + last_digits) return Reached::closely;
  if (cell.figure.deviation && difference <= *cell.figure.deviation + last_digits)
    return Reached::within_deviation;
  const auto one_more = prediction_half_width(*cell.summary, confidence);
  if (cell.figure.runs == 1 && one_more && difference <= *one_more) return Reached::as_a_seed;
  return cell.figure.cause.empty() || of_missing_runs(cell.figure) ? Reached::unexplained
                                                                   : Reached::explained;
}

std::vector<PublishedCell> published_cells(const std::vector<Table>& tables,
                                           const std::vector<PublishedFigure>& published) {
  std::set<std::string> shown;
  for (const Table& table : tables) {
    for (const TableRow& row : table.rows) {
      for (const TableCell& cell : row.cells) {
        if (cell.published) shown.insert(cell.published->key);
      }
    }
  }
  std::vector<PublishedCell> cells;
  for (const PublishedFigure& figure : published) {
    if (!shown.contains(figure.key)) continue;
    PublishedCell cell{figure, {}, {}, {}};
    for (const Table& table : tables) {
      if (!cell.summary) find_ours(cell, table);
    }
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::string to_markdown(const std::vector<PublishedCell>& cells) {
  std::map<Reached, std::size_t> count;
  for (const PublishedCell& cell : cells) ++count[reached(cell)];
  std::string text = fmt::format(
      "{} published figures: {} within 0.01, {} more within the published deviation, {} of one run that is "
      "as far from ours as one more of our seeds may be, {} further away and explained, {} not explained, "
      "{} not run.\n",
      cells.size(), count[Reached::closely], count[Reached::within_deviation], count[Reached::as_a_seed],
      count[Reached::explained], count[Reached::unexplained], count[Reached::not_run]);
  std::vector<std::string> keys;
  for (const PublishedCell& cell : cells) find_or_add(keys, cell.figure.key);
  for (const std::string& key : keys) {
    MarkdownTable table({"data set", "method", "ours", "n", "published", "difference", ""});
    std::string title;
    for (const PublishedCell& cell : cells) {
      if (cell.figure.key != key) continue;
      title = cell.figure.title;
      const bool ours = cell.summary.has_value();
      table.add({cell.figure.dataset, cell.label.empty() ? cell.figure.method : cell.label,
                 ours ? with_deviation(cell.summary->mean, cell.summary->deviation) : "",
                 ours ? fmt::format("{}", cell.summary->count) : "",
                 with_deviation(cell.figure.value, cell.figure.deviation),
                 ours ? number(cell.summary->mean - cell.figure.value, true) : "", text_of(cell)});
    }
    text += fmt::format("\n## {}: {}\n{}", key, title, table.text());
  }
  return text;
}

}  // namespace admmbench
