#include "tools/admmbench/commands/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "experiments/harness/config/yaml_tree.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_set.hpp"
#include "results/report/figure.hpp"
#include "results/report/gnuplot.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

struct PlotCommand {
  std::vector<std::filesystem::path> results;
  std::filesystem::path out;
  bool gap = false;
  FigureOptions figure;
};

/// What cannot be drawn as it was asked for is a mistake of usage.
void draw_or_explain(const std::vector<FigurePanel>& panels, const PlotCommand& command,
                     const FigureOptions& figure) {
  try {
    draw_figure(panels, figure, command.out);
  } catch (const FigureError& error) {
    config_error(Origin(command.out.string()), "", error.what());
  }
}

void draw_plot(const PlotCommand& command) {
  ResultFiles files = read_result_files(command.results);
  require_column(files.runs, "--quantity", command.figure.quantity);
  FigureOptions figure = command.figure;
  if (figure.quantity.empty()) figure.quantity = default_metric(files.runs);
  if (command.gap) {
    figure.quantity = add_gap(files.runs, figure.quantity);
    figure.log_y = true;
  }
  const auto groups = by_experiment(std::move(files.runs));
  if (groups.size() > 1) {
    std::vector<std::string> names;
    for (const auto& group : groups) {
      const std::string& profile = group.front().config.profile;
      names.push_back(group.front().attributes.experiment +
                      (profile.empty() ? "" : " (profile " + profile + ")"));
    }
    throw std::runtime_error(fmt::format(
        "a figure shows one experiment with one profile, these results hold {}: {}; give the folder of one",
        groups.size(), fmt::join(names, ", ")));
  }
  draw_or_explain(figure_panels(groups.front(), load_published(published_folder()), figure), command, figure);
  fmt::print("{}\n", command.out.string());
  require_undamaged(files.damaged);
}

}  // namespace

void add_plot_command(CLI::App& app) {
  auto command = std::make_shared<PlotCommand>();
  FigureOptions& figure = command->figure;
  figure.quantity.clear();  // as the results are
  CLI::App* sub = app.add_subcommand("plot", "a figure of results: SVG, PDF or PNG, by gnuplot");
  sub->add_option("RESULTS", command->results, "result files, or folders of them, of one experiment")
      ->required()
      ->type_name("RESULTS");
  sub->add_option("-o,--out", command->out, "figure (.svg, .pdf or .png decides the format)")
      ->required()
      ->type_name("FILE")
      ->check(picture_name);
  sub->add_option("--quantity", figure.quantity, "column [test_accuracy, else train_loss]");
  sub->add_option("--x", figure.x, "iteration, seconds or flops")
      ->check(CLI::IsMember({"iteration", "seconds", "flops"}))
      ->capture_default_str();
  sub->add_flag("--gap", command->gap, "distance to each run's least value, logarithmic");
  sub->add_flag("--log-x", figure.log_x, "logarithmic x axis");
  sub->add_flag("--log-y", figure.log_y, "logarithmic y axis");
  static const std::map<std::string, FigureBand> bands{
      {"sd", FigureBand::deviation}, {"range", FigureBand::range}, {"none", FigureBand::none}};
  sub->add_option("--band", figure.band, "over the seeds; range: smallest to largest [sd]")
      ->transform(CLI::CheckedTransformer(bands).description(""))
      ->type_name("{sd,range,none}");
  sub->add_option("--dataset", figure.datasets, "only these data sets; each is a panel")->type_name("LABEL");
  sub->add_option("--method", figure.methods, "only the methods with these labels")->type_name("LABEL");
  sub->add_flag("--published", figure.published, "lines at the experiment's published figures");
  sub->add_option("--width", figure.width, "of a panel, in pixels")
      ->check(CLI::Range(200, 4000))
      ->capture_default_str();
  sub->add_option("--height", figure.height, "of a panel, in pixels")
      ->check(CLI::Range(150, 4000))
      ->capture_default_str();
  sub->add_option("--title", figure.title, "default: experiment, data set, seeds");
  sub->footer("Example:\n  admmbench plot results/runs/first-run -o accuracy.pdf --x seconds --band range");
  sub->callback([command] { draw_plot(*command); });
}

}  // namespace admmbench
