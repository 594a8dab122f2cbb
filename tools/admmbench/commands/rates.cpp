#include "tools/admmbench/commands/rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/io/markdown.hpp"
#include "results/comparison/rates.hpp"
#include "results/record/columns.hpp"
#include "results/statistics/tests.hpp"
#include "tools/admmbench/commands/result_set.hpp"
#include "tools/admmbench/json_text.hpp"

namespace admmbench {

namespace {

struct RatesOptions {
  std::vector<std::filesystem::path> results;
  RateMeasure measure{"objective", std::nullopt, 0.95};
  bool json = false;
};

std::string rate_text(const RateGroup& group) {
  const std::optional<GroupRate> rate = group.rate();
  if (!rate) return "–";
  const char* symbol = group.model() == RateModel::linear      ? "r"
                       : group.model() == RateModel::sublinear ? "p"
                                                               : "q";
  return fmt::format("{} = {:.4g} [{:.4g}, {:.4g}]", symbol, rate->median, rate->hull.lower,
                     rate->hull.upper);
}

std::string window_text(const RateGroup& group) {
  const auto window = group.window();
  return window ? fmt::format("{}–{}", window->first, window->second) : "–";
}

void print_markdown(const std::vector<RateGroup>& groups, const RatesOptions& options) {
  std::optional<MarkdownTable> table;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const RateGroup& group = groups[i];
    if (i == 0 || group.experiment != groups[i - 1].experiment || group.profile != groups[i - 1].profile) {
      if (table) fmt::print("{}\n", table->text());
      fmt::print("{}{}: {}, {:.4g} % intervals\n\n", group.experiment,
                 group.profile.empty() ? "" : ", profile " + group.profile, to_string(options.measure),
                 100 * options.measure.confidence);
      table.emplace(std::vector<std::string>{"data set", "method", "model", "runs", "rate", "R²",
                                             "iterations", "remarks"});
    }
    const RateModel model = group.model();
    const std::optional<double> fit = group.r_squared();
    table->add({group.dataset, group.label, to_string(model),
                fmt::format("{}/{}", group.count(model), group.runs.size()), rate_text(group),
                fit ? fmt::format("{:.4f}", *fit) : "–", window_text(group), group.remark()});
  }
  if (table) fmt::print("{}", table->text());
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
  require_column(files.runs, "--column", options.measure.column);
  if (!options.measure.optimum) options.measure.optimum = known_optimum(options.measure.column);
  const std::vector<RateGroup> groups = rate_groups(files.runs, options.measure);
  if (options.json) {
    nlohmann::ordered_json json{{"measure", to_string(options.measure)},
                                {"confidence", options.measure.confidence}};
    json["groups"] = nlohmann::ordered_json::array();
    for (const RateGroup& group : groups) json["groups"].push_back(to_json(group));
    fmt::print("{}\n", json_text(json));
  } else {
    print_markdown(groups, options);
  }
  require_undamaged(files.damaged);
}

}  // namespace

void add_rates_command(CLI::App& app) {
  auto options = std::make_shared<RatesOptions>();
  CLI::App* command = app.add_subcommand("rates", "how fast recorded runs converge");
  command->add_option("RESULTS", options->results, "result files, or folders of them")
      ->required()
      ->type_name("RESULTS");
  command->add_option("--column", options->measure.column, "trajectory column that decreases")
      ->capture_default_str();
  command->add_option(
      "--optimum", options->measure.optimum,
      "the value it tends to (default: 0 for a residual, else unknown: what the record reaches, "
      "or by its decrease)");
  command->add_option("--confidence", options->measure.confidence, "of the intervals")
      ->check(CLI::Range(0.5, 0.999))
      ->capture_default_str();
  command->add_flag("--json", options->json, "every run with all three models, as JSON");
  command->footer("Example:\n  admmbench rates results/runs/first-run --column residual");
  command->callback([options] { print_rates(*options); });
}

}  // namespace admmbench
