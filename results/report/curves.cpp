#include "results/report/curves.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "results/statistics/tests.hpp"

namespace admmbench {

namespace {

std::vector<std::int64_t> common_iterations(const std::vector<const Trajectory*>& runs) {
  std::vector<std::int64_t> common = runs.front()->iteration;
  for (const Trajectory* run : runs) {
    std::vector<std::int64_t> both;
    std::set_intersection(common.begin(), common.end(), run->iteration.begin(), run->iteration.end(),
                          std::back_inserter(both));
    common = std::move(both);
  }
  return common;
}

/// values[i] where run.iteration[i] is one of `iterations`.
std::vector<double> at(const Trajectory& run, const std::vector<double>& values,
                       const std::vector<std::int64_t>& iterations) {
  std::vector<double> chosen;
  std::size_t i = 0;
  for (const std::int64_t k : iterations) {
    while (run.iteration[i] < k) ++i;
    chosen.push_back(values[i]);
  }
  return chosen;
}

/// samples[r][k]: run r, record k.
Band band_of(const std::vector<std::vector<double>>& samples) {
  Band band;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t k = 0; k < samples.front().size(); ++k) {
    std::vector<double> values;
    for (const auto& run : samples) values.push_back(run[k]);
    const bool finite =
        std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
    const Summary s = summarize(finite ? values : std::vector<double>(values.size(), 0.0));
    band.mean.push_back(finite ? s.mean : nan);
    if (samples.size() == 1) continue;
    band.deviation.push_back(finite ? s.deviation.value_or(0) : nan);
    band.low.push_back(finite ? s.minimum : nan);
    band.high.push_back(finite ? s.maximum : nan);
  }
  return band;
}

}  // namespace

const Band* Curves::find(const std::string& quantity) const {
  const auto found = std::find_if(quantities.begin(), quantities.end(),
                                  [&](const auto& entry) { return entry.first == quantity; });
  return found == quantities.end() ? nullptr : &found->second;
}

std::vector<std::size_t> thinned(std::size_t count, std::size_t points) {
  std::vector<std::size_t> kept;
  if (count <= points) {
    for (std::size_t i = 0; i < count; ++i) kept.push_back(i);
    return kept;
  }
  const std::size_t half = std::max<std::size_t>(2, points / 2);
  const auto last = static_cast<double>(count - 1);
  for (std::size_t i = 0; i < half; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(half - 1);
    kept.push_back(static_cast<std::size_t>(std::lround(part * last)));
    kept.push_back(static_cast<std::size_t>(std::lround(std::pow(last, part))));
  }
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

Curves aggregate(const std::vector<const Trajectory*>& runs, std::size_t points) {
  Curves curves;
  if (runs.empty()) return curves;
  curves.runs = runs.size();
  for (const Trajectory* run : runs) {
    if (!run->iteration.empty()) curves.longest = std::max(curves.longest, run->iteration.back());
  }
  const std::vector<std::int64_t> common = common_iterations(runs);
  for (const std::size_t i : thinned(common.size(), points)) curves.iteration.push_back(common[i]);
  for (const auto& column : runs.front()->columns) {
    const std::string& name = column.first;
    std::vector<std::vector<double>> samples;
    for (const Trajectory* run : runs) {
      const std::vector<double>* values = run->find(name);
      if (values != nullptr) samples.push_back(at(*run, *values, curves.iteration));
    }
    if (samples.size() != runs.size()) continue;
    Band band = band_of(samples);
    if (name == "seconds") {
      curves.seconds = std::move(band.mean);
    } else if (name == "flops") {
      curves.flops = std::move(band.mean);
    } else {
      curves.quantities.emplace_back(name, std::move(band));
    }
  }
  return curves;
}

}  // namespace admmbench
