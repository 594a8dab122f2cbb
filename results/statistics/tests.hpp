#pragma once
/// Summaries of a sample (one value per seed), comparisons of methods over the same seeds, and rankings over data sets.
/// Which test to use when: docs/reference/statistics.md.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "results/statistics/line_fit.hpp"

namespace admmbench {

struct Summary {
  std::size_t count = 0;
  double mean = 0;
  std::optional<double> deviation;  ///< sample standard deviation (n - 1); empty for fewer than two values
  double minimum = 0;
  double maximum = 0;
  double median = 0;
};

/// Summary of `values`; count 0 and all else 0 for an empty sample.
Summary summarize(std::vector<double> values);

// All comparisons throw std::invalid_argument for values that are not finite, and paired ones for unequal lengths: what to do
// with a run that diverged is the caller's decision, not a test's.

/// A finite value beyond all of `values`: what stands for a run that did not finish in a test of ranks. 0 for no values.
double worse_than_all(const std::vector<double>& values, bool higher_is_better);

/// What becomes of differences that are exactly zero.
enum class ZeroDifferences {
  drop,  ///< Wilcoxon 1945: left out before ranking
  pratt  ///< Pratt 1959: ranked, then left out; the p-value is also that of splitting their ranks (Demsar 2006)
};

struct SignedRankTest {
  std::size_t count = 0;  ///< differences that are not zero
  double positive = 0;    ///< sum of the ranks of positive differences a - b
  double negative = 0;
  double p_value = 1;  ///< two-sided: P(|W - E W| >= |observed - E W|)
  bool exact =
      true;  ///< false beyond 200 differences: normal approximation, tie-corrected, with continuity correction
};

/// What rounding may have done to a - b: four units in the last place of the larger magnitude. Values, and differences of them,
/// that are no further apart are equal in truth for every test here: k/N - j/N is off by an ulp or two, and an order made of
/// such ulps is noise. In other words, a value is known to a multiple of this.
double rounding_of(double a, double b = 0);

/// Wilcoxon's signed-rank test of pairs (a_i, b_i); ties (to rounding_of() a pair) have mid-ranks, and the null
/// distribution is the exact one of those ranks. With n pairs the p-value is at least 2^(1-n): five seeds cannot reach 0.05.
SignedRankTest wilcoxon_signed_rank(const std::vector<double>& a, const std::vector<double>& b,
                                    ZeroDifferences zeros = ZeroDifferences::drop);

struct PairedTTest {
  std::size_t count = 0;
  double mean = 0;  ///< of the differences a - b
  /// Of the differences; 0 if they are all equal to rounding_of() the pairs, empty for fewer than two pairs.
  std::optional<double> deviation;
  // Empty for fewer than two pairs, and if all differences are equal: their spread says nothing about that of further ones, so
  // there is neither a t nor an interval, which would be a point. The signed ranks decide then.
  std::optional<double> t;
  std::optional<double> p_value;  ///< two-sided, n - 1 degrees of freedom
  std::optional<Interval> interval;
};

PairedTTest paired_t_test(const std::vector<double>& a, const std::vector<double>& b,
                          double confidence = 0.95);

struct RankSumTest {
  double ranks = 0;    ///< sum of the ranks of `a` among all values
  double p_value = 1;  ///< two-sided: P(|R - E R| >= |observed - E R|)
  bool exact =
      true;  ///< false beyond 100 values: normal approximation, tie-corrected, with continuity correction
};

/// Test of two samples that are not paired (Wilcoxon 1945, Mann and Whitney 1947); ties (to rounding) have mid-ranks, and the null
/// distribution is the exact one of those ranks. With n and m values the p-value is at least 2 / binomial(n + m, n). Both
/// samples not empty.
RankSumTest rank_sum_test(const std::vector<double>& a, const std::vector<double>& b);

struct WelchTest {
  double difference = 0;  ///< of the means, a - b
  std::optional<double> t, degrees,
      p_value;  ///< empty if a sample has fewer than two values, or neither varies
};

/// Two means whose variances may differ (Welch, Biometrika 34, 1947), from the samples' summaries alone.
WelchTest welch_t_test(const Summary& a, const Summary& b);

/// P-values adjusted for their number, in the order given (Holm, Scand. J. Statist. 6, 1979): reject those below alpha and
/// the probability of any false rejection is at most alpha.
std::vector<double> holm(const std::vector<double>& p_values);

/// P(a > b) - P(a < b) over all pairs of values, equal ones being those equal to rounding, in [-1, 1] (Cliff, Psychol. Bull. 114, 1993). Both samples not empty.
double cliffs_delta(const std::vector<double>& a, const std::vector<double>& b);

struct BootstrapOptions {
  double confidence = 0.95;
  std::size_t resamples = 10000;
  std::uint64_t seed = 1;  ///< the same seed gives the same interval, bit for bit
};

struct Bootstrap {
  double estimate = 0;        ///< the statistic of the sample itself
  double standard_error = 0;  ///< standard deviation over the resamples
  Interval interval;
};

/// The bias-corrected and accelerated interval (Efron, J. Amer. Statist. Assoc. 82, 1987). Two-sided intervals from a handful
/// of values are too short, whatever the method: at five seeds a 95 % one holds about 85 %. For a paired comparison give the
/// differences. At least two values.
Bootstrap bootstrap(const std::vector<double>& values,
                    const std::function<double(const std::vector<double>&)>& statistic,
                    const BootstrapOptions& options = {});
/// Not of an empty vector.
double mean_of(const std::vector<double>& values);

/// How far one more value of the normal population of a sample may be from the sample's mean, with probability `confidence`: the half
/// width t sd sqrt(1 + 1/n) of its prediction interval. Empty for fewer than two values.
std::optional<double> prediction_half_width(const Summary& sample, double confidence);
double median_of(std::vector<double> values);

/// Mid-ranks 1..n of `values`, ties to rounding: the best has rank 1.
std::vector<double> ranks(const std::vector<double>& values, bool higher_is_better);

/// Ranking of methods over data sets (Friedman 1937; Demsar, J. Mach. Learn. Res. 7, 2006).
struct Ranking {
  std::size_t datasets = 0, methods = 0;
  std::vector<double> mean_ranks;  ///< per method; 1 is best
  double chi_square =
      0;  ///< Friedman's statistic, without correction for ties (with many of them conservative)
  double chi_square_p = 1;  ///< methods - 1 degrees of freedom
  double f = 0;             ///< Iman and Davenport's, less conservative; infinite if all rankings agree
  double f_p = 1;
  double critical_difference =
      0;  ///< mean ranks that differ by less are not told apart (Nemenyi, at `alpha`)
  double alpha = 0.05;
};

/// `values[d][m]`: method m on data set d; at least two data sets and two methods.
Ranking rank_methods(const std::vector<std::vector<double>>& values, bool higher_is_better,
                     double alpha = 0.05);

/// Upper quantile of the range of `groups` standard normal values: Tukey's studentized range with infinitely many degrees of
/// freedom. P(range > result) = alpha.
double normal_range_quantile(std::size_t groups, double alpha);

}  // namespace admmbench
