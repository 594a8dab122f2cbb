#include "results/comparison/rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <limits>
#include <thread>

#include "results/record/run_set.hpp"
#include "results/statistics/tests.hpp"

namespace admmbench {

namespace {

RateEstimate rate_of(const RunRecord& run, const std::vector<double>& values, const RateMeasure& measure) {
  RateOptions rate;
  rate.confidence = measure.confidence;
  const std::vector<double> minimum = running_minimum(values);
  const double epsilon = run.attributes.precision == "float32" ? std::numeric_limits<float>::epsilon()
                                                               : std::numeric_limits<double>::epsilon();
  if (measure.optimum) {
    std::vector<double> gap = values;
    for (double& value : gap) value -= *measure.optimum;
    rate.resolution = epsilon * std::abs(*measure.optimum);
    return estimate_rate(run.trajectory.iteration, gap, rate);
  }
  rate.resolution = minimum.empty() ? 0 : epsilon * std::abs(minimum.back());
  return estimate_rate_to_unknown_limit(run.trajectory.iteration, values, rate);
}

/// The rates of all, several at once: a thousand fits take a second.
std::vector<std::optional<RateEstimate>> estimate_all(const std::vector<const RunRecord*>& runs,
                                                      const RateMeasure& measure) {
  std::vector<std::optional<RateEstimate>> estimates(runs.size());
  const std::size_t workers = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
  std::vector<std::future<void>> done;
  for (std::size_t first = 0; first < workers; ++first) {
    done.push_back(std::async(std::launch::async, [&, first] {
      for (std::size_t i = first; i < runs.size(); i += workers) estimates[i] = rate_of(*runs[i], measure);
    }));
  }
  for (auto& one : done) one.get();
  return estimates;
}

}  // namespace

std::string to_string(const RateMeasure& measure) {
  return measure.optimum ? fmt::format("{} - {}", measure.column, *measure.optimum)
                         : fmt::format("{}, its limit unknown", measure.column);
}

std::optional<double> known_optimum(const std::string& column) {
  return column.ends_with("residual") ? std::optional(0.0) : std::nullopt;
}

std::pair<double, Interval> rate_parameter(const RateEstimate& estimate, RateModel model) {
  if (model == RateModel::linear) return {estimate.factor, estimate.factor_interval};
  if (model == RateModel::sublinear) return {estimate.exponent, estimate.exponent_interval};
  return {estimate.order, estimate.order_interval};
}

std::size_t RateGroup::count(RateModel wanted) const {
  return static_cast<std::size_t>(std::count_if(
      runs.begin(), runs.end(), [&](const RunRate& run) { return run.estimate.model == wanted; }));
}

RateModel RateGroup::model() const {
  std::optional<RateModel> best;
  std::size_t most = 0;
  for (const RunRate& run : runs) {
    const std::size_t votes = count(run.estimate.model);
    if (votes > most) {
      most = votes;
      best = run.estimate.model;
    } else if (votes == most && run.estimate.model != *best) {
      best = RateModel::undetermined;
    }
  }
  return best.value_or(RateModel::undetermined);
}

std::optional<GroupRate> RateGroup::rate() const {
  const RateModel chosen = model();
  if (chosen == RateModel::undetermined) return std::nullopt;
  std::vector<double> values;
  Interval hull{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const RunRate& run : runs) {
    if (run.estimate.model != chosen) continue;
    const auto [value, interval] = rate_parameter(run.estimate, chosen);
    values.push_back(value);
    hull = {std::min(hull.lower, interval.lower), std::max(hull.upper, interval.upper)};
  }
  return GroupRate{median_of(values), hull};
}

std::optional<std::pair<std::int64_t, std::int64_t>> RateGroup::window() const {
  std::optional<std::pair<std::int64_t, std::int64_t>> window;
  const RateModel chosen = model();
  for (const RunRate& run : runs) {
    const RateEstimate& e = run.estimate;
    if (e.model != chosen || e.count() == 0) continue;
    window = window ? std::pair(std::min(window->first, e.first), std::max(window->second, e.last))
                    : std::pair(e.first, e.last);
  }
  return window;
}

std::optional<double> RateGroup::r_squared() const {
  const RateModel chosen = model();
  std::vector<double> fit;
  for (const RunRate& run : runs) {
    if (run.estimate.model == chosen && std::isfinite(run.estimate.r_squared))
      fit.push_back(run.estimate.r_squared);
  }
  return fit.empty() ? std::nullopt : std::optional(median_of(fit));
}

std::string RateGroup::remark() const {
  std::vector<std::string> parts;
  for (const RunRate& run : runs) {
    if (run.estimate.model != RateModel::undetermined) continue;
    parts.push_back(run.estimate.reason);
    break;
  }
  if (not_finished > 0) parts.push_back(fmt::format("{} not finished", not_finished));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::optional<RateEstimate> rate_of(const RunRecord& run, const RateMeasure& measure) {
  const std::vector<double>* values = run.trajectory.find(measure.column);
  if (values == nullptr || !run.finished()) return std::nullopt;
  return rate_of(run, *values, measure);
}

std::vector<RateGroup> rate_groups(const std::vector<RunRecord>& all, const RateMeasure& measure) {
  std::vector<RateGroup> groups;
  const std::vector<const RunRecord*> runs = distinct_runs(all);
  const std::vector<std::optional<RateEstimate>> estimates = estimate_all(runs, measure);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunRecord& run = *runs[i];
    if (run.trajectory.find(measure.column) == nullptr) continue;
    const RunAttributes& a = run.attributes;
    const std::string& profile = run.config.profile;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const RateGroup& other) {
      return other.experiment == a.experiment && other.profile == profile && other.dataset == a.dataset &&
             other.label == a.label;
    });
    if (group == groups.end()) {
      groups.push_back({a.experiment, profile, a.dataset, a.label, {}, 0});
      group = std::prev(groups.end());
    }
    if (run.finished()) {
      group->runs.push_back({a.seed, *estimates[i]});
    } else {
      ++group->not_finished;
    }
  }
  return groups;
}

}  // namespace admmbench
