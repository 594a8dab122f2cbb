/// Lines through points whose fit is known in closed form, and the likelihood against dense algebra.

#include "results/statistics/line_fit.hpp"

#include <armadillo>
#include <boost/math/distributions/students_t.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(line_fit_test)

namespace {

constexpr double rounding = 1e-10;  ///< sums of at most 40 products of size 100 in float64

/// The signs of Thue and Morse, each `repeat` times: their sums with 1 and with x are 0, so that they are the residuals of every
/// line that they are added to. All have one size: Huber's weights are 1.
std::vector<double> signs(std::size_t count, std::size_t repeat) {
  std::vector<double> result;
  for (std::size_t i = 0; i < count; ++i) {
    bool odd = false;
    for (std::size_t bits = i; bits > 0; bits /= 2) odd ^= bits % 2 == 1;
    for (std::size_t k = 0; k < repeat; ++k) result.push_back(odd ? -1 : 1);
  }
  return result;
}

struct Points {
  std::vector<double> x, y;

  Points(double intercept, double slope, double size, const std::vector<double>& e) {
    for (std::size_t i = 0; i < e.size(); ++i) {
      x.push_back(static_cast<double>(i));
      y.push_back(intercept + slope * x.back() + size * e[i]);
    }
  }
};

double quantile(double freedom) { return boost::math::quantile(boost::math::students_t(freedom), 0.975); }

/// sum (x - mean)^2 of 0..n-1.
double squares_of_x(double n) { return n * (n * n - 1) / 12; }

/// -2 log likelihood of AR(1) errors by the dense covariance, then Hurvich and Tsai's criterion.
double dense_aicc(const std::vector<double>& x, const std::vector<double>& y, int extra, double resolution) {
  const arma::uword n = x.size();
  arma::mat X(n, 2, arma::fill::ones);
  X.col(1) = arma::vec(x);
  double smallest = arma::datum::inf;
  for (int step = 0; step <= (n >= 12 ? 24 : 0); ++step) {
    const double phi = 0.04 * step;
    arma::mat R(n, n);
    for (arma::uword i = 0; i < n; ++i) {
      for (arma::uword j = 0; j < n; ++j) R(i, j) = std::pow(phi, i > j ? i - j : j - i) / (1 - phi * phi);
    }
    const arma::mat P = arma::inv(R);
    const arma::vec line = arma::solve(X.t() * P * X, X.t() * P * arma::vec(y));
    const arma::vec e = arma::vec(y) - X * line;
    const double squares = arma::as_scalar(e.t() * P * e);
    const double size = static_cast<double>(n);
    const double variance = std::max(squares / size, resolution * resolution);
    const double deviance =
        size * std::log(2 * std::numbers::pi * variance) + squares / variance + arma::log_det_sympd(R);
    smallest = std::min(smallest, deviance);
  }
  const double n_ = static_cast<double>(n);
  const double p = (n >= 12 ? 4 : 3) + extra;
  return smallest + 2 * p + 2 * p * (p + 1) / (n_ - p - 1);
}

}  // namespace

/// Autocorrelation of the signs of 8: -3/8, by its correction -5/16, which counts as none.
BOOST_AUTO_TEST_CASE(independent_residuals) {
  const double d = 0.2;
  const Points points(3, -0.7, d, signs(8, 1));
  const LineFit fit = fit_line(points.x, points.y);
  BOOST_TEST(std::abs(fit.intercept - 3) < rounding);
  BOOST_TEST(std::abs(fit.slope + 0.7) < rounding);
  BOOST_TEST(fit.autocorrelation == 0);
  BOOST_TEST(fit.effective_count == 8);
  const double line = 0.49 * squares_of_x(8);  // sum of squares that the line explains
  BOOST_TEST(std::abs(fit.r_squared - line / (line + 8 * d * d)) < rounding);
  const double variance = 8 * d * d / 6 / (1 - 2.0 / 8);
  BOOST_TEST(std::abs(fit.half_width - quantile(6) * std::sqrt(variance / squares_of_x(8))) < rounding);
  BOOST_TEST(fit.interval().lower == fit.slope - fit.half_width);
  BOOST_TEST(fit.interval().upper == fit.slope + fit.half_width);
}

/// Every sign twice: 8 - 3 of 16 products are left, 5/16 and by its correction 33/64.
BOOST_AUTO_TEST_CASE(autocorrelated_residuals) {
  const double d = 0.2;
  const Points points(3, -0.7, d, signs(8, 2));
  const LineFit fit = fit_line(points.x, points.y);
  const double phi = 5.0 / 16 + (2 + 4 * 5.0 / 16) / 16;
  const double inflation = (1 + phi) / (1 - phi);
  BOOST_TEST(std::abs(fit.slope + 0.7) < rounding);
  BOOST_TEST(std::abs(fit.autocorrelation - phi) < rounding);
  BOOST_TEST(std::abs(fit.effective_count - 16 / inflation) < rounding);
  const double variance = 16 * d * d / 14 / (1 - 2 * inflation / 16);
  const double half_width = quantile(16 / inflation - 2) * std::sqrt(variance * inflation / squares_of_x(16));
  BOOST_TEST(std::abs(fit.half_width - half_width) < rounding);
}

/// Every sign four times: fewer than four independent residuals are a drift, and the slopes of the three thirds count.
BOOST_AUTO_TEST_CASE(a_drift_has_the_spread_of_its_thirds) {
  const Points points(3, -0.7, 0.2, signs(8, 4));
  const LineFit fit = fit_line(points.x, points.y);
  BOOST_TEST(fit.effective_count < 4);
  arma::vec slopes(3);
  for (std::size_t third = 0; third < 3; ++third) {
    const std::size_t from = third * 32 / 3;
    const std::size_t to = (third + 1) * 32 / 3;
    const arma::vec u(std::vector<double>(points.x.begin() + long(from), points.x.begin() + long(to)));
    const arma::vec v(std::vector<double>(points.y.begin() + long(from), points.y.begin() + long(to)));
    slopes[third] = arma::dot(u - arma::mean(u), v) / arma::dot(u - arma::mean(u), u);
  }
  BOOST_TEST(arma::stddev(slopes) > 0.001);
  BOOST_TEST(std::abs(fit.half_width - quantile(2) * arma::stddev(slopes) / std::sqrt(3.0)) < rounding);
}

/// A line that rises by a tenth of a unit in the last place more than by whole ones leaves a sawtooth of ten points as rounding: it looks
/// like noise with a memory, is known by its size, and has none.
BOOST_AUTO_TEST_CASE(rounding_of_large_values_is_no_noise) {
  for (const int power : {10, 20, 30}) {
    const double offset = std::ldexp(1.0, power);
    const double unit = std::ldexp(1.0, power - 52);
    const Points points(offset, 1000.1 * unit, 0, std::vector<double>(30, 0.0));
    const LineFit fit = fit_line(points.x, points.y);
    BOOST_TEST(fit.autocorrelation == 0);
    BOOST_TEST(fit.effective_count == 30);
    // The same sawtooth where it is no rounding.
    Points noisy(0, 1000.1, 0, std::vector<double>(30, 0.0));
    for (double& y : noisy.y) y = std::round(y);
    BOOST_TEST(fit_line(noisy.x, noisy.y).autocorrelation > 0.2);
  }
}

BOOST_AUTO_TEST_CASE(criterion_is_that_of_the_dense_likelihood) {
  for (const std::size_t n : {9U, 11U, 12U, 30U}) {
    Rng rng(n);
    std::vector<double> x, y;
    double error = 0;
    for (std::size_t i = 0; i < n; ++i) {
      error = 0.7 * error + rng.normal();
      x.push_back(std::log(1.0 + static_cast<double>(i)));
      y.push_back(2 - 3 * x.back() + error);
    }
    for (const int extra : {0, 1, 2}) {
      for (const double resolution : {1e-9, 3.0}) {
        BOOST_TEST(std::abs(line_aicc(x, y, extra, resolution) - dense_aicc(x, y, extra, resolution)) < 1e-9);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
