#include "tools/admmbench/commands/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "core/io/csv.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/yaml_reader.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_set.hpp"
#include "results/report/figure.hpp"
#include "results/report/gnuplot.hpp"
#include "results/report/paper_figure.hpp"
#include "solvers/solver.hpp"
#include "tools/admmbench/commands/figure_file.hpp"
#include "tools/admmbench/commands/result_set.hpp"

namespace admmbench {

namespace {

namespace fs = std::filesystem;

struct FigureCommand {
  bool markdown = false;
  std::vector<std::string> sources;  ///< results, or one figure file
  std::vector<std::string> settings;
  fs::path out, file;
  // The options that stand for keys of the file, as they were given; empty: not given.
  std::map<std::string, std::string> words;
  std::map<std::string, std::vector<std::string>> lists;
  std::map<std::string, bool> flags;
};

bool is_figure_file(const std::string& name) {
  const std::string ending = fs::path(name).extension();
  return ending == ".yaml" || ending == ".yml";
}

ConfigValue list_of(const std::vector<std::string>& items) {
  ConfigValue list = ConfigValue::list();
  for (const std::string& item : items) list.items.push_back(ConfigValue::string(item));
  return list;
}

/// `path`, which is seen from `folder`, as seen from here.
std::string from_here(const std::string& path, const fs::path& folder) {
  return fs::path(path).is_absolute() ? path : (folder / path).lexically_normal().string();
}

/// The other way round.
std::string seen_from(const fs::path& folder, const std::string& path) {
  const fs::path full = fs::absolute(path).lexically_normal();
  const fs::path base = folder.empty() ? fs::current_path() : fs::absolute(folder);
  const fs::path relative = full.lexically_relative(base.lexically_normal());
  return relative.empty() ? full.string() : relative.string();
}

/// The file, if one was given, with the options laid over it. Paths are seen from here.
PaperFigure figure_asked_for(const FigureCommand& command) {
  ConfigValue root = ConfigValue::map(Origin("command line"));
  fs::path folder;
  const bool from_file = is_figure_file(command.sources.front());
  if (from_file) {
    if (command.sources.size() > 1) {
      config_error(Origin(command.sources[1]), "",
                   "a figure file stands alone; the results are its key `results`");
    }
    root = read_yaml(command.sources.front());
    folder = fs::path(command.sources.front()).parent_path();
  } else {
    root.set("results", list_of(command.sources));
  }
  for (const auto& [key, word] : command.words) {
    if (!word.empty()) root.set(key, ConfigValue::scalar(word, Origin("--" + key)));
  }
  for (const auto& [key, items] : command.lists) {
    if (!items.empty()) root.set(key, list_of(items));
  }
  for (const auto& [key, given] : command.flags) {
    if (given) root.set(key, ConfigValue::boolean(true));
  }
  for (const std::string& setting : command.settings) apply_setting(root, setting);
  PaperFigure figure = read_figure(root);
  if (from_file) {
    for (std::string& path : figure.results) path = from_here(path, folder);
    if (!figure.out.empty()) figure.out = from_here(figure.out, folder);
  }
  return figure;
}

/// The runs of the one experiment that a figure shows.
std::vector<RunRecord> one_experiment(std::vector<RunRecord> runs) {
  auto groups = by_experiment(std::move(runs));
  if (groups.size() == 1) return std::move(groups.front());
  std::vector<std::string> names;
  for (const auto& group : groups) {
    const std::string& profile = group.front().config.profile;
    names.push_back(group.front().attributes.experiment +
                    (profile.empty() ? "" : " (profile " + profile + ")"));
  }
  throw FigureError(fmt::format(
      "a figure shows one experiment with one profile, these results hold {}: {}; give the folder of one",
      groups.size(), fmt::join(names, ", ")));
}

void flatten(const ConfigValue& value, const std::string& prefix,
             std::vector<std::pair<std::string, std::string>>& named) {
  for (const auto& [name, member] : value.members) {
    if (member.is_map()) {
      flatten(member, prefix + name + ".", named);
    } else {
      named.emplace_back(prefix + name, member.is_scalar() ? member.text : to_flow(member));
    }
  }
}

std::vector<std::pair<std::string, std::string>> solver_defaults(const std::string& solver) {
  std::vector<std::pair<std::string, std::string>> named;
  const SolverInfo* info = find_solver(solver);
  if (info != nullptr) flatten(write_parameters(*info->make_default()), "", named);
  return named;
}

fs::path picture_of(const FigureCommand& command, const PaperFigure& figure,
                    const std::vector<RunRecord>& runs) {
  fs::path out = command.out.empty() ? fs::path(figure.out) : command.out;
  if (out.empty()) {
    out = is_figure_file(command.sources.front())
              ? fs::path(command.sources.front()).replace_extension(".pdf")
              : fs::path(runs.front().attributes.experiment + ".pdf");
  }
  if (const std::string wrong = picture_name(out.string()); !wrong.empty()) throw FigureError(wrong);
  return out;
}

/// The file with the figure's keys; what was drawn is named in it, so that it can be put in another order.
void write_figure_file(const FigureCommand& command, PaperFigure figure, const PaperDrawing& drawing,
                       const fs::path& picture) {
  const fs::path folder = command.file.parent_path();
  for (std::string& path : figure.results) path = seen_from(folder, path);
  figure.out = seen_from(folder, picture.string());
  const auto add = [](std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  std::vector<std::string> labels;
  for (const FigurePanel& panel : drawing.panels) {
    for (const FigureLine& line : panel.lines) add(labels, line.label);
    if (figure.panels.empty()) add(figure.datasets, panel.dataset);
  }
  if (figure.methods.empty()) {
    for (const std::string& label : labels) {
      FigureMethod method;
      method.label = label;
      method.name = label;
      figure.methods.push_back(std::move(method));
    }
  }
  if (!folder.empty()) fs::create_directories(folder);
  write_text_file(command.file, figure_file_text(figure));
}

void draw(const FigureCommand& command) {
  if (command.markdown) {
    fmt::print("{}", figure_key_tables());
    return;
  }
  if (command.sources.empty()) throw CLI::RequiredError("RESULTS");
  PaperFigure figure = figure_asked_for(command);
  figure_width(figure);
  const std::vector<fs::path> roots(figure.results.begin(), figure.results.end());
  ResultFiles files = read_result_files(roots);
  std::vector<RunRecord> runs = one_experiment(std::move(files.runs));
  if (figure.metrics.empty()) figure.metrics = {default_metric(runs)};
  for (const std::string& metric : figure.metrics) require_column(runs, "metrics", metric);
  const PaperFigure as_asked = figure;
  if (figure.gap) {
    for (std::string& metric : figure.metrics) metric = add_gap(runs, metric);
    for (FigurePanelKeys& panel : figure.panels) {
      if (!panel.metric.empty()) panel.metric = add_gap(runs, panel.metric);
    }
  }
  const fs::path picture = picture_of(command, figure, runs);
  for (const fs::path& path : write_paper_figure(runs, figure, picture, solver_defaults))
    fmt::print("{}\n", path.string());
  if (!command.file.empty()) {
    write_figure_file(command, as_asked, paper_drawing(runs, figure), picture);
    fmt::print("{}\n", command.file.string());
  }
  std::fflush(stdout);
  require_undamaged(files.damaged);
}

}  // namespace

void add_figure_command(CLI::App& app) {
  auto command = std::make_shared<FigureCommand>();
  CLI::App* sub = app.add_subcommand("figure", "a figure for a paper, with its LaTeX and its numbers");
  sub->add_option("RESULTS", command->sources, "results of one experiment, or a figure file (.yaml)")
      ->type_name("RESULTS");
  const auto word = [&](const char* option, const char* key, const char* meaning) {
    return sub->add_option(option, command->words[key], meaning);
  };
  const auto list = [&](const char* option, const char* key, const char* meaning, const char* type) {
    return sub->add_option(option, command->lists[key], meaning)->type_name(type)->allow_extra_args(false);
  };
  const auto flag = [&](const char* option, const char* key, const char* meaning) {
    return sub->add_flag(option, command->flags[key], meaning);
  };
  word("--for", "for", "where it is printed: its width [ieee]")->check(CLI::IsMember(venue_names()));
  word("--columns", "columns", "of the page that it is as wide as [1]")->check(CLI::IsMember({"1", "2"}));
  sub->add_option("-o,--out", command->out, "picture (.pdf, .svg or .png) [EXPERIMENT.pdf]")
      ->type_name("FILE");
  list("--metric", "metrics", "trajectory column; may be repeated", "COLUMN");
  word("--x", "x", "iteration, seconds or flops")->check(CLI::IsMember({"iteration", "seconds", "flops"}));
  flag("--log-x", "log_x", "logarithmic x axis");
  flag("--log-y", "log_y", "logarithmic y axis");
  flag("--gap", "gap", "distance to each run's least value, logarithmic");
  word("--band", "band", "over the seeds [sd]")->check(CLI::IsMember({"sd", "range", "none"}));
  list("--dataset", "datasets", "only these, in this order", "LABEL");
  list("--method", "methods", "only these, in this order", "LABEL");
  sub->add_option("--set", command->settings, "any key of a figure file, as letters=false")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--write-file", command->file, "also the figure file of all this, to edit")
      ->type_name("FILE");
  sub->add_flag("--markdown", command->markdown, "the keys of figure files, for the documentation")
      ->group("");
  sub->footer("Example: admmbench figure results/runs/first-run --for ieee --log-y");
  sub->callback([command] {
    try {
      draw(*command);
    } catch (const FigureError& error) {
      config_error(Origin("figure"), "", error.what());
    }
  });
}

}  // namespace admmbench
