#include "results/report/figure.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "core/io/child_process.hpp"
#include "core/io/csv.hpp"
#include "core/io/temporary.hpp"
#include "results/comparison/table.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_set.hpp"

namespace admmbench {

namespace {

// The page's palette and dashes (results/report/page/drawing.js).
const std::vector<std::string> colours{"#0072B2", "#D55E00", "#009E73", "#A0528A",
                                       "#B87900", "#3A9BD9", "#1B1B1B"};
const std::vector<std::string> dashes{"solid", "(14,6)", "(4,6)", "(18,6,4,6)"};
constexpr std::size_t points_per_line = 400;

std::string spoken(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

/// A string of gnuplot's that means nothing but itself.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c == '\n' ? ' ' : c);
  return result + "'";
}

/// Those of `all` that are chosen; none chosen: all.
std::vector<std::string> chosen(const std::vector<std::string>& all, const std::vector<std::string>& wanted,
                                const std::string& what) {
  for (const std::string& name : wanted) {
    if (std::find(all.begin(), all.end(), name) == all.end())
      throw std::runtime_error(
          fmt::format("no {} '{}' among the runs; there are: {}", what, name, fmt::join(all, ", ")));
  }
  if (wanted.empty()) return all;
  std::vector<std::string> result;
  std::copy_if(all.begin(), all.end(), std::back_inserter(result), [&](const std::string& name) {
    return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  });
  return result;
}

std::vector<double> x_of(const Curves& curves, const std::string& x) {
  if (x == "iteration") return {curves.iteration.begin(), curves.iteration.end()};
  return x == "seconds" ? curves.seconds : curves.flops;
}

std::string seeds_text(const std::set<std::size_t>& counts) {
  if (counts.empty()) return "no finished runs";
  if (*counts.rbegin() == 1) return "one seed";
  return counts.size() == 1 ? fmt::format("{} seeds", *counts.begin())
                            : fmt::format("{} to {} seeds", *counts.begin(), *counts.rbegin());
}

std::string panel_title(const std::string& experiment, const std::string& profile, const std::string& dataset,
                        const std::set<std::size_t>& seeds, FigureBand band) {
  const bool several = !seeds.empty() && *seeds.rbegin() > 1;
  const char* shown = band == FigureBand::deviation ? "mean and sd over "
                      : band == FigureBand::range   ? "mean and range over "
                                                    : "mean over ";
  return fmt::format("{}{} on {}: {}{}", experiment, profile.empty() ? "" : " (" + profile + ")", dataset,
                     several ? shown : "", seeds_text(seeds));
}

/// gnuplot's terminal; a figure is given in pixels at 96 per inch, a PNG has twice as many.
std::string terminal_for(const std::filesystem::path& file, int width, int height) {
  const std::string ending = file.extension().string();
  if (ending == ".svg")
    return fmt::format("svg size {},{} dynamic font 'Helvetica,12' background rgb 'white'", width, height);
  if (ending == ".pdf")
    return fmt::format("pdfcairo size {:.4f}in,{:.4f}in font 'Helvetica,9' linewidth 0.75", width / 96.0,
                       height / 96.0);
  if (ending == ".png")
    return fmt::format("pngcairo size {},{} font 'Helvetica,12' fontscale 2 linewidth 2 pointscale 2",
                       2 * width, 2 * height);
  throw std::invalid_argument(
      fmt::format("{}: the name of a figure ends in .svg, .pdf or .png", file.string()));
}

/// NaN is gnuplot's missing value.
std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "NaN"; }

/// Columns x, mean, low, high. What a logarithmic axis cannot show is left out; a band that reaches 0 there ends at a tenth
/// of the mean.
std::string data_block(const std::string& name, const FigureLine& line, const FigureOptions& options) {
  const FigureBand band = options.band;
  std::string text = name + " << EOD\n";
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    const double mean = line.band.mean[i];
    if ((options.log_x && line.x[i] <= 0) || (options.log_y && mean <= 0)) continue;
    double low = mean;
    double high = mean;
    if (!line.band.deviation.empty() && band == FigureBand::deviation) {
      low = mean - line.band.deviation[i];
      high = mean + line.band.deviation[i];
    } else if (!line.band.low.empty() && band == FigureBand::range) {
      low = line.band.low[i];
      high = line.band.high[i];
    }
    if (options.log_y) low = std::max(low, mean / 10);
    text += fmt::format("{} {} {} {}\n", number(line.x[i]), number(mean), number(low), number(high));
  }
  return text + "EOD\n";
}

double last_finite(const std::vector<double>& values) {
  for (std::size_t i = values.size(); i > 0; --i) {
    if (std::isfinite(values[i - 1])) return values[i - 1];
  }
  return std::nan("");
}

/// "label 0.959" in the key, as the last value of the line.
std::string key_text(const FigureLine& line) {
  const double last = last_finite(line.band.mean);
  return std::isfinite(last) ? fmt::format("{} {:.4g}", line.label, last) : line.label;
}

std::string plot_command(const FigurePanel& panel, std::size_t index, FigureBand band) {
  std::vector<std::string> parts;
  const auto block = [&](std::size_t i) { return fmt::format("$panel{}line{}", index, i); };
  for (std::size_t i = 0; i < panel.lines.size(); ++i) {
    if (band == FigureBand::none || panel.lines[i].band.low.empty()) continue;
    parts.push_back(
        fmt::format("{} using 1:3:4 with filledcurves fillcolor rgb '{}' fill transparent solid 0.15 "
                    "noborder notitle",
                    block(i), colours[panel.lines[i].style % colours.size()]));
  }
  for (std::size_t i = 0; i < panel.lines.size(); ++i) {
    const FigureLine& line = panel.lines[i];
    const std::string& colour = colours[line.style % colours.size()];
    parts.push_back(fmt::format("{} using 1:2 with lines linecolor rgb '{}' dashtype {} linewidth 2 title {}",
                                block(i), colour, dashes[line.style % dashes.size()],
                                quoted(key_text(line))));
    if (line.published)
      parts.push_back(fmt::format("{} with lines linecolor rgb '{}' dashtype (2,6) linewidth 1.5 title {}",
                                  number(*line.published), colour,
                                  quoted(fmt::format("{} published {:.4g}", line.label, *line.published))));
  }
  return fmt::format("plot {}\n", fmt::join(parts, ", \\\n     "));
}

}  // namespace

std::vector<FigurePanel> figure_panels(const std::vector<RunRecord>& runs,
                                       const std::vector<PublishedFigure>& published,
                                       const FigureOptions& options) {
  const std::vector<const RunRecord*> distinct = distinct_runs(runs);
  const Table table = make_table(distinct, options.quantity, published);
  std::map<std::pair<std::string, std::string>, std::vector<const Trajectory*>> finished;
  for (const RunRecord* run : distinct) {
    if (run->finished() && run->trajectory.find(options.quantity) != nullptr)
      finished[{run->attributes.dataset, run->attributes.label}].push_back(&run->trajectory);
  }
  std::vector<std::string> labels;
  for (const TableRow& row : table.rows) labels.push_back(row.label);
  const std::vector<std::string> methods = chosen(labels, options.methods, "method");
  const double sign = higher_is_better(options.quantity) ? -1 : 1;
  std::vector<FigurePanel> panels;
  for (const std::string& dataset : chosen(table.datasets, options.datasets, "data set")) {
    const auto d = static_cast<std::size_t>(std::find(table.datasets.begin(), table.datasets.end(), dataset) -
                                            table.datasets.begin());
    FigurePanel panel;
    std::set<std::size_t> seeds;
    for (std::size_t m = 0; m < labels.size(); ++m) {
      if (std::find(methods.begin(), methods.end(), labels[m]) == methods.end()) continue;
      const Curves curves = aggregate(finished[{dataset, labels[m]}], points_per_line);
      const Band* band = curves.find(options.quantity);
      std::vector<double> x = x_of(curves, options.x);
      if (band == nullptr || x.empty()) continue;
      FigureLine line{labels[m], m, std::move(x), *band, std::nullopt};
      const auto& figure = table.rows[m].cells[d].published;
      if (options.published && figure) line.published = figure->value;
      seeds.insert(curves.runs);
      panel.lines.push_back(std::move(line));
    }
    if (panel.lines.empty()) continue;
    std::stable_sort(panel.lines.begin(), panel.lines.end(), [&](const FigureLine& a, const FigureLine& b) {
      return sign * last_finite(a.band.mean) < sign * last_finite(b.band.mean);
    });
    panel.title = options.title.empty()
                      ? panel_title(table.experiment, table.profile, dataset, seeds, options.band)
                      : options.title;
    panels.push_back(std::move(panel));
  }
  if (panels.empty())
    throw std::runtime_error(fmt::format("no finished run has '{}' and '{}'", options.quantity, options.x));
  return panels;
}

std::string gnuplot_script(const std::vector<FigurePanel>& panels, const FigureOptions& options,
                           const std::filesystem::path& file) {
  const int columns = panels.size() > 1 ? 2 : 1;
  const int rows = (static_cast<int>(panels.size()) + columns - 1) / columns;
  const std::string terminal = terminal_for(file, columns * options.width, rows * options.height);
  const std::map<std::string, std::string> x_labels{
      {"iteration", "iteration"}, {"seconds", "solver seconds"}, {"flops", "floating-point operations"}};
  std::string text = fmt::format("set terminal {}\nset output {}\n", terminal, quoted(file.string()));
  // `noenhanced`: an underscore in a label is an underscore.
  text +=
      "set termoption noenhanced\nset grid linecolor rgb '#DDDDDD' linewidth 1 dashtype solid\n"
      "set border 3 linecolor rgb '#5C5C5C'\nset tics nomirror scale 0.5\n"
      "set key outside right top Left reverse samplen 2.5\nset tmargin 2.5\n"
      "set autoscale xfix\n";
  text += fmt::format("set xlabel {}\nset ylabel {}\n",
                      quoted(options.x_label.empty() ? x_labels.at(options.x) : options.x_label),
                      quoted(options.y_label.empty() ? spoken(options.quantity) : options.y_label));
  if (options.log_x) text += "set logscale x\nset format x '%g'\n";
  if (options.log_y) text += "set logscale y\nset format y '%g'\n";
  for (std::size_t p = 0; p < panels.size(); ++p) {
    for (std::size_t i = 0; i < panels[p].lines.size(); ++i) {
      text += data_block(fmt::format("$panel{}line{}", p, i), panels[p].lines[i], options);
    }
  }
  if (panels.size() > 1) text += fmt::format("set multiplot layout {},{}\n", rows, columns);
  for (std::size_t p = 0; p < panels.size(); ++p) {
    text += fmt::format("set label 1 {} at graph 0, graph 1.05 left\n", quoted(panels[p].title));
    text += plot_command(panels[p], p, options.band);
  }
  if (panels.size() > 1) text += "unset multiplot\n";
  return text + "unset output\n";
}

void draw_figure(const std::vector<FigurePanel>& panels, const FigureOptions& options,
                 const std::filesystem::path& file) {
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  // gnuplot takes the kind of picture from the extension.
  const Temporary work(file, Temporary::Kind::folder);
  const std::filesystem::path picture = work.path() / ("picture" + file.extension().string());
  const std::filesystem::path script = work.path() / "script.gp";
  write_text_file(script, gnuplot_script(panels, options, picture));

  // -d: settings that the user made for other figures stay out of this one. The name is no option.
  const ChildResult gnuplot = run_child({"gnuplot", "-d", std::filesystem::absolute(script).string()});
  if (gnuplot.status == 127)
    throw std::runtime_error(fmt::format(
        "gnuplot could not be started ({}); it is in Debian's package gnuplot-nox", gnuplot.output));
  if (gnuplot.status != 0 || !std::filesystem::exists(picture))
    throw std::runtime_error(fmt::format("{}: gnuplot failed: {}", file.string(), gnuplot.output));
  std::filesystem::rename(picture, file);
}

}  // namespace admmbench
