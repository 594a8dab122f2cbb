#include "results/report/paper_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>

#include "results/comparison/table.hpp"
#include "results/record/columns.hpp"
#include "results/record/find_or_add.hpp"
#include "results/record/run_set.hpp"
#include "results/report/figure.hpp"
#include "results/report/gnuplot.hpp"
#include "results/report/text_width.hpp"

namespace admmbench {

namespace {

constexpr std::size_t lines_without_markers = 6;
constexpr std::size_t shades_without_markers = 4;
constexpr double liked_panel_width = 1.7;  // inches between the axes
constexpr double caption_height = 1.2;     // of a page, kept free

constexpr Range inches{0.5, 40, false, false};
const TextForm colour_form{
    "^#[0-9A-Fa-f]{6}$", 7,
    [](std::string_view text) {
      return text.size() == 7 && text.front() == '#' &&
             text.substr(1).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    },
    "is no colour; allowed: # and six hexadecimal digits, in quotes, such as \"#0072B2\""};

std::vector<std::string> chosen_or(std::vector<std::string> names) {
  names.insert(names.begin(), "chosen");
  return names;
}

/// Labels in the order in which people count: rho=2 before rho=10.
bool counted_before(const std::string& a, const std::string& b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      char* end_of_a = nullptr;
      char* end_of_b = nullptr;
      const double x = std::strtod(a.c_str() + i, &end_of_a);
      const double y = std::strtod(b.c_str() + j, &end_of_b);
      if (x != y) return x < y;
      i = static_cast<std::size_t>(end_of_a - a.c_str());
      j = static_cast<std::size_t>(end_of_b - b.c_str());
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

struct KnownMethod {
  std::string label, solver;
};

/// Solvers in the order of their best method, the methods of each by name.
std::vector<KnownMethod> methods_by_solver(const Table& table) {
  std::vector<std::string> solvers;
  for (const TableRow& row : table.rows) {
    if (std::find(solvers.begin(), solvers.end(), row.solver) == solvers.end()) solvers.push_back(row.solver);
  }
  std::vector<KnownMethod> methods;
  for (const std::string& solver : solvers) {
    const std::size_t begin = methods.size();
    for (const TableRow& row : table.rows) {
      if (row.solver == solver) methods.push_back({row.label, row.solver});
    }
    std::sort(methods.begin() + static_cast<std::ptrdiff_t>(begin), methods.end(),
              [](const KnownMethod& a, const KnownMethod& b) { return counted_before(a.label, b.label); });
  }
  return methods;
}

template <class Items, class Name>
void require_name(const Items& items, const std::string& wanted, const char* what, const Name& name) {
  std::vector<std::string> names;
  for (const auto& item : items) names.push_back(name(item));
  if (std::find(names.begin(), names.end(), wanted) == names.end())
    throw FigureError(
        fmt::format("no {} '{}' among the runs; there are: {}", what, wanted, fmt::join(names, ", ")));
}

/// The methods that are drawn, with their styles.
struct DrawnMethod {
  FigureMethod keys;
  std::string solver;
  LineStyle style;
};

std::size_t place_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::vector<DrawnMethod> styled_methods(const Table& table, const PaperFigure& figure) {
  const std::vector<KnownMethod> known = methods_by_solver(table);
  std::vector<DrawnMethod> drawn;
  if (figure.methods.empty()) {
    for (const KnownMethod& method : known) {
      FigureMethod keys;
      keys.label = method.label;
      drawn.push_back({std::move(keys), method.solver, {}});
    }
  }
  for (const FigureMethod& keys : figure.methods) {
    require_name(known, keys.label, "method", [](const KnownMethod& method) { return method.label; });
    const auto method = std::find_if(known.begin(), known.end(), [&](const KnownMethod& candidate) {
      return candidate.label == keys.label;
    });
    drawn.push_back({keys, method->solver, {}});
  }
  std::vector<std::string> solvers;
  for (const DrawnMethod& method : drawn) solvers.push_back(method.solver);
  const std::vector<LineStyle> styles = solver_styles(solvers);
  for (std::size_t m = 0; m < drawn.size(); ++m) {
    LineStyle style = styles[m];
    const FigureMethod& keys = drawn[m].keys;
    if (!keys.colour.empty()) style.colour = keys.colour;
    if (keys.dash != "chosen") style.dash = place_of(dash_names(), keys.dash);
    if (keys.marker != "chosen") style.marker = place_of(marker_names(), keys.marker);
    drawn[m].style = std::move(style);
  }
  return drawn;
}

/// Curves of a method on a data set, each made once however many panels have it.
class CurvesOf {
 public:
  CurvesOf(const std::vector<const RunRecord*>& runs, std::size_t points) : points_(points) {
    for (const RunRecord* run : runs) {
      if (run->finished() && !run->trajectory.iteration.empty())
        finished_[{run->attributes.dataset, run->attributes.label}].push_back(&run->trajectory);
    }
  }

  const Curves& of(const std::string& dataset, const std::string& label) {
    const std::pair<std::string, std::string> cell{dataset, label};
    const auto found = made_.find(cell);
    if (found != made_.end()) return found->second;
    return made_.emplace(cell, aggregate(finished_[cell], points_)).first->second;
  }

 private:
  std::size_t points_;
  std::map<std::pair<std::string, std::string>, std::vector<const Trajectory*>> finished_;
  std::map<std::pair<std::string, std::string>, Curves> made_;
};

std::vector<double> x_values(const Curves& curves, const std::string& x) {
  if (x == "iteration") return {curves.iteration.begin(), curves.iteration.end()};
  return x == "seconds" ? curves.seconds : curves.flops;
}

FigurePanel panel_of(const FigurePanelKeys& keys, const std::vector<DrawnMethod>& methods,
                     const PaperFigure& figure, CurvesOf& curves) {
  FigurePanel panel;
  panel.title = keys.title.empty() ? keys.dataset : keys.title;
  panel.dataset = keys.dataset;
  panel.quantity = keys.metric;
  panel.y_label = spoken(keys.metric);
  panel.x_low = keys.x_min ? keys.x_min : figure.x_min;
  panel.x_high = keys.x_max ? keys.x_max : figure.x_max;
  panel.y_low = keys.y_min ? keys.y_min : figure.y_min;
  panel.y_high = keys.y_max ? keys.y_max : figure.y_max;
  for (const DrawnMethod& method : methods) {
    const Curves& found = curves.of(keys.dataset, method.keys.label);
    const Band* band = found.find(keys.metric);
    std::vector<double> x = x_values(found, figure.x);
    if (band == nullptr || x.empty()) continue;
    FigureLine line{method.keys.label, method.style, std::move(x), *band, std::nullopt};
    line.solver = method.solver;
    line.key = method.keys.name;
    line.width = method.keys.width.value_or(0);
    line.runs = found.runs;
    panel.lines.push_back(std::move(line));
  }
  return panel;
}

/// What is drawn in each panel: as the file says, or a panel for each metric and data set.
std::vector<FigurePanelKeys> panel_keys(const PaperFigure& figure, const Table& table) {
  std::vector<std::string> datasets = figure.datasets;
  if (datasets.empty()) {
    datasets = table.datasets;
    std::sort(datasets.begin(), datasets.end(), counted_before);
  }
  std::vector<FigurePanelKeys> keys = figure.panels;
  if (keys.empty()) {
    for (const std::string& metric : figure.metrics) {
      for (const std::string& dataset : datasets) {
        FigurePanelKeys panel;
        panel.dataset = dataset;
        panel.metric = metric;
        keys.push_back(std::move(panel));
      }
    }
  }
  for (FigurePanelKeys& panel : keys) {
    require_name(table.datasets, panel.dataset, "data set", [](const std::string& name) { return name; });
    if (panel.metric.empty()) panel.metric = figure.metrics.front();
  }
  return keys;
}

bool has_markers(const PaperFigure& figure, const std::vector<DrawnMethod>& methods) {
  if (figure.markers != WhenMany::automatic) return figure.markers == WhenMany::yes;
  std::map<std::string, std::size_t> shades;
  for (const DrawnMethod& method : methods) ++shades[method.solver];
  return methods.size() > lines_without_markers ||
         std::any_of(shades.begin(), shades.end(),
                     [](const auto& solver) { return solver.second > shades_without_markers; });
}

// ---- arrangement -----------------------------------------------------------------------------------------------------

double height_for(double width) { return std::clamp(0.72 * width, 0.9, 2.2); }

/// The shape with its panels as high as their width asks for.
FigureShape with_columns(FigureShape shape, std::size_t columns, const std::vector<FigurePanel>& panels,
                         const PaperFigure& figure) {
  shape.columns = columns;
  shape.plot_height = figure.panel_height.value_or(height_for(shape.width / static_cast<double>(columns)));
  if (!figure.panel_height) shape.plot_height = height_for(plot_width(panels, shape));
  return shape;
}

/// How much worse than the best `columns` are; lower is better.
double badness(const PaperDrawing& drawing, const FigureShape& shape, std::size_t columns,
               std::size_t group) {
  const auto count = static_cast<double>(drawing.panels.size());
  const double rows = std::ceil(count / static_cast<double>(columns));
  const double empty = rows * static_cast<double>(columns) - count;
  double bad = std::abs(std::log(plot_width(drawing.panels, shape) / liked_panel_width)) + empty / count;
  // A row should not begin in the middle of a group.
  if (group < drawing.panels.size() && columns % group != 0 && group % columns != 0) bad += 0.3;
  return bad;
}

std::vector<FigurePanel> part_of(const std::vector<FigurePanel>& panels, const PaperDrawing::Picture& part) {
  const auto begin = panels.begin() + static_cast<std::ptrdiff_t>(part.begin);
  return {begin, begin + static_cast<std::ptrdiff_t>(part.count)};
}

/// Cuts the rows of panels into pictures that fit on a page each; none if not even one row does.
std::vector<PaperDrawing::Picture> pictures_of(const std::vector<FigurePanel>& panels,
                                               const FigureShape& shape, double page) {
  std::vector<PaperDrawing::Picture> pictures;
  for (std::size_t begin = 0; begin < panels.size();) {
    PaperDrawing::Picture picture{begin, 0, shape};
    picture.shape.first_letter = begin;
    while (begin + picture.count < panels.size()) {
      PaperDrawing::Picture larger = picture;
      larger.count = std::min(picture.count + shape.columns, panels.size() - begin);
      if (figure_layout(part_of(panels, larger), larger.shape).height > page) break;
      picture = larger;
    }
    if (picture.count == 0) return {};
    begin += picture.count;
    pictures.push_back(std::move(picture));
  }
  // Panels of one width on all pages.
  double narrowest = plot_width(part_of(panels, pictures.front()), shape);
  for (const PaperDrawing::Picture& picture : pictures)
    narrowest = std::min(narrowest, plot_width(part_of(panels, picture), shape));
  if (pictures.size() > 1) {
    for (PaperDrawing::Picture& picture : pictures) picture.shape.plot_width = narrowest;
  }
  return pictures;
}

const Venue& venue_of(const PaperFigure& figure) {
  return *std::find_if(venues().begin(), venues().end(),
                       [&](const Venue& venue) { return venue.name == figure.venue; });
}

/// Finds the pictures of the panels, which come in groups of so many; how bad the best arrangement is.
double arrange(PaperDrawing& drawing, const FigureShape& shape, const PaperFigure& figure,
               std::size_t group) {
  const double page = venue_of(figure).text_height - caption_height;
  const std::size_t most = drawing.panels.size();
  double best = 0;
  std::string why;
  for (std::size_t columns = 1; columns <= most; ++columns) {
    if (figure.panel_columns && std::min(static_cast<std::size_t>(*figure.panel_columns), most) != columns)
      continue;
    try {
      const FigureShape tried = with_columns(shape, columns, drawing.panels, figure);
      std::vector<PaperDrawing::Picture> pictures = pictures_of(drawing.panels, tried, page);
      if (pictures.empty()) {
        why = fmt::format(
            "one row of panels with the key is higher than a page of {} inches leaves beside a "
            "caption ({:.1f}); take fewer methods, a lower panel_height, or columns: 2",
            venue_of(figure).text_height, page);
        continue;
      }
      const double bad =
          badness(drawing, tried, columns, group) + 0.4 * static_cast<double>(pictures.size() - 1);
      if (!drawing.pictures.empty() && bad >= best) continue;
      best = bad;
      drawing.pictures = std::move(pictures);
    } catch (const FigureError& error) {
      if (why.empty()) why = error.what();
    }
  }
  if (drawing.pictures.empty()) throw FigureError(why);
  return best;
}

/// The panels data set by data set, in the order in which each first appears.
std::vector<FigurePanel> by_dataset(const std::vector<FigurePanel>& panels) {
  std::vector<std::string> datasets;
  for (const FigurePanel& panel : panels) find_or_add(datasets, panel.dataset);
  std::vector<FigurePanel> sorted;
  for (const std::string& dataset : datasets) {
    std::copy_if(panels.begin(), panels.end(), std::back_inserter(sorted),
                 [&](const FigurePanel& panel) { return panel.dataset == dataset; });
  }
  return sorted;
}

/// Of how many panels `key` is equal to the first one's.
template <class Key>
std::size_t group_size(const std::vector<FigurePanel>& panels, const Key& key) {
  return static_cast<std::size_t>(std::count_if(panels.begin(), panels.end(), [&](const FigurePanel& panel) {
    return key(panel) == key(panels.front());
  }));
}

/// A row for each metric, or, where that fits better, for each data set.
void arrange_best(PaperDrawing& drawing, const FigureShape& shape, const PaperFigure& figure) {
  const auto quantity = [](const FigurePanel& panel) { return panel.quantity; };
  const auto dataset = [](const FigurePanel& panel) { return panel.dataset; };
  PaperDrawing turned{by_dataset(drawing.panels), {}};
  const double bad = arrange(drawing, shape, figure, group_size(drawing.panels, quantity));
  if (!figure.panels.empty() || figure.metrics.size() < 2) return;
  if (arrange(turned, shape, figure, group_size(turned.panels, dataset)) < bad) drawing = std::move(turned);
}

}  // namespace

const std::vector<Venue>& venues() {
  // IEEE: one column of 3.5 inches, two of 7.16 (IEEE author center, "Resolution and size"). NeurIPS: text of 5.5 by 9 inches
  // (its style file). ACM sigconf: columns of 3.33 inches, text of 7 (acmart). Springer LNCS: text of 12.2 by 19.3 cm (llncs).
  static const std::vector<Venue> all{{"ieee", 3.5, 7.16, 9.4, 8},
                                      {"neurips", 5.5, 5.5, 9, 8},
                                      {"acm", 3.33, 7, 9.2, 8},
                                      {"springer", 4.8, 4.8, 7.6, 8}};
  return all;
}

std::vector<std::string> venue_names() {
  std::vector<std::string> names;
  for (const Venue& venue : venues()) names.push_back(venue.name);
  return names;
}

void FigureMethod::visit(ParameterVisitor& v) {
  static const std::vector<std::string> dashes = chosen_or(dash_names());
  static const std::vector<std::string> markers = chosen_or(marker_names());
  v.needed().text("label", label, "of the runs");
  v.text("name", name, "in the key, instead of the label");
  v.text("colour", colour, "such as \"#0072B2\"", &colour_form);
  v.choice("dash", dash, dashes, "of the line");
  v.choice("marker", marker, markers, "on the line, where the figure has markers");
  v.real("width", width, positive, "of the line, in points");
}

void FigurePanelKeys::visit(ParameterVisitor& v) {
  v.needed().text("dataset", dataset, "label of the data set");
  v.text("metric", metric, "the column that is drawn; without it the first of the figure's `metrics`");
  v.text("title", title, "instead of the data set's label");
  v.real("x_min", x_min, any_number, "left end of the x axis");
  v.real("x_max", x_max, any_number, "right end of the x axis");
  v.real("y_min", y_min, any_number, "lower end of the y axis");
  v.real("y_max", y_max, any_number, "upper end of the y axis");
}

void PaperFigure::visit(ParameterVisitor& v) {
  static const std::vector<std::string> names = venue_names();
  v.needed().texts("results", results, {.items = "paths", .least = "one path"},
                   "result files, or folders of them, seen from the file's folder");
  v.text("out", out, "picture (.pdf, .svg or .png), seen from there; without it the file's name and .pdf");
  v.choice("for", venue, names, "where it is printed: the width, and the height of a page");
  v.integer("columns", columns, {1, 2, false, false}, "of the page that it is as wide as");
  v.real("width", width, inches, "in inches, instead of the venue's");
  v.text("font", font, "of all text, as fontconfig knows it");
  v.real("font_size", font_size, {4, 24, false, false}, "of all text, in points");
  v.real("line_width", line_width, positive, "in points");
  v.texts("metrics", metrics, {.items = "columns"},
          "trajectory columns, a row of panels each; without it test_accuracy, or what there is");
  v.choice("x", x, {"iteration", "seconds", "flops"}, "the x axis");
  v.text("x_label", x_label, "of the x axis, instead of its own");
  v.boolean("log_x", log_x, "logarithmic x axis");
  v.boolean("log_y", log_y, "logarithmic y axes");
  v.boolean("gap", gap, "instead of a metric its distance to each run's least value, logarithmic");
  v.choice("band", band, {"sd", "range", "none"},
           "over the seeds: one standard deviation, or from the smallest to the largest");
  v.real("x_min", x_min, any_number, "left end of the x axes");
  v.real("x_max", x_max, any_number, "right end of the x axes");
  v.real("y_min", y_min, any_number, "lower end of the y axes");
  v.real("y_max", y_max, any_number, "upper end of the y axes");
  v.texts("datasets", datasets, {.items = "labels", .distinct = true},
          "the data sets, in this order; without it all");
  v.other("methods", "[method]", "the methods, in this order; without it all");
  v.other("panels", "[panel]", "the panels; without it one for each metric and data set");
  v.integer("panel_columns", panel_columns, at_least_one,
            "panels side by side; without it as many as fit well");
  v.real("panel_height", panel_height, {0.3, 20, false, false},
         "between the axes, in inches; without it after the width");
  v.choice("key", key, {"below", "above", "none"}, "where the names of the methods stand");
  v.boolean("letters", letters, "(a), (b), ... before the titles");
  v.choice("markers", markers, {"automatic", "yes", "no"}, "on the lines; automatic: where there are many");
  v.integer("points", points, {2, 5000, false, false}, "of a line, at most");
  v.text("caption", caption, "instead of the one that is made");
  v.text("label", label, "LaTeX label; without it fig: and the file's name");
}

double figure_width(const PaperFigure& figure) {
  if (figure.width) return *figure.width;
  const Venue& venue = venue_of(figure);
  if (figure.columns == 2 && venue.text == venue.column) {
    throw FigureError(
        fmt::format("{} has one column of {} inches; two are for ieee and acm", venue.name, venue.column));
  }
  return figure.columns == 2 ? venue.text : venue.column;
}

PaperDrawing paper_drawing(const std::vector<RunRecord>& runs, const PaperFigure& figure) {
  const std::vector<const RunRecord*> distinct = distinct_runs(runs);
  const Table table = make_table(distinct, figure.metrics.front(), std::vector<PublishedFigure>{});
  const std::vector<DrawnMethod> methods = styled_methods(table, figure);
  CurvesOf curves(distinct, static_cast<std::size_t>(figure.points));
  PaperDrawing drawing;
  for (const FigurePanelKeys& keys : panel_keys(figure, table)) {
    FigurePanel panel = panel_of(keys, methods, figure, curves);
    if (!panel.lines.empty()) {
      drawing.panels.push_back(std::move(panel));
    } else if (!figure.panels.empty()) {
      throw FigureError(
          fmt::format("{}: no finished run has '{}' and '{}'", keys.dataset, keys.metric, figure.x));
    }
  }
  if (drawing.panels.empty())
    throw FigureError(
        fmt::format("no finished run has '{}' and '{}'", fmt::join(figure.metrics, "' or '"), figure.x));
  FigureShape shape;
  shape.width = figure_width(figure);
  shape.font = figure.font;
  shape.points = figure.font_size;
  shape.line_width = figure.line_width;
  shape.dots_per_inch = 600;
  shape.key = figure.key == PaperKey::below   ? FigureKey::below
              : figure.key == PaperKey::above ? FigureKey::above
                                              : FigureKey::none;
  shape.letters = figure.letters && drawing.panels.size() > 1;
  shape.markers = has_markers(figure, methods);
  shape.log_x = figure.log_x;
  shape.log_y = figure.log_y || figure.gap;
  shape.x_label = figure.x_label.empty() ? x_axis_label(figure.x) : figure.x_label;
  shape.band = figure.band;
  arrange_best(drawing, shape, figure);
  return drawing;
}

}  // namespace admmbench
