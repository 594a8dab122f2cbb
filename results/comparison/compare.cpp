#include "results/comparison/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "core/io/csv.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_set.hpp"
#include "results/statistics/performance_profile.hpp"
#include "results/statistics/power.hpp"

namespace admmbench {

namespace {

constexpr double way_remaining = 0.1;   // of the way to the best loss: the target of iterations_to_target
constexpr std::size_t least_pairs = 6;  // with fewer, the signed-rank test has no p-value below 0.05
const std::vector<std::string> times{"seconds", "seconds_to_target"};
const std::vector<std::string> table_columns{"experiment", "profile", "dataset", "label",       "metric",
                                             "n",          "mean",    "sd",      "not_finished"};

bool is_time(const std::string& metric) {
  return std::find(times.begin(), times.end(), metric) != times.end();
}

/// The value of one run: empty if it did not finish, missed the target or is not finite.
struct Value {
  std::int64_t seed = 0;
  std::optional<double> value;
};

Cell cell_of(const RunRecord& run) {
  const RunAttributes& a = run.attributes;
  return {a.experiment, run.config.profile, a.dataset, a.label};
}

using Runs = std::vector<const RunRecord*>;
using Cells = std::map<Cell, Runs>;

/// Costs to a target shared by all runs on a data set, as further `last` values.
void add_costs_to_target(ResultSet& a, ResultSet& b) {
  using Problem = std::tuple<std::string, std::string, std::string>;
  std::map<Problem, std::vector<std::vector<double>>> losses;
  const auto problem = [](const RunRecord& run) {
    return Problem{run.attributes.experiment, run.config.profile, run.attributes.dataset};
  };
  for (const ResultSet* side : {&a, &b}) {
    const bool known = std::any_of(side->runs.begin(), side->runs.end(),
                                   [](const RunRecord& run) { return !run.trajectory.iteration.empty(); });
    if (!known) return;  // a CSV file has no losses on the way
    for (const RunRecord& run : side->runs) {
      const auto* loss = run.trajectory.find("train_loss");
      if (loss != nullptr) losses[problem(run)].push_back(*loss);
    }
  }
  for (ResultSet* side : {&a, &b}) {
    for (RunRecord& run : side->runs) {
      const Trajectory& trajectory = run.trajectory;
      const auto* loss = trajectory.find("train_loss");
      const auto target = shared_target(losses[problem(run)], way_remaining, Direction::decrease);
      if (loss == nullptr || !target) continue;
      const std::vector<double> iteration(trajectory.iteration.begin(), trajectory.iteration.end());
      run.end.last.emplace_back("iterations_to_target",
                                cost_to_target(iteration, *loss, *target, Direction::decrease));
      if (const auto* seconds = trajectory.find("seconds")) {
        run.end.last.emplace_back("seconds_to_target",
                                  cost_to_target(*seconds, *loss, *target, Direction::decrease));
      }
    }
  }
}

/// `iterations` says something about a run that ended because it had got somewhere.
bool reached_its_end(const RunRecord* run) {
  const RunAttributes& a = run->attributes;
  return a.status == RunStatus::stopped &&
         (a.message.starts_with("residual") || a.message.starts_with("target_accuracy"));
}

std::vector<Value> values_of(const Runs& runs, const std::string& metric) {
  std::vector<Value> values;
  for (const RunRecord* run : runs) {
    std::optional<double> value =
        metric == "iterations" ? std::optional(static_cast<double>(run->iterations())) : run->last(metric);
    if (!run->finished() || (value && !std::isfinite(*value))) value.reset();
    values.push_back({run->attributes.seed, value});
  }
  return values;
}

bool has(const Runs& runs, const std::string& metric) {
  if (metric == "iterations") return true;
  return std::any_of(runs.begin(), runs.end(),
                     [&](const RunRecord* run) { return run->last(metric).has_value(); });
}

std::vector<double> finite(const std::vector<Value>& values) {
  std::vector<double> result;
  for (const Value& value : values) {
    if (value.value) result.push_back(*value.value);
  }
  return result;
}

double binomial(std::size_t n, std::size_t k) {
  double result = 1;
  for (std::size_t i = 1; i <= k; ++i) result *= static_cast<double>(n - k + i) / static_cast<double>(i);
  return result;
}

bool equal(double a, double b, double tolerance) {
  return std::abs(a - b) <= tolerance * std::max(std::abs(a), std::abs(b));
}

/// Test of pairs of values that share a seed. `x`, `y`: with stand-ins for runs that did not finish.
void test_pairs(Comparison& result, const std::vector<double>& x, const std::vector<double>& y) {
  result.test = "Wilcoxon";
  result.count = x.size();
  const SignedRankTest test = wilcoxon_signed_rank(y, x);
  result.p_value = test.p_value;
  const double ranks = test.positive + test.negative;
  result.effect = ranks > 0 ? (test.positive - test.negative) / ranks : 0;
  result.least_p = std::min(1.0, std::pow(2.0, 1 - static_cast<double>(test.count)));
  if (test.count == 0) result.verdict = Verdict::unchanged;
}

void test_samples(Comparison& result, const std::vector<double>& x, const std::vector<double>& y) {
  result.test = "Mann-Whitney";
  result.count = x.size() + y.size();
  result.p_value = rank_sum_test(y, x).p_value;
  result.effect = cliffs_delta(y, x);
  result.least_p = std::min(1.0, 2 / binomial(result.count, x.size()));
}

struct Paired {
  std::vector<Value> x, y;
};

/// The values of the seeds that both sides have.
Paired shared_seeds(const std::vector<Value>& x, const std::vector<Value>& y) {
  Paired pairs;
  for (const Value& a : x) {
    const auto b = std::find_if(y.begin(), y.end(), [&](const Value& other) { return other.seed == a.seed; });
    if (b == y.end()) continue;
    pairs.x.push_back(a);
    pairs.y.push_back(*b);
  }
  return pairs;
}

/// Values for a test of ranks, unfinished runs the worst of all.
std::vector<double> with_worst(const std::vector<Value>& values, double worst) {
  std::vector<double> result;
  for (const Value& value : values) result.push_back(value.value.value_or(worst));
  return result;
}

/// `y` with what differs from `x` by no more than the tolerance made equal to it.
void forgive(const std::vector<double>& x, std::vector<double>& y, double tolerance) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (equal(x[i], y[i], tolerance)) y[i] = x[i];
  }
}

std::optional<double> pooled_deviation(const Summary& a, const Summary& b) {
  if (!a.deviation || !b.deviation) return a.deviation ? a.deviation : b.deviation;
  const double na = static_cast<double>(a.count) - 1;
  const double nb = static_cast<double>(b.count) - 1;
  return std::sqrt((na * *a.deviation * *a.deviation + nb * *b.deviation * *b.deviation) / (na + nb));
}

Comparison compare_runs(const Cell& cell, const std::string& metric, const Runs& a, const Runs& b,
                        const CompareOptions& options) {
  const std::vector<Value> x = values_of(a, metric);
  const std::vector<Value> y = values_of(b, metric);
  Comparison result;
  result.cell = cell;
  result.metric = metric;
  result.a = summarize(finite(x));
  result.b = summarize(finite(y));
  result.without_a = x.size() - result.a.count;
  result.without_b = y.size() - result.b.count;
  std::vector<double> all = finite(x);
  const std::vector<double> others = finite(y);
  all.insert(all.end(), others.begin(), others.end());
  const double worst = worse_than_all(all, higher_is_better(metric));

  const Paired pairs = shared_seeds(x, y);
  const bool paired = pairs.x.size() >= least_pairs || (pairs.x.size() == x.size() && x.size() == y.size());
  if (paired) {
    const std::vector<double> before = with_worst(pairs.x, worst);
    std::vector<double> after = with_worst(pairs.y, worst);
    forgive(before, after, options.tolerance);
    test_pairs(result, before, after);
    std::vector<double> differences;
    for (std::size_t i = 0; i < pairs.x.size(); ++i) {
      if (pairs.x[i].value && pairs.y[i].value) differences.push_back(*pairs.y[i].value - *pairs.x[i].value);
    }
    const Summary summary = summarize(differences);
    if (summary.count > 0) result.difference = summary.mean;
    result.spread = summary.deviation;
  } else {
    const std::vector<double> before = with_worst(x, worst);
    const std::vector<double> after = with_worst(y, worst);
    test_samples(result, before, after);
    if (result.a.count > 0 && result.b.count > 0) result.difference = result.b.mean - result.a.mean;
    result.spread = pooled_deviation(result.a, result.b);
  }
  return result;
}

Comparison compare_figures(const TableFigure& a, const TableFigure& b, const CompareOptions& options) {
  Comparison result;
  result.cell = {a.experiment, a.profile, a.dataset, a.label};
  result.metric = a.metric;
  result.a = a.summary;
  result.b = b.summary;
  result.without_a = a.not_finished;
  result.without_b = b.not_finished;
  result.count = a.summary.count + b.summary.count;
  result.least_p = 1;
  const bool no_value = a.summary.count == 0 && b.summary.count == 0;
  if (no_value && a.not_finished == b.not_finished) result.verdict = Verdict::unchanged;
  if (a.summary.count == 0 || b.summary.count == 0) return result;
  const WelchTest test = welch_t_test(b.summary, a.summary);
  result.difference = test.difference;
  result.spread = pooled_deviation(a.summary, b.summary);
  const bool varies = test.p_value.has_value();
  if (varies) {
    result.test = "Welch";
    result.p_value = test.p_value;
    result.least_p = 0;
  }
  const bool same_spread = a.summary.deviation.value_or(0) == b.summary.deviation.value_or(0) || !varies;
  if (equal(a.summary.mean, b.summary.mean, options.tolerance) && same_spread)
    result.verdict = Verdict::unchanged;
  return result;
}

/// Verdicts of all comparisons, the p-values of each metric adjusted for their number.
void decide(std::vector<Comparison>& comparisons, double alpha) {
  std::map<std::string, std::vector<Comparison*>> families;
  for (Comparison& one : comparisons) {
    if (one.verdict != Verdict::unchanged && one.p_value) families[one.metric].push_back(&one);
  }
  for (auto& [metric, family] : families) {
    std::vector<double> p_values;
    for (const Comparison* one : family) p_values.push_back(*one->p_value);
    const std::vector<double> adjusted = holm(p_values);
    const double level = alpha / static_cast<double>(family.size());
    for (std::size_t i = 0; i < family.size(); ++i) {
      family[i]->adjusted = adjusted[i];
      Comparison& one = *family[i];
      if (one.test != "Wilcoxon")
        one.could_show = detectable_unpaired(one.a.count, one.b.count, one.spread.value_or(0), level,
                                             one.test == "Mann-Whitney");
      if (one.test == "Wilcoxon")
        one.could_show = detectable_by_signed_ranks(one.count, one.spread.value_or(0), level);
    }
  }
  for (Comparison& one : comparisons) {
    if (one.verdict == Verdict::unchanged) continue;
    if (!one.adjusted || one.least_p > alpha) {
      one.verdict = Verdict::too_few;
    } else if (*one.adjusted > alpha) {
      one.verdict = Verdict::undecided;
    } else {
      // The effect knows the unfinished runs; the mean difference does not.
      const double direction = one.effect.value_or(0) != 0 ? *one.effect : one.difference.value_or(0);
      one.verdict = (direction > 0) == higher_is_better(one.metric) ? Verdict::better : Verdict::worse;
    }
  }
}

Cells by_cell(const ResultSet& side) {
  Cells cells;
  for (const RunRecord* run : distinct_runs(side.runs)) cells[cell_of(*run)].push_back(run);
  return cells;
}

/// The seeds that both sides have, whether all of these are identical to the bit and have the same configuration and data; and the
/// seeds that one side lacks.
struct Likeness {
  std::size_t shared = 0;
  bool identical = true;
  bool same_config = true;
  std::vector<std::string> differing;  ///< of the first pair that differs in more than the code
  std::vector<std::int64_t> only_a, only_b;
};

std::vector<std::int64_t> seeds_without(const Runs& these, const Runs& others) {
  std::vector<std::int64_t> seeds;
  for (const RunRecord* run : these) {
    const std::int64_t seed = run->attributes.seed;
    if (std::none_of(others.begin(), others.end(),
                     [&](const RunRecord* other) { return other->attributes.seed == seed; }))
      seeds.push_back(seed);
  }
  std::sort(seeds.begin(), seeds.end());
  return seeds;
}

Likeness likeness(const Runs& a, const Runs& b) {
  Likeness result;
  for (const RunRecord* x : a) {
    const auto found = std::find_if(b.begin(), b.end(), [&](const RunRecord* other) {
      return other->attributes.seed == x->attributes.seed;
    });
    if (found == b.end()) continue;
    const RunRecord* y = *found;
    ++result.shared;
    result.identical &=
        x->trajectory_sha256() == y->trajectory_sha256() && x->attributes.status == y->attributes.status;
    result.same_config &= x->attributes.config_sha256 == y->attributes.config_sha256;
  }
  result.identical &= result.shared > 0;
  // Each side's runs are of one setting, so that any two of them tell.
  result.differing = differences_beyond_seed(*a.front(), *b.front(), false);
  result.only_a = seeds_without(a, b);
  result.only_b = seeds_without(b, a);
  return result;
}

/// The metrics to compare in a cell, if the user names none.
std::vector<std::string> default_metrics(const Runs& a, const Runs& b, bool same_config) {
  std::vector<std::string> metrics;
  for (const std::string name : {"test_accuracy", "val_accuracy"}) {
    if (metrics.empty() && has(a, name) && has(b, name)) metrics.push_back(name);
  }
  if (same_config) metrics.emplace_back("objective");
  metrics.emplace_back("train_loss");
  const auto ended = [](const Runs& runs) { return std::all_of(runs.begin(), runs.end(), reached_its_end); };
  if (ended(a) && ended(b)) metrics.emplace_back("iterations");
  metrics.emplace_back("iterations_to_target");
  metrics.emplace_back("seconds_to_target");
  return metrics;
}

std::string name_of(const Cell& cell) {
  return fmt::format("{}{} / {} / {}", cell.experiment, cell.profile.empty() ? "" : " (" + cell.profile + ")",
                     cell.dataset, cell.label);
}

void compare_cell(const Cell& cell, const Runs& a, const Runs& b, const CompareOptions& options,
                  CompareResult& result) {
  const Likeness alike = likeness(a, b);
  const bool complete = alike.only_a.empty() && alike.only_b.empty();
  if (!complete) {
    result.incomplete.push_back({cell, alike.only_a, alike.only_b, alike.shared, alike.identical});
  } else if (alike.identical) {
    result.identical.push_back({cell, alike.shared, alike.same_config});
  }
  if (!alike.differing.empty()) {
    result.other.push_back({cell, alike.differing});
  } else if (!alike.same_config && !alike.identical && a.front()->config.settings_sha256.empty()) {
    result.other.push_back({cell, {"config_sha256"}});
  }
  if (alike.identical) return;
  const bool same = alike.same_config && alike.differing.empty() && alike.shared > 0;
  const bool chosen = !options.metrics.empty();
  for (const std::string& metric : chosen ? options.metrics : default_metrics(a, b, same)) {
    if (has(a, metric) != has(b, metric)) {
      result.notes.push_back(
          fmt::format("{}: {} only in {}", name_of(cell), metric, has(a, metric) ? "A" : "B"));
    }
    if (!has(a, metric) || !has(b, metric)) continue;
    result.comparisons.push_back(compare_runs(cell, metric, a, b, options));
    result.comparisons.back().decides = chosen || !is_time(metric);
  }
}

void require_known(const std::vector<std::string>& metrics, const ResultSet& a, const ResultSet& b) {
  std::set<std::string> known;
  for (const ResultSet* side : {&a, &b}) {
    known.merge(columns_of(side->runs));
    if (!side->runs.empty()) known.insert("iterations");
    for (const TableFigure& figure : side->figures) known.insert(figure.metric);
  }
  for (const std::string& metric : metrics) {
    if (!known.contains(metric)) {
      throw std::runtime_error(
          fmt::format("--metric: neither side has '{}'; there are: {}", metric, fmt::join(known, ", ")));
    }
  }
}

/// The figures of `side`, and its runs as a table would have them, for the metrics of any figure.
std::vector<TableFigure> figures_of(const ResultSet& side, const ResultSet& other) {
  std::set<std::string> metrics;
  for (const ResultSet* with_figures : {&side, &other}) {
    for (const TableFigure& figure : with_figures->figures) metrics.insert(figure.metric);
  }
  std::vector<TableFigure> figures = side.figures;
  for (const auto& [cell, runs] : by_cell(side)) {
    for (const std::string& metric : metrics) {
      if (!has(runs, metric)) continue;
      const std::vector<double> values = finite(values_of(runs, metric));
      figures.push_back({cell.experiment, cell.profile, cell.dataset, cell.label, metric, summarize(values),
                         runs.size() - values.size()});
    }
  }
  return figures;
}

Cell cell_of(const TableFigure& figure) {
  return {figure.experiment, figure.profile, figure.dataset, figure.label};
}

/// Cells by the figures of tables; a figure made of runs, which come last, stands for the table's.
void compare_tables(const ResultSet& a, const ResultSet& b, const CompareOptions& options,
                    CompareResult& result) {
  using Key = std::pair<Cell, std::string>;
  const auto by_key = [&](const std::vector<TableFigure>& figures) {
    std::map<Key, TableFigure> found;
    for (const TableFigure& figure : figures) {
      const auto& chosen = options.metrics;
      if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), figure.metric) == chosen.end()) continue;
      found[{cell_of(figure), figure.metric}] = figure;
    }
    return found;
  };
  const std::map<Key, TableFigure> in_a = by_key(figures_of(a, b));
  const std::map<Key, TableFigure> in_b = by_key(figures_of(b, a));
  for (const auto& [key, figure] : in_a) {
    const auto other = in_b.find(key);
    if (other != in_b.end()) {
      result.comparisons.push_back(compare_figures(figure, other->second, options));
    } else if (result.only_a.empty() || result.only_a.back() != key.first) {
      result.only_a.push_back(key.first);
    }
  }
  for (const auto& [key, figure] : in_b) {
    const bool listed = !result.only_b.empty() && result.only_b.back() == key.first;
    if (!in_a.contains(key) && !listed) result.only_b.push_back(key.first);
  }
  result.notes.emplace_back(
      "a table has means and deviations only: Welch's t-test, not paired, unfinished runs left out");
}

/// Compares the cells that both sides have runs of, and takes them out of both.
void compare_runs_of_both(ResultSet& a, ResultSet& b, const CompareOptions& options, CompareResult& result) {
  const Cells in_a = by_cell(a);
  const Cells in_b = by_cell(b);
  std::set<Cell> done;
  for (const auto& [cell, runs] : in_a) {
    const auto other = in_b.find(cell);
    if (other == in_b.end()) continue;
    compare_cell(cell, runs, other->second, options, result);
    done.insert(cell);
  }
  for (ResultSet* side : {&a, &b}) {
    std::erase_if(side->runs, [&](const RunRecord& run) { return done.contains(cell_of(run)); });
    std::erase_if(side->figures, [&](const TableFigure& figure) { return done.contains(cell_of(figure)); });
  }
}

double number(const std::string& text, const std::string& source) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error(fmt::format("{}: '{}' is not a number", source, text));
  }
  return value;
}

}  // namespace

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::unchanged:
      return "unchanged";
    case Verdict::better:
      return "better";
    case Verdict::worse:
      return "worse";
    case Verdict::undecided:
      return "undecided";
    case Verdict::too_few:
      return "too few seeds";
  }
  throw std::logic_error("Verdict out of range");
}

bool CompareResult::worse() const {
  return std::any_of(comparisons.begin(), comparisons.end(),
                     [](const Comparison& one) { return one.decides && one.verdict == Verdict::worse; });
}

bool is_table_header(const std::vector<std::string>& columns) {
  return std::all_of(table_columns.begin(), table_columns.end(), [&](const std::string& name) {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  });
}

std::vector<TableFigure> read_table_figures(const std::string& text, const std::string& source) {
  const std::vector<std::vector<std::string>> rows = parse_csv(text, source);
  const auto column = [&](const std::string& name) {
    const auto found = rows.empty() ? std::vector<std::string>::const_iterator{}
                                    : std::find(rows.front().begin(), rows.front().end(), name);
    if (rows.empty() || found == rows.front().end()) {
      throw std::runtime_error(
          fmt::format("{}: neither a result table (`admmbench table --format csv`) nor a summary (`admmbench "
                      "export --summary`): "
                      "there is no column '{}'",
                      source, name));
    }
    return static_cast<std::size_t>(found - rows.front().begin());
  };
  const std::size_t experiment = column("experiment"), profile = column("profile"),
                    dataset = column("dataset"), label = column("label"), metric = column("metric"),
                    count = column("n"), mean = column("mean"), deviation = column("sd"),
                    unfinished = column("not_finished");
  std::vector<TableFigure> figures;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& row = rows[i];
    if (row == rows.front()) continue;  // tables one after the other, each with its header
    TableFigure figure{row[experiment], row[profile], row[dataset], row[label], row[metric], {}, 0};
    figure.summary.count = static_cast<std::size_t>(number(row[count], source));
    if (!row[mean].empty()) figure.summary.mean = number(row[mean], source);
    if (!row[deviation].empty()) figure.summary.deviation = number(row[deviation], source);
    figure.not_finished = static_cast<std::size_t>(number(row[unfinished], source));
    figures.push_back(std::move(figure));
  }
  return figures;
}

CompareResult compare(const ResultSet& a_given, const ResultSet& b_given, const CompareOptions& options) {
  ResultSet a = a_given;
  ResultSet b = b_given;
  add_costs_to_target(a, b);
  require_known(options.metrics, a, b);
  CompareResult result;
  compare_runs_of_both(a, b, options, result);
  if (!a.figures.empty() || !b.figures.empty()) {
    compare_tables(a, b, options, result);
  } else {
    for (const auto& [cell, runs] : by_cell(a)) result.only_a.push_back(cell);
    for (const auto& [cell, runs] : by_cell(b)) result.only_b.push_back(cell);
  }
  decide(result.comparisons, options.alpha);
  return result;
}

}  // namespace admmbench
