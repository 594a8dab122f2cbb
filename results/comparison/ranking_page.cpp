#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/io/csv.hpp"
#include "core/io/markdown.hpp"
#include "results/comparison/ranking.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_ranges.hpp"
#include "results/record/run_summary.hpp"

namespace admmbench {

namespace {

const char* const none = "–";

std::string value_text(double value, const std::string& metric) {
  return higher_is_better(metric) ? fmt::format("{:.4f}", value) : fmt::format("{:.4g}", value);
}

std::string p_text(const std::optional<double>& p) { return p ? fmt::format("{:.2g}", *p) : none; }

const PairedResult* find_pair(const MethodRanking& r, std::size_t method, std::size_t dataset) {
  for (const PairedResult& pair : r.pairs) {
    if (pair.method == method && pair.dataset == dataset) return &pair;
  }
  return nullptr;
}

/// The test asked for, and where it could not be made.
std::string test_name(const MethodRanking& r) {
  if (r.test == PairedTest::wilcoxon) return "signed-rank test";
  const auto ranks = std::count_if(r.pairs.begin(), r.pairs.end(), [](const PairedResult& pair) {
    return pair.adjusted && pair.decides == PairedTest::wilcoxon;
  });
  return ranks == 0 ? "paired t-test"
                    : fmt::format(
                          "paired t-test (signed ranks of {}, whose differences do not vary or lack a value)",
                          ranks);
}

std::string title(const MethodRanking& r) {
  return r.experiment + (r.profile.empty() ? "" : ", profile " + r.profile);
}

std::string means_text(const MethodRanking& r) {
  std::vector<std::string> head{"method"};
  head.insert(head.end(), r.datasets.begin(), r.datasets.end());
  MarkdownTable grid(head);
  for (std::size_t m = 0; m < r.methods.size(); ++m) {
    std::vector<std::string> line{r.methods[m]};
    for (std::size_t d = 0; d < r.datasets.size(); ++d) {
      const RankedCell& cell = r.cells[m][d];
      std::string text = none;
      if (cell.summary.count > 0) {
        text = value_text(cell.summary.mean, r.metric);
        if (cell.summary.deviation) text += " ± " + value_text(*cell.summary.deviation, r.metric);
        text += fmt::format(" ({})", cell.summary.count);
      }
      if (cell.without > 0) text += fmt::format(", {} without", cell.without);
      const PairedResult* pair = find_pair(r, m, d);
      if (pair != nullptr && pair->outcome == PairOutcome::better) text += " ▼";
      if (pair != nullptr && pair->outcome == PairOutcome::worse) text += " ▲";
      line.push_back(text);
    }
    grid.add(std::move(line));
  }
  return fmt::format(
      "**{}: {}**, mean ± standard deviation (seeds). ▼ worse than {}, ▲ better: {}, Holm's correction over "
      "{} "
      "comparisons, level {}.\n\n{}",
      title(r), r.metric, r.methods[r.reference], test_name(r),
      std::count_if(r.pairs.begin(), r.pairs.end(), [](const PairedResult& p) { return p.adjusted; }),
      r.alpha, grid.text());
}

std::string ranks_text(const MethodRanking& r) {
  MarkdownTable grid({"method", "mean rank", "worse than " + r.methods[r.reference] + " / undecided / better",
                      "p over data sets", "adjusted"});
  for (std::size_t m = 0; m < r.methods.size(); ++m) {
    const OverDatasets& over = r.over[m];
    const bool itself = m == r.reference;
    grid.add({r.methods[m],
              r.ranking && m < r.ranked ? fmt::format("{:.2f}", r.ranking->mean_ranks[m]) : none,
              itself ? none : fmt::format("{} / {} / {}", over.better, over.undecided, over.worse),
              over.p_value ? fmt::format("{} (n = {})", p_text(over.p_value), over.datasets) : none,
              p_text(over.adjusted)});
  }
  std::string text;
  if (r.ranking) {
    std::vector<std::string> alike;
    for (std::size_t m = 1; m < r.ranked; ++m) {
      if (r.ranking->mean_ranks[m] - r.ranking->mean_ranks[0] < r.ranking->critical_difference)
        alike.push_back(r.methods[m]);
    }
    text += fmt::format(
        "Ranks on {} data sets (medians; a run without a value is the worst). Friedman: χ² = {:.4g}, p = "
        "{:.2g}; "
        "Iman and Davenport: F = {:.4g}, p = {:.2g}. Critical difference (Nemenyi, level {}): {:.3g}; not "
        "told "
        "apart "
        "from {}: {}.",
        r.ranking->datasets, r.ranking->chi_square, r.ranking->chi_square_p, r.ranking->f, r.ranking->f_p,
        r.ranking->alpha, r.ranking->critical_difference, r.methods[0],
        alike.empty() ? "none" : fmt::format("{}", fmt::join(alike, ", ")));
  } else {
    text += "No ranking: it takes two methods with runs on two data sets.";
  }
  if (r.ranked < r.methods.size()) {
    text += fmt::format(
        " Not ranked, without runs on every data set: {}.",
        fmt::join(r.methods.begin() + static_cast<std::ptrdiff_t>(r.ranked), r.methods.end(), ", "));
  }
  return text +
         " Last columns: signed-rank test of the medians over the data sets, Holm over the methods.\n\n" +
         grid.text();
}

std::string reached_text(const ToTarget& reached) {
  if (reached.runs == 0) return none;
  if (reached.missed == reached.runs) return "never";
  std::string text = std::isfinite(reached.median) ? fmt::format("{:.3g}", reached.median) : "∞";
  if (reached.missed > 0) text += fmt::format(" ({} of {} missed)", reached.missed, reached.runs);
  return text;
}

std::string cost_title(const std::string& name) {
  if (name == "iteration") return "Iterations (passes over the data)";
  return name == "seconds" ? "Seconds in the solver" : "Operations";
}

/// A row for every method that is in a profile; a cost that a method does not have has no share.
std::string profiles_text(const MethodRanking& r) {
  std::vector<std::string> columns{"method"};
  std::set<std::size_t> profiled;
  const PerformanceProfile* first = nullptr;
  for (const Targets::Cost& cost : r.targets->costs) {
    if (!cost.profile) continue;
    if (first == nullptr) first = &*cost.profile;
    profiled.insert(cost.profiled.begin(), cost.profiled.end());
    for (const double tau : cost.profile->tau) columns.push_back(fmt::format("{} ≤ {}", cost.name, tau));
  }
  if (first == nullptr) return {};
  MarkdownTable grid(columns);
  for (const std::size_t m : profiled) {
    std::vector<std::string> line{r.methods[m]};
    for (const Targets::Cost& cost : r.targets->costs) {
      if (!cost.profile) continue;
      const auto place = std::find(cost.profiled.begin(), cost.profiled.end(), m);
      for (std::size_t t = 0; t < cost.profile->tau.size(); ++t) {
        line.push_back(
            place == cost.profiled.end()
                ? none
                : fmt::format(
                      "{:.2f}",
                      cost.profile->fraction[static_cast<std::size_t>(place - cost.profiled.begin())][t]));
      }
    }
    grid.add(std::move(line));
  }
  return fmt::format(
      "Performance profiles: share of the {} problems (data set and seed; {} reached by no method) "
      "on which a method reached the target at no more than so many times the least cost.\n\n{}",
      first->problems, first->unsolved, grid.text());
}

std::string targets_text(const MethodRanking& r) {
  if (!r.targets) return "Costs to a target: not from summaries, which have no trajectories.\n";
  const Targets& targets = *r.targets;
  std::string text;
  std::vector<std::string> head{"method"};
  for (std::size_t d = 0; d < r.datasets.size(); ++d) {
    head.push_back(fmt::format("{} {} {}", r.datasets[d], higher_is_better(r.metric) ? "≥" : "≤",
                               targets.targets[d] ? fmt::format("{:.4g}", *targets.targets[d]) : "?"));
  }
  for (const Targets::Cost& cost : targets.costs) {
    MarkdownTable grid(head);
    for (std::size_t m = 0; m < r.methods.size(); ++m) {
      std::vector<std::string> line{r.methods[m]};
      for (std::size_t d = 0; d < r.datasets.size(); ++d) line.push_back(reached_text(cost.reached[m][d]));
      grid.add(std::move(line));
    }
    text += fmt::format(
        "{} to the target, median over the seeds; a miss is infinite and stays in the median.\n\n{}\n",
        cost_title(cost.name), grid.text());
  }
  return text + profiles_text(r);
}

std::string could_show_text(const PairedResult& pair) {
  if (!pair.adjusted) return none;
  if (!pair.could_show) return "nothing";
  return *pair.could_show > 0 ? fmt::format("{:.2g}", *pair.could_show) : "any";
}

std::string pairs_text(const MethodRanking& r) {
  MarkdownTable grid({"data set", "against", "pairs", "difference", "95 % interval", "p (t)",
                      "p (signed ranks)", "adjusted", "could show", "Cliff's δ",
                      r.methods[r.reference] + " is"});
  for (std::size_t d = 0; d < r.datasets.size(); ++d) {
    for (const PairedResult& pair : r.pairs) {
      if (pair.dataset != d) continue;
      grid.add(
          {r.datasets[d], r.methods[pair.method],
           fmt::format("{}{}", pair.pairs,
                       pair.without > 0 ? fmt::format(" of {}", pair.pairs + pair.without) : ""),
           pair.difference ? fmt::format("{:+.4g}", *pair.difference) : none,
           pair.interval ? fmt::format("[{:.4g}, {:.4g}]", pair.interval->lower, pair.interval->upper) : none,
           p_text(pair.t_p), p_text(pair.signed_ranks.p_value), p_text(pair.adjusted), could_show_text(pair),
           fmt::format("{:+.2f}", pair.cliffs_delta), to_string(pair.outcome)});
    }
  }
  return fmt::format(
      "{} minus each other method, over the same seeds (interval: bootstrap of the mean; could show: the "
      "smallest "
      "difference that is found with 80 % at level {} over the {} comparisons; a seed without a value has no "
      "t, and is "
      "the worst in signed ranks).\n\n{}",
      r.methods[r.reference], r.alpha,
      std::count_if(r.pairs.begin(), r.pairs.end(), [](const PairedResult& p) { return p.adjusted; }),
      grid.text());
}

std::string number(const std::optional<double>& value) { return value ? csv_number(*value) : ""; }

}  // namespace

std::string to_markdown(const MethodRanking& r) {
  std::string text = means_text(r) + "\n" + ranks_text(r) + "\n" + targets_text(r);
  if (!r.pairs.empty()) text += "\n" + pairs_text(r);
  return text;
}

std::string to_csv(const MethodRanking& r) {
  std::string text =
      "experiment,profile,dataset,label,metric,n,mean,sd,median,without,target,to_target_runs,to_target_"
      "missed,"
      "iterations_to_target,seconds_to_target,flops_to_target,reference,pairs,difference,lower,upper,p_t,"
      "p_signed_rank,p_adjusted,could_show,cliffs_delta,reference_is\n";
  for (std::size_t d = 0; d < r.datasets.size(); ++d) {
    for (std::size_t m = 0; m < r.methods.size(); ++m) {
      const RankedCell& cell = r.cells[m][d];
      if (!cell.median) continue;
      const bool any = cell.summary.count > 0;
      std::vector<std::string> fields{r.experiment,
                                      r.profile,
                                      r.datasets[d],
                                      r.methods[m],
                                      r.metric,
                                      fmt::format("{}", cell.summary.count),
                                      any ? csv_number(cell.summary.mean) : "",
                                      number(cell.summary.deviation),
                                      number(cell.median),
                                      fmt::format("{}", cell.without)};
      if (r.targets && r.targets->targets[d]) {
        const ToTarget& reached = r.targets->costs.front().reached[m][d];
        fields.push_back(csv_number(*r.targets->targets[d]));
        fields.push_back(fmt::format("{}", reached.runs));
        fields.push_back(fmt::format("{}", reached.missed));
        for (const Targets::Cost& cost : r.targets->costs)
          fields.push_back(csv_number(cost.reached[m][d].median));
      } else {
        fields.insert(fields.end(), 6, "");
      }
      if (const PairedResult* pair = find_pair(r, m, d)) {
        fields.insert(fields.end(),
                      {r.methods[r.reference], fmt::format("{}", pair->pairs), number(pair->difference),
                       pair->interval ? csv_number(pair->interval->lower) : "",
                       pair->interval ? csv_number(pair->interval->upper) : "", number(pair->t_p),
                       csv_number(pair->signed_ranks.p_value), number(pair->adjusted),
                       number(pair->could_show), csv_number(pair->cliffs_delta), to_string(pair->outcome)});
      } else {
        fields.insert(fields.end(), 11, "");
      }
      for (std::string& field : fields) field = csv_field(field);
      text += fmt::format("{}\n", fmt::join(fields, ","));
    }
  }
  return text;
}

std::string ranks_csv(const MethodRanking& r) {
  std::string text =
      "experiment,profile,metric,label,mean_rank,datasets,critical_difference,friedman_p,iman_davenport_p,"
      "reference,reference_better,undecided,reference_worse,p_over_datasets,p_adjusted";
  std::vector<const Targets::Cost*> costs;
  if (r.targets) {
    for (const Targets::Cost& cost : r.targets->costs) {
      if (cost.profile) costs.push_back(&cost);
    }
  }
  for (const Targets::Cost* cost : costs) {
    for (const double tau : cost->profile->tau) text += fmt::format(",{}_within_{}", cost->name, tau);
  }
  text += "\n";
  for (std::size_t m = 0; m < r.methods.size(); ++m) {
    std::vector<std::string> fields{r.experiment, r.profile, r.metric, r.methods[m]};
    if (r.ranking && m < r.ranked) {
      fields.insert(fields.end(),
                    {csv_number(r.ranking->mean_ranks[m]), fmt::format("{}", r.ranking->datasets),
                     csv_number(r.ranking->critical_difference), csv_number(r.ranking->chi_square_p),
                     csv_number(r.ranking->f_p)});
    } else {
      fields.insert(fields.end(), 5, "");
    }
    const OverDatasets& over = r.over[m];
    if (m == r.reference) {
      fields.push_back(r.methods[m]);
      fields.insert(fields.end(), 5, "");
    } else {
      fields.insert(fields.end(), {r.methods[r.reference], fmt::format("{}", over.better),
                                   fmt::format("{}", over.undecided), fmt::format("{}", over.worse),
                                   number(over.p_value), number(over.adjusted)});
    }
    for (const Targets::Cost* cost : costs) {
      const auto place = std::find(cost->profiled.begin(), cost->profiled.end(), m);
      for (std::size_t t = 0; t < cost->profile->tau.size(); ++t) {
        fields.push_back(
            place == cost->profiled.end()
                ? ""
                : csv_number(
                      cost->profile->fraction[static_cast<std::size_t>(place - cost->profiled.begin())][t]));
      }
    }
    for (std::string& field : fields) field = csv_field(field);
    text += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return text;
}

std::vector<std::filesystem::path> write_rankings(const std::vector<MethodRanking>& rankings,
                                                  const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::vector<std::filesystem::path> paths;
  for (const MethodRanking& r : rankings) {
    const bool alone = std::count_if(rankings.begin(), rankings.end(), [&](const MethodRanking& other) {
                         return other.experiment == r.experiment;
                       }) == 1;
    const std::string stem = alone || r.profile.empty() ? r.experiment : r.experiment + "-" + r.profile;
    const auto write = [&](const char* ending, const std::string& text) {
      paths.push_back(file_inside(folder, stem + ending));
      write_text_file(paths.back(), text);
    };
    write("-ranking.md", to_markdown(r));
    write("-ranking.csv", to_csv(r));
    write("-ranking.tex", to_latex(r));
    write("-ranks.csv", ranks_csv(r));
  }
  return paths;
}

}  // namespace admmbench
