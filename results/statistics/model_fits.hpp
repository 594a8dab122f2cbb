#pragma once
/// The models of a rate that are no straight line in k or log k: a superlinear sequence, and a power of a shifted k. Both are
/// fitted to logarithms y of a measure that tends to zero, and compared with straight lines by AICc (line_fit.hpp).

#include <limits>
#include <vector>

#include "results/statistics/line_fit.hpp"

namespace admmbench {

/// The smallest standard deviation of log values to be believed: rounding of the values themselves and of their logarithm.
double log_resolution(const std::vector<double>& y);

/// Orders below this are a linear rate for all that a record can show.
inline constexpr double smallest_order = 1.02;

struct SuperlinearFit {
  double order = std::numeric_limits<double>::quiet_NaN();
  Interval interval{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
  double aicc = std::numeric_limits<double>::infinity();
  double r_squared = 0;
  double last_log_ratio = 0;  ///< log m_k / m_{k-1} of the fit at the end of the window

  bool found() const { return order == order; }
  /// m_k / m_{k-1} of the fit so many iterations beyond the end of the window.
  double ratio_beyond(double iterations) const;
};

/// y = a - A q^k with A > 0: a line in -q^k for every q, so q is found by search. `extra` further parameters were spent on making y.
SuperlinearFit fit_superlinear(const std::vector<double>& k, const std::vector<double>& y, double confidence,
                               int extra = 0);

/// AICc of y = a - p log(k + k0), k0 >= 0 and 0 < p <= 3 by search: what a linear rate looks like as long as k has not outgrown k0.
/// Larger p are left out: with p and k0 growing together the power is the exponential. `doubled`: of a sequence's decrease from k
/// to 2k, y = a + s log((k + k0)^-p - (2k + k0)^-p). Infinite if nothing fits.
double shifted_power_aicc(const std::vector<double>& k, const std::vector<double>& y, bool doubled);

}  // namespace admmbench
