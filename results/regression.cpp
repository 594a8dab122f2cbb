#include "results/regression.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "results/statistics.hpp"

namespace admmbench {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double huber_constant = 1.345;
constexpr double normal_consistency = 1.4826;  // median absolute deviation to standard deviation

struct Line {
  double intercept = 0;
  double slope = 0;
};

Line weighted_line(const std::vector<double>& x, const std::vector<double>& y,
                   const std::vector<double>& weight) {
  double sum = 0;
  double mean_x = 0;
  double mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += weight[i];
    mean_x += weight[i] * x[i];
    mean_y += weight[i] * y[i];
  }
  mean_x /= sum;
  mean_y /= sum;
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += weight[i] * (x[i] - mean_x) * (x[i] - mean_x);
    xy += weight[i] * (x[i] - mean_x) * (y[i] - mean_y);
  }
  const double slope = xy / xx;
  return {mean_y - slope * mean_x, slope};
}

std::vector<double> residuals(const std::vector<double>& x, const std::vector<double>& y, const Line& line) {
  std::vector<double> result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result[i] = y[i] - line.intercept - line.slope * x[i];
  return result;
}

double centred_squares(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum;
}

double largest_magnitude(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

/// Lag-1 autocorrelation of the residuals of a line, corrected for bias, within [0, 0.99].
double residual_autocorrelation(const std::vector<double>& e) {
  const double mean = mean_of(e);
  double product = 0;
  double square = 0;
  for (std::size_t i = 0; i < e.size(); ++i) {
    square += (e[i] - mean) * (e[i] - mean);
    if (i > 0) product += (e[i] - mean) * (e[i - 1] - mean);
  }
  const double raw = square > 0 ? product / square : 0;
  return std::clamp(raw + (2 + 4 * raw) / static_cast<double>(e.size()), 0.0, 0.99);
}

/// -2 log likelihood of y = a + b x + AR(1) errors at `phi`, maximised over a, b and sigma >= resolution; the constant
/// n log(2 pi) included.
double deviance(const std::vector<double>& x, const std::vector<double>& y, double phi, double resolution) {
  // Prais and Winsten: rows i - phi (i - 1), the first row scaled, have independent errors of one variance.
  const double first = std::sqrt(1 - phi * phi);
  double cc = 0, cx = 0, cy = 0, xx = 0, xy = 0;
  const auto row = [&](std::size_t i, double& c, double& u, double& v) {
    c = i == 0 ? first : 1 - phi;
    u = i == 0 ? first * x[0] : x[i] - phi * x[i - 1];
    v = i == 0 ? first * y[0] : y[i] - phi * y[i - 1];
  };
  double c = 0, u = 0, v = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    row(i, c, u, v);
    cc += c * c;
    cx += c * u;
    cy += c * v;
  }
  // The intercept's column is projected out before the second pass, lest the normal equations lose half the digits.
  const double shift_x = cx / cc;
  const double shift_y = cy / cc;
  for (std::size_t i = 0; i < x.size(); ++i) {
    row(i, c, u, v);
    xx += (u - shift_x * c) * (u - shift_x * c);
    xy += (u - shift_x * c) * (v - shift_y * c);
  }
  const double slope = xx > 0 ? xy / xx : 0;
  double squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    row(i, c, u, v);
    const double e = v - shift_y * c - slope * (u - shift_x * c);
    squares += e * e;
  }
  const auto n = static_cast<double>(x.size());
  const double variance = std::max(squares / n, resolution * resolution);
  return n * std::log(2 * std::numbers::pi * variance) + squares / variance - std::log(1 - phi * phi);
}

/// Half width of the interval of a slope by batching: Student's t of the slopes of the three thirds.
double spread_of_thirds(const std::vector<double>& x, const std::vector<double>& y, double confidence) {
  if (x.size() < 6) return infinity;
  std::vector<double> slopes;
  for (std::size_t third = 0; third < 3; ++third) {
    const auto from = static_cast<std::ptrdiff_t>(third * x.size() / 3);
    const auto to = static_cast<std::ptrdiff_t>((third + 1) * x.size() / 3);
    const std::vector<double> u(x.begin() + from, x.begin() + to);
    if (!(u.back() > u.front())) return infinity;
    const std::vector<double> v(y.begin() + from, y.begin() + to);
    slopes.push_back(weighted_line(u, v, std::vector<double>(u.size(), 1.0)).slope);
  }
  const double quantile = boost::math::quantile(boost::math::students_t(2), 0.5 + 0.5 * confidence);
  return quantile * std::sqrt(centred_squares(slopes) / 2 / 3);
}

}  // namespace

LineFit fit_line(const std::vector<double>& x, const std::vector<double>& y, double confidence) {
  if (x.size() != y.size() || x.size() < 3) throw std::invalid_argument("fit_line: needs three points");
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (!(x[i] >= x[i - 1])) throw std::invalid_argument("fit_line: x must not decrease");
  }
  if (!(x.back() > x.front())) throw std::invalid_argument("fit_line: x is constant");
  const auto n = static_cast<double>(x.size());
  // Rounding of y: below it a residual says nothing, neither of the scale nor of autocorrelation.
  const double rounding = 4 * std::numeric_limits<double>::epsilon() * (1 + largest_magnitude(y));

  std::vector<double> weight(x.size(), 1.0);
  Line line = weighted_line(x, y, weight);
  std::vector<double> e = residuals(x, y, line);
  for (int pass = 0; pass < 50; ++pass) {
    std::vector<double> magnitude(e.size());
    std::transform(e.begin(), e.end(), magnitude.begin(), [](double r) { return std::abs(r); });
    const double scale = normal_consistency * median_of(std::move(magnitude));
    if (scale <= rounding) break;
    for (std::size_t i = 0; i < e.size(); ++i) {
      const double size = std::abs(e[i]);
      weight[i] = size <= huber_constant * scale ? 1 : huber_constant * scale / size;
    }
    const Line next = weighted_line(x, y, weight);
    const double change = std::abs(next.slope - line.slope);
    line = next;
    e = residuals(x, y, line);
    if (change <= 1e-10 * std::abs(line.slope)) break;
  }

  LineFit fit;
  fit.intercept = line.intercept;
  fit.slope = line.slope;
  double squares = 0;
  for (const double r : e) squares += r * r;
  const double total = centred_squares(y);
  fit.r_squared = total > 0 ? std::max(0.0, 1 - squares / total) : 0;
  // Residuals of rounding size come from arithmetic, not from the process: their autocorrelation is not a memory of it.
  const bool exact = std::sqrt(squares / n) <= 1e5 * rounding;
  fit.autocorrelation = exact ? 0 : residual_autocorrelation(e);
  const double inflation = (1 + fit.autocorrelation) / (1 - fit.autocorrelation);
  fit.effective_count = n / inflation;
  const double freedom = exact ? n - 2 : fit.effective_count - 2;
  if (!exact && fit.effective_count < 4) {
    fit.half_width = spread_of_thirds(x, y, confidence);
    return fit;
  }
  // The sample variance of an autocorrelated series is too small by the variance of its fitted line.
  const double shrinkage = exact ? 1 : std::max(1 - 2 / fit.effective_count, 0.2);
  const double variance = std::max(squares / (n - 2) / shrinkage, rounding * rounding);
  const double quantile = boost::math::quantile(boost::math::students_t(freedom), 0.5 + 0.5 * confidence);
  fit.half_width = quantile * std::sqrt(variance * inflation / centred_squares(x));
  return fit;
}

double line_aicc(const std::vector<double>& x, const std::vector<double>& y, int extra, double resolution) {
  if (x.size() != y.size()) throw std::invalid_argument("line_aicc: x and y differ in length");
  const bool autoregressive = x.size() >= 12;
  const auto n = static_cast<double>(x.size());
  const double parameters = 3 + (autoregressive ? 1 : 0) + extra;  // a, b, sigma, phi
  if (n <= parameters + 1) return infinity;
  double smallest = deviance(x, y, 0, resolution);
  for (int step = 1; autoregressive && step <= 24; ++step) {
    smallest = std::min(smallest, deviance(x, y, 0.04 * step, resolution));
  }
  return smallest + 2 * parameters + 2 * parameters * (parameters + 1) / (n - parameters - 1);
}

}  // namespace admmbench
