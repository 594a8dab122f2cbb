#pragma once
/// The axes of static figures: range, ticks and their labels.

#include <string>
#include <vector>

namespace admmbench {

struct AxisTick {
  double value = 0;
  std::string label;  ///< with gnuplot's marks for exponents; empty: a short tick between two others
};

struct Axis {
  double low = 0, high = 1;
  bool logarithmic = false;
  std::vector<AxisTick> ticks;

  /// 0 at `low`, 1 at `high`.
  double position(double value) const;
};

/// A linear axis of exactly this range with ticks at multiples of 1, 2 or 5 times a power of ten, at most `intervals` times as far
/// as one of them. A range of one point is widened. The labels have as many digits behind the point as the step, a zero before it.
Axis linear_axis(double low, double high, std::size_t intervals);

/// The same, logarithmic, `low` > 0: powers of ten, or, in less than two of them, 1, 2 and 5 times those.
Axis log_axis(double low, double high, std::size_t intervals);

/// The power of ten, a multiple of three, that large or small numbers up to `largest` are better shown in units of; else 0.
int shown_exponent(double largest);

}  // namespace admmbench
