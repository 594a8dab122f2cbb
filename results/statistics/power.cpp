#include "results/statistics/power.hpp"

#include <algorithm>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <stdexcept>

namespace admmbench {

namespace {

/// Power of Student's t with these degrees of freedom and this noncentrality.
double power_of_t(double freedom, double noncentrality, double level, Sides sides) {
  const double tail = sides == Sides::two ? level / 2 : level;
  const double critical =
      boost::math::quantile(boost::math::complement(boost::math::students_t(freedom), tail));
  if (noncentrality == 0) return level;
  const boost::math::non_central_t distribution(freedom, noncentrality);
  const double above = boost::math::cdf(boost::math::complement(distribution, critical));
  return sides == Sides::two ? above + boost::math::cdf(distribution, -critical) : above;
}

/// The noncentrality that has this power.
double noncentrality_for(double freedom, double level, Sides sides, double power) {
  if (!(power > level && power < 1))
    throw std::invalid_argument("detectable effects: power must be between the level and 1");
  double high = 1;
  while (power_of_t(freedom, high, level, sides) < power) high *= 2;
  std::uintmax_t iterations = 100;
  const auto [below, above] = boost::math::tools::bisect(
      [&](double noncentrality) { return power_of_t(freedom, noncentrality, level, sides) - power; }, 0.0,
      high, boost::math::tools::eps_tolerance<double>(24), iterations);
  return 0.5 * (below + above);
}

}  // namespace

double t_test_power(std::size_t count, double effect, double level, Sides sides) {
  if (count < 2) throw std::invalid_argument("t_test_power: needs two differences");
  if (!(level > 0 && level < 1)) throw std::invalid_argument("t_test_power: level must be between 0 and 1");
  return power_of_t(static_cast<double>(count - 1), std::abs(effect) * std::sqrt(static_cast<double>(count)),
                    level, sides);
}

std::optional<double> detectable_difference(std::size_t count, double deviation, double level, Sides sides,
                                            double power) {
  if (count < 2 || !(deviation > 0)) return std::nullopt;
  const auto n = static_cast<double>(count);
  return noncentrality_for(n - 1, level, sides, power) * deviation / std::sqrt(n);
}

std::optional<double> detectable_unpaired(std::size_t a, std::size_t b, double deviation, double level,
                                          bool by_ranks, double power) {
  if (a == 0 || b == 0 || a + b < 3 || !(deviation > 0)) return std::nullopt;
  const auto n = static_cast<double>(a);
  const auto m = static_cast<double>(b);
  double ways = 1;
  for (std::size_t i = 1; i <= a; ++i) ways *= static_cast<double>(b + i) / static_cast<double>(i);
  if (by_ranks && 2 / ways > level) return std::nullopt;
  const double effect =
      noncentrality_for(n + m - 2, level, Sides::two, power) * deviation * std::sqrt(1 / n + 1 / m);
  return by_ranks ? effect * std::sqrt(std::numbers::pi / 3) : effect;
}

double least_signed_rank_p(std::size_t count, Sides sides) {
  const double one = std::pow(2.0, -static_cast<double>(count));
  return std::min(1.0, sides == Sides::two ? 2 * one : one);
}

std::optional<double> detectable_by_signed_ranks(std::size_t count, double deviation, double level,
                                                 double power) {
  const double least = least_signed_rank_p(count);
  if (count == 0 || least > level) return std::nullopt;
  if (!(deviation > 0)) return 0;
  const double equal_signs =
      boost::math::quantile(boost::math::normal(), std::pow(power, 1 / static_cast<double>(count)));
  if (2 * least > level || count < 2) return equal_signs * deviation;
  const double by_t = *detectable_difference(count, deviation, level, Sides::two, power);
  return std::min(equal_signs * deviation, by_t * std::sqrt(std::numbers::pi / 3));
}

double binomial_tail(std::size_t trials, std::size_t successes, double probability) {
  if (!(probability >= 0 && probability <= 1))
    throw std::invalid_argument("binomial_tail: a probability is between 0 and 1");
  if (successes == 0) return 1;
  double tail = 0;
  for (std::size_t k = successes; k <= trials; ++k) {
    double term = 1;
    for (std::size_t i = 1; i <= k; ++i)
      term *= probability * static_cast<double>(trials - k + i) / static_cast<double>(i);
    tail += term * std::pow(1 - probability, static_cast<double>(trials - k));
  }
  return std::min(1.0, tail);
}

double detectable_share(std::size_t count, double level) {
  return count == 0 ? 1 : 1 - std::pow(level, 1 / static_cast<double>(count));
}

}  // namespace admmbench
