#include "results/statistics/tests.hpp"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "core/compute/rng.hpp"

namespace admmbench {

namespace {

constexpr std::size_t largest_exact = 200;
constexpr std::size_t largest_exact_sum = 100;

void require_finite(const std::vector<double>& values) {
  if (!std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }))
    throw std::invalid_argument("statistics: values must be finite");
}

std::vector<double> differences(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) throw std::invalid_argument("statistics: pairs need samples of one length");
  require_finite(a);
  require_finite(b);
  std::vector<double> result(a.size());
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), std::minus<>());
  return result;
}

std::vector<double> together(std::vector<double> a, const std::vector<double>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// rounding_of() each pair.
std::vector<double> roundings(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result(a.size());
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), rounding_of);
  return result;
}

std::vector<double> roundings(const std::vector<double>& values) {
  return roundings(values, std::vector<double>(values.size(), 0));
}

/// Mid-ranks in ascending order; a value no further above the first of a tie than the rounding of either belongs to it.
std::vector<double> ascending_ranks(const std::vector<double>& values, const std::vector<double>& rounding) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return values[i] < values[j]; });
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    const auto tied = [&](std::size_t other) {
      return values[other] - values[order[i]] <= std::max(rounding[other], rounding[order[i]]);
    };
    while (j < order.size() && tied(order[j])) ++j;
    for (std::size_t t = i; t < j; ++t) result[order[t]] = 0.5 * static_cast<double>(i + 1 + j);
    i = j;
  }
  return result;
}

/// P(|W - E W| >= |observed - E W|) where W sums a random half of `rank`: by convolution over twice the ranks, which are whole
/// numbers also where mid-ranks are not.
double exact_signed_rank_p(const std::vector<double>& rank, double observed) {
  std::size_t total = 0;
  std::vector<double> probability{1.0};
  for (const double r : rank) {
    const auto step = static_cast<std::size_t>(std::lround(2 * r));
    probability.resize(total + step + 1, 0.0);
    for (std::size_t s = total + step + 1; s-- > 0;) {
      probability[s] = 0.5 * (probability[s] + (s >= step ? probability[s - step] : 0.0));
    }
    total += step;
  }
  const auto twice = static_cast<std::size_t>(std::lround(2 * observed));
  const std::size_t lower = std::min(twice, total - twice);
  double tail = 0;
  for (std::size_t s = 0; s <= lower; ++s) tail += probability[s];
  return std::min(1.0, 2 * tail);  // symmetric; both tails meet in the middle
}

double normal_signed_rank_p(const std::vector<double>& rank, double observed) {
  double mean = 0;
  double variance = 0;
  for (const double r : rank) {
    mean += r / 2;
    variance += r * r / 4;  // of mid-ranks: the correction for ties is in them
  }
  const double z = std::max(0.0, std::abs(observed - mean) - 0.5) / std::sqrt(variance);
  return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), z));
}

/// P(|R - E R| >= |observed - E R|) where R sums `chosen` of the ranks, every choice being as likely.
double exact_rank_sum_p(const std::vector<double>& rank, std::size_t chosen, double observed) {
  const double n = static_cast<double>(rank.size());
  const double sum = std::accumulate(rank.begin(), rank.end(), 0.0);
  const auto total = static_cast<std::size_t>(std::lround(2 * sum));
  // ways[c][s]: choices of c ranks whose doubles sum to s.
  std::vector<std::vector<double>> ways(chosen + 1, std::vector<double>(total + 1, 0.0));
  ways[0][0] = 1;
  for (const double r : rank) {
    const auto step = static_cast<std::size_t>(std::lround(2 * r));
    for (std::size_t c = chosen; c > 0; --c) {
      for (std::size_t s = total; s + 1 > step; --s) ways[c][s] += ways[c - 1][s - step];
    }
  }
  const double expected = 2 * sum * static_cast<double>(chosen) / n;
  const double distance = std::abs(2 * observed - expected);
  double tail = 0;
  double all = 0;
  for (std::size_t s = 0; s <= total; ++s) {
    all += ways[chosen][s];
    // Whole numbers on one side, a fraction of n on the other: half of the smallest step is no rounding error.
    if (std::abs(static_cast<double>(s) - expected) >= distance - 0.5 / n) tail += ways[chosen][s];
  }
  return std::min(1.0, tail / all);
}

double normal_rank_sum_p(const std::vector<double>& rank, std::size_t chosen, double observed) {
  const auto n = static_cast<double>(rank.size());
  const auto k = static_cast<double>(chosen);
  const double mean = std::accumulate(rank.begin(), rank.end(), 0.0) / n;
  double squares = 0;
  for (const double r : rank) squares += (r - mean) * (r - mean);
  const double variance = k * (n - k) / (n * (n - 1)) * squares;  // of mid-ranks: the ties are in them
  if (!(variance > 0)) return 1;
  const double z = std::max(0.0, std::abs(observed - k * mean) - 0.5) / std::sqrt(variance);
  return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), z));
}

/// The value below which the fraction `p` of the sorted values lies, interpolated.
double sorted_quantile(const std::vector<double>& sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// Acceleration of the BCa interval, from the jackknife; 0 if the statistic does not vary.
double acceleration(const std::vector<double>& values,
                    const std::function<double(const std::vector<double>&)>& statistic) {
  std::vector<double> left_out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::vector<double> rest = values;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    left_out.push_back(statistic(rest));
  }
  const double mean = mean_of(left_out);
  double squares = 0;
  double cubes = 0;
  for (const double value : left_out) {
    squares += (mean - value) * (mean - value);
    cubes += (mean - value) * (mean - value) * (mean - value);
  }
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
}

}  // namespace

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

double worse_than_all(const std::vector<double>& values, bool higher_is_better) {
  if (values.empty()) return 0;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double beyond = 2 * (*high - *low) + std::abs(*high) + std::abs(*low) + 1;
  return higher_is_better ? *low - beyond : *high + beyond;
}

double rounding_of(double a, double b) {
  return 4 * std::numeric_limits<double>::epsilon() * std::max(std::abs(a), std::abs(b));
}

SignedRankTest wilcoxon_signed_rank(const std::vector<double>& a, const std::vector<double>& b,
                                    ZeroDifferences zeros) {
  std::vector<double> difference = differences(a, b);
  std::vector<double> rounding = roundings(a, b);
  std::vector<double> magnitude;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < difference.size(); ++i) {
    const bool zero = std::abs(difference[i]) <= rounding[i];
    if (zero && zeros == ZeroDifferences::drop) continue;
    difference[kept] = zero ? 0 : difference[i];
    rounding[kept] = rounding[i];
    magnitude.push_back(std::abs(difference[kept]));
    ++kept;
  }
  difference.resize(kept);
  const std::vector<double> rank = ascending_ranks(magnitude, rounding);
  SignedRankTest test;
  std::vector<double> counted;
  for (std::size_t i = 0; i < difference.size(); ++i) {
    if (difference[i] == 0) continue;
    counted.push_back(rank[i]);
    (difference[i] > 0 ? test.positive : test.negative) += rank[i];
  }
  test.count = counted.size();
  if (counted.empty()) return test;
  test.exact = counted.size() <= largest_exact;
  test.p_value =
      test.exact ? exact_signed_rank_p(counted, test.positive) : normal_signed_rank_p(counted, test.positive);
  return test;
}

PairedTTest paired_t_test(const std::vector<double>& a, const std::vector<double>& b, double confidence) {
  const Summary summary = summarize(differences(a, b));
  PairedTTest test;
  test.count = summary.count;
  test.mean = summary.mean;
  if (summary.count < 2) return test;
  const std::vector<double> rounding = roundings(a, b);
  if (summary.maximum - summary.minimum <= *std::max_element(rounding.begin(), rounding.end())) {
    test.deviation = 0;
    return test;
  }
  test.deviation = summary.deviation;
  const auto n = static_cast<double>(summary.count);
  const double error = *summary.deviation / std::sqrt(n);
  const boost::math::students_t distribution(n - 1);
  const double half = boost::math::quantile(distribution, 0.5 + 0.5 * confidence) * error;
  test.interval = Interval{summary.mean - half, summary.mean + half};
  test.t = summary.mean / error;
  test.p_value = 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(*test.t)));
  return test;
}

RankSumTest rank_sum_test(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.empty() || b.empty()) throw std::invalid_argument("rank_sum_test: an empty sample");
  require_finite(a);
  require_finite(b);
  const std::vector<double> all = together(a, b);
  const std::vector<double> rank = ascending_ranks(all, roundings(all));
  RankSumTest test;
  test.ranks = std::accumulate(rank.begin(), rank.begin() + static_cast<std::ptrdiff_t>(a.size()), 0.0);
  test.exact = all.size() <= largest_exact_sum;
  test.p_value = test.exact ? exact_rank_sum_p(rank, a.size(), test.ranks)
                            : normal_rank_sum_p(rank, a.size(), test.ranks);
  return test;
}

WelchTest welch_t_test(const Summary& a, const Summary& b) {
  WelchTest test;
  test.difference = a.mean - b.mean;
  if (!a.deviation || !b.deviation) return test;
  const double va = *a.deviation * *a.deviation / static_cast<double>(a.count);
  const double vb = *b.deviation * *b.deviation / static_cast<double>(b.count);
  // Samples whose values are all equal to rounding do not vary.
  if (!(std::max(*a.deviation, *b.deviation) > rounding_of(a.mean, b.mean))) return test;
  test.t = test.difference / std::sqrt(va + vb);
  test.degrees = (va + vb) * (va + vb) /
                 (va * va / static_cast<double>(a.count - 1) + vb * vb / static_cast<double>(b.count - 1));
  const boost::math::students_t distribution(*test.degrees);
  test.p_value = 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(*test.t)));
  return test;
}

std::vector<double> holm(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return p_values[i] < p_values[j]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double p = p_values[order[i]];
    if (!(p >= 0 && p <= 1)) throw std::invalid_argument("holm: p-values must be in [0, 1]");
    largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - i) * p));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

double cliffs_delta(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.empty() || b.empty()) throw std::invalid_argument("cliffs_delta: an empty sample");
  require_finite(a);
  require_finite(b);
  double sum = 0;
  for (const double x : a) {
    for (const double y : b) {
      if (std::abs(x - y) > rounding_of(x, y)) sum += x > y ? 1 : -1;
    }
  }
  return sum / (static_cast<double>(a.size()) * static_cast<double>(b.size()));
}

std::optional<double> prediction_half_width(const Summary& sample, double confidence) {
  if (sample.count < 2 || !sample.deviation) return std::nullopt;
  const auto n = static_cast<double>(sample.count);
  const double t = boost::math::quantile(boost::math::students_t(n - 1), 0.5 + 0.5 * confidence);
  return t * *sample.deviation * std::sqrt(1 + 1 / n);
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median_of(std::vector<double> values) { return summarize(std::move(values)).median; }

Bootstrap bootstrap(const std::vector<double>& values,
                    const std::function<double(const std::vector<double>&)>& statistic,
                    const BootstrapOptions& options) {
  if (values.size() < 2) throw std::invalid_argument("bootstrap: needs two values");
  if (options.resamples < 2) throw std::invalid_argument("bootstrap: needs two resamples");
  require_finite(values);
  Rng rng(options.seed);
  std::vector<double> replicate(options.resamples);
  std::vector<double> sample(values.size());
  for (double& result : replicate) {
    for (double& value : sample) value = values[static_cast<std::size_t>(rng.below(values.size()))];
    result = statistic(sample);
  }
  Bootstrap answer;
  answer.estimate = statistic(values);
  answer.standard_error = summarize(replicate).deviation.value_or(0);
  std::sort(replicate.begin(), replicate.end());
  // The bias z0 counts ties by half: of a median over few values most resamples are ties.
  const auto [from, to] = std::equal_range(replicate.begin(), replicate.end(), answer.estimate);
  const double below = static_cast<double>(from - replicate.begin()) + 0.5 * static_cast<double>(to - from);
  const auto count = static_cast<double>(replicate.size());
  const boost::math::normal normal;
  const double bias = boost::math::quantile(normal, std::clamp(below / count, 0.5 / count, 1 - 0.5 / count));
  const double a = acceleration(values, statistic);
  const auto end = [&](double p) {
    const double z = bias + boost::math::quantile(normal, p);
    // Beyond 1/a the acceleration has no meaning; the correction of the bias is left.
    const double adjusted = bias + (1 - a * z > 0 ? z / (1 - a * z) : z);
    return sorted_quantile(replicate, boost::math::cdf(normal, adjusted));
  };
  answer.interval = {end(0.5 - 0.5 * options.confidence), end(0.5 + 0.5 * options.confidence)};
  return answer;
}

std::vector<double> ranks(const std::vector<double>& values, bool higher_is_better) {
  require_finite(values);
  std::vector<double> result = ascending_ranks(values, roundings(values));
  if (higher_is_better) {
    for (double& rank : result) rank = static_cast<double>(values.size()) + 1 - rank;
  }
  return result;
}

Ranking rank_methods(const std::vector<std::vector<double>>& values, bool higher_is_better, double alpha) {
  if (values.size() < 2 || values.front().size() < 2)
    throw std::invalid_argument("rank_methods: needs two data sets and two methods");
  Ranking result;
  result.datasets = values.size();
  result.methods = values.front().size();
  result.alpha = alpha;
  result.mean_ranks.assign(result.methods, 0);
  const auto n = static_cast<double>(result.datasets);
  const auto k = static_cast<double>(result.methods);
  for (const std::vector<double>& row : values) {
    if (row.size() != result.methods)
      throw std::invalid_argument("rank_methods: every data set needs a value of every method");
    const std::vector<double> rank = ranks(row, higher_is_better);
    for (std::size_t m = 0; m < result.methods; ++m) result.mean_ranks[m] += rank[m] / n;
  }
  double squares = 0;
  for (const double rank : result.mean_ranks) squares += (rank - 0.5 * (k + 1)) * (rank - 0.5 * (k + 1));
  result.chi_square = 12 * n / (k * (k + 1)) * squares;
  result.chi_square_p =
      boost::math::cdf(boost::math::complement(boost::math::chi_squared(k - 1), result.chi_square));
  const double rest = n * (k - 1) - result.chi_square;
  // Complete agreement, to rounding of the mean ranks.
  const bool agree = rest <= 1e-12 * n * (k - 1);
  result.f = agree ? std::numeric_limits<double>::infinity() : (n - 1) * result.chi_square / rest;
  result.f_p = agree ? 0
                     : boost::math::cdf(boost::math::complement(
                           boost::math::fisher_f(k - 1, (k - 1) * (n - 1)), result.f));
  result.critical_difference =
      normal_range_quantile(result.methods, alpha) / std::sqrt(2.0) * std::sqrt(k * (k + 1) / (6 * n));
  return result;
}

double normal_range_quantile(std::size_t groups, double alpha) {
  if (groups < 2) throw std::invalid_argument("normal_range_quantile: needs two groups");
  if (!(alpha > 0 && alpha < 1))
    throw std::invalid_argument("normal_range_quantile: alpha must be between 0 and 1");
  const boost::math::normal normal;
  const auto k = static_cast<double>(groups);
  // P(range <= q) = k int phi(z) [Phi(z) - Phi(z - q)]^(k-1) dz: the largest value is z, the others within q below it.
  const auto probability = [&](double q) {
    const auto integrand = [&](double z) {
      const double within = boost::math::cdf(normal, z) - boost::math::cdf(normal, z - q);
      return k * boost::math::pdf(normal, z) * std::pow(within, k - 1);
    };
    double sum = 0;
    for (int i = -9; i < 9; ++i)
      sum += boost::math::quadrature::gauss<double, 20>::integrate(integrand, i, i + 1);
    return sum;
  };
  std::uintmax_t iterations = 200;
  const auto [low, high] =
      boost::math::tools::toms748_solve([&](double q) { return probability(q) - (1 - alpha); }, 1e-9, 30.0,
                                        boost::math::tools::eps_tolerance<double>(40), iterations);
  return 0.5 * (low + high);
}

}  // namespace admmbench
