#include "tools/admmbench/commands/rank.hpp"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

#include "experiments/harness/config/presentation.hpp"
#include "experiments/harness/config/yaml_tree.hpp"
#include "results/comparison/ranking.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_set.hpp"
#include "results/report/gnuplot.hpp"
#include "results/report/rank_diagram.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

struct RankArguments {
  std::vector<std::string> results;
  std::vector<std::string> targets;
  std::string test = "t";
  std::string format = "markdown";
  std::filesystem::path out, diagram;
  RankingOptions ranking;
};

double number_in(const std::string& text, const std::string& target) {
  try {
    std::size_t end = 0;
    const double value = std::stod(text, &end);
    if (end == text.size() && !text.empty()) return value;
  } catch (const std::logic_error&) {  // said below
  }
  throw CLI::ValidationError(
      "--target", fmt::format("'{}' is neither a number nor DATASET=NUMBER, as in mnist=0.97", target));
}

/// "0.9", or "mnist=0.97"; a later one of the same data set counts.
void read_target(const std::string& text, RankingOptions& options) {
  const std::size_t sign = text.rfind('=');
  if (sign == std::string::npos) {
    options.target = number_in(text, text);
  } else {
    options.targets[text.substr(0, sign)] = number_in(text.substr(sign + 1), text);
  }
}

ResultFiles read_runs(const std::vector<std::string>& results) {
  ResultFiles found;
  for (const std::string& name : results) {
    ResultSet set = read_result_set(name);
    if (!set.figures.empty()) {
      throw std::runtime_error(
          fmt::format("{}: a table has no single runs; give result files or a summary", name));
    }
    found.damaged += set.damaged;
    std::move(set.runs.begin(), set.runs.end(), std::back_inserter(found.runs));
  }
  return found;
}

/// What the experiment says itself, as far as the options leave it open and `runs` have it. Its targets are of its metric.
RankingOptions completed(RankingOptions options, const std::vector<RunRecord>& runs,
                         const std::map<std::string, Presentation>& presentations) {
  const Presentation said = presentation_of(runs, presentations);
  const std::string own = said.table.metric.empty() ? RankingOptions().metric : said.table.metric;
  if (options.metric.empty()) options.metric = own;
  std::set<std::string> methods;
  std::set<std::string> datasets;
  for (const RunRecord& run : runs) {
    methods.insert(run.attributes.label);
    datasets.insert(run.attributes.dataset);
  }
  const RankKeys& keys = said.rank;
  if (options.reference.empty() && methods.contains(keys.reference)) options.reference = keys.reference;
  if (options.target || !options.targets.empty() || options.metric != own) return options;
  for (const auto& [dataset, target] : keys.targets) {
    if (datasets.contains(dataset)) options.targets[dataset] = target;
  }
  return options;
}

void draw_diagram(const std::vector<MethodRanking>& rankings, const std::filesystem::path& file) {
  if (rankings.size() > 1) {
    config_error(
        Origin("--diagram"), "",
        fmt::format("a diagram shows one experiment with one profile, these results hold {}; give the "
                    "folder of one",
                    rankings.size()));
  }
  try {
    draw_rank_diagram(rankings.front(), file);
  } catch (const FigureError& error) {
    config_error(Origin("--diagram"), "", error.what());
  }
}

void print_rankings(RankArguments options) {
  for (const std::string& target : options.targets) read_target(target, options.ranking);
  if (options.test == "wilcoxon") options.ranking.test = PairedTest::wilcoxon;
  ResultFiles found = read_runs(options.results);
  const auto presentations = read_presentations({options.results.begin(), options.results.end()});
  std::vector<MethodRanking> rankings;
  for (const auto& group : by_experiment(std::move(found.runs))) {
    const RankingOptions chosen = completed(options.ranking, group, presentations);
    require_column(group, "--metric", chosen.metric);
    rankings.push_back(rank_runs(group, chosen));
  }
  for (std::size_t i = 0; i < rankings.size(); ++i) {
    if (i > 0) fmt::print("\n");
    if (options.format == "markdown") fmt::print("{}", to_markdown(rankings[i]));
    if (options.format == "latex") fmt::print("{}", to_latex(rankings[i]));
    if (options.format == "csv") fmt::print("{}", to_csv(rankings[i]));
    if (options.format == "ranks") fmt::print("{}", ranks_csv(rankings[i]));
  }
  if (!options.out.empty()) {
    for (const auto& path : write_rankings(rankings, options.out)) fmt::print("{}\n", path.string());
  }
  if (!options.diagram.empty()) {
    draw_diagram(rankings, options.diagram);
    fmt::print("{}\n", options.diagram.string());
  }
  std::fflush(stdout);
  require_undamaged(found.damaged);
}

}  // namespace

void add_rank_command(CLI::App& app) {
  auto options = std::make_shared<RankArguments>();
  CLI::App* command = app.add_subcommand("rank", "methods over data sets: significance, cost to a target");
  command->add_option("RESULTS", options->results, "result files, summaries, or folders of them")
      ->required()
      ->type_name("RESULTS");
  options->ranking.metric.clear();
  command->add_option("--metric", options->ranking.metric,
                      "last entry of this column [the experiment's, else test_accuracy]");
  command
      ->add_option("--reference", options->ranking.reference,
                   "method tested against each other one [the experiment's, else the first in rank]")
      ->type_name("LABEL");
  command
      ->add_option(
          "--target", options->targets,
          "to be reached: NUMBER or DATASET=NUMBER; may be repeated [the experiment's, else 90 % of the "
          "way to the best]")
      ->type_name("TARGET")
      ->allow_extra_args(false);
  command->add_option("--test", options->test, "whose p-values decide; wilcoxon needs 6 seeds")
      ->check(CLI::IsMember({"t", "wilcoxon"}))
      ->capture_default_str();
  command->add_option("--alpha", options->ranking.alpha, "level of the tests")
      ->check(CLI::Range(1e-6, 0.5))
      ->capture_default_str();
  command->add_option("--format", options->format, "csv by data set, ranks by method")
      ->check(CLI::IsMember({"markdown", "latex", "csv", "ranks"}))
      ->capture_default_str();
  command->add_option("-o,--out", options->out, "also write all four into this folder")->type_name("DIR");
  command->add_option("--diagram", options->diagram, "critical-difference diagram (.pdf, .svg or .png)")
      ->type_name("FILE")
      ->check(picture_name);
  command->footer("Example: admmbench rank results/runs/headline --target mnist=0.97");
  command->callback([options] { print_rankings(*options); });
}

}  // namespace admmbench
