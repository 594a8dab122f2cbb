#include "results/comparison/live_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>

#include "core/io/markdown.hpp"
#include "results/record/columns.hpp"
#include "results/record/find_or_add.hpp"

namespace admmbench {

namespace {

constexpr std::size_t curve_width = 8;

/// Means of `count` stretches of equal length.
std::vector<double> stretches(const std::vector<double>& values, std::size_t count) {
  std::vector<double> means;
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * values.size() / count);
    const auto end = values.begin() + static_cast<std::ptrdiff_t>((i + 1) * values.size() / count);
    means.push_back(std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin));
  }
  return means;
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - display_length(text), ' ');
}

}  // namespace

std::string sparkline(const std::vector<double>& values, std::size_t width) {
  constexpr std::array<std::string_view, 8> bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::vector<double> shown = values.size() > width ? stretches(values, width) : values;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double value : shown) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  std::string text;
  for (const double value : shown) {
    if (!std::isfinite(value)) {
      text += ' ';
      continue;
    }
    const double height = high > low ? (value - low) / (high - low) : 0;
    text += bars.at(static_cast<std::size_t>(std::lround(height * static_cast<double>(bars.size() - 1))));
  }
  return text;
}

void LiveTable::plan(const std::string& method, const std::string& dataset) {
  const std::size_t row = find_or_add(methods_, method);
  ++cells_[{row, find_or_add(datasets_, dataset)}].planned;
}

void LiveTable::add(const std::string& method, const std::string& dataset, const RunRecord& run) {
  const std::size_t row = find_or_add(methods_, method);
  Cell& cell = cells_[{row, find_or_add(datasets_, dataset)}];
  ++cell.ended;
  const std::optional<double> last = run.finished() ? final_value(run, metric_) : std::nullopt;
  if (!last) return;
  cell.sum += *last;
  const std::vector<double>* column = run.trajectory.find(column_behind(metric_));
  const std::vector<double> curve = column != nullptr ? *column : std::vector<double>{};
  if (cell.finished++ == 0) {
    cell.curve = curve;
    return;
  }
  cell.curve.resize(std::min(cell.curve.size(), curve.size()));
  for (std::size_t i = 0; i < cell.curve.size(); ++i) cell.curve[i] += curve[i];
}

std::string LiveTable::cell_text(const Cell& cell) const {
  if (cell.planned == 0) return {};
  const std::string count = fmt::format("{}/{}", cell.ended, cell.planned);
  const std::string lost =
      cell.ended > cell.finished ? fmt::format(" ({} lost)", cell.ended - cell.finished) : "";
  if (cell.finished == 0) return fmt::format("– {}{}", count, lost);
  const double mean = cell.sum / static_cast<double>(cell.finished);
  return fmt::format("{} {} {}{}",
                     higher_is_better(metric_) ? fmt::format("{:.4f}", mean) : fmt::format("{:.4g}", mean),
                     padded(sparkline(cell.curve, curve_width), curve_width), count, lost);
}

std::string LiveTable::text(std::size_t columns) const {
  const bool higher = higher_is_better(metric_);
  const auto mean_of_row = [&](std::size_t row) {
    double sum = 0;
    double count = 0;
    for (std::size_t d = 0; d < datasets_.size(); ++d) {
      const auto cell = cells_.find({row, d});
      if (cell == cells_.end() || cell->second.finished == 0) continue;
      sum += cell->second.sum / static_cast<double>(cell->second.finished);
      count += 1;
    }
    const double worst = std::numeric_limits<double>::infinity();
    return count > 0 ? (higher ? -sum : sum) / count : worst;
  };
  std::vector<std::size_t> order(methods_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return mean_of_row(a) < mean_of_row(b); });
  std::vector<std::vector<std::string>> grid{{metric_}};
  grid.front().insert(grid.front().end(), datasets_.begin(), datasets_.end());
  for (const std::size_t row : order) {
    std::vector<std::string> line{methods_[row]};
    for (std::size_t d = 0; d < datasets_.size(); ++d) {
      const auto cell = cells_.find({row, d});
      line.push_back(cell == cells_.end() ? "" : cell_text(cell->second));
    }
    grid.push_back(std::move(line));
  }
  return aligned_columns(grid, columns);
}

}  // namespace admmbench
