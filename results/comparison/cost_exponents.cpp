#include "results/comparison/cost_exponents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <charconv>
#include <cmath>
#include <map>

#include "core/io/csv.hpp"
#include "core/io/markdown.hpp"
#include "results/record/find_or_add.hpp"
#include "results/record/run_set.hpp"
#include "results/record/run_summary.hpp"
#include "results/statistics/tests.hpp"

namespace admmbench {

namespace {

constexpr double confidence = 0.95;
const std::vector<std::string> costs{"flops", "seconds"};

struct Method {
  std::string experiment, profile, label;
  bool operator==(const Method&) const = default;
};

/// Slope of the line through the points, and half of Student's interval of it.
std::pair<double, double> least_squares(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  const double mean_x = mean_of(x);
  const double mean_y = mean_of(y);
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  const double slope = xy / xx;
  const double variance = std::max(0.0, yy - slope * xy) / (n - 2);
  const double t = boost::math::quantile(boost::math::students_t(n - 2), 0.5 + confidence / 2);
  return {slope, t * std::sqrt(variance / xx)};
}

/// Cost of an iteration: mean over the runs of what is exact, least of what is timed.
double typical(const std::vector<double>& values, const std::string& cost) {
  if (cost == "seconds") return *std::min_element(values.begin(), values.end());
  return mean_of(values);
}

std::string interval_text(const std::optional<ExponentFit>& fit) {
  if (!fit) return "–";
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", fit->slope, fit->interval.lower, fit->interval.upper);
}

std::string tail_text(const std::optional<ExponentFit>& fit) {
  if (!fit) return "–";
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", fit->slope, fit->local.lower, fit->local.upper);
}

const ExponentRow* other_cost(const std::vector<ExponentRow>& rows, const ExponentRow& row) {
  for (const ExponentRow& other : rows) {
    if (other.experiment == row.experiment && other.profile == row.profile && other.label == row.label &&
        other.cost != row.cost)
      return &other;
  }
  return nullptr;
}

}  // namespace

std::optional<double> size_of(const std::string& dataset) {
  const auto digit = dataset.find_last_not_of("0123456789");
  const std::string digits = digit == std::string::npos ? dataset : dataset.substr(digit + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value > 0 ? std::optional(value) : std::nullopt;
}

std::optional<ExponentFit> fit_exponent(std::vector<std::pair<double, double>> points, std::size_t largest) {
  std::sort(points.begin(), points.end());
  if (largest > 0 && points.size() > largest)
    points.erase(points.begin(), points.end() - static_cast<std::ptrdiff_t>(largest));
  if (points.size() < 3) return std::nullopt;
  std::vector<double> x, y;
  for (const auto& [size, cost] : points) {
    if (!(cost > 0) || !std::isfinite(cost)) return std::nullopt;
    x.push_back(std::log(size));
    y.push_back(std::log(cost));
  }
  const auto [slope_of_all, half_width] = least_squares(x, y);
  ExponentFit result{points.size(),
                     slope_of_all,
                     {slope_of_all - half_width, slope_of_all + half_width},
                     {slope_of_all, slope_of_all}};
  for (std::size_t i = 1; i < x.size(); ++i) {
    const double slope = (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
    result.local = {std::min(result.local.lower, slope), std::max(result.local.upper, slope)};
  }
  return result;
}

std::vector<ExponentRow> exponents(const std::vector<RunRecord>& runs) {
  std::vector<Method> methods;
  std::vector<std::map<std::string, std::map<double, std::vector<double>>>> values;  // cost -> size -> runs
  for (const RunRecord* one : distinct_runs(runs)) {
    const RunRecord& run = *one;
    const RunAttributes& a = run.attributes;
    const std::optional<double> size = size_of(a.dataset);
    if (!size || !run.finished() || run.iterations() <= 0) continue;
    const std::size_t m = find_or_add(methods, {a.experiment, run.config.profile, a.label});
    values.resize(methods.size());
    for (const std::string& cost : costs) {
      const auto total = run.last(cost);
      if (total) values[m][cost][*size].push_back(*total / static_cast<double>(run.iterations()));
    }
  }
  std::vector<ExponentRow> rows;
  for (std::size_t m = 0; m < methods.size(); ++m) {
    for (const std::string& cost : costs) {
      std::vector<std::pair<double, double>> points;
      for (const auto& [size, of_size] : values[m][cost]) points.emplace_back(size, typical(of_size, cost));
      if (points.size() < 3) continue;
      ExponentRow row{methods[m].experiment,
                      methods[m].profile,
                      methods[m].label,
                      points.front().first,
                      points.back().first,
                      points.size(),
                      cost,
                      fit_exponent(points),
                      {}};
      row.tail = fit_exponent(points, std::max<std::size_t>(3, points.size() / 2));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string to_markdown(const std::vector<ExponentRow>& rows) {
  std::string text;
  const ExponentRow* before = nullptr;
  std::optional<MarkdownTable> table;
  for (const ExponentRow& row : rows) {
    const ExponentRow* other = other_cost(rows, row);
    if (row.cost == "seconds" && other != nullptr) continue;  // shown beside the flops
    if (before == nullptr || before->experiment != row.experiment || before->profile != row.profile) {
      if (table) text += table->text() + "\n";
      text += fmt::format(
          "**{}{}: cost of an iteration ~ size^p, {} sizes from {:g} to {:g}**\n\n"
          "p of all sizes with its 95 % interval; of the largest sizes with the slopes between "
          "neighbours.\n\n",
          row.experiment, row.profile.empty() ? "" : ", profile " + row.profile, row.sizes, row.smallest,
          row.largest);
      table.emplace(
          std::vector<std::string>{"method", "operations", "largest sizes", "seconds", "largest sizes"});
    }
    before = &row;
    const ExponentRow* flops = row.cost == "flops" ? &row : nullptr;
    const ExponentRow* seconds = row.cost == "seconds" ? &row : other;
    const std::optional<ExponentFit> none;
    table->add({row.label, interval_text(flops ? flops->whole : none), tail_text(flops ? flops->tail : none),
                interval_text(seconds ? seconds->whole : none), tail_text(seconds ? seconds->tail : none)});
  }
  if (table) text += table->text();
  return text;
}

std::string to_csv(const std::vector<ExponentRow>& rows) {
  std::string text =
      "experiment,profile,label,cost,sizes,smallest,largest,exponent,lower,upper,tail_sizes,tail_exponent,"
      "tail_local_lower,tail_local_upper\n";
  for (const ExponentRow& row : rows) {
    text += fmt::format("{},{},{},{},{},{},{}", csv_field(row.experiment), csv_field(row.profile),
                        csv_field(row.label), row.cost, row.sizes, csv_number(row.smallest),
                        csv_number(row.largest));
    text += row.whole
                ? fmt::format(",{},{},{}", csv_number(row.whole->slope),
                              csv_number(row.whole->interval.lower), csv_number(row.whole->interval.upper))
                : ",,,";
    text += row.tail ? fmt::format(",{},{},{},{}\n", row.tail->sizes, csv_number(row.tail->slope),
                                   csv_number(row.tail->local.lower), csv_number(row.tail->local.upper))
                     : ",,,,\n";
  }
  return text;
}

}  // namespace admmbench
