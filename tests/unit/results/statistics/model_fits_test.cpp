/// The searches of orders and shifts against exhaustive ones.

#include "results/statistics/model_fits.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/compute/rng.hpp"
#include "results/statistics/rate_estimate.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(model_fits_test)

namespace {

constexpr std::size_t points = 30;

std::vector<double> iterations() {
  std::vector<double> k;
  for (std::size_t i = 0; i < points; ++i) k.push_back(static_cast<double>(i + 1));
  return k;
}

/// y = -size(k) with noise.
template <class Size>
std::vector<double> decrease(Size size, double noise) {
  Rng rng(17);
  std::vector<double> y;
  for (const double k : iterations()) y.push_back(-size(k) + noise * rng.normal());
  return y;
}

/// The criterion of y = a - b order^(k - last).
double criterion_of_order(const std::vector<double>& y, double order) {
  std::vector<double> x;
  for (const double k : iterations()) x.push_back(std::pow(order, k - static_cast<double>(points)));
  return line_aicc(x, y, 1, log_resolution(y));
}

/// The criterion of y = a - power log(k + shift), or of what 1 / (k + shift)^power decreases by from k to 2k.
double criterion_of_shift(const std::vector<double>& y, double shift, double power, bool doubled) {
  std::vector<double> x;
  for (const double k : iterations()) {
    x.push_back(doubled ? -std::log(std::pow(k + shift, -power) - std::pow(2 * k + shift, -power))
                        : std::log(k + shift));
  }
  return std::is_sorted(x.begin(), x.end()) ? line_aicc(x, y, 1, log_resolution(y)) : HUGE_VAL;
}

}  // namespace

/// The interval is that of the profile likelihood: the criterion has just not risen by n log(1 + t^2 / (n - 3)) at its ends, which
/// are found to 2^-15 of the way to the ends of the search.
BOOST_DATA_TEST_CASE(ends_of_the_order_are_where_the_likelihood_has_fallen, std::vector<double>({1.3, 1.6}),
                     order) {
  const auto size = [&](double k) { return std::pow(order, k - points); };
  const std::vector<double> y = decrease(size, 0.02);
  const SuperlinearFit fit = fit_superlinear(iterations(), y, 0.95);
  BOOST_TEST(std::abs(fit.order - order) < 0.1);
  const double t = boost::math::quantile(boost::math::students_t(points - 3), 0.975);
  const double limit = fit.aicc + points * std::log1p(t * t / (points - 3));
  BOOST_TEST(std::abs(criterion_of_order(y, fit.order) - fit.aicc) < 1e-6);
  const double step = std::log(8 / smallest_order) * std::pow(0.5, 15);
  BOOST_TEST(fit.interval.lower < fit.order);
  BOOST_TEST(fit.interval.upper > fit.order);
  BOOST_TEST(criterion_of_order(y, fit.interval.lower) <= limit + 1e-6);
  BOOST_TEST(criterion_of_order(y, fit.interval.upper) <= limit + 1e-6);
  BOOST_TEST(criterion_of_order(y, fit.interval.lower * std::exp(-step)) > limit - 1e-6);
  BOOST_TEST(criterion_of_order(y, fit.interval.upper * std::exp(step)) > limit - 1e-6);
}

/// No order of a fine grid is better than the one found.
BOOST_DATA_TEST_CASE(no_order_is_better, std::vector<double>({1.21, 1.3, 1.45, 1.6}), order) {
  const std::vector<double> y = decrease([&](double k) { return 0.1 * std::pow(order, k); }, 0.1);
  const double found = fit_superlinear(iterations(), y, 0.95).aicc;
  for (int i = 0; i <= 2000; ++i) {
    const double candidate = smallest_order * std::pow(8 / smallest_order, i / 2000.0);
    BOOST_TEST_REQUIRE(found <= criterion_of_order(y, candidate) + 1e-6);
  }
}

/// The shift found is the best of a fine grid, of which it is told by a ternary search between the neighbours of the best. Up to a shift
/// of sqrt(2) the decrease from k to 2k falls from the first k on.
BOOST_DATA_TEST_CASE(no_shift_is_better,
                     std::vector<double>({0.5, 0.6, 0.7, 0.9, 1.1, 1.3}) * std::vector<int>({0, 1, 2}), shift,
                     power_of_doubled) {
  const bool doubled = power_of_doubled > 0;
  const double power = doubled ? power_of_doubled : 1;
  const std::vector<double> y = decrease(
      [&](double k) {
        return doubled ? -std::log(std::pow(k + shift, -power) - std::pow(2 * k + shift, -power))
                       : std::log(k + shift);
      },
      0.01);
  const auto criterion = [&](double place) {
    const double candidate = points * std::pow(10.0, -2 + 4 * place);
    return doubled ? std::min(criterion_of_shift(y, candidate, 1, true),
                              criterion_of_shift(y, candidate, 2, true))
                   : criterion_of_shift(y, candidate, 1, false);
  };
  double best = 0;
  for (int i = 0; i <= 1000; ++i) best = criterion(i / 1000.0) < criterion(best) ? i / 1000.0 : best;
  double left = best - 1e-3;
  double right = best + 1e-3;
  for (int i = 0; i < 60; ++i) {
    const double third = (right - left) / 3;
    (criterion(left + third) < criterion(right - third) ? right : left) =
        criterion(left + third) < criterion(right - third) ? right - third : left + third;
  }
  // The search ends at 0.618^25 of two steps of its grid, the criterion is flat there to the square of that.
  BOOST_TEST(std::abs(shifted_power_aicc(iterations(), y, doubled) - criterion(left)) < 1e-6);
}

BOOST_AUTO_TEST_SUITE_END()
