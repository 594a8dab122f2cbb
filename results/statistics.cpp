#include "results/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace admmbench {

Summary summarize(std::vector<double> values) {
  Summary result;
  result.count = values.size();
  if (values.empty()) return result;
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  result.minimum = values.front();
  result.maximum = values.back();
  const std::size_t middle = values.size() / 2;
  result.median = values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() > 1) {
    // Two passes: the sum of squared differences from the mean, not a difference of sums.
    double squares = 0;
    for (const double value : values) squares += (value - result.mean) * (value - result.mean);
    result.deviation = std::sqrt(squares / (n - 1));
  }
  return result;
}

}  // namespace admmbench
