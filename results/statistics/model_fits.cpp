#include "results/statistics/model_fits.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace admmbench {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest_order = 8;  // those above leave no record
constexpr double largest_exponent = 3;

}  // namespace

double log_resolution(const std::vector<double>& y) {
  const double largest = std::max(std::abs(y.front()), std::abs(y.back()));
  return 1e3 * std::numeric_limits<double>::epsilon() * (1 + largest);
}

double SuperlinearFit::ratio_beyond(double iterations) const {
  return std::exp(last_log_ratio * std::pow(order, iterations));
}

SuperlinearFit fit_superlinear(const std::vector<double>& k, const std::vector<double>& y, double confidence,
                               int extra) {
  const double resolution = log_resolution(y);
  const auto abscissa = [&](double log_order) {
    std::vector<double> x(k.size());
    for (std::size_t i = 0; i < k.size(); ++i) x[i] = std::exp(log_order * (k[i] - k.back()));
    return x;
  };
  const auto aicc = [&](double log_order) {
    return line_aicc(abscissa(log_order), y, 1 + extra, resolution);
  };

  const double low = std::log(smallest_order);
  const double high = std::log(largest_order);
  constexpr int grid = 40;
  const double spacing = (high - low) / grid;
  double best = low;
  double best_aicc = infinity;
  for (int i = 0; i <= grid; ++i) {
    const double candidate = low + i * spacing;
    const double value = aicc(candidate);
    if (value < best_aicc) {
      best_aicc = value;
      best = candidate;
    }
  }
  SuperlinearFit fit;
  if (!std::isfinite(best_aicc)) return fit;
  // Golden section between the grid's neighbours.
  double left = std::max(low, best - spacing);
  double right = std::min(high, best + spacing);
  const double golden = 0.5 * (std::sqrt(5.0) - 1);
  for (int i = 0; i < 25; ++i) {
    const double a = right - golden * (right - left);
    const double b = left + golden * (right - left);
    (aicc(a) < aicc(b) ? right : left) = aicc(a) < aicc(b) ? b : a;
  }
  const double middle = 0.5 * (left + right);
  if (aicc(middle) < best_aicc) {
    best = middle;
    best_aicc = aicc(middle);
  }
  const std::vector<double> x = abscissa(best);
  if (!(x.back() > x.front())) return fit;
  const LineFit line = fit_line(x, y, confidence);
  if (!(line.slope < 0)) return fit;
  fit.order = std::exp(best);
  fit.aicc = best_aicc;
  fit.r_squared = line.r_squared;
  fit.last_log_ratio = line.slope * (1 - 1 / fit.order);

  // Profile likelihood, with the small-sample threshold that is exact for a linear model.
  const auto n = static_cast<double>(k.size());
  const double freedom = n - 3;
  const double t = boost::math::quantile(boost::math::students_t(freedom), 0.5 + 0.5 * confidence);
  const double limit = best_aicc + n * std::log1p(t * t / freedom);
  const auto crossing = [&](double inside, double outside) {
    if (aicc(outside) <= limit) return outside;
    for (int i = 0; i < 15; ++i) {
      const double between = 0.5 * (inside + outside);
      (aicc(between) <= limit ? inside : outside) = between;
    }
    return inside;
  };
  fit.interval = {std::exp(crossing(best, low)), std::exp(crossing(best, high))};
  return fit;
}

double shifted_power_aicc(const std::vector<double>& k, const std::vector<double>& y, bool doubled) {
  const double resolution = log_resolution(y);
  const auto aicc = [&](double power, double shift) {
    std::vector<double> x(k.size());
    for (std::size_t i = 0; i < k.size(); ++i) {
      const double near = std::max(k[i], 0.5) + shift;
      x[i] = doubled ? -std::log(std::pow(near, -power) - std::pow(near + k[i], -power)) : std::log(near);
    }
    // Close to the hump of a decrease from k to 2k the abscissa turns.
    if (!std::is_sorted(x.begin(), x.end()) || !(x.back() > x.front())) return infinity;
    const double exponent = -fit_line(x, y).slope * (doubled ? power : 1);
    return exponent > 0 && exponent <= largest_exponent ? line_aicc(x, y, 1, resolution) : infinity;
  };
  const auto search = [&](double power) {
    double best = aicc(power, 0);
    constexpr int grid = 30;
    const auto shift_at = [&](double u) { return k.back() * std::pow(10.0, -2 + 4 * u / grid); };
    int place = -1;
    for (int u = 0; u <= grid; ++u) {
      const double value = aicc(power, shift_at(u));
      if (value >= best) continue;
      best = value;
      place = u;
    }
    double left = place - 1;
    double right = place + 1;
    const double golden = 0.5 * (std::sqrt(5.0) - 1);
    for (int i = 0; place >= 0 && i < 25; ++i) {
      const double a = right - golden * (right - left);
      const double b = left + golden * (right - left);
      const double at_a = aicc(power, shift_at(a));
      const double at_b = aicc(power, shift_at(b));
      best = std::min({best, at_a, at_b});
      (at_a < at_b ? right : left) = at_a < at_b ? b : a;
    }
    return best;
  };
  return doubled ? std::min(search(1), search(2)) : search(1);
}

}  // namespace admmbench
