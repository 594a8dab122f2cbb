#include "results/report/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "results/comparison/table.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_set.hpp"

namespace admmbench {

namespace {

constexpr std::size_t points_per_line = 400;
constexpr double screen_pixels = 96;  // per inch

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

double last_finite(const std::vector<double>& values) {
  for (std::size_t i = values.size(); i > 0; --i) {
    if (std::isfinite(values[i - 1])) return values[i - 1];
  }
  return std::nan("");
}

}  // namespace

std::string key_with_last_value(const FigureLine& line) {
  const double last = last_finite(line.band.mean);
  return std::isfinite(last) ? fmt::format("{} {:#.4g}", line.label, last) : line.label;
}

std::string add_gap(std::vector<RunRecord>& runs, const std::string& name) {
  std::string gap_name = name + "_gap";
  for (RunRecord& run : runs) {
    const std::vector<double>* values = run.trajectory.find(name);
    if (values == nullptr || values->empty() || run.trajectory.find(gap_name) != nullptr) continue;
    const double least = *std::min_element(values->begin(), values->end());
    std::vector<double> gap;
    for (const double value : *values) gap.push_back(value - least);
    run.trajectory.columns.emplace_back(gap_name, std::move(gap));
  }
  return gap_name;
}

std::string spoken(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string x_axis_label(const std::string& x) {
  if (x == "iteration") return x;
  return x == "seconds" ? "solver seconds" : "floating-point operations";
}

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
      FigureLine line{labels[m], page_style(m), std::move(x), *band, std::nullopt};
      line.key = key_with_last_value(line);
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
    panel.y_label = options.y_label.empty() ? spoken(options.quantity) : options.y_label;
    panel.dataset = dataset;
    panel.quantity = options.quantity;
    panels.push_back(std::move(panel));
  }
  if (panels.empty())
    throw std::runtime_error(fmt::format("no finished run has '{}' and '{}'", options.quantity, options.x));
  return panels;
}

FigureShape figure_shape(const std::vector<FigurePanel>& panels, const FigureOptions& options) {
  FigureShape shape;
  shape.columns = panels.size() > 1 ? 2 : 1;
  shape.width = static_cast<double>(shape.columns) * options.width / screen_pixels;
  // What a title and the labels below the axis take of a panel's height.
  shape.plot_height = options.height / screen_pixels - 0.75;
  shape.log_x = options.log_x;
  shape.log_y = options.log_y;
  shape.band = options.band;
  shape.x_label = options.x_label.empty() ? x_axis_label(options.x) : options.x_label;
  return shape;
}

}  // namespace admmbench
