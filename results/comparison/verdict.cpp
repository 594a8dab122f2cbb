#include "results/comparison/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "results/record/columns.hpp"

namespace admmbench {

namespace {

/// What is said of one data set.
struct DatasetVerdict {
  std::string dataset;
  std::vector<std::string> best, undecided, worse;
  double mean = 0;             ///< of the best
  std::size_t most_seeds = 0;  ///< that a comparison with the best could look at
  bool tested = false;

  bool decided() const { return best.size() == 1 && undecided.empty(); }
};

std::vector<DatasetVerdict> verdicts_of(const Table& table) {
  std::vector<DatasetVerdict> verdicts;
  for (std::size_t d = 0; d < table.datasets.size(); ++d) {
    DatasetVerdict verdict{table.datasets[d], {}, {}, {}, 0, 0, false};
    const std::vector<Standing> standing = standings(table, d);
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      const TableRow& row = table.rows[r];
      const TableCell& cell = row.cells[d];
      verdict.most_seeds = std::max(verdict.most_seeds, cell.summary.count);
      verdict.tested = verdict.tested || cell.beside_best.adjusted;
      switch (standing[r]) {
        case Standing::best:
          verdict.best.push_back(row.label);
          verdict.mean = cell.summary.mean;
          break;
        case Standing::undecided:
          verdict.undecided.push_back(row.label);
          break;
        case Standing::worse:
          verdict.worse.push_back(row.label);
          break;
        case Standing::absent:
          break;
      }
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::string spoken_metric(const Table& table) {
  std::string name = table.metric;
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

/// "a", "a and b", "a, b and c", "a, b, c and 4 others".
std::string listed_names(const std::vector<std::string>& names) {
  const std::size_t shown = names.size() > 4 ? 3 : names.size();
  std::vector<std::string> words(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown));
  if (shown < names.size()) words.push_back(fmt::format("{} others", names.size() - shown));
  if (words.size() < 2) return words.empty() ? "" : words.front();
  return fmt::format("{} and {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

/// What is said around the name of the data set, so that those of which the same is said are named together.
struct Judgement {
  std::string before, after;
  std::vector<std::string> datasets;
};

Judgement judged(const DatasetVerdict& verdict) {
  if (verdict.best.empty()) return {"no run has a value", "", {}};
  const std::string names = listed_names(verdict.best);
  if (verdict.best.size() == 1 && verdict.undecided.empty())
    return {verdict.worse.empty() ? names + " alone was run" : names + " is best", "", {}};
  const std::string lead = verdict.best.size() == 1 ? names + " leads" : names + " lead equally";
  if (verdict.undecided.empty()) return {lead, "", {}};
  if (verdict.undecided.size() > 1 && verdict.worse.empty())
    return {lead, fmt::format(", undecided against all {} others", verdict.undecided.size()), {}};
  return {lead, ", undecided against " + listed_names(verdict.undecided), {}};
}

std::vector<Judgement> all_judged(const std::vector<DatasetVerdict>& verdicts) {
  std::vector<Judgement> said;
  for (const DatasetVerdict& verdict : verdicts) {
    const Judgement own = judged(verdict);
    auto found = std::find_if(said.begin(), said.end(), [&](const Judgement& other) {
      return other.before == own.before && other.after == own.after;
    });
    if (found == said.end()) found = said.insert(said.end(), own);
    found->datasets.push_back(verdict.dataset);
  }
  return said;
}

/// "A on 9, B on 2": the data sets that each method is best on, or leads; the most first.
std::string tally(const Table& table, const std::vector<DatasetVerdict>& verdicts, bool decided) {
  std::vector<std::pair<std::int64_t, std::string>> counts;
  for (const TableRow& row : table.rows) {
    const auto count = std::count_if(verdicts.begin(), verdicts.end(), [&](const DatasetVerdict& verdict) {
      return !verdict.best.empty() && verdict.best.front() == row.label && verdict.decided() == decided;
    });
    if (count > 0) counts.emplace_back(count, row.label);
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> parts;
  std::int64_t rest = 0;
  for (const auto& [count, label] : counts) {
    if (parts.size() < 4) {
      parts.push_back(fmt::format("{} on {}", label, count));
    } else {
      rest += count;
    }
  }
  if (rest > 0) parts.push_back(fmt::format("others on {}", rest));
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// Many data sets: how many each method is best on, or leads.
std::string counted_sentence(const Table& table, const std::vector<DatasetVerdict>& verdicts) {
  const std::size_t count = verdicts.size();
  const auto decided = static_cast<std::size_t>(std::count_if(
      verdicts.begin(), verdicts.end(), [](const DatasetVerdict& verdict) { return verdict.decided(); }));
  const auto empty = static_cast<std::size_t>(std::count_if(
      verdicts.begin(), verdicts.end(), [](const DatasetVerdict& verdict) { return verdict.best.empty(); }));
  std::string text;
  if (decided == 0) {
    text =
        fmt::format("In {}, no method is told apart from all others on any of {} data sets; leading are {}",
                    spoken_metric(table), count, tally(table, verdicts, false));
  } else {
    text = fmt::format("In {}, best of {} data sets: {}", spoken_metric(table), count,
                       tally(table, verdicts, true));
    if (decided + empty < count)
      text += fmt::format("; on the other {} the leading method is undecided against one or more: {}",
                          count - decided - empty, tally(table, verdicts, false));
  }
  if (empty > 0) text += fmt::format("; no run has a value on {}", empty);
  return text + ".";
}

/// Who has which value, where nothing was tested.
std::string bare_values(const Table& table, const std::vector<DatasetVerdict>& verdicts) {
  std::vector<std::string> parts;
  for (const DatasetVerdict& verdict : verdicts) {
    if (verdict.best.empty() || parts.size() == 4) continue;
    const std::string value = higher_is_better(table.metric) ? fmt::format("{:.4f}", verdict.mean)
                                                             : fmt::format("{:.4g}", verdict.mean);
    parts.push_back(fmt::format("{} on {} ({})", listed_names(verdict.best), verdict.dataset, value));
  }
  if (parts.size() < verdicts.size())
    parts.push_back(fmt::format("{} more data sets", verdicts.size() - parts.size()));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string to_string(Standing standing) {
  switch (standing) {
    case Standing::best:
      return "best";
    case Standing::undecided:
      return "undecided";
    case Standing::worse:
      return "worse";
    case Standing::absent:
      break;
  }
  return "absent";
}

std::vector<Standing> standings(const Table& table, std::size_t dataset) {
  const auto lacks_runs = [&](const TableRow& row) {
    return row.cells[dataset].not_finished + row.cells[dataset].not_finite > 0;
  };
  const bool whole = std::none_of(table.rows.begin(), table.rows.end(), [&](const TableRow& row) {
    return row.cells[dataset].beside_best.best && lacks_runs(row);
  });
  std::vector<Standing> result;
  for (const TableRow& row : table.rows) {
    const BesideBest& beside = row.cells[dataset].beside_best;
    const bool worse = whole && beside.adjusted && *beside.adjusted <= column_alpha && !beside.undecided;
    const bool absent = row.cells[dataset].summary.count == 0 && !lacks_runs(row);
    result.push_back(absent        ? Standing::absent
                     : beside.best ? Standing::best
                     : worse       ? Standing::worse
                                   : Standing::undecided);
  }
  return result;
}

std::string verdict_sentence(const Table& table) {
  const std::vector<DatasetVerdict> verdicts = verdicts_of(table);
  const auto any = [&](const auto& has) { return std::any_of(verdicts.begin(), verdicts.end(), has); };
  const std::string in = spoken_metric(table);
  if (!any([](const DatasetVerdict& verdict) { return !verdict.best.empty(); }))
    return fmt::format("No run came to an end with a value of {}.", in);
  const std::string values = bare_values(table, verdicts);
  if (table.rows.size() == 1)
    return fmt::format("One method alone, so nothing is compared; {}: {}.", in, values);
  const std::string superlative =
      fmt::format("{} {}", higher_is_better(table.metric) ? "highest" : "lowest", in);
  if (!any([](const DatasetVerdict& verdict) { return verdict.most_seeds > 1; }))
    return fmt::format("With one seed nothing can be said about which method is better; {}: {}.", superlative,
                       values);
  if (!any([](const DatasetVerdict& verdict) { return verdict.tested; }))
    return fmt::format("No two methods have two seeds in common, so nothing is compared; {}: {}.",
                       superlative, values);
  const std::vector<Judgement> said = all_judged(verdicts);
  if (said.size() > 3) return counted_sentence(table, verdicts);
  std::vector<std::string> parts;
  for (const Judgement& one : said)
    parts.push_back(fmt::format("{} on {}{}", one.before, listed_names(one.datasets), one.after));
  return fmt::format("In {}, {}.", in, fmt::join(parts, "; "));
}

std::string verdict_basis(const Table& table) {
  const std::vector<DatasetVerdict> verdicts = verdicts_of(table);
  if (std::none_of(verdicts.begin(), verdicts.end(), [](const DatasetVerdict& v) { return v.tested; }))
    return {};
  std::string text = bold_note(table) + ".";
  text.front() = 'B';
  return text;
}

}  // namespace admmbench
