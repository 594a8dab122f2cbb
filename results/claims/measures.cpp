#include "results/claims/measures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "results/comparison/rates.hpp"
#include "results/record/columns.hpp"
#include "results/record/run_summary.hpp"
#include "results/statistics/performance_profile.hpp"

namespace admmbench {

namespace {

using Values = std::vector<double>;

/// Rises up to this share of the value are rounding in float32.
constexpr double rounding = 1e-6;

std::string stripped(const std::string& text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

double number(const std::string& text, const std::string& whole) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument(fmt::format("'{}': '{}' is not a number", whole, text));
  }
  return value;
}

bool takes_argument(const std::string& function) { return function == "reach" || function == "at"; }

Direction direction_of(const std::string& column) {
  return higher_is_better(column) ? Direction::increase : Direction::decrease;
}

double best(const std::string& column, const Values& values) {
  return higher_is_better(column) ? *std::max_element(values.begin(), values.end())
                                  : *std::min_element(values.begin(), values.end());
}

double rises(const Values& values) {
  double count = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    // Written so that NaN counts as a rise.
    if (!(values[i] <= values[i - 1] + rounding * std::max(1.0, std::abs(values[i - 1])))) ++count;
  }
  return count;
}

double reach(const Measure& measure, const Trajectory& trajectory, const Values& values) {
  const auto found = first_reaching(values, *measure.argument, direction_of(measure.column));
  return found ? static_cast<double>(trajectory.iteration[*found]) : std::numeric_limits<double>::infinity();
}

/// The value of the last record up to iteration `iteration`.
double value_at(const Trajectory& trajectory, const Values& values, double iteration) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (static_cast<double>(trajectory.iteration[i]) <= iteration) last = i;
  }
  return values[last];
}

std::optional<double> per_iteration(const Trajectory& trajectory, const Values& values) {
  const auto iterations = static_cast<double>(trajectory.iteration.back() - trajectory.iteration.front());
  if (iterations <= 0) return std::nullopt;
  return (values.back() - values.front()) / iterations;
}

/// Where a record that tends to zero ends in rounding: ten times the machine epsilon of its largest value.
double rounding_floor(const RunRecord& run, double largest) {
  const double epsilon = run.attributes.precision == "float32" ? std::numeric_limits<float>::epsilon()
                                                               : std::numeric_limits<double>::epsilon();
  return 10 * epsilon * largest;
}

/// Below 1 by a margin where m_k, the running minimum from the largest value on (a feasible start has residual 0), is o(1/k): k m_k at the end
/// of the record over the same at half of it, and the same for its first half; the larger of the two, so that one lucky step does not
/// make it. 1/k gives 1. The record ends where it is rounding, which no longer falls and says nothing of the method.
std::optional<double> k_times(const RunRecord& run, const Values& all) {
  const Trajectory& trajectory = run.trajectory;
  // The step to the initial point is none.
  const auto start = std::find_if(all.begin(), all.end(), [](double value) { return std::isfinite(value); });
  const auto largest = std::max_element(start, all.end());
  if (largest == all.end()) return std::nullopt;
  const auto first = static_cast<std::size_t>(largest - all.begin());
  Values minimum = running_minimum(Values(largest, all.end()));
  if (first + minimum.size() < all.size()) return std::nullopt;  // it ends in NaN
  const double floor = rounding_floor(run, *largest);
  const auto cut = std::find_if(minimum.begin(), minimum.end(), [&](double m) { return m <= floor; });
  const bool reached = cut != minimum.end();
  minimum.erase(cut, minimum.end());
  const std::size_t end = first + minimum.size();  // entries of the record
  if (end < 9 || first >= (end - 1) / 4) {
    // Too short for two halvings: at rounding at once, or not a record.
    return reached && end > first ? std::optional(0.0) : std::nullopt;
  }
  const auto scaled = [&](std::size_t i) {
    return static_cast<double>(trajectory.iteration[i]) * minimum[i - first];
  };
  const std::size_t last = end - 1;
  return std::max(scaled(last) / scaled(last / 2), scaled(last / 2) / scaled(last / 4));
}

std::optional<double> rate_measure(const Measure& measure, const RunRecord& run) {
  const RateEstimate estimate =
      rate_of(run, {measure.column, known_optimum(measure.column)}).value_or(RateEstimate{});
  if (measure.function == "tail") return static_cast<double>(estimate.model);
  if (estimate.model == RateModel::undetermined) return std::nullopt;
  const auto [value, interval] = rate_parameter(estimate, estimate.model);
  return measure.function == "rate" ? value : interval.upper;
}

/// The largest relative movement of a hidden layer's weights: all columns weight_change_l but the last.
std::optional<double> hidden_weight_change(const Trajectory& trajectory) {
  std::optional<double> largest;
  for (int layer = 1; trajectory.find(fmt::format("weight_change_{}", layer + 1)) != nullptr; ++layer) {
    const Values* values = trajectory.find(fmt::format("weight_change_{}", layer));
    if (values != nullptr && !values->empty()) largest = std::max(largest.value_or(0), values->back());
  }
  return largest;
}

std::optional<double> output_weight_change(const Trajectory& trajectory) {
  int layer = 1;
  while (trajectory.find(fmt::format("weight_change_{}", layer + 1)) != nullptr) ++layer;
  const Values* values = trajectory.find(fmt::format("weight_change_{}", layer));
  return values == nullptr || values->empty() ? std::nullopt : std::optional(values->back());
}

}  // namespace

std::vector<std::pair<std::string, std::string>> measure_functions() {
  return {
      {"best", "the best entry of the column"},
      {"rises", "how often it rose from one record to the next, beyond 1e-6 of its size"},
      {"reach", "first iteration at which it reaches the argument; infinite if it never does"},
      {"at", "its entry at that iteration, or at the last record before"},
      {"per_iteration", "its growth over the run divided by the iterations"},
      {"k_times",
       "k m_k at the end over the same at half the run, m the running minimum, and so for its first half: "
       "the larger, well below 1 for o(1/k)"},
      {"tail", "the tail's model: 0 linear, 1 sublinear, 2 superlinear, 3 undetermined"},
      {"rate", "the factor, exponent or order of that model"},
      {"rate_upper", "the upper end of its 95 % interval"},
      {"weights", "the largest relative change of a layer's weights: weights(hidden) or weights(output)"}};
}

Measure parse_measure(const std::string& text) {
  Measure measure;
  measure.text = stripped(text);
  const auto open = measure.text.find('(');
  if (open == std::string::npos) {
    measure.column = measure.text;
    if (measure.column.empty()) throw std::invalid_argument("a measure is needed here");
    return measure;
  }
  measure.function = stripped(measure.text.substr(0, open));
  std::vector<std::string> known;
  for (const auto& function : measure_functions()) known.push_back(function.first);
  if (std::find(known.begin(), known.end(), measure.function) == known.end()) {
    throw std::invalid_argument(fmt::format("'{}': there is no function '{}'; allowed: {}", text,
                                            measure.function, fmt::join(known, ", ")));
  }
  if (measure.text.back() != ')') throw std::invalid_argument(fmt::format("'{}': ')' is missing", text));
  const std::string inside = measure.text.substr(open + 1, measure.text.size() - open - 2);
  const auto comma = inside.find(',');
  measure.column = stripped(inside.substr(0, comma));
  if (comma != std::string::npos) measure.argument = number(stripped(inside.substr(comma + 1)), text);
  if (measure.column.empty() || takes_argument(measure.function) != measure.argument.has_value()) {
    throw std::invalid_argument(fmt::format("'{}': {} is written {}(COLUMN{})", text, measure.function,
                                            measure.function,
                                            takes_argument(measure.function) ? ", NUMBER" : ""));
  }
  if (measure.function == "weights" && measure.column != "hidden" && measure.column != "output") {
    throw std::invalid_argument(fmt::format("'{}': allowed: weights(hidden), weights(output)", text));
  }
  return measure;
}

std::optional<double> evaluate(const Measure& measure, const RunRecord& run) {
  const Trajectory& trajectory = run.trajectory;
  if (measure.function == "weights") {
    return measure.column == "hidden" ? hidden_weight_change(trajectory) : output_weight_change(trajectory);
  }
  const Values* values = trajectory.find(measure.column);
  if (values == nullptr || values->empty()) return std::nullopt;
  if (measure.function.empty()) return values->back();
  if (measure.function == "best") return best(measure.column, *values);
  if (measure.function == "rises") return rises(*values);
  if (measure.function == "reach") return reach(measure, trajectory, *values);
  if (measure.function == "at") return value_at(trajectory, *values, *measure.argument);
  if (measure.function == "per_iteration") return per_iteration(trajectory, *values);
  if (measure.function == "k_times") return k_times(run, *values);
  return rate_measure(measure, run);
}

RunRecord summarize_run(const RunRecord& run, const std::vector<Measure>& measures) {
  RunRecord summary = summarize_run(run);
  for (const Measure& measure : measures) {
    if (measure.function.empty() || summary.last(measure.text)) continue;
    if (const auto value = evaluate(measure, run)) summary.end.last.emplace_back(measure.text, *value);
  }
  return summary;
}

}  // namespace admmbench
