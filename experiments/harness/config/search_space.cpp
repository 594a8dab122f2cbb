#include "experiments/harness/config/search_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/compute/rng.hpp"
#include "core/io/sha256.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/yaml_reader.hpp"

namespace admmbench {

namespace {

constexpr long most_integers = 10000;  // of one parameter, as a list of values

/// Six digits: enough to search, and few enough to be typed in again.
double rounded(double value, const SearchAxis::Interval& interval) {
  return std::clamp(std::stod(fmt::format("{:.5e}", value)), interval.low, interval.high);
}

/// The value at the fraction `u` of the way through the interval.
double value_at(const SearchAxis::Interval& interval, double u) {
  if (!interval.logarithmic) return rounded(interval.low + u * (interval.high - interval.low), interval);
  return rounded(std::exp(std::log(interval.low) + u * (std::log(interval.high) - std::log(interval.low))),
                 interval);
}

ConfigValue number_at(const Origin& origin, double value) {
  ConfigValue result = ConfigValue::number(value);
  result.origin = origin;
  return result;
}

std::pair<const ConfigValue*, const ConfigValue*> two_ends(const ConfigValue& value,
                                                           const std::string& path) {
  const auto& ends = to_items(value, path, "two numbers, [low, high]");
  if (ends.size() != 2) {
    config_error(value.origin, path, fmt::format("has {} entries; allowed: two, [low, high]", ends.size()));
  }
  return {&ends[0], &ends[1]};
}

SearchAxis::Interval read_interval(const ConfigValue& value, const std::string& path, bool logarithmic) {
  const auto [low, high] = two_ends(value, path);
  const Range range = logarithmic ? positive : any_number;
  const SearchAxis::Interval interval{to_real(*low, path, range), to_real(*high, path, range), logarithmic};
  if (interval.low >= interval.high) {
    config_error(value.origin, path,
                 fmt::format("{} is not below {}; allowed: [low, high]", low->text, high->text));
  }
  return interval;
}

std::vector<ConfigValue> read_integers(const ConfigValue& value, const std::string& path) {
  const auto [first, last] = two_ends(value, path);
  const long low = to_integer(*first, path, any_number);
  const long high = to_integer(*last, path, any_number);
  if (low >= high || high - low >= most_integers) {
    config_error(value.origin, path,
                 fmt::format("{} to {}; allowed: [low, high] with low < high and at most {} values", low,
                             high, most_integers));
  }
  std::vector<ConfigValue> values;
  for (long i = low; i <= high; ++i) {
    values.push_back(ConfigValue::number(i));
    values.back().origin = value.origin;
  }
  return values;
}

SearchAxis read_axis(const std::string& key, const ConfigValue& value, const std::string& path) {
  SearchAxis axis{key, value.origin, {}, {}};
  if (!value.is_map()) {
    axis.values =
        to_items(value, path, "values, or a mapping {uniform | log_uniform | integers: [low, high]}");
    if (axis.values.empty()) config_error(value.origin, path, "empty; allowed: at least one value");
    std::set<std::string> seen;
    for (const ConfigValue& item : axis.values) {
      if (!seen.insert(to_flow(item)).second)
        config_error(value.origin, path, fmt::format("{} is given twice", to_flow(item)));
    }
    return axis;
  }
  ConfigProblems problems;
  SearchRange keys;
  read_keys(keys, value, path, problems);
  problems.throw_if_any();
  const MapReader range(value, path, problems);
  const ConfigValue* points = range.find("points");
  if (value.members.size() != (points == nullptr ? 1U : 2U)) {
    config_error(value.origin, path, "needs exactly one of uniform, log_uniform, integers");
  }
  if (const ConfigValue* ends = range.find("integers")) {
    if (points != nullptr)
      config_error(points->origin, range.path("points"), "does not apply with integers; allowed: a list");
    axis.values = read_integers(*ends, range.path("integers"));
    return axis;
  }
  const bool logarithmic = range.find("log_uniform") != nullptr;
  const std::string kind = logarithmic ? "log_uniform" : "uniform";
  axis.interval = read_interval(*range.find(kind), range.path(kind), logarithmic);
  if (keys.points) {
    const long count = *keys.points;
    for (long i = 0; i < count; ++i) {
      const double u = static_cast<double>(i) / static_cast<double>(count - 1);
      axis.values.push_back(number_at(value.origin, value_at(*axis.interval, u)));
    }
    axis.interval.reset();
  }
  return axis;
}

/// A stream of random numbers for each parameter, by its name.
std::vector<Rng> streams(const std::vector<SearchAxis>& axes, long seed) {
  std::vector<Rng> result;
  for (const SearchAxis& axis : axes) {
    result.emplace_back(static_cast<std::uint64_t>(seed),
                        std::stoull(sha256("search " + axis.key).substr(0, 16), nullptr, 16));
  }
  return result;
}

using Indices = std::vector<std::size_t>;  // into the values of each axis; 0 for an interval

SearchValues values_of(const std::vector<SearchAxis>& axes, const Indices& indices) {
  SearchValues point;
  for (std::size_t a = 0; a < axes.size(); ++a) point.emplace_back(axes[a].key, axes[a].values[indices[a]]);
  return point;
}

/// The whole product, last axis fastest.
std::vector<SearchValues> all_points(const std::vector<SearchAxis>& axes) {
  std::vector<SearchValues> points;
  Indices at(axes.size(), 0);
  while (true) {
    points.push_back(values_of(axes, at));
    std::size_t a = axes.size();
    while (a > 0 && ++at[a - 1] == axes[a - 1].values.size()) at[--a] = 0;
    if (a == 0) return points;
  }
}

}  // namespace

void SearchRange::visit(ParameterVisitor& v) {
  v.other("uniform", "[number, number]", "[low, high]");
  v.other("log_uniform", "[positive, positive]", "[low, high], drawn uniformly in the logarithm");
  v.other("integers", "[integer, integer]", "[low, high]: all whole numbers between them");
  v.integer("points", points, {2, most_integers, false, false},
            "turns an interval into so many values, ends included");
}

std::vector<SearchAxis> read_search_space(const ConfigValue& value, const std::string& path) {
  if (!value.is_map() || value.members.empty()) {
    config_error(
        value.origin, path,
        "not a mapping of parameters; allowed: parameter: [values] or parameter: {log_uniform: [low, "
        "high]}");
  }
  std::vector<SearchAxis> axes;
  for (const auto& [key, member] : value.members)
    axes.push_back(read_axis(key, member, child_path(path, key)));
  return axes;
}

std::optional<double> space_size(const std::vector<SearchAxis>& axes) {
  double size = 1;
  for (const SearchAxis& axis : axes) {
    if (axis.interval) return std::nullopt;
    size *= static_cast<double>(axis.values.size());
  }
  return size;
}

std::vector<SearchValues> search_points(const std::vector<SearchAxis>& axes, TuneOptions::Method method,
                                        std::size_t count, long seed, const std::string& path) {
  if (method == TuneOptions::Method::grid) {
    for (const SearchAxis& axis : axes) {
      if (axis.interval) {
        config_error(axis.origin, child_path(path, axis.key),
                     "a grid needs values; allowed: a list, `points: n` beside the interval, or `method: "
                     "random` under `tune:`");
      }
    }
  }
  const std::optional<double> size = space_size(axes);
  if (size && *size <= static_cast<double>(count)) return all_points(axes);

  std::vector<Rng> random = streams(axes, seed);
  std::vector<std::pair<Indices, SearchValues>> drawn;
  std::set<Indices> seen;
  while (drawn.size() < count) {
    Indices indices;
    SearchValues point;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      const SearchAxis& axis = axes[a];
      if (axis.interval) {
        indices.push_back(0);
        point.emplace_back(axis.key, number_at(axis.origin, value_at(*axis.interval, random[a].uniform())));
      } else {
        indices.push_back(static_cast<std::size_t>(random[a].below(axis.values.size())));
        point.emplace_back(axis.key, axis.values[indices.back()]);
      }
    }
    if (size && !seen.insert(indices).second) continue;  // a point of a finite space is tried once
    drawn.emplace_back(std::move(indices), std::move(point));
  }
  if (method == TuneOptions::Method::grid) {
    std::sort(drawn.begin(), drawn.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  std::vector<SearchValues> points;
  for (auto& [indices, point] : drawn) points.push_back(std::move(point));
  return points;
}

}  // namespace admmbench
