#include "results/report/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace admmbench {

namespace {

constexpr double tick_rounding = 1e-9;  // of a range, for ticks at its very ends

/// 1, 2 or 5 times a power of ten: the least that is not below `least`.
double nice_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double multiple : {1.0, 2.0, 5.0}) {
    if (multiple * power >= least * (1 - tick_rounding)) return multiple * power;
  }
  return 10 * power;
}

int exponent_of(double value) { return static_cast<int>(std::floor(std::log10(value) + tick_rounding)); }

/// The minus sign is no hyphen.
std::string signed_text(std::string text) { return text.starts_with("-") ? "−" + text.substr(1) : text; }

std::string power_text(int exponent) {
  return fmt::format("10^{{{}}}", signed_text(std::to_string(exponent)));
}

/// `value` on an axis up to `largest` with ticks `step` apart.
std::string tick_text(double value, double step, double largest) {
  if (largest >= 1e5 || step < 1e-4) {
    const int exponent = exponent_of(largest);
    const double unit = std::pow(10, exponent);
    if (std::abs(value) < step / 2) return "0";
    const int digits = std::max(0, exponent - exponent_of(step));
    return signed_text(fmt::format("{:.{}f}·{}", value / unit, digits, power_text(exponent)));
  }
  const int digits = std::max(0, -exponent_of(step));
  const std::string text = fmt::format("{:.{}f}", std::abs(value) < step / 2 ? 0.0 : value, digits);
  return signed_text(text);
}

void add_linear_ticks(Axis& axis, std::size_t intervals) {
  const double span = axis.high - axis.low;
  const double step = nice_step(span / static_cast<double>(std::max<std::size_t>(1, intervals)));
  const double largest = std::max(std::abs(axis.low), std::abs(axis.high));
  for (double i = std::ceil(axis.low / step - tick_rounding); i * step <= axis.high + tick_rounding * span;
       ++i)
    axis.ticks.push_back({i * step, tick_text(i * step, step, largest)});
}

/// 1, 2 and 5 times powers of ten.
void add_ticks_within_decades(Axis& axis) {
  for (int e = exponent_of(axis.low); e <= exponent_of(axis.high); ++e) {
    const double power = std::pow(10, e);
    for (const double multiple : {1.0, 2.0, 5.0}) {
      const double value = multiple * power;
      if (value < axis.low * (1 - tick_rounding) || value > axis.high * (1 + tick_rounding)) continue;
      const bool plain = e >= -3 && e <= 3;
      axis.ticks.push_back(
          {value,
           plain ? fmt::format("{:.{}f}", value, std::max(0, -e))
                 : fmt::format("{}{}", multiple > 1 ? fmt::format("{:.0f}·", multiple) : "", power_text(e))});
    }
  }
}

void add_decades(Axis& axis, int first, int last, std::size_t intervals) {
  const int between = static_cast<int>(std::max<std::size_t>(1, intervals));
  const int stride = std::max(1, (last - first + between - 1) / between);
  for (int e = first - 1; e <= last; ++e) {
    const double power = std::pow(10, e);
    if (e >= first) axis.ticks.push_back({power, e % stride == 0 ? power_text(e) : ""});
    for (int multiple = 2; multiple < 10 && stride == 1; ++multiple) {
      const double value = multiple * power;
      if (value >= axis.low && value <= axis.high) axis.ticks.push_back({value, ""});
    }
  }
}

}  // namespace

double Axis::position(double value) const {
  return logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
}

Axis linear_axis(double low, double high, std::size_t intervals) {
  if (!(high > low)) {
    const double around = low == 0 ? 1 : std::abs(low) * 0.1;
    low -= around;
    high += around;
  }
  Axis axis{low, high, false, {}};
  add_linear_ticks(axis, intervals);
  return axis;
}

Axis log_axis(double low, double high, std::size_t intervals) {
  if (!(high > low * (1 + tick_rounding))) {
    low /= 2;
    high *= 2;
  }
  Axis axis{low, high, true, {}};
  const int first = static_cast<int>(std::ceil(std::log10(low) - tick_rounding));
  const int last = exponent_of(high);
  if (last > first) {
    add_decades(axis, first, last, intervals);
    return axis;
  }
  add_ticks_within_decades(axis);
  if (axis.ticks.size() < 2) {
    axis.ticks.clear();
    add_linear_ticks(axis, std::min<std::size_t>(intervals, 4));
  }
  return axis;
}

int shown_exponent(double largest) {
  if (!(largest > 0) || (largest < 1e5 && largest >= 1e-2)) return 0;
  return 3 * static_cast<int>(std::floor(std::log10(largest) / 3));
}

}  // namespace admmbench
