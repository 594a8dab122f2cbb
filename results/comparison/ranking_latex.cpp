#include <fmt/format.h>

#include <algorithm>

#include "core/io/latex.hpp"
#include "results/comparison/ranking.hpp"
#include "results/record/columns.hpp"

namespace admmbench {

namespace {

std::string latex_value(double value, const std::string& metric) {
  return higher_is_better(metric) ? fmt::format("{:.4f}", value) : fmt::format("{:.4g}", value);
}

std::string latex_p(const std::optional<double>& p) { return p ? fmt::format("{:.2g}", *p) : "--"; }

/// The mark behind a mean: what the test against the reference says of it.
std::string latex_mark(const MethodRanking& r, std::size_t method, std::size_t dataset) {
  const auto pair = std::find_if(r.pairs.begin(), r.pairs.end(), [&](const PairedResult& p) {
    return p.method == method && p.dataset == dataset;
  });
  if (pair == r.pairs.end() || pair->outcome == PairOutcome::undecided) return "";
  return pair->outcome == PairOutcome::better ? "$^{-}$" : "$^{+}$";
}

std::string latex_cell(const MethodRanking& r, std::size_t method, std::size_t dataset) {
  const RankedCell& cell = r.cells[method][dataset];
  std::string text = "--";
  if (cell.summary.count > 0) {
    text = latex_value(cell.summary.mean, r.metric);
    if (cell.summary.deviation) text += " $\\pm$ " + latex_value(*cell.summary.deviation, r.metric);
  }
  if (cell.without > 0) text += fmt::format(" ({} without)", cell.without);
  return text + latex_mark(r, method, dataset);
}

/// A booktabs tabular, its first column to the left.
std::string latex_tabular(const std::vector<std::vector<std::string>>& rows) {
  std::string text =
      fmt::format("\\begin{{tabular}}{{l{}}}\n\\toprule\n", std::string(rows.front().size() - 1, 'r'));
  for (std::size_t i = 0; i < rows.size(); ++i)
    text += fmt::format("{} \\\\\n{}", fmt::join(rows[i], " & "), i == 0 ? "\\midrule\n" : "");
  return text + "\\bottomrule\n\\end{tabular}\n";
}

std::string seed_counts(const MethodRanking& r) {
  std::size_t fewest = 0;
  std::size_t most = 0;
  for (const auto& row : r.cells) {
    for (const RankedCell& cell : row) {
      const std::size_t count = cell.summary.count;
      if (count == 0) continue;
      fewest = fewest == 0 ? count : std::min(fewest, count);
      most = std::max(most, count);
    }
  }
  return fewest == most ? fmt::format("{} seeds", most) : fmt::format("{} to {} seeds", fewest, most);
}

std::string latex_means(const MethodRanking& r) {
  std::vector<std::vector<std::string>> rows{{"method"}};
  for (const std::string& dataset : r.datasets) rows.front().push_back(latex_text(dataset));
  for (std::size_t m = 0; m < r.methods.size(); ++m) {
    std::vector<std::string> row{latex_text(r.methods[m])};
    for (std::size_t d = 0; d < r.datasets.size(); ++d) row.push_back(latex_cell(r, m, d));
    rows.push_back(std::move(row));
  }
  const auto tests = std::count_if(r.pairs.begin(), r.pairs.end(),
                                   [](const PairedResult& pair) { return pair.adjusted.has_value(); });
  return latex_comment_lines(fmt::format(
             "{}{}: {}, mean and standard deviation over {}. A minus is worse than {}, a plus better: {}, "
             "Holm's correction over {} comparisons, level {}.",
             r.experiment, r.profile.empty() ? "" : ", profile " + r.profile, r.metric, seed_counts(r),
             r.methods[r.reference],
             r.test == PairedTest::wilcoxon
                 ? "signed-rank test"
                 : "paired t-test, signed ranks where the differences do not vary or a value is missing",
             tests, r.alpha)) +
         latex_tabular(rows);
}

std::string latex_ranks(const MethodRanking& r) {
  const std::string reference = latex_text(r.methods[r.reference]);
  std::vector<std::vector<std::string>> rows{
      {"method", "mean rank", "worse / undecided / better", "$p$", "adjusted"}};
  for (std::size_t m = 0; m < r.methods.size(); ++m) {
    const OverDatasets& over = r.over[m];
    rows.push_back(
        {latex_text(r.methods[m]),
         r.ranking && m < r.ranked ? fmt::format("{:.2f}", r.ranking->mean_ranks[m]) : "--",
         m == r.reference ? "--" : fmt::format("{} / {} / {}", over.better, over.undecided, over.worse),
         latex_p(over.p_value), latex_p(over.adjusted)});
  }
  std::string about = "No ranking: it takes two methods with runs on two data sets.";
  if (r.ranking) {
    about = fmt::format(
        "Ranks of the medians on {} data sets. Friedman: chi-squared = {:.4g}, p = {:.2g}; Iman and "
        "Davenport: F = {:.4g}, p = {:.2g}. Critical difference (Nemenyi, level {}): {:.3g}.",
        r.ranking->datasets, r.ranking->chi_square, r.ranking->chi_square_p, r.ranking->f, r.ranking->f_p,
        r.ranking->alpha, r.ranking->critical_difference);
  }
  return latex_comment_lines(about + fmt::format(" Data sets on which a method is worse than {}, undecided "
                                                 "against it, better; signed-rank test of the medians over "
                                                 "the data sets, Holm over the methods.",
                                                 r.methods[r.reference])) +
         latex_tabular(rows);
}

}  // namespace

std::string to_latex(const MethodRanking& r) { return latex_means(r) + "\n" + latex_ranks(r); }

}  // namespace admmbench
