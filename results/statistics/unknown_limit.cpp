/// Rates of sequences whose limit is not known.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "results/statistics/model_fits.hpp"
#include "results/statistics/rate_estimate.hpp"

namespace admmbench {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double at_limit = 8;       // times the rounding: no further apart, values are one
constexpr double trusted_gap = 1e3;  // times the rounding: a gap that the limit's own error does not bend
constexpr double decades_before =
    1e6;  // times the rounding: from here to there is measured how long it takes

std::size_t first_below(const std::vector<double>& gap, double bound) {
  return static_cast<std::size_t>(std::find_if(gap.begin(), gap.end(), [&](double g) { return g < bound; }) -
                                  gap.begin());
}

/// The gap to the end of a record that has reached its limit. A slow linear sequence stops moving by more than rounding long before it
/// is there: it has to stay as long again as the three decades before took, so that three more decades are behind it.
std::optional<std::vector<double>> gap_to_reached_limit(const std::vector<double>& values, double rounding) {
  if (values.size() < 3 || !(rounding > 0)) return std::nullopt;
  const double limit = *std::min_element(values.begin(), values.end());
  std::vector<double> gap = values;
  for (double& value : gap) value -= limit;
  for (std::size_t i = gap.size() - 3; i < gap.size(); ++i) {
    if (!(gap[i] <= at_limit * rounding)) return std::nullopt;
  }
  const std::size_t there = first_below(gap, trusted_gap * rounding);
  const std::size_t before = first_below(gap, decades_before * rounding);
  if (gap.size() - there < std::max<std::size_t>(3, there - before)) return std::nullopt;
  return gap;
}

/// Log gaps of the records but the last, whose gap is `rest`: of it alone nothing is known, and it would follow any `rest`.
std::vector<double> log_gaps(const std::vector<double>& minimum, std::size_t begin, double rest) {
  std::vector<double> y;
  for (std::size_t i = begin; i + 1 < minimum.size(); ++i)
    y.push_back(std::log(minimum[i] - minimum.back() + rest));
  return y;
}

/// A fit to log gaps as one to the values themselves, whatever the limit: twice the log of the Jacobian.
double jacobian(const std::vector<double>& y) {
  double sum = 0;
  for (const double value : y) sum += 2 * value;
  return sum;
}

struct FreeLimit {
  SuperlinearFit superlinear;
  double line = infinity;  ///< AICc of the better of linear and sublinear
  std::size_t begin = 0;
};

/// Whether the last three ratios of successive decreases fall, the last one below a half, as those of a superlinear sequence of order up to 3
/// do whose last ratio is below a tenth. One lucky step of a noisy sequence is not enough.
bool ratios_fall(const std::vector<double>& minimum) {
  const std::size_t n = minimum.size();
  if (n < 5) return false;
  const auto ratio = [&](std::size_t i) {
    return (minimum[i - 1] - minimum[i]) / (minimum[i - 2] - minimum[i - 1]);
  };
  const double last = ratio(n - 1);
  return last > 0 && last < 0.5 && last < ratio(n - 2) && ratio(n - 2) < ratio(n - 3);
}

/// The models with their limits free, over the last two thirds of `minimum`. Empty where its ratios do not fall.
std::optional<FreeLimit> fit_free_limit(const std::vector<std::int64_t>& iteration,
                                        std::vector<double> minimum, const RateOptions& options) {
  while (minimum.size() > 2 && minimum[minimum.size() - 2] - minimum.back() <= at_limit * options.resolution)
    minimum.pop_back();
  const std::size_t n = minimum.size();
  if (n < options.minimum_points + 2) return std::nullopt;
  const double last = minimum[n - 2] - minimum[n - 1];
  if (!ratios_fall(minimum)) return std::nullopt;
  FreeLimit fit;
  fit.begin = std::min(n / 3, n - options.minimum_points - 2);
  std::vector<double> k, log_k;
  for (std::size_t i = fit.begin; i + 1 < n; ++i) {
    k.push_back(static_cast<double>(iteration[i]));
    log_k.push_back(std::log(std::max(k.back(), 0.5)));
  }
  double best = infinity;
  for (double decades = -6; decades <= 4; decades += 0.25) {
    const std::vector<double> y = log_gaps(minimum, fit.begin, last * std::pow(10.0, decades));
    const double resolution =
        std::max(log_resolution(y), options.resolution / (minimum[n - 2] - minimum[n - 1]));
    const double scale = jacobian(y);
    fit.line = std::min(
        {fit.line, line_aicc(k, y, 1, resolution) + scale, line_aicc(log_k, y, 1, resolution) + scale});
    if (decades > 0) continue;  // more than the last decrease to go: no ratio below a half
    const SuperlinearFit one = fit_superlinear(k, y, options.confidence, 1);
    if (!one.found() || one.aicc + scale >= best) continue;
    best = one.aicc + scale;
    fit.superlinear = one;
    fit.superlinear.aicc = best;
  }
  return fit.superlinear.found() ? std::optional(fit) : std::nullopt;
}

}  // namespace

RateEstimate estimate_rate_to_unknown_limit(const std::vector<std::int64_t>& iteration,
                                            const std::vector<double>& values, const RateOptions& options) {
  RateOptions known = options;
  if (const auto gap = gap_to_reached_limit(values, options.resolution)) {
    known.resolution = options.resolution * trusted_gap / 10;  // the record is cut at ten times that
    RateEstimate result = estimate_rate(iteration, *gap, known);
    result.reason += "; the gap to the limit that the record reached";
    return result;
  }
  const Series series = doubling_decrease(iteration, values);
  RateOptions doubled = options;
  doubled.doubled = true;
  doubled.superlinear = false;  // while a run is far from its optimum its decrease bends downwards
  RateEstimate result = estimate_rate(series.first, series.second, doubled);
  if (!options.superlinear) return result;
  const auto finite = std::find_if(values.begin(), values.end(), [](double v) { return !std::isfinite(v); });
  const auto largest = std::max_element(values.begin(), finite);
  const std::vector<std::int64_t> numbers(iteration.begin() + (largest - values.begin()), iteration.end());
  const auto fit = fit_free_limit(numbers, running_minimum({largest, finite}), options);
  if (!fit) return result;
  const double lead = fit->line - fit->superlinear.aicc;
  if (lead <= 2) return result;
  const auto offset = static_cast<std::size_t>(largest - values.begin()) + fit->begin;
  const double ratio = fit->superlinear.ratio_beyond(static_cast<double>(numbers[1] - numbers[0]));
  if (lead < options.minimum_lead || !(fit->superlinear.interval.lower > smallest_order) ||
      ratio > options.largest_last_ratio) {
    if (result.model == RateModel::undetermined) return result;
    result.reason =
        fmt::format("{} by its decrease, but superlinear with a free limit fits better (AICc {:.1f} apart)",
                    to_string(result.model), lead);
    result.model = RateModel::undetermined;
    return result;
  }
  result = RateEstimate();
  result.model = RateModel::superlinear;
  result.cut = result.end = values.size();
  result.begin = offset;
  result.first = iteration[offset];
  result.last = iteration.back();
  result.order = fit->superlinear.order;
  result.order_interval = fit->superlinear.interval;
  result.r_squared = fit->superlinear.r_squared;
  result.aicc_superlinear = fit->superlinear.aicc;
  result.reason = fmt::format("AICc leads by {:.1f}; the limit of every model by search", lead);
  return result;
}

}  // namespace admmbench
