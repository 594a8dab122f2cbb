#include "results/report/rank_diagram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/report/gnuplot.hpp"
#include "results/report/text_width.hpp"

namespace admmbench {

namespace {

constexpr double type_points = 8;
constexpr double diagram_em = type_points / 72;
constexpr double narrowest_diagram = 3.5;         // inches, of the whole
constexpr double least_diagram_axis = 1.6;        // inches
constexpr double line_space = 1.45 * diagram_em;  // from a method to the next
constexpr double bar_space = 0.55 * diagram_em;   // from a bar to the next
constexpr double border_space = 0.4 * diagram_em;

/// Pieces of a script whose unit is an inch from the upper left corner; the height is known at the end.
class Sheet {
 public:
  void line(double x1, double y1, double x2, double y2, double points, const char* colour = "#1B1B1B") {
    lines_.push_back({x1, y1, x2, y2, points, colour});
    height = std::max({height, y1, y2});
  }
  void text(double x, double y, const std::string& words, const char* anchor) {
    texts_.push_back({x, y, words, anchor});
    height = std::max(height, y + 0.6 * diagram_em);
  }
  double height = 0;

  std::string script(const std::filesystem::path& file, double width) const {
    const double all = height + border_space;
    std::string out = gnuplot_terminal(file, width, all, "Helvetica", type_points, 600) +
                      fmt::format(
                          "set output {}\nunset key\nunset border\nunset tics\nset lmargin at screen 0\nset "
                          "rmargin at screen 1\nset bmargin at screen 0\nset tmargin at screen 1\nset xrange "
                          "[0:{:.4f}]\nset yrange [0:{:.4f}]\n",
                          gnuplot_quoted(file.string()), width, all);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const Stroke& s = lines_[i];
      out += fmt::format(
          "set arrow {} from {:.4f},{:.4f} to {:.4f},{:.4f} nohead linecolor rgb '{}' linewidth {:g}\n",
          i + 1, s.x1, all - s.y1, s.x2, all - s.y2, s.colour, s.points);
    }
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const Words& t = texts_[i];
      out += fmt::format("set label {} {} at {:.4f},{:.4f} {} noenhanced\n", i + 1, gnuplot_quoted(t.words),
                         t.x, all - t.y, t.anchor);
    }
    return out + "plot -1 with lines\nunset output\n";
  }

 private:
  struct Stroke {
    double x1, y1, x2, y2, points;
    const char* colour;
  };
  struct Words {
    double x, y;
    std::string words;
    const char* anchor;
  };
  std::vector<Stroke> lines_;
  std::vector<Words> texts_;
};

/// "dlADMM (1.50)"
std::string method_text(const MethodRanking& r, std::size_t m) {
  return fmt::format("{} ({:.2f})", r.methods[m], r.ranking->mean_ranks[m]);
}

double widest_method(const MethodRanking& r, std::size_t begin, std::size_t end) {
  double width = 0;
  for (std::size_t m = begin; m < end; ++m)
    width = std::max(width, text_width(method_text(r, m)) * diagram_em);
  return width;
}

std::string test_text(const MethodRanking& r) {
  const Ranking& ranking = *r.ranking;
  return fmt::format(
      "{}: mean ranks of {} methods on n = {} data sets. Bars: not told apart by Nemenyi's test, level {:g}; "
      "critical difference {:.3g}. Friedman's test of all: p = {:.2g}.",
      r.metric, ranking.methods, ranking.datasets, ranking.alpha, ranking.critical_difference,
      ranking.chi_square_p);
}

/// Where a mean rank is: the best (1) at the right end.
struct RankAxis {
  double left, right;
  double worst;  ///< the rank at the left end

  double at(double rank) const { return right - (rank - 1) / (worst - 1) * (right - left); }
};

void draw_axis(Sheet& sheet, const RankAxis& axis, double y) {
  sheet.line(axis.left, y, axis.right, y, 0.8);
  const double between = (axis.right - axis.left) / (axis.worst - 1);
  const double stride = std::max(1.0, std::ceil(1.6 * diagram_em / between));
  for (double rank = 1; rank <= axis.worst; ++rank) {
    const bool named = std::fmod(rank - 1, stride) == 0;
    sheet.line(axis.at(rank), y, axis.at(rank), y - (named ? 0.5 : 0.3) * diagram_em, 0.8);
    if (named) sheet.text(axis.at(rank), y - 1.15 * diagram_em, fmt::format("{:.0f}", rank), "center");
  }
}

/// The critical difference above the axis, at its left end.
void draw_difference(Sheet& sheet, const RankAxis& axis, double y, double difference) {
  const double from = axis.left;
  const double to =
      std::min(axis.right, axis.left + difference / (axis.worst - 1) * (axis.right - axis.left));
  sheet.line(from, y, to, y, 0.8);
  sheet.line(from, y - 0.25 * diagram_em, from, y + 0.25 * diagram_em, 0.8);
  sheet.line(to, y - 0.25 * diagram_em, to, y + 0.25 * diagram_em, 0.8);
  const std::string words = fmt::format("CD = {:.3g}", difference);
  const double half = text_width(words) * diagram_em / 2;
  sheet.text(std::max((from + to) / 2, half + border_space), y - 0.8 * diagram_em, words, "center");
}

/// The better half of the methods hangs down to names at the right, the best on top, the others to names at the left.
void draw_methods(Sheet& sheet, const MethodRanking& r, const RankAxis& axis, double axis_y, double first_y,
                  double width) {
  const std::size_t better = (r.ranked + 1) / 2;
  for (std::size_t m = 0; m < r.ranked; ++m) {
    const bool right = m < better;
    const std::size_t place = right ? m : r.ranked - 1 - m;
    const double x = axis.at(r.ranking->mean_ranks[m]);
    const double y = first_y + static_cast<double>(place) * line_space;
    const double end = right ? axis.right + 0.6 * diagram_em : axis.left - 0.6 * diagram_em;
    sheet.line(x, axis_y, x, y, 0.5);
    sheet.line(x, y, end, y, 0.5);
    const double gap = 0.3 * diagram_em;
    sheet.text(right ? std::min(end + gap, width) : end - gap, y, method_text(r, m),
               right ? "left" : "right");
  }
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> alike_groups(const std::vector<double>& mean_ranks,
                                                              double critical_difference) {
  std::vector<std::pair<std::size_t, std::size_t>> groups;
  for (std::size_t first = 0; first < mean_ranks.size(); ++first) {
    std::size_t last = first;
    while (last + 1 < mean_ranks.size() && mean_ranks[last + 1] - mean_ranks[first] < critical_difference)
      ++last;
    if (last > first && (groups.empty() || last > groups.back().second)) groups.emplace_back(first, last);
  }
  return groups;
}

std::string rank_diagram_script(const MethodRanking& r, const std::filesystem::path& file) {
  if (!r.ranking) {
    throw FigureError(
        fmt::format("{}: no ranking to draw: it takes two methods with runs on two data sets", r.experiment));
  }
  const std::size_t better = (r.ranked + 1) / 2;
  const double beside = 0.9 * diagram_em + border_space;
  const double at_right = widest_method(r, 0, better) + beside;
  const double at_left = widest_method(r, better, r.ranked) + beside;
  const double width = std::max(narrowest_diagram, at_left + at_right + least_diagram_axis);
  const RankAxis axis{at_left, width - at_right, static_cast<double>(r.ranked)};

  Sheet sheet;
  const double difference_y = border_space + 1.6 * diagram_em;
  const double axis_y = difference_y + 2.4 * diagram_em;
  draw_difference(sheet, axis, difference_y, r.ranking->critical_difference);
  draw_axis(sheet, axis, axis_y);
  const auto groups = alike_groups(r.ranking->mean_ranks, r.ranking->critical_difference);
  double y = axis_y + 0.8 * diagram_em;
  for (const auto& [first, last] : groups) {
    sheet.line(axis.at(r.ranking->mean_ranks[last]) - 0.3 * diagram_em, y,
               axis.at(r.ranking->mean_ranks[first]) + 0.3 * diagram_em, y, 2.2);
    y += bar_space;
  }
  const double first_y = y + 0.9 * diagram_em;
  draw_methods(sheet, r, axis, axis_y, first_y, width);
  double note_y = first_y + static_cast<double>(better) * line_space + 0.3 * diagram_em;
  for (const std::string& words : wrapped_lines(test_text(r), (width - 2 * border_space) / diagram_em)) {
    sheet.text(border_space, note_y, words, "left");
    note_y += 1.3 * diagram_em;
  }
  return sheet.script(file, width);
}

void draw_rank_diagram(const MethodRanking& ranking, const std::filesystem::path& file) {
  run_gnuplot(file,
              [&](const std::filesystem::path& picture) { return rank_diagram_script(ranking, picture); });
}

}  // namespace admmbench
