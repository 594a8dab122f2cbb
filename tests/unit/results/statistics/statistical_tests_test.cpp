#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/compute/rng.hpp"
#include "results/statistics/tests.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(statistical_tests_test)

BOOST_AUTO_TEST_CASE(summary_of_five_values) {
  const Summary s = summarize({2, 4, 4, 5, 10});
  BOOST_TEST(s.count == 5);
  BOOST_TEST(s.mean == 5.0);
  BOOST_TEST(s.deviation.value() == 3.0);  // squares 9 + 1 + 1 + 0 + 25 = 36, over 4
  BOOST_TEST(s.minimum == 2.0);
  BOOST_TEST(s.maximum == 10.0);
  BOOST_TEST(s.median == 4.0);
}

BOOST_AUTO_TEST_CASE(one_value_has_no_deviation) {
  const Summary s = summarize({0.7});
  BOOST_TEST(s.mean == 0.7);
  BOOST_TEST(!s.deviation);
  BOOST_TEST(s.median == 0.7);
}

BOOST_AUTO_TEST_CASE(median_of_an_even_count) { BOOST_TEST(summarize({4, 1, 3, 2}).median == 2.5); }

BOOST_AUTO_TEST_CASE(nothing) { BOOST_TEST(summarize({}).count == 0); }

/// The two-pass sum keeps the deviation of values that differ in their last digits only.
BOOST_AUTO_TEST_CASE(close_values_do_not_cancel) {
  const Summary s = summarize({1e9 + 1, 1e9 + 2, 1e9 + 3});
  BOOST_TEST(s.deviation.value() == 1.0);
}

namespace {

/// Hamilton depression scale factor IV before and after a tranquiliser (Hollander & Wolfe 1973, p. 29).
const std::vector<double> before{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
const std::vector<double> after{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};

/// Hours of sleep gained under two drugs (Cushny & Peebles 1905; the example of Student, Biometrika 6, 1908).
const std::vector<double> dextro{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
const std::vector<double> laevo{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

/// AUC of C4.5, with m, with cf, with both on 14 data sets (Demsar, JMLR 7, 2006, Table 6). On `voting` the printed values tie
/// where the printed ranks are 2 and 3, so a digit is added there.
const std::vector<std::vector<double>> demsar{
    {0.763, 0.768, 0.771, 0.798},  {0.599, 0.591, 0.590, 0.569}, {0.954, 0.971, 0.968, 0.967},
    {0.628, 0.661, 0.654, 0.657},  {0.882, 0.888, 0.886, 0.898}, {0.936, 0.931, 0.916, 0.931},
    {0.661, 0.668, 0.609, 0.685},  {0.583, 0.583, 0.563, 0.625}, {0.775, 0.838, 0.866, 0.875},
    {1.000, 1.000, 1.000, 1.000},  {0.940, 0.962, 0.965, 0.962}, {0.619, 0.666, 0.614, 0.669},
    {0.972, 0.981, 0.9751, 0.975}, {0.957, 0.978, 0.946, 0.970}};

/// Two-sided p of the signed ranks by all 2^n sign patterns, written apart from the code under test.
double enumerated_p(std::vector<double> difference, bool pratt) {
  if (!pratt) std::erase(difference, 0.0);
  std::vector<double> rank;
  double observed = 0;
  for (const double d : difference) {
    if (d == 0) continue;
    double smaller = 0, equal = 0;
    for (const double other : difference) {
      smaller += std::abs(other) < std::abs(d) ? 1 : 0;
      equal += std::abs(other) == std::abs(d) ? 1 : 0;
    }
    rank.push_back(smaller + 0.5 * (equal + 1));
    observed += d > 0 ? rank.back() : 0;
  }
  const double middle = 0.5 * std::accumulate(rank.begin(), rank.end(), 0.0);
  unsigned extreme = 0;
  for (unsigned signs = 0; signs < 1U << rank.size(); ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < rank.size(); ++i) sum += (signs >> i & 1U) != 0 ? rank[i] : 0;
    extreme += std::abs(sum - middle) >= std::abs(observed - middle) ? 1 : 0;
  }
  return extreme / std::pow(2.0, static_cast<double>(rank.size()));
}

}  // namespace

/// R's example of wilcox.test on these data: V = 40, one-sided p = 0.01953 = 10 / 512.
BOOST_AUTO_TEST_CASE(signed_ranks_of_hollander_and_wolfe) {
  const SignedRankTest test = wilcoxon_signed_rank(before, after);
  BOOST_TEST(test.count == 9U);
  BOOST_TEST(test.positive == 40.0);
  BOOST_TEST(test.negative == 5.0);
  BOOST_TEST(test.p_value == 20.0 / 512);
  BOOST_TEST(test.exact);
}

/// Demsar's example (his Table 2): R+ = 93 and R- = 12, each with half the ranks 1.5 + 1.5 of the two zeros.
BOOST_AUTO_TEST_CASE(signed_ranks_of_demsar) {
  std::vector<double> base, with_m;
  for (const auto& row : demsar) {
    base.push_back(std::round(1000 * row[0]));  // in thousandths the ties are exact
    with_m.push_back(std::round(1000 * row[1]));
  }
  const SignedRankTest test = wilcoxon_signed_rank(with_m, base, ZeroDifferences::pratt);
  BOOST_TEST(test.count == 12U);
  BOOST_TEST(test.positive == 93 - 1.5);
  BOOST_TEST(test.negative == 12 - 1.5);
  BOOST_TEST(test.p_value < 0.05);  // 12 is below his critical value 21
}

/// Both are the same count over 2^n, so the sums of powers of two agree exactly.
BOOST_AUTO_TEST_CASE(signed_rank_p_is_that_of_all_sign_patterns) {
  Rng rng(1);
  for (int trial = 0; trial < 60; ++trial) {
    const std::size_t count = 1 + static_cast<std::size_t>(trial) % 12;
    std::vector<double> a(count), zero(count, 0.0);
    // Whole numbers of few values: ties and zeros in most samples.
    for (double& value : a) value = static_cast<double>(rng.below(7)) - 2;
    BOOST_TEST(wilcoxon_signed_rank(a, zero).p_value == enumerated_p(a, false));
    BOOST_TEST(wilcoxon_signed_rank(a, zero, ZeroDifferences::pratt).p_value == enumerated_p(a, true));
    BOOST_TEST(wilcoxon_signed_rank(zero, a).p_value == wilcoxon_signed_rank(a, zero).p_value);
  }
}

/// Accuracies k/N of which the second is ahead by `ahead` test samples of N each.
struct Counts {
  std::vector<double> a, b;
  Counts(const std::vector<int>& correct, const std::vector<int>& ahead, int samples) {
    for (std::size_t i = 0; i < correct.size(); ++i) {
      a.push_back(correct[i] / static_cast<double>(samples));
      b.push_back((correct[i] + ahead[i]) / static_cast<double>(samples));
    }
  }
};

/// Eight differences of 5 in N, one of them negative: all ranks are 4.5, and 1 or 7 of 8 signs or fewer are as far out, 18 of 256
/// patterns. As differences of doubles they have up to five values an ulp apart, which must not order them.
BOOST_AUTO_TEST_CASE(ties_of_signed_ranks_are_exact_whatever_the_accuracies) {
  Rng rng(3);
  for (const int samples : {10000, 3072, 777, 7}) {
    std::size_t unequal = 0;
    for (int trial = 0; trial < 200; ++trial) {
      const int by = samples > 5 * 10 ? 5 : 1;
      std::vector<int> correct, ahead;
      for (int i = 0; i < 8; ++i) {
        const auto most = static_cast<std::uint64_t>(samples) - 2 * static_cast<std::uint64_t>(by);
        correct.push_back(by + static_cast<int>(rng.below(most + 1)));
        ahead.push_back(i == trial % 8 ? -by : by);
      }
      const Counts counts(correct, ahead, samples);
      for (std::size_t i = 1; i < 8; ++i)
        unequal += std::abs(counts.b[i] - counts.a[i]) != std::abs(counts.b[0] - counts.a[0]) ? 1 : 0;
      const SignedRankTest test = wilcoxon_signed_rank(counts.b, counts.a);
      BOOST_TEST(test.p_value == 18.0 / 256);
      BOOST_TEST(test.negative == 4.5);
    }
    BOOST_TEST(unequal > 0U);  // control: rounding does make them differ
  }
}

/// The control: differences of 5 and 6 samples are no tie, down to a resolution of 10^-12.
BOOST_AUTO_TEST_CASE(differences_of_one_sample_are_no_tie) {
  const Counts counts({9000, 9100, 9200}, {5, 6, -7}, 10000);
  BOOST_TEST(wilcoxon_signed_rank(counts.b, counts.a).negative == 3.0);
  BOOST_TEST(wilcoxon_signed_rank({1 + 1e-12, 2.0}, {1.0, 2.0 - 2e-12}).positive == 3.0);
}

/// Two seeds that differ by 5 in 10,000 each: a t of 10^13 was made of an ulp. There is none; signed ranks give 2 / 4.
BOOST_AUTO_TEST_CASE(differences_equal_in_truth_have_no_t_and_no_interval) {
  for (const int second : {9001, 9111, 9222, 9333, 9876}) {
    const Counts counts({9000, second}, {5, 5}, 10000);
    const PairedTTest test = paired_t_test(counts.b, counts.a);
    BOOST_TEST(!test.t);
    BOOST_TEST(!test.p_value);
    BOOST_TEST(!test.interval);
    BOOST_TEST(test.deviation.value() == 0.0);
    BOOST_TEST(wilcoxon_signed_rank(counts.b, counts.a).p_value == 0.5);
  }
  // Control: one sample more in one of them, and t is back.
  const Counts counts({9000, 9111}, {5, 6}, 10000);
  BOOST_TEST(paired_t_test(counts.b, counts.a).p_value.value() < 0.1);
}

/// The median of four accuracies, the mean of two of them, may be an ulp off an equal one.
BOOST_AUTO_TEST_CASE(ranks_and_effects_take_values_equal_to_rounding_for_ties) {
  const double x = 0.1 + 0.2;
  BOOST_REQUIRE(x != 0.3);
  const std::vector<double> tied{1.5, 1.5, 3};
  BOOST_TEST(ranks({x, 0.3, 0.2}, true) == tied, boost::test_tools::per_element());
  BOOST_TEST(cliffs_delta({x, x}, {0.3}) == 0.0);
  BOOST_TEST(rank_sum_test({x, x}, {0.3, 0.3}).p_value == 1.0);
  BOOST_TEST(!welch_t_test(summarize({x, 0.3}), summarize({0.3, x})).p_value);
}

/// Five pairs cannot be significant at 5 %: 2 / 2^5.
BOOST_AUTO_TEST_CASE(the_smallest_p_of_five_pairs) {
  BOOST_TEST(wilcoxon_signed_rank({1, 2, 3, 4, 5}, {0, 0, 0, 0, 0}).p_value == 0.0625);
  BOOST_TEST(wilcoxon_signed_rank({1, 1}, {1, 1}).p_value == 1.0);
  BOOST_TEST(wilcoxon_signed_rank({}, {}).p_value == 1.0);
}

/// At 200 differences the normal approximation is good to the order 1/n of its Edgeworth correction; the two sides of the
/// switch must agree that well.
BOOST_AUTO_TEST_CASE(large_samples_continue_the_exact_p) {
  Rng rng(2);
  std::vector<double> a;
  for (int i = 0; i < 200; ++i) a.push_back(rng.normal() + 0.1);
  const SignedRankTest exact = wilcoxon_signed_rank(a, std::vector<double>(200, 0.0));
  a.push_back(1e-9);
  const SignedRankTest normal = wilcoxon_signed_rank(a, std::vector<double>(201, 0.0));
  BOOST_TEST(exact.exact);
  BOOST_TEST(!normal.exact);
  BOOST_TEST(std::abs(exact.p_value - normal.p_value) < 1.0 / 200);
}

/// R's example of t.test on these data: t = -4.0621, df = 9, p = 0.002833, interval -2.4598858 -0.7001142.
BOOST_AUTO_TEST_CASE(paired_t_of_student) {
  const PairedTTest test = paired_t_test(dextro, laevo);
  BOOST_TEST(test.count == 10U);
  BOOST_TEST(test.mean == -1.58, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(std::abs(test.t.value() + 4.0621) < 5e-5);
  BOOST_TEST(std::abs(test.p_value.value() - 0.002833) < 5e-7);
  BOOST_TEST(std::abs(test.interval.value().lower + 2.4598858) < 5e-8);
  BOOST_TEST(std::abs(test.interval.value().upper + 0.7001142) < 5e-8);
}

BOOST_AUTO_TEST_CASE(paired_t_without_variation) {
  BOOST_TEST(!paired_t_test({1}, {0}).t);
  BOOST_TEST(!paired_t_test({2, 3}, {1, 2}).p_value);
  BOOST_TEST(!paired_t_test({2, 3}, {1, 2}).interval);  // a point would claim certainty from two values
  BOOST_TEST(paired_t_test({2, 3}, {1, 2}).mean == 1.0);
}

/// Sorted 0.01 0.02 0.03 0.04: times 4 3 2 1 is 0.04 0.06 0.06 0.04, made monotone 0.04 0.06 0.06 0.06.
BOOST_AUTO_TEST_CASE(holm_by_hand) {
  const std::vector<double> adjusted = holm({0.04, 0.01, 0.03, 0.02});
  const std::vector<double> expected{0.06, 0.04, 0.06, 0.06};
  for (std::size_t i = 0; i < 4; ++i)
    BOOST_TEST(adjusted[i] == expected[i], boost::test_tools::tolerance(1e-15));
  BOOST_TEST(holm({0.6, 0.7}).at(1) == 1.0);
  BOOST_TEST(holm({}).empty());
  BOOST_CHECK_THROW(holm({1.5}), std::invalid_argument);
}

/// a > b in (3,1) (3,2) (2,1), a < b in (1,2), equal in (1,1) (2,2): (3 - 1) / 6.
BOOST_AUTO_TEST_CASE(cliffs_delta_by_hand) {
  BOOST_TEST(cliffs_delta({1, 2, 3}, {1, 2}) == 2.0 / 6);
  BOOST_TEST(cliffs_delta({1, 2}, {1, 2, 3}) == -2.0 / 6);
  BOOST_TEST(cliffs_delta({5, 6}, {1, 2}) == 1.0);
  BOOST_TEST(cliffs_delta({1, 2}, {1, 2}) == 0.0);
}

/// Survival of treated mice (Efron & Tibshirani 1993, chapter 2): standard error of the mean 23.36 for infinitely many
/// resamples; of 10000 it has a relative standard deviation of 1 / sqrt(20000), here times 4.
BOOST_AUTO_TEST_CASE(bootstrap_standard_error_of_the_mouse_data) {
  const Bootstrap answer = bootstrap({94, 197, 16, 38, 99, 141, 23}, mean_of);
  BOOST_TEST(answer.estimate == 608.0 / 7);
  BOOST_TEST(std::abs(answer.standard_error - 23.36) < 4 * 23.36 / std::sqrt(20000.0));
}

/// The spatial test data (Efron & Tibshirani 1993, Table 14.1), variance with divisor n: 171.5; of 2000 resamples the 90 % BCa
/// interval is (115.8, 259.6), the percentile interval (100.8, 233.9). With 2000 resamples their ends have standard errors of
/// about 2.5 and 4; four times that still tells the two kinds of interval apart at either end.
BOOST_AUTO_TEST_CASE(bca_interval_of_the_spatial_test_data) {
  const std::vector<double> scores{48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6,
                                   0,  33, 28, 34, 4,  32, 24, 47, 41, 24, 26, 30, 41};
  BootstrapOptions options;
  options.confidence = 0.9;
  const auto variance = [](const std::vector<double>& values) {
    const double mean = mean_of(values);
    double sum = 0;
    for (const double value : values) sum += (value - mean) * (value - mean);
    return sum / static_cast<double>(values.size());
  };
  const Bootstrap answer = bootstrap(scores, variance, options);
  BOOST_TEST(std::abs(answer.estimate - 171.5) < 0.05);
  BOOST_TEST(std::abs(answer.interval.lower - 115.8) < 10);
  BOOST_TEST(std::abs(answer.interval.upper - 259.6) < 16);
}

BOOST_AUTO_TEST_CASE(bootstrap_depends_on_the_seed_alone) {
  const std::vector<double> values{0.91, 0.93, 0.90, 0.94, 0.92};
  BootstrapOptions other;
  other.seed = 2;
  const Bootstrap a = bootstrap(values, median_of), b = bootstrap(values, median_of);
  BOOST_TEST(a.interval.lower == b.interval.lower);
  BOOST_TEST(a.interval.upper == b.interval.upper);
  BOOST_TEST(a.standard_error == b.standard_error);
  BOOST_TEST(bootstrap(values, median_of, other).standard_error != a.standard_error);
}

/// Exponential samples of 40: 200 intervals of 90 % for the mean 1. The nominal 180 less 4 sd of 4.2 is 163.
BOOST_AUTO_TEST_CASE(bootstrap_intervals_cover) {
  Rng rng(3);
  BootstrapOptions options;
  options.confidence = 0.9;
  options.resamples = 1000;
  int covered = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> values(40);
    for (double& value : values) value = -std::log(rng.uniform());
    options.seed = static_cast<std::uint64_t>(trial);
    const Interval interval = bootstrap(values, mean_of, options).interval;
    covered += interval.lower <= 1 && 1 <= interval.upper ? 1 : 0;
  }
  BOOST_TEST(covered >= 163);
  BOOST_TEST(covered <= 196);
}

BOOST_AUTO_TEST_CASE(a_sample_without_variation_has_a_point_as_interval) {
  const Bootstrap answer = bootstrap({2, 2, 2}, mean_of);
  BOOST_TEST(answer.interval.lower == 2.0);
  BOOST_TEST(answer.interval.upper == 2.0);
  BOOST_CHECK_THROW(bootstrap({1}, mean_of), std::invalid_argument);
}

/// Of three methods both laws are elementary: P(chi^2 > x) = exp(-x / 2) and, with d = 2 (n - 1), P(F > f) = (1 + 2 f / d)^(-d / 2).
BOOST_AUTO_TEST_CASE(ranking_of_three_methods) {
  Rng rng(29);
  for (const std::size_t datasets : {4U, 9U, 20U}) {
    std::vector<std::vector<double>> values(datasets, std::vector<double>(3));
    for (auto& row : values) row = {rng.normal(), rng.normal() + 0.5, rng.normal()};
    const Ranking ranking = rank_methods(values, true, 0.05);
    const double d = 2 * static_cast<double>(datasets - 1);
    BOOST_TEST(ranking.f > 0);
    BOOST_TEST(std::abs(ranking.chi_square_p - std::exp(-ranking.chi_square / 2)) < 1e-12);
    BOOST_TEST(std::abs(ranking.f_p - std::pow(1 + 2 * ranking.f / d, -d / 2)) < 1e-12);
  }
}

/// Demsar 2006, section 3.2.2: mean ranks 3.143 2.000 2.893 1.964, chi2_F = 9.28, F_F = 3.69 (from the rounded 9.28; critical
/// 2.85), CD 1.25 at 0.05 and 1.12 at 0.10 (he rounds up).
BOOST_AUTO_TEST_CASE(ranking_of_demsar) {
  const Ranking r = rank_methods(demsar, true);
  const std::vector<double> expected{3.143, 2.000, 2.893, 1.964};
  for (std::size_t m = 0; m < 4; ++m) BOOST_TEST(std::abs(r.mean_ranks[m] - expected[m]) < 5e-4);
  BOOST_TEST(std::abs(r.chi_square - 9.28) < 5e-3);
  BOOST_TEST(std::abs(r.f - 3.69) < 5e-3);
  BOOST_TEST(r.f_p < 0.05);
  BOOST_TEST(r.chi_square_p < 0.05);
  BOOST_TEST(std::abs(r.critical_difference - 1.25) < 1e-2);
  BOOST_TEST(std::abs(rank_methods(demsar, true, 0.1).critical_difference - 1.12) < 1e-2);
}

/// Demsar's Table 5a, q / sqrt 2 to three decimals (of a table, so a unit in the last place).
BOOST_AUTO_TEST_CASE(nemenyi_critical_values) {
  const std::vector<double> five{1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164};
  const std::vector<double> ten{1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920};
  for (std::size_t k = 2; k <= 10; ++k) {
    BOOST_TEST(std::abs(normal_range_quantile(k, 0.05) / std::sqrt(2.0) - five[k - 2]) < 1.5e-3);
    BOOST_TEST(std::abs(normal_range_quantile(k, 0.10) / std::sqrt(2.0) - ten[k - 2]) < 1.5e-3);
  }
}

BOOST_AUTO_TEST_CASE(rankings_that_agree_and_that_do_not_exist) {
  const Ranking agree = rank_methods({{1, 2, 3}, {1, 2, 3}, {4, 5, 6}}, false);
  BOOST_TEST(agree.mean_ranks.at(0) == 1.0);
  BOOST_TEST(agree.chi_square == 6.0, boost::test_tools::tolerance(1e-14));  // N (k - 1), its largest value
  BOOST_TEST(agree.f == std::numeric_limits<double>::infinity());
  const Ranking tied = rank_methods({{1, 1}, {2, 2}}, true);
  BOOST_TEST(tied.chi_square == 0.0);
  BOOST_TEST(tied.f_p == 1.0);
  BOOST_CHECK_THROW(rank_methods({{1, 2}}, true), std::invalid_argument);
  BOOST_CHECK_THROW(rank_methods({{1, 2}, {1}}, true), std::invalid_argument);
  BOOST_CHECK_THROW(rank_methods({{1, 2}, {1, std::nan("")}}, true), std::invalid_argument);
}

namespace {

/// Two-sided p of the rank sum by all choices of values, written apart from the code under test.
double enumerated_rank_sum_p(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  // U counts pairs; its mean is half of them.
  const auto u = [&](unsigned mask) {
    double sum = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = 0; j < all.size(); ++j) {
        if ((mask >> i & 1U) == 1 && (mask >> j & 1U) == 0)
          sum += all[i] > all[j] ? 1 : all[i] == all[j] ? 0.5 : 0;
      }
    }
    return sum;
  };
  const double mean = 0.5 * static_cast<double>(a.size() * b.size());
  const double observed = std::abs(u((1U << a.size()) - 1) - mean);
  double extreme = 0;
  double count = 0;
  for (unsigned mask = 0; mask < 1U << all.size(); ++mask) {
    if (static_cast<std::size_t>(__builtin_popcount(mask)) != a.size()) continue;
    count += 1;
    extreme += std::abs(u(mask) - mean) >= observed - 1e-9 ? 1 : 0;
  }
  return extreme / count;
}

}  // namespace

BOOST_AUTO_TEST_CASE(rank_sum_is_the_enumerated_one) {
  Rng rng(5);
  for (const auto& [n, m] : {std::pair{1, 4}, {3, 3}, {4, 7}, {6, 5}}) {
    for (const double step : {0.001, 1.0}) {  // hardly any ties, and many
      std::vector<double> a(static_cast<std::size_t>(n));
      std::vector<double> b(static_cast<std::size_t>(m));
      for (double& value : a) value = step * std::floor(3 * rng.normal() / step);
      for (double& value : b) value = step * std::floor((3 * rng.normal() + 2) / step);
      BOOST_TEST(rank_sum_test(a, b).p_value == enumerated_rank_sum_p(a, b),
                 boost::test_tools::tolerance(1e-12));
      BOOST_TEST(rank_sum_test(a, b).p_value == rank_sum_test(b, a).p_value,
                 boost::test_tools::tolerance(1e-12));
    }
  }
}

/// Permeability constants of the human chorioamnion at term and at 12 to 26 weeks (Hollander & Wolfe 1973, p. 69): the sum of
/// the ranks of the five is 30, P(W >= 30) = 0.127, two-sided twice that.
BOOST_AUTO_TEST_CASE(rank_sum_of_a_published_example) {
  const std::vector<double> term{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  const std::vector<double> early{1.15, 0.88, 0.90, 0.74, 1.21};
  const RankSumTest test = rank_sum_test(early, term);
  BOOST_TEST(test.ranks == 30);
  BOOST_TEST(test.exact);
  BOOST_TEST(test.p_value == 2 * 0.127, boost::test_tools::tolerance(0.005));
}

BOOST_AUTO_TEST_CASE(rank_sum_of_many_values_is_near_the_exact_one) {
  Rng rng(6);
  std::vector<double> a(50);
  std::vector<double> b(50);
  for (double& value : a) value = rng.normal();
  for (double& value : b) value = rng.normal() + 0.4;
  const RankSumTest exact = rank_sum_test(a, b);
  b.push_back(0.4);
  const RankSumTest normal = rank_sum_test(a, b);
  BOOST_TEST(exact.exact);
  BOOST_TEST(!normal.exact);
  BOOST_TEST(normal.p_value == exact.p_value, boost::test_tools::tolerance(0.2));  // one value more, of 101
  BOOST_CHECK_THROW(rank_sum_test({}, {1}), std::invalid_argument);
}

/// With equal counts the t is the pooled one; with equal deviations too the degrees are 2 (n - 1).
BOOST_AUTO_TEST_CASE(welch) {
  const WelchTest equal = welch_t_test(summarize({1, 2, 3}), summarize({4, 5, 6}));
  BOOST_TEST(*equal.t == -3 / std::sqrt(2.0 / 3), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(*equal.degrees == 4, boost::test_tools::tolerance(1e-12));
  // Student's sleep data, as R's t.test prints them: t = -1.8608, df = 17.776, p = 0.07939.
  const WelchTest sleep = welch_t_test(summarize(dextro), summarize(laevo));
  BOOST_TEST(*sleep.t == -1.8608, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(*sleep.degrees == 17.776, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(*sleep.p_value == 0.07939, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(!welch_t_test(summarize({1}), summarize({4, 5})).p_value);
  BOOST_TEST(!welch_t_test(summarize({1, 1}), summarize({4, 4})).p_value);
}

/// t(4, 0.975) = 2.7764451, and its coverage by drawing: of five standard normal values and a sixth, the sixth is inside in 95 %.
BOOST_AUTO_TEST_CASE(prediction_intervals_hold_one_more_value) {
  Summary five;
  five.count = 5;
  five.mean = 3;
  five.deviation = 2;
  BOOST_TEST(prediction_half_width(five, 0.95).value() == 2 * 2.7764451 * std::sqrt(1.2),
             boost::test_tools::tolerance(1e-7));
  BOOST_TEST(!prediction_half_width(summarize({1.0}), 0.95).has_value());
  Rng rng(17);
  constexpr int draws = 20000;
  int inside = 0;
  int by_the_mean_alone = 0;  // control: without the 1 of the new value
  for (int i = 0; i < draws; ++i) {
    std::vector<double> values(6);
    for (double& value : values) value = rng.normal();
    const double next = values.back();
    values.pop_back();
    const Summary sample = summarize(values);
    const double half_width = prediction_half_width(sample, 0.95).value();
    inside += std::abs(next - sample.mean) <= half_width ? 1 : 0;
    by_the_mean_alone += std::abs(next - sample.mean) <= half_width * std::sqrt(1.0 / 6) ? 1 : 0;
  }
  const double four_errors = 4 * std::sqrt(0.95 * 0.05 / draws);
  BOOST_TEST(std::abs(inside / double(draws) - 0.95) < four_errors);
  BOOST_TEST(by_the_mean_alone / double(draws) < 0.8);
}

BOOST_AUTO_TEST_SUITE_END()
