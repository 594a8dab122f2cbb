#include "results/report/figure_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "results/report/gnuplot.hpp"
#include "results/report/text_width.hpp"

namespace admmbench {

namespace {

// Distances in units of the type's size.
constexpr double line_height = 1.3;    // from a line of text to the next
constexpr double tick_gap = 0.45;      // between an axis and the labels of its ticks
constexpr double label_gap = 0.35;     // between those and the axis' own label
constexpr double row_gap = 0.7;        // between a row of panels and the next one's titles
constexpr double edge_room = 0.3;      // around everything
constexpr double key_gap = 0.5;        // above a key, and below
constexpr double sample_length = 2.6;  // of the piece of a line in a key
constexpr double sample_gap = 0.5;     // between it and its text
constexpr double entry_gap = 1.4;      // between two entries
constexpr double x_tick_gap = 0.9;     // least distance between two labels of an x axis
constexpr double y_tick_space = 1.6;   // least distance between two ticks of a y axis

struct Range2 {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value, bool logarithmic) {
    if (!std::isfinite(value) || (logarithmic && value <= 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

bool can_be_shown(double x, double mean, const FigureShape& shape) {
  return std::isfinite(mean) && (!shape.log_x || x > 0) && (!shape.log_y || mean > 0);
}

[[noreturn]] void nothing_to_show(const FigurePanel& panel, const FigureShape& shape) {
  const std::string what = panel.quantity.empty() ? panel.y_label : panel.quantity;
  const std::string where = panel.dataset.empty() ? panel.title : panel.dataset;
  if (!shape.log_x && !shape.log_y)
    throw FigureError(fmt::format("{}: no finite value of '{}' to draw", where, what));
  throw FigureError(
      fmt::format("{}: '{}' has no value above 0 that a logarithmic axis could show; make that axis linear",
                  where, what));
}

/// The ranges of a panel's data, before limits and padding.
std::pair<Range2, Range2> data_ranges(const FigurePanel& panel, const FigureShape& shape) {
  Range2 x;
  Range2 y;
  for (const FigureLine& line : panel.lines) {
    for (std::size_t i = 0; i < line.x.size(); ++i) {
      const double mean = line.band.mean[i];
      if (!can_be_shown(line.x[i], mean, shape)) continue;
      x.add(line.x[i], shape.log_x);
      y.add(mean, shape.log_y);
      const BandEnds ends = band_ends(line, i, shape.band);
      // A band that reaches 0 says nothing of how far a logarithmic axis should go.
      y.add(shape.log_y ? std::max(ends.low, mean / 10) : ends.low, shape.log_y);
      y.add(ends.high, shape.log_y);
    }
    if (line.published) y.add(*line.published, shape.log_y);
  }
  if (x.empty() || y.empty()) nothing_to_show(panel, shape);
  return {x, y};
}

/// Room above and below the lines, but not beyond a bound that the quantity has itself (0, and 1 of accuracies).
Range2 padded(Range2 y, bool logarithmic) {
  if (logarithmic) {
    const double factor = std::pow(y.high / y.low, 0.04);
    return {y.low / factor, y.high * factor};
  }
  const double room = 0.04 * (y.high - y.low);
  return {y.low >= 0 ? std::max(0.0, y.low - room) : y.low - room, y.high + room};
}

Range2 limited(Range2 range, const std::optional<double>& low, const std::optional<double>& high,
               const FigurePanel& panel, const char* axis, bool logarithmic) {
  if (low) range.low = *low;
  if (high) range.high = *high;
  if (logarithmic && range.low <= 0) {
    throw FigureError(fmt::format("{}: a logarithmic axis cannot begin at {:g}; give {} a limit above 0",
                                  panel.title, range.low, axis));
  }
  if (range.low > range.high) {
    throw FigureError(fmt::format("{}: the limits of {} leave nothing between {:g} and {:g}", panel.title,
                                  axis, range.low, range.high));
  }
  return range;
}

Axis axis_of(const Range2& range, bool logarithmic, std::size_t intervals) {
  return logarithmic ? log_axis(range.low, range.high, intervals)
                     : linear_axis(range.low, range.high, intervals);
}

/// As many ticks as have room for their labels side by side.
Axis x_axis_of(const Range2& range, bool logarithmic, double length, double em) {
  for (std::size_t intervals = 10; intervals > 1; --intervals) {
    Axis axis = axis_of(range, logarithmic, intervals);
    double end = -std::numeric_limits<double>::infinity();
    bool fits = true;
    for (const AxisTick& tick : axis.ticks) {
      if (tick.label.empty()) continue;
      const double half = marked_width(tick.label) * em / 2;
      const double at = axis.position(tick.value) * length;
      fits = fits && at - half >= end;
      end = at + half + x_tick_gap * em;
    }
    if (fits) return axis;
  }
  return axis_of(range, logarithmic, 1);
}

double widest_label(const Axis& axis) {
  double widest = 0;
  for (const AxisTick& tick : axis.ticks) widest = std::max(widest, marked_width(tick.label));
  return widest;
}

/// How far labels of x reach beyond the end of their axis.
double overhang(const Axis& axis, double length, double em) {
  double reach = 0;
  for (const AxisTick& tick : axis.ticks)
    reach = std::max(reach, axis.position(tick.value) * length + marked_width(tick.label) * em / 2 - length);
  return reach;
}

/// And beyond its beginning.
double underhang(const Axis& axis, double length, double em) {
  double reach = 0;
  for (const AxisTick& tick : axis.ticks)
    reach = std::max(reach, marked_width(tick.label) * em / 2 - axis.position(tick.value) * length);
  return reach;
}

struct KeyEntry {
  std::string text;
  PlacedSample sample;
};

std::vector<KeyEntry> entries_of(const FigureLine& line, const FigureShape& shape) {
  const double width = line.width > 0 ? line.width : shape.line_width;
  std::vector<KeyEntry> entries{
      {line.key.empty() ? line.label : line.key, {0, 0, 0, line.style, width, false}}};
  if (line.published) {
    entries.push_back({fmt::format("{} published {:.4g}", line.label, *line.published),
                       {0, 0, 0, line.style, width, true}});
  }
  return entries;
}

/// The columns of a key of `entries`, filled from above to below, and how wide each is (in inches).
struct KeyGrid {
  std::size_t rows = 0;
  std::vector<double> widths;
};

KeyGrid grid_with(const std::vector<KeyEntry>& entries, std::size_t columns, double em) {
  KeyGrid grid;
  grid.rows = (entries.size() + columns - 1) / columns;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t column = i / grid.rows;
    if (column == grid.widths.size()) grid.widths.push_back(0);
    grid.widths[column] =
        std::max(grid.widths[column], (sample_length + sample_gap + text_width(entries[i].text)) * em);
  }
  return grid;
}

double total_width(const KeyGrid& grid, double em) {
  double width = -entry_gap * em;
  for (const double column : grid.widths) width += column + entry_gap * em;
  return width;
}

KeyGrid key_grid(const std::vector<KeyEntry>& entries, double width, double em) {
  for (std::size_t columns = entries.size(); columns > 1; --columns) {
    KeyGrid grid = grid_with(entries, columns, em);
    if (total_width(grid, em) <= width) return grid;
  }
  KeyGrid grid = grid_with(entries, 1, em);
  if (!entries.empty() && total_width(grid, em) > width) {
    const auto longest = std::max_element(
        entries.begin(), entries.end(),
        [](const KeyEntry& a, const KeyEntry& b) { return text_width(a.text) < text_width(b.text); });
    throw FigureError(
        fmt::format("'{}' is too long for the key: it takes {:.1f} inches of {:.1f}; give it a shorter name "
                    "or the figure more width",
                    longest->text, grid.widths.front(), width));
  }
  return grid;
}

/// Everything that follows from panels and shape, step by step.
class Layouter {
 public:
  Layouter(const std::vector<FigurePanel>& panels, const FigureShape& shape)
      : panels_(panels), shape_(shape), em_(shape.points / 72) {
    columns_ = shape.columns;
    rows_ = (panels.size() + columns_ - 1) / columns_;
    one_quantity_ = std::all_of(panels.begin(), panels.end(), [&](const FigurePanel& panel) {
      return panel.y_label == panels.front().y_label;
    });
    // A label along an axis that is shorter than it would run into those of other rows.
    height_ = shape.plot_height;
    if (rows_ == 1 || !one_quantity_ || own_x_labels()) {
      for (const FigurePanel& panel : panels) height_ = std::max(height_, text_width(panel.y_label) * em_);
    }
    place_axes();
  }

  double panel_width() const { return width_; }

  FigureLayout layout() {
    if (width_ < least_panel_width) {
      throw FigureError(fmt::format(
          "{} panels side by side would be {:.2f} inches wide each, less than {:.1f}; take fewer columns, or "
          "fewer data sets",
          columns_, std::max(0.0, width_), least_panel_width));
    }
    make_keys();
    place_rows();
    for (PlacedText& text : result_.texts) text.y = result_.height - text.y;
    for (PlacedSample& sample : result_.samples) sample.y = result_.height - sample.y;
    for (PlacedPanel& panel : result_.panels) panel.bottom = result_.height - panel.bottom;
    return result_;
  }

 private:
  std::size_t column_of(std::size_t p) const { return p % columns_; }
  std::size_t row_of(std::size_t p) const { return p / columns_; }
  bool one_key() const { return shape_.key == FigureKey::below || shape_.key == FigureKey::above; }
  /// Labels of x at every panel: with a key below each, one for all would stand far from the axes.
  bool own_x_labels() const { return shape_.key == FigureKey::panel; }
  /// The label of y stands once per row where all of the row have it, at every panel elsewhere.
  bool has_y_label(std::size_t p) const {
    if (column_of(p) == 0) return true;
    return panels_[p].y_label != panels_[p - 1].y_label;
  }

  void place_axes() {
    std::vector<std::pair<Range2, Range2>> ranges;
    double largest_x = 0;
    for (const FigurePanel& panel : panels_) {
      auto [x, y] = data_ranges(panel, shape_);
      x = limited(x, panel.x_low, panel.x_high, panel, "x", shape_.log_x);
      y = limited(padded(y, shape_.log_y), panel.y_low, panel.y_high, panel, "y", shape_.log_y);
      largest_x = std::max({largest_x, std::abs(x.low), std::abs(x.high)});
      ranges.emplace_back(x, y);
    }
    result_.x_exponent = shape_.log_x ? 0 : shown_exponent(largest_x);
    const double unit = std::pow(10, result_.x_exponent);
    const auto y_intervals = static_cast<std::size_t>(std::max(2.0, height_ / (y_tick_space * em_)));
    left_.assign(columns_, 0);
    right_.assign(columns_, 0);
    for (std::size_t p = 0; p < panels_.size(); ++p) {
      PlacedPanel placed;
      placed.y = axis_of(ranges[p].second, shape_.log_y, std::min<std::size_t>(y_intervals, 8));
      double& left = left_[column_of(p)];
      double room = (tick_gap + widest_label(placed.y)) * em_;
      if (has_y_label(p) && !panels_[p].y_label.empty()) room += (label_gap + line_height) * em_;
      left = std::max(left, room);
      result_.panels.push_back(placed);
    }
    // The labels of x reach beyond the axes' ends, by how much depends on the panels' width: twice is enough.
    for (int pass = 0; pass < 2; ++pass) {
      double taken = 2 * edge_room * em_;
      for (std::size_t c = 0; c < columns_; ++c)
        taken += left_[c] + right_[c] + (c > 0 ? edge_room * em_ : 0);
      width_ = (shape_.width - taken) / static_cast<double>(columns_);
      if (shape_.plot_width > 0) width_ = std::min(width_, shape_.plot_width);
      if (width_ <= 0) return;
      for (std::size_t p = 0; p < panels_.size(); ++p) {
        const Range2& x = ranges[p].first;
        Axis axis = x_axis_of({x.low / unit, x.high / unit}, shape_.log_x, width_, em_);
        double& right = right_[column_of(p)];
        double& left = left_[column_of(p)];
        right = std::max(right, overhang(axis, width_, em_));
        left = std::max(left, underhang(axis, width_, em_));
        result_.panels[p].x = std::move(axis);
      }
    }
  }

  void make_keys() {
    if (shape_.key == FigureKey::panel) {
      for (const FigurePanel& panel : panels_) {
        std::vector<KeyEntry>& entries = keys_.emplace_back();
        for (const FigureLine& line : panel.lines) {
          for (KeyEntry& entry : entries_of(line, shape_)) entries.push_back(std::move(entry));
        }
      }
    } else if (one_key()) {
      std::vector<KeyEntry>& entries = keys_.emplace_back();
      std::set<std::string> known;
      for (const FigurePanel& panel : panels_) {
        for (const FigureLine& line : panel.lines) {
          for (KeyEntry& entry : entries_of(line, shape_)) {
            if (known.insert(entry.text).second) entries.push_back(std::move(entry));
          }
        }
      }
    }
  }

  double key_height(const KeyGrid& grid) const {
    return grid.rows == 0 ? 0 : (static_cast<double>(grid.rows) * line_height + key_gap) * em_;
  }

  /// `top`: of the key's first line.
  void place_key(const std::vector<KeyEntry>& entries, const KeyGrid& grid, double left, double top) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::size_t column = i / grid.rows;
      double x = left;
      for (std::size_t c = 0; c < column; ++c) x += grid.widths[c] + entry_gap * em_;
      const double y = top + (static_cast<double>(i % grid.rows) + 0.5) * line_height * em_;
      PlacedSample sample = entries[i].sample;
      sample.x = x;
      sample.y = y;
      sample.length = sample_length * em_;
      result_.samples.push_back(std::move(sample));
      result_.texts.push_back({x + (sample_length + sample_gap) * em_, y, entries[i].text});
    }
  }

  std::string title_of(std::size_t p) const {
    if (!shape_.letters) return panels_[p].title;
    const std::string letter = panel_letter(shape_.first_letter + p);
    return panels_[p].title.empty() ? letter : letter + " " + panels_[p].title;
  }

  /// The room that column `c` has, its labels included.
  double cell_width(std::size_t c) const { return left_[c] + width_ + right_[c]; }
  double cell_left(std::size_t c) const {
    double left = edge_room * em_;
    for (std::size_t before = 0; before < c; ++before) left += cell_width(before) + edge_room * em_;
    return left;
  }

  std::vector<std::string> title_lines(std::size_t p) const {
    const std::size_t c = column_of(p);
    const double room = width_ + right_[c];
    std::vector<std::string> lines = wrapped_lines(title_of(p), room / em_);
    for (const std::string& line : lines) {
      if (text_width(line) * em_ > room + left_[c]) {
        throw FigureError(
            fmt::format("the title '{}' is wider than its panel, {:.1f} of {:.1f} inches; give it a shorter "
                        "name, or take fewer columns",
                        line, text_width(line) * em_, room + left_[c]));
      }
    }
    return lines;
  }

  void place_title(std::size_t p, double below) {
    const std::vector<std::string> lines = title_lines(p);
    const double axis = cell_left(column_of(p)) + left_[column_of(p)];
    const double end = axis + width_ + right_[column_of(p)];
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const double up = static_cast<double>(lines.size() - i) - 0.5;
      const double x = std::min(axis, end - text_width(lines[i]) * em_);
      result_.texts.push_back({x, below - up * line_height * em_, lines[i]});
    }
  }

  void place_ticks(const PlacedPanel& panel, double bottom) {
    for (const AxisTick& tick : panel.x.ticks) {
      if (tick.label.empty()) continue;
      result_.texts.push_back({panel.left + panel.x.position(tick.value) * panel.width,
                               bottom + (tick_gap + 0.5) * em_, tick.label, TextAnchor::middle, false, true});
    }
    for (const AxisTick& tick : panel.y.ticks) {
      if (tick.label.empty()) continue;
      result_.texts.push_back({panel.left - tick_gap * em_,
                               bottom - panel.y.position(tick.value) * panel.height, tick.label,
                               TextAnchor::right, false, true});
    }
  }

  std::string x_label() const {
    if (result_.x_exponent == 0 || shape_.x_label.empty()) return shape_.x_label;
    return fmt::format("{} (10^{{{}}})", shape_.x_label, result_.x_exponent);
  }

  void place_x_label(double middle, double top) {
    // A name of the user's own is no formula, whatever characters it has.
    result_.texts.push_back({middle, top + 0.5 * line_height * em_, x_label(), TextAnchor::middle, false,
                             result_.x_exponent != 0});
  }

  void place_panel(std::size_t p, double bottom) {
    PlacedPanel& panel = result_.panels[p];
    const std::size_t c = column_of(p);
    panel.left = cell_left(c) + left_[c];
    panel.bottom = bottom;
    panel.width = width_;
    panel.height = height_;
    place_ticks(panel, bottom);
    if (has_y_label(p) && !panels_[p].y_label.empty() &&
        (!one_quantity_ || own_x_labels() || columns_ * rows_ == 1))
      place_y_label(p, bottom - panel.height / 2);
  }

  void place_y_label(std::size_t p, double middle) {
    const double x = cell_left(column_of(p)) + 0.5 * line_height * em_;
    result_.texts.push_back({x, middle, panels_[p].y_label, TextAnchor::middle, true, false});
  }

  double row_bottom_space(bool last, double key) const {
    double space = (tick_gap + 1) * em_;
    if (!shape_.x_label.empty() && (own_x_labels() || last)) space += (label_gap + line_height) * em_;
    return space + key;
  }

  void place_rows() {
    double y = edge_room * em_;
    result_.width = shape_.width;
    const double key_room = shape_.width - 2 * edge_room * em_;
    KeyGrid common;
    if (one_key()) common = key_grid(keys_.front(), key_room, em_);
    const double common_left =
        one_key() ? std::max(edge_room * em_, (shape_.width - total_width(common, em_)) / 2) : 0;
    if (shape_.key == FigureKey::above) {
      place_key(keys_.front(), common, common_left, y);
      y += key_height(common);
    }
    const double first_top = y;
    double last_bottom = y;
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::size_t begin = row * columns_;
      const std::size_t end = std::min(panels_.size(), begin + columns_);
      std::size_t title = 0;
      for (std::size_t p = begin; p < end; ++p) title = std::max(title, title_lines(p).size());
      // The uppermost label of y stands half above the axis.
      const double above = std::max(static_cast<double>(title) * line_height + 0.2, 0.6) * em_;
      const double bottom = y + above + height_;
      double key = 0;
      for (std::size_t p = begin; p < end; ++p) {
        place_panel(p, bottom);
        place_title(p, bottom - height_ - 0.2 * em_);
        const PlacedPanel& panel = result_.panels[p];
        if (!own_x_labels()) continue;
        const double under = bottom + (tick_gap + 1 + label_gap) * em_;
        if (!shape_.x_label.empty()) place_x_label(panel.left + panel.width / 2, under);
        const KeyGrid grid = key_grid(keys_[p], cell_width(column_of(p)), em_);
        place_key(keys_[p], grid, cell_left(column_of(p)), under + (line_height + key_gap) * em_);
        key = std::max(key, key_height(grid));
      }
      last_bottom = bottom;
      const bool last = row + 1 == rows_;
      y = bottom + row_bottom_space(last, key) + (last ? 0 : row_gap * em_);
    }
    place_common_labels(first_top, last_bottom);
    if (shape_.key == FigureKey::below) {
      place_key(keys_.front(), common, common_left, y + key_gap * em_);
      y += key_height(common);
    }
    result_.height = y + edge_room * em_;
  }

  void place_common_labels(double first_top, double last_bottom) {
    if (own_x_labels()) return;
    const double left = cell_left(0) + left_[0];
    const double right = cell_left(columns_ - 1) + left_[columns_ - 1] + width_;
    if (!shape_.x_label.empty())
      place_x_label((left + right) / 2, last_bottom + (tick_gap + 1 + label_gap) * em_);
    if (!one_quantity_ || panels_.front().y_label.empty() || columns_ * rows_ == 1) return;
    const double top = result_.panels.front().bottom - height_;
    place_y_label(0, (std::max(first_top, top) + last_bottom) / 2);
  }

  const std::vector<FigurePanel>& panels_;
  const FigureShape& shape_;
  double em_;
  std::size_t columns_ = 1, rows_ = 1;
  bool one_quantity_ = true;
  double width_ = 0, height_ = 0;     ///< between the axes
  std::vector<double> left_, right_;  ///< room beside the panels of each column
  std::vector<std::vector<KeyEntry>> keys_;
  FigureLayout result_;
};

}  // namespace

BandEnds band_ends(const FigureLine& line, std::size_t i, FigureBand band) {
  const double mean = line.band.mean[i];
  if (band == FigureBand::deviation && !line.band.deviation.empty())
    return {mean - line.band.deviation[i], mean + line.band.deviation[i]};
  if (band == FigureBand::range && !line.band.low.empty()) return {line.band.low[i], line.band.high[i]};
  return {mean, mean};
}

std::string panel_letter(std::size_t index) {
  std::string letters;
  for (std::size_t i = index + 1; i > 0; i = (i - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('a' + static_cast<char>((i - 1) % 26)));
  return "(" + letters + ")";
}

FigureLayout figure_layout(const std::vector<FigurePanel>& panels, const FigureShape& shape) {
  return Layouter(panels, shape).layout();
}

double plot_width(const std::vector<FigurePanel>& panels, const FigureShape& shape) {
  return Layouter(panels, shape).panel_width();
}

}  // namespace admmbench
