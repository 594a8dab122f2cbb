#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/report/figure.hpp"
#include "results/report/gnuplot.hpp"

namespace admmbench {

namespace {

constexpr double markers_on_a_line = 6;

/// Columns x, mean, low, high. What a logarithmic axis cannot show is left out; a band that reaches 0 there ends at a tenth
/// of the mean.
std::string line_block(const std::string& name, const FigureLine& line, const FigureShape& shape,
                       double unit) {
  std::string text = name + " << EOD\n";
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    const double mean = line.band.mean[i];
    if ((shape.log_x && line.x[i] <= 0) || (shape.log_y && mean <= 0)) continue;
    BandEnds ends = band_ends(line, i, shape.band);
    if (shape.log_y) ends.low = std::max(ends.low, mean / 10);
    text += fmt::format("{} {} {} {}\n", gnuplot_number(line.x[i] / unit), gnuplot_number(mean),
                        gnuplot_number(ends.low), gnuplot_number(ends.high));
  }
  return text + "EOD\n";
}

/// Records at equal distances along the axis, those of neighbouring methods not above each other.
std::string marker_block(const std::string& name, const FigureLine& line, const Axis& axis, double shift,
                         double unit) {
  std::string text = name + " << EOD\n";
  double next = shift / markers_on_a_line;
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    const double x = line.x[i] / unit;
    if (!std::isfinite(line.band.mean[i]) || (axis.logarithmic && x <= 0)) continue;
    const double at = axis.position(x);
    if (at < next || at > 1) continue;
    text += fmt::format("{} {}\n", gnuplot_number(x), gnuplot_number(line.band.mean[i]));
    while (next <= at) next += 1 / markers_on_a_line;
  }
  return text + "EOD\n";
}

std::string line_look(const LineStyle& style, double width) {
  return fmt::format("linecolor rgb '{}' dashtype {} linewidth {:.4g}", style.colour,
                     line_dashes().at(style.dash), width);
}

std::string published_look(const LineStyle& style, double width) {
  return fmt::format("linecolor rgb '{}' dashtype (2,6) linewidth {:.4g}", style.colour, 0.75 * width);
}

std::string marker_look(const LineStyle& style, double points) {
  return fmt::format("linecolor rgb '{}' pointtype {} pointsize {:.3g} linewidth 0.75", style.colour,
                     line_markers().at(style.marker), points / 18);
}

struct DrawnPanel {
  const FigurePanel& panel;
  std::size_t index;
  const FigureShape& shape;
};

std::string block_name(const DrawnPanel& drawn, std::size_t line, const char* what) {
  return fmt::format("$panel{}{}{}", drawn.index, what, line);
}

double width_of(const FigureLine& line, const FigureShape& shape) {
  return line.width > 0 ? line.width : shape.line_width;
}

std::string plot_command(const DrawnPanel& drawn) {
  const auto& [panel, index, shape] = drawn;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < panel.lines.size(); ++i) {
    if (shape.band == FigureBand::none || panel.lines[i].band.low.empty()) continue;
    parts.push_back(fmt::format(
        "{} using 1:3:4 with filledcurves fillcolor rgb '{}' fill transparent solid 0.15 noborder",
        block_name(drawn, i, "line"), panel.lines[i].style.colour));
  }
  for (std::size_t i = 0; i < panel.lines.size(); ++i) {
    const FigureLine& line = panel.lines[i];
    const double width = width_of(line, shape);
    parts.push_back(fmt::format("{} using 1:2 with lines {}", block_name(drawn, i, "line"),
                                line_look(line.style, width)));
    if (line.published)
      parts.push_back(fmt::format("{} with lines {}", gnuplot_number(*line.published),
                                  published_look(line.style, width)));
    if (shape.markers)
      parts.push_back(fmt::format("{} using 1:2 with points {}", block_name(drawn, i, "marker"),
                                  marker_look(line.style, shape.points)));
  }
  return fmt::format("plot {}\n", fmt::join(parts, ", \\\n     "));
}

std::string margins(double left, double right, double bottom, double top) {
  return fmt::format(
      "set lmargin at screen {:.6f}\nset rmargin at screen {:.6f}\nset bmargin at screen {:.6f}\n"
      "set tmargin at screen {:.6f}\n",
      left, right, bottom, top);
}

std::string tics(const char* name, const Axis& axis) {
  std::vector<std::string> entries;
  for (const AxisTick& tick : axis.ticks)
    entries.push_back(fmt::format("'' {:.12g} {}", tick.value, tick.label.empty() ? 1 : 0));
  return fmt::format("set {}tics nomirror scale 0.5,0.25 ({})\n", name, fmt::join(entries, ", "));
}

std::string axis_commands(const char* name, const Axis& axis) {
  return fmt::format("{}set logscale {}\nset {}range [{:.12g}:{:.12g}]\n", axis.logarithmic ? "" : "un", name,
                     name, axis.low, axis.high) +
         tics(name, axis);
}

std::string text_command(std::size_t tag, const PlacedText& text) {
  const char* anchor = text.anchor == TextAnchor::left     ? "left"
                       : text.anchor == TextAnchor::middle ? "center"
                                                           : "right";
  return fmt::format("set label {} {} at {:.4f},{:.4f} {}{}{}\n", tag, gnuplot_quoted(text.text), text.x,
                     text.y, anchor, text.upwards ? " rotate by 90" : "", text.marked ? "" : " noenhanced");
}

/// Everything that lies in no panel: a plot of its own, whose unit is an inch.
std::string surroundings(const FigureLayout& layout, const FigureShape& shape) {
  std::string text =
      margins(0, 1, 0, 1) +
      fmt::format(
          "unset border\nunset xtics\nunset ytics\nunset grid\nunset logscale x\nunset logscale "
          "y\nset xrange [0:{:.4f}]\nset yrange [0:{:.4f}]\n",
          layout.width, layout.height);
  for (std::size_t i = 0; i < layout.texts.size(); ++i) text += text_command(i + 1, layout.texts[i]);
  std::vector<std::string> parts{"-1 with lines"};  // outside: gnuplot draws no labels without a plot
  for (std::size_t i = 0; i < layout.samples.size(); ++i) {
    const PlacedSample& sample = layout.samples[i];
    text += fmt::format("$sample{} << EOD\n{:.4f} {:.4f}\n{:.4f} {:.4f}\nEOD\n", i, sample.x, sample.y,
                        sample.x + sample.length, sample.y);
    parts.push_back(fmt::format("$sample{} with lines {}", i,
                                sample.published ? published_look(sample.style, sample.width)
                                                 : line_look(sample.style, sample.width)));
    if (!shape.markers || sample.published) continue;
    text += fmt::format("$point{} << EOD\n{:.4f} {:.4f}\nEOD\n", i, sample.x + sample.length / 2, sample.y);
    parts.push_back(fmt::format("$point{} with points {}", i, marker_look(sample.style, shape.points)));
  }
  return text + fmt::format("plot {}\n", fmt::join(parts, ", \\\n     "));
}

}  // namespace

std::string gnuplot_script(const std::vector<FigurePanel>& panels, const FigureShape& shape,
                           const std::filesystem::path& file) {
  // Before the layout, so that a wrong ending is what is complained of.
  gnuplot_terminal(file, 1, 1, shape.font, shape.points, shape.dots_per_inch);
  const FigureLayout layout = figure_layout(panels, shape);
  std::string text =
      gnuplot_terminal(file, layout.width, layout.height, shape.font, shape.points, shape.dots_per_inch) +
      fmt::format("set output {}\nunset key\n", gnuplot_quoted(file.string()));
  const double unit = std::pow(10, layout.x_exponent);
  for (std::size_t p = 0; p < panels.size(); ++p) {
    const DrawnPanel drawn{panels[p], p, shape};
    const std::size_t lines = panels[p].lines.size();
    for (std::size_t i = 0; i < lines; ++i) {
      const FigureLine& line = panels[p].lines[i];
      text += line_block(block_name(drawn, i, "line"), line, shape, unit);
      if (!shape.markers) continue;
      const double shift = (static_cast<double>(i) + 0.5) / static_cast<double>(lines);
      text += marker_block(block_name(drawn, i, "marker"), line, layout.panels[p].x, shift, unit);
    }
  }
  text += "set multiplot\n";
  for (std::size_t p = 0; p < panels.size(); ++p) {
    const PlacedPanel& placed = layout.panels[p];
    text += margins(placed.left / layout.width, (placed.left + placed.width) / layout.width,
                    placed.bottom / layout.height, (placed.bottom + placed.height) / layout.height);
    text +=
        "set border 3 linecolor rgb '#5C5C5C' linewidth 0.6\n"
        "set grid linecolor rgb '#DDDDDD' linewidth 0.5 dashtype solid\n";
    text += axis_commands("x", placed.x) + axis_commands("y", placed.y);
    text += plot_command({panels[p], p, shape});
  }
  return text + surroundings(layout, shape) + "unset multiplot\nunset output\n";
}

void draw_figure(const std::vector<FigurePanel>& panels, const FigureShape& shape,
                 const std::filesystem::path& file) {
  run_gnuplot(file,
              [&](const std::filesystem::path& picture) { return gnuplot_script(panels, shape, picture); });
}

void draw_figure(const std::vector<FigurePanel>& panels, const FigureOptions& options,
                 const std::filesystem::path& file) {
  draw_figure(panels, figure_shape(panels, options), file);
}

}  // namespace admmbench
