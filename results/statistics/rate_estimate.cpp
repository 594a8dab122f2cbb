#include "results/statistics/rate_estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "results/statistics/model_fits.hpp"

namespace admmbench {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t beyond_hump = 4;

void check(const std::vector<std::int64_t>& iteration, const std::vector<double>& values,
           const RateOptions& options) {
  if (iteration.size() != values.size())
    throw std::invalid_argument("rate: iterations and values differ in number");
  for (std::size_t i = 1; i < iteration.size(); ++i) {
    if (iteration[i] <= iteration[i - 1]) throw std::invalid_argument("rate: iterations must increase");
  }
  if (!(options.confidence > 0 && options.confidence < 1))
    throw std::invalid_argument("rate: confidence must be between 0 and 1");
  if (options.minimum_points < 6)
    throw std::invalid_argument("rate: fewer than six points cannot decide between models");
  if (!(options.resolution >= 0)) throw std::invalid_argument("rate: the resolution must not be negative");
}

/// Log of the running minimum against iteration number and its logarithm, for the entries from `begin` on. In so short a
/// record that iteration 0 is needed its logarithm is that of 1/2.
struct Tail {
  std::vector<double> k, log_k, y;

  Tail(const std::vector<std::int64_t>& iteration, const std::vector<double>& minimum, std::size_t begin) {
    for (std::size_t i = begin; i < minimum.size(); ++i) {
      k.push_back(static_cast<double>(iteration[i]));
      log_k.push_back(std::log(std::max(k.back(), 0.5)));
      y.push_back(std::log(minimum[i]));
    }
  }
};

std::vector<double> part(const std::vector<double>& values, std::size_t begin, std::size_t end) {
  return {values.begin() + static_cast<std::ptrdiff_t>(begin),
          values.begin() + static_cast<std::ptrdiff_t>(end)};
}

/// Lepskii's rule: the start of the longest tail whose slope lies in the interval of every shorter tail's.
std::size_t longest_straight_tail(const std::vector<double>& x, const std::vector<double>& y,
                                  const std::vector<std::size_t>& starts, double confidence) {
  std::vector<LineFit> shorter;
  std::size_t best = starts.front();
  for (const std::size_t start : starts) {
    const LineFit fit = fit_line(part(x, start, x.size()), part(y, start, y.size()), confidence);
    // A thousandth: the intervals of a noiseless sequence are so short that any transient would end the tail.
    const bool agrees = std::all_of(shorter.begin(), shorter.end(), [&](const LineFit& other) {
      return std::abs(fit.slope - other.slope) <= other.half_width + 1e-3 * std::abs(other.slope);
    });
    if (!agrees) break;
    best = start;
    shorter.push_back(fit);
  }
  return best;
}

std::size_t window_begin(const Tail& tail, std::size_t minimum_points, double confidence) {
  const std::size_t n = tail.y.size();
  const std::size_t shortest = std::max(minimum_points, n / 3);
  const std::size_t longest = n < 2 * minimum_points ? n : std::max(shortest, n - n / 4);
  const std::size_t step = std::max<std::size_t>(1, n / 12);
  std::vector<std::size_t> starts;
  for (std::size_t length = shortest; length <= longest; length += step) starts.push_back(n - length);
  return std::min(longest_straight_tail(tail.k, tail.y, starts, confidence),
                  longest_straight_tail(tail.log_k, tail.y, starts, confidence));
}

/// Whether the slopes of the two halves differ by more than the fraction `stability`, and significantly. About a smooth
/// drift (few independent residuals) significance has nothing to say: then the size alone decides.
bool slope_changes(const std::vector<double>& x, const std::vector<double>& y, const LineFit& whole,
                   const RateOptions& options) {
  const std::size_t middle = x.size() / 2;
  const LineFit early = fit_line(part(x, 0, middle), part(y, 0, middle), options.confidence);
  const LineFit late = fit_line(part(x, middle, x.size()), part(y, middle, y.size()), options.confidence);
  const double difference = std::abs(early.slope - late.slope);
  const bool significant =
      whole.effective_count < 4 || difference > std::hypot(early.half_width, late.half_width);
  return significant && difference > options.stability * std::abs(0.5 * (early.slope + late.slope));
}

/// The logarithm of r^k (1 - r^k), a linear sequence's decrease from k to 2k, without its second factor: a line. r is that of the line,
/// found by repeating it; four hump lengths on the factor is 15/16 or more.
std::vector<double> as_line_of_doubled(const std::vector<double>& k, const std::vector<double>& y,
                                       double confidence) {
  std::vector<double> line = y;
  for (int pass = 0; pass < 8; ++pass) {
    const double slope = fit_line(k, line, confidence).slope;
    if (!(slope * k.front() < -1)) return y;  // no linear sequence this far beyond its hump
    for (std::size_t i = 0; i < k.size(); ++i) line[i] = y[i] - std::log1p(-std::exp(slope * k[i]));
  }
  return line;
}

RateEstimate undetermined(RateEstimate estimate, std::string reason) {
  estimate.model = RateModel::undetermined;
  estimate.reason = std::move(reason);
  return estimate;
}

/// Entries since the last new minimum.
std::size_t stall(const std::vector<double>& minimum) {
  std::size_t last = 0;
  for (std::size_t i = 1; i < minimum.size(); ++i) {
    if (minimum[i] < minimum[last] * (1 - 1e-9)) last = i;
  }
  return minimum.size() - 1 - last;
}

}  // namespace

std::string to_string(RateModel model) {
  switch (model) {
    case RateModel::linear:
      return "linear";
    case RateModel::sublinear:
      return "sublinear";
    case RateModel::superlinear:
      return "superlinear";
    case RateModel::undetermined:
      return "undetermined";
  }
  throw std::invalid_argument("to_string: RateModel");
}

RateEstimate::RateEstimate()
    : factor(not_a_number),
      factor_interval{not_a_number, not_a_number},
      exponent(not_a_number),
      exponent_interval{not_a_number, not_a_number},
      order(not_a_number),
      order_interval{not_a_number, not_a_number},
      r_squared(not_a_number),
      aicc_linear(infinity),
      aicc_sublinear(infinity),
      aicc_superlinear(infinity) {}

std::vector<double> running_minimum(const std::vector<double>& values) {
  std::vector<double> minimum;
  for (const double value : values) {
    if (!std::isfinite(value)) break;
    minimum.push_back(minimum.empty() ? value : std::min(minimum.back(), value));
  }
  return minimum;
}

RateEstimate estimate_rate(const std::vector<std::int64_t>& iteration, const std::vector<double>& values,
                           const RateOptions& options) {
  check(iteration, values, options);
  RateEstimate result;
  // A start that satisfies the constraints has residual 0 and would be the minimum for ever: the record counts from its
  // largest value on.
  const auto finite_end =
      std::find_if(values.begin(), values.end(), [](double v) { return !std::isfinite(v); });
  const auto largest = std::max_element(values.begin(), finite_end);
  const auto peak = static_cast<std::size_t>(largest - values.begin());
  std::vector<double> minimum = running_minimum({largest, finite_end});
  const std::vector<std::int64_t> numbers(iteration.begin() + static_cast<std::ptrdiff_t>(peak),
                                          iteration.end());
  const double floor = 10 * options.resolution;
  minimum.erase(std::find_if(minimum.begin(), minimum.end(), [&](double m) { return !(m > floor); }),
                minimum.end());
  result.cut = peak + minimum.size();
  if (minimum.size() < options.minimum_points) {
    return undetermined(result, fmt::format("too short: {} usable values from the largest on, {} needed",
                                            minimum.size(), options.minimum_points));
  }
  const std::size_t stalled = stall(minimum);
  if (stalled >= 3 && static_cast<double>(stalled) >= options.plateau * static_cast<double>(minimum.size())) {
    return undetermined(
        result, fmt::format("plateau: no new minimum in the last {} of {} values", stalled, minimum.size()));
  }

  // log k needs k >= 1; the initial point is no iteration of the method anyway.
  const std::size_t offset = numbers.front() < 1 && minimum.size() > options.minimum_points ? 1 : 0;
  const Tail whole(numbers, minimum, offset);
  std::size_t begin = offset + window_begin(whole, options.minimum_points, options.confidence);
  if (options.doubled) {
    // m_k - m_2k of a linear sequence, and of 1 / (k + k0), rises first; near its hump either looks like the other.
    const std::int64_t hump = numbers.front();
    while (begin < minimum.size() && numbers[begin] < beyond_hump * hump) ++begin;
    if (minimum.size() - begin < std::max(options.minimum_points, minimum.size() / 4)) {
      return undetermined(
          result, fmt::format("the decrease from k to 2k is largest at iteration {}: too few records after "
                              "{} times that",
                              hump, beyond_hump));
    }
  }
  result.begin = peak + begin;
  result.end = peak + minimum.size();
  result.first = iteration[result.begin];
  result.last = iteration[result.end - 1];

  const Tail tail(numbers, minimum, begin);
  const double resolution = log_resolution(tail.y);
  const std::vector<double> linear_y =
      options.doubled ? as_line_of_doubled(tail.k, tail.y, options.confidence) : tail.y;
  const LineFit linear = fit_line(tail.k, linear_y, options.confidence);
  const LineFit sublinear = fit_line(tail.log_k, tail.y, options.confidence);
  const SuperlinearFit superlinear =
      options.superlinear ? fit_superlinear(tail.k, tail.y, options.confidence) : SuperlinearFit{};
  result.factor = std::exp(linear.slope);
  result.factor_interval = {std::exp(linear.interval().lower), std::exp(linear.interval().upper)};
  result.exponent = -sublinear.slope;
  result.exponent_interval = {-sublinear.interval().upper, -sublinear.interval().lower};
  result.order = superlinear.order;
  result.order_interval = superlinear.interval;
  result.aicc_linear = line_aicc(tail.k, linear_y, 0, resolution);
  result.aicc_sublinear = line_aicc(tail.log_k, tail.y, 0, resolution);
  result.aicc_superlinear = superlinear.aicc;

  const bool is_linear = result.aicc_linear <= result.aicc_sublinear;
  const LineFit& line = is_linear ? linear : sublinear;
  result.model = is_linear ? RateModel::linear : RateModel::sublinear;
  result.r_squared = line.r_squared;
  double lead = std::abs(result.aicc_linear - result.aicc_sublinear);
  const double bend = std::min(result.aicc_linear, result.aicc_sublinear) - superlinear.aicc;
  if (bend >= options.minimum_lead && superlinear.interval.lower > smallest_order &&
      superlinear.ratio_beyond(0) <= options.largest_last_ratio) {
    result.model = RateModel::superlinear;
    result.r_squared = superlinear.r_squared;
    lead = bend;
  } else if (bend >= options.minimum_lead) {
    return undetermined(result,
                        fmt::format("the decrease accelerates, but by factors near {:.2f}, not towards 0",
                                    superlinear.ratio_beyond(0)));
  } else if (bend > 2) {
    // The linear rate is the limit q = 1 of the superlinear one, so it can never lead by more than the price of q: it is
    // kept unless the data speak for q > 1, and doubted if they whisper it.
    return undetermined(result, fmt::format("{} and superlinear fit alike (AICc {:.1f} apart)",
                                            to_string(result.model), bend));
  } else if (!(line.interval().upper < 0)) {
    return undetermined(result, "the decrease over the window is not significant");
  } else if (lead < options.minimum_lead) {
    return undetermined(result, fmt::format("linear and sublinear fit alike (AICc {:.1f} apart)", lead));
  }
  const double fallen = 1 - std::exp(tail.y.back() - tail.y.front());
  if (fallen < options.minimum_decrease) {
    return undetermined(result, fmt::format("it fell by {:.1g} % only over the window", 100 * fallen));
  }
  if (result.model == RateModel::linear) {
    const double power_lead = shifted_power_aicc(tail.k, tail.y, options.doubled) - result.aicc_linear;
    if (power_lead < options.minimum_lead) {
      return undetermined(result,
                          fmt::format("a power of k + k0 fits {} than a linear rate (AICc {:.1f} apart)",
                                      power_lead < 0 ? "better" : "little worse", std::abs(power_lead)));
    }
  }
  if (result.r_squared < options.minimum_r_squared) {
    return undetermined(result, fmt::format("too noisy: R^2 of the {} model is {:.2f}",
                                            to_string(result.model), result.r_squared));
  }
  if (result.model != RateModel::superlinear &&
      slope_changes(is_linear ? tail.k : tail.log_k, is_linear ? linear_y : tail.y, line, options)) {
    return undetermined(result, fmt::format("the {} rate still changes between the halves of the window",
                                            to_string(result.model)));
  }
  result.reason = fmt::format("AICc leads by {:.1f}", lead);
  return result;
}

RateEstimate estimate_rate(const std::vector<double>& values, const RateOptions& options) {
  std::vector<std::int64_t> iteration(values.size());
  std::iota(iteration.begin(), iteration.end(), std::int64_t{0});
  return estimate_rate(iteration, values, options);
}

Series doubling_decrease(const std::vector<std::int64_t>& iteration, const std::vector<double>& values) {
  if (iteration.size() != values.size())
    throw std::invalid_argument("rate: iterations and values differ in number");
  const std::vector<double> minimum = running_minimum(values);
  Series series;
  std::size_t j = 0;
  for (std::size_t i = 0; i < minimum.size(); ++i) {
    if (iteration[i] < 1) continue;
    while (j < minimum.size() && iteration[j] < 2 * iteration[i]) ++j;
    if (j == minimum.size()) break;
    if (iteration[j] != 2 * iteration[i]) continue;
    series.first.push_back(iteration[i]);
    series.second.push_back(minimum[i] - minimum[j]);
  }
  return series;
}

KlEstimate estimate_kl_exponent(const std::vector<double>& gap, const std::vector<double>& subgradient_norm,
                                double confidence) {
  if (gap.size() != subgradient_norm.size())
    throw std::invalid_argument("kl exponent: gaps and subgradient norms differ in number");
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0; i < gap.size(); ++i) {
    const double s = gap[i];
    const double g = subgradient_norm[i];
    if (std::isfinite(s) && std::isfinite(g) && s > 0 && g > 0) pairs.emplace_back(std::log(s), std::log(g));
  }
  std::sort(pairs.begin(), pairs.end());
  if (pairs.size() > 6) pairs.resize(std::max<std::size_t>(6, pairs.size() / 2));
  KlEstimate result{not_a_number, {not_a_number, not_a_number}};
  result.count = pairs.size();
  if (pairs.size() < 6 || !(pairs.back().first > pairs.front().first)) return result;
  std::vector<double> x, y;
  for (const auto& [log_gap, log_norm] : pairs) {
    x.push_back(log_gap);
    y.push_back(log_norm);
  }
  const LineFit fit = fit_line(x, y, confidence);
  result.exponent = fit.slope;
  result.interval = fit.interval();
  result.r_squared = fit.r_squared;
  return result;
}

}  // namespace admmbench
