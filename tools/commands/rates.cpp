#include "tools/commands/rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "results/rates.hpp"
#include "results/statistics.hpp"
#include "results/table.hpp"
#include "tools/commands/result_files.hpp"

namespace admmbench {

namespace {

struct RatesOptions {
  std::vector<std::filesystem::path> results;
  std::string column = "objective";
  std::optional<double> optimum;
  double confidence = 0.95;
  bool json = false;
};

struct RunRate {
  std::int64_t seed = 0;
  RateEstimate estimate;
};

/// The runs of one label on one data set.
struct RateGroup {
  std::string experiment, profile, dataset, label;
  std::vector<RunRate> runs;
  std::size_t not_finished = 0;  ///< diverged, failed or interrupted: without a tail to speak of

  /// The model of most runs; undetermined if two share the first place.
  RateModel model() const {
    std::optional<RateModel> best;
    std::size_t most = 0;
    for (const RunRate& run : runs) {
      const std::size_t votes = count(run.estimate.model);
      if (votes > most) {
        most = votes;
        best = run.estimate.model;
      } else if (votes == most && run.estimate.model != *best) {
        best = RateModel::undetermined;
      }
    }
    return best.value_or(RateModel::undetermined);
  }

  std::size_t count(RateModel wanted) const {
    return static_cast<std::size_t>(std::count_if(
        runs.begin(), runs.end(), [&](const RunRate& run) { return run.estimate.model == wanted; }));
  }
};

bool is_finished(const RunRecord& run) {
  return run.attributes.status == RunStatus::completed || run.attributes.status == RunStatus::stopped;
}

/// Gap to the optimum where that is known, else the decrease from k to 2k.
RateEstimate rate_of(const RunRecord& run, const std::vector<double>& values, const RatesOptions& options) {
  RateOptions rate;
  rate.confidence = options.confidence;
  const std::vector<double> minimum = running_minimum(values);
  const double epsilon = run.attributes.precision == "float32" ? std::numeric_limits<float>::epsilon()
                                                               : std::numeric_limits<double>::epsilon();
  if (options.optimum) {
    std::vector<double> gap = values;
    for (double& value : gap) value -= *options.optimum;
    rate.resolution = epsilon * std::abs(*options.optimum);
    return estimate_rate(run.trajectory.iteration, gap, rate);
  }
  rate.resolution = minimum.empty() ? 0 : epsilon * std::abs(minimum.back());
  rate.superlinear = false;  // while a run is far from its optimum its decrease bends downwards
  const Series series = doubling_decrease(run.trajectory.iteration, values);
  return estimate_rate(series.first, series.second, rate);
}

std::vector<RateGroup> rate_groups(const std::vector<RunRecord>& runs, const RatesOptions& options) {
  std::vector<RateGroup> groups;
  std::set<std::string> seen;  // the same run in two folders counts once
  for (const RunRecord& run : runs) {
    const std::vector<double>* values = run.trajectory.find(options.column);
    if (values == nullptr) continue;
    const RunAttributes& a = run.attributes;
    if (!a.content_hash.empty() && !seen.insert(a.content_hash).second) continue;
    const std::string profile = profile_of(run);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const RateGroup& other) {
      return other.experiment == a.experiment && other.profile == profile && other.dataset == a.dataset &&
             other.label == a.label;
    });
    if (group == groups.end()) {
      groups.push_back({a.experiment, profile, a.dataset, a.label, {}, 0});
      group = std::prev(groups.end());
    }
    if (is_finished(run)) {
      group->runs.push_back({a.seed, rate_of(run, *values, options)});
    } else {
      ++group->not_finished;
    }
  }
  return groups;
}

/// The parameter of `model` and its interval.
std::pair<double, Interval> parameter(const RateEstimate& estimate, RateModel model) {
  if (model == RateModel::linear) return {estimate.factor, estimate.factor_interval};
  if (model == RateModel::sublinear) return {estimate.exponent, estimate.exponent_interval};
  return {estimate.order, estimate.order_interval};
}

std::string rate_text(const RateGroup& group) {
  const RateModel model = group.model();
  if (model == RateModel::undetermined) return "–";
  std::vector<double> values;
  Interval hull{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const RunRate& run : group.runs) {
    if (run.estimate.model != model) continue;
    const auto [value, interval] = parameter(run.estimate, model);
    values.push_back(value);
    hull = {std::min(hull.lower, interval.lower), std::max(hull.upper, interval.upper)};
  }
  const char* symbol = model == RateModel::linear ? "r" : model == RateModel::sublinear ? "p" : "q";
  return fmt::format("{} = {:.4g} [{:.4g}, {:.4g}]", symbol, median_of(values), hull.lower, hull.upper);
}

std::string window_text(const RateGroup& group) {
  std::optional<std::pair<std::int64_t, std::int64_t>> window;
  for (const RunRate& run : group.runs) {
    const RateEstimate& e = run.estimate;
    if (e.model != group.model() || e.count() == 0) continue;
    window = window ? std::pair(std::min(window->first, e.first), std::max(window->second, e.last))
                    : std::pair(e.first, e.last);
  }
  return window ? fmt::format("{}–{}", window->first, window->second) : "–";
}

std::string remark(const RateGroup& group) {
  std::vector<std::string> parts;
  for (const RunRate& run : group.runs) {
    if (run.estimate.model != RateModel::undetermined) continue;
    parts.push_back(run.estimate.reason);
    break;
  }
  if (group.not_finished > 0) parts.push_back(fmt::format("{} not finished", group.not_finished));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string measure(const RatesOptions& options) {
  return options.optimum ? fmt::format("{} - {}", options.column, *options.optimum)
                         : fmt::format("decrease of {} from iteration k to 2k", options.column);
}

void print_markdown(const std::vector<RateGroup>& groups, const RatesOptions& options) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const RateGroup& group = groups[i];
    if (i == 0 || group.experiment != groups[i - 1].experiment || group.profile != groups[i - 1].profile) {
      fmt::print("{}{}{}: {}, {:.4g} % intervals\n\n", i > 0 ? "\n" : "", group.experiment,
                 group.profile.empty() ? "" : ", profile " + group.profile, measure(options),
                 100 * options.confidence);
      fmt::print("| data set | method | model | runs | rate | R² | iterations | remarks |\n");
      fmt::print("|---|---|---|---|---|---|---|---|\n");
    }
    const RateModel model = group.model();
    std::vector<double> fit;
    for (const RunRate& run : group.runs) {
      if (run.estimate.model == model && std::isfinite(run.estimate.r_squared))
        fit.push_back(run.estimate.r_squared);
    }
    fmt::print("| {} | {} | {} | {}/{} | {} | {} | {} | {} |\n", group.dataset, group.label, to_string(model),
               group.count(model), group.runs.size(), rate_text(group),
               fit.empty() ? "–" : fmt::format("{:.4f}", median_of(fit)), window_text(group), remark(group));
  }
}

/// Everything of every run; what could not be fitted is null.
nlohmann::ordered_json to_json(const RateGroup& group) {
  const auto interval = [](const Interval& i) { return nlohmann::ordered_json{i.lower, i.upper}; };
  nlohmann::ordered_json json{{"experiment", group.experiment},
                              {"profile", group.profile},
                              {"dataset", group.dataset},
                              {"label", group.label},
                              {"model", to_string(group.model())},
                              {"not_finished", group.not_finished},
                              {"runs", nlohmann::ordered_json::array()}};
  for (const RunRate& run : group.runs) {
    const RateEstimate& e = run.estimate;
    json["runs"].push_back({{"seed", run.seed},
                            {"model", to_string(e.model)},
                            {"reason", e.reason},
                            {"factor", e.factor},
                            {"factor_interval", interval(e.factor_interval)},
                            {"exponent", e.exponent},
                            {"exponent_interval", interval(e.exponent_interval)},
                            {"order", e.order},
                            {"order_interval", interval(e.order_interval)},
                            {"r_squared", e.r_squared},
                            {"aicc_linear", e.aicc_linear},
                            {"aicc_sublinear", e.aicc_sublinear},
                            {"aicc_superlinear", e.aicc_superlinear},
                            {"first_iteration", e.first},
                            {"last_iteration", e.last},
                            {"count", e.count()}});
  }
  return json;
}

void print_rates(RatesOptions options) {
  const ResultFiles files = read_result_files(options.results);
  require_column(files.runs, "--column", options.column);
  if (!options.optimum && options.column.ends_with("residual")) options.optimum = 0;
  const std::vector<RateGroup> groups = rate_groups(files.runs, options);
  if (options.json) {
    nlohmann::ordered_json json{{"measure", measure(options)}, {"confidence", options.confidence}};
    json["groups"] = nlohmann::ordered_json::array();
    for (const RateGroup& group : groups) json["groups"].push_back(to_json(group));
    fmt::print("{}\n", json.dump(2));
  } else {
    print_markdown(groups, options);
  }
  require_undamaged(files);
}

}  // namespace

void add_rates_command(CLI::App& app) {
  auto options = std::make_shared<RatesOptions>();
  CLI::App* command = app.add_subcommand("rates", "how fast recorded runs converge");
  command->add_option("RESULTS", options->results, "result files, or folders of them")
      ->required()
      ->type_name("RESULTS");
  command->add_option("--column", options->column, "trajectory column that decreases")->capture_default_str();
  command->add_option("--optimum", options->optimum,
                      "the value it tends to (default: 0 for a residual, else unknown, and the decrease from "
                      "iteration k to 2k is used)");
  command->add_option("--confidence", options->confidence, "of the intervals")
      ->check(CLI::Range(0.5, 0.999))
      ->capture_default_str();
  command->add_flag("--json", options->json, "every run with all three models, as JSON");
  command->footer("Example:\n  admmbench rates results/runs/first-run --column residual");
  command->callback([options] { print_rates(*options); });
}

}  // namespace admmbench
