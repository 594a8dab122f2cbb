#include "results/statistics/line_fit.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "results/statistics/tests.hpp"

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

/// Sum of the products of two columns after Prais and Winsten's transformation (rows i - phi (i - 1), the first row scaled:
/// its errors are independent and of one variance), as the polynomial in phi that it is.
struct TransformedProduct {
  double constant = 0, linear = 0, square = 0;

  TransformedProduct(const std::vector<double>& u, const std::vector<double>& v) {
    for (std::size_t i = 0; i < u.size(); ++i) {
      constant += u[i] * v[i];
      if (i > 0) linear += u[i] * v[i - 1] + u[i - 1] * v[i];
      if (i > 0 && i + 1 < u.size()) square += u[i] * v[i];
    }
  }
  double at(double phi) const { return constant - phi * linear + phi * phi * square; }
};

/// -2 log likelihood of y = a + b x + AR(1) errors, maximised over a, b and sigma >= resolution, as a function of phi; the
/// constant n log(2 pi) included. One pass over the data serves every phi.
class Deviance {
 public:
  Deviance(const std::vector<double>& x, const std::vector<double>& y, double resolution)
      : count_(static_cast<double>(x.size())),
        resolution_(resolution),
        one_(x.size(), 1.0),
        x_(centred(x)),
        // The residuals of the line at phi = 0 have the same likelihood as y; they are small, so that the normal equations
        // below lose no digits that matter.
        e_(without_line(x_, centred(y))),
        cc_(one_, one_),
        cx_(one_, x_),
        ce_(one_, e_),
        xx_(x_, x_),
        xe_(x_, e_),
        ee_(e_, e_) {}

  double at(double phi) const {
    const double cc = cc_.at(phi);
    const double cx = cx_.at(phi);
    const double ce = ce_.at(phi);
    const double xx = xx_.at(phi) - cx * cx / cc;
    const double xe = xe_.at(phi) - cx * ce / cc;
    const double ee = ee_.at(phi) - ce * ce / cc;
    const double squares = std::max(0.0, xx > 0 ? ee - xe * xe / xx : ee);
    const double variance = std::max(squares / count_, resolution_ * resolution_);
    return count_ * std::log(2 * std::numbers::pi * variance) + squares / variance - std::log(1 - phi * phi);
  }

 private:
  static std::vector<double> centred(std::vector<double> values) {
    double sum = 0;
    for (const double value : values) sum += value;
    for (double& value : values) value -= sum / static_cast<double>(values.size());
    return values;
  }
  static std::vector<double> without_line(const std::vector<double>& x, std::vector<double> y) {
    double xx = 0;
    double xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      xx += x[i] * x[i];
      xy += x[i] * y[i];
    }
    for (std::size_t i = 0; xx > 0 && i < x.size(); ++i) y[i] -= xy / xx * x[i];
    return y;
  }

  double count_, resolution_;
  std::vector<double> one_, x_, e_;
  TransformedProduct cc_, cx_, ce_, xx_, xe_, ee_;
};

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
  const Deviance deviance(x, y, resolution);
  double smallest = deviance.at(0);
  for (int step = 1; autoregressive && step <= 24; ++step) {
    smallest = std::min(smallest, deviance.at(0.04 * step));
  }
  return smallest + 2 * parameters + 2 * parameters * (parameters + 1) / (n - parameters - 1);
}

}  // namespace admmbench
