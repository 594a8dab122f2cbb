/// The rate estimate on sequences whose rate is known: exact, with transients, with noise; and on those that have none.

#include "results/statistics/rate_estimate.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <map>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(rate_estimate_test)

namespace {

template <class Function>
std::vector<double> sequence(int count, Function function) {
  std::vector<double> values;
  for (int k = 0; k < count; ++k) values.push_back(function(k));
  return values;
}

std::vector<double> linear(int count, double factor) {
  return sequence(count, [=](int k) { return std::pow(factor, k); });
}

std::vector<double> sublinear(int count, double exponent) {
  return sequence(count, [=](int k) { return std::pow(std::max(k, 1), -exponent); });
}

/// e_{k+1} = C e_k^q from 1/2.
std::vector<double> superlinear(int count, double order) {
  std::vector<double> values{0.5};
  while (static_cast<int>(values.size()) < count) values.push_back(0.9 * std::pow(values.back(), order));
  return values;
}

/// Multiplicative log-normal noise of standard deviation `deviation`, first-order autoregressive with `memory`.
std::vector<double> noisy(std::vector<double> values, double deviation, std::uint64_t seed,
                          double memory = 0) {
  Rng rng(seed);
  double state = rng.normal();
  for (double& value : values) {
    value *= std::exp(deviation * state);
    state = memory * state + std::sqrt(1 - memory * memory) * rng.normal();
  }
  return values;
}

bool covers(const Interval& interval, double value) {
  return interval.lower <= value && value <= interval.upper;
}

std::vector<std::int64_t> numbers(std::size_t count, std::int64_t stride = 1) {
  std::vector<std::int64_t> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = static_cast<std::int64_t>(i) * stride;
  return result;
}

struct Tally {
  std::map<RateModel, int> models;
  int covered = 0;

  int of(RateModel model) const {
    const auto found = models.find(model);
    return found == models.end() ? 0 : found->second;
  }
};

/// 200 seeded noisy copies of `values`; covered: intervals of `member` that hold the truth.
Tally repeat(const std::vector<double>& values, double deviation, double memory, double truth,
             Interval RateEstimate::*member) {
  Tally tally;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const RateEstimate estimate = estimate_rate(noisy(values, deviation, seed, memory));
    ++tally.models[estimate.model];
    tally.covered += covers(estimate.*member, truth) ? 1 : 0;
  }
  return tally;
}

}  // namespace

/// Rounding of the powers: 36 decades of log values in 1e-16, so the slope is good to about 1e-15.
BOOST_AUTO_TEST_CASE(a_geometric_sequence_is_linear) {
  for (const double factor : {0.3, 0.9, 0.999}) {
    const RateEstimate e = estimate_rate(linear(100, factor));
    BOOST_TEST_CONTEXT("factor " << factor) {
      BOOST_TEST((e.model == RateModel::linear));
      BOOST_TEST(std::abs(e.factor - factor) < 1e-13);
      BOOST_TEST(covers(e.factor_interval, factor));
      BOOST_TEST(e.factor_interval.upper - e.factor_interval.lower < 1e-12);
      BOOST_TEST(e.r_squared > 1 - 1e-12);
      BOOST_TEST(e.end == 100U);
      BOOST_TEST(e.begin >= 25U);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_factor_is_per_iteration_not_per_record) {
  const RateEstimate e = estimate_rate(numbers(60, 10), linear(60, std::pow(0.97, 10)));
  BOOST_TEST((e.model == RateModel::linear));
  BOOST_TEST(std::abs(e.factor - 0.97) < 1e-13);
  BOOST_TEST(e.last == 590);
}

BOOST_AUTO_TEST_CASE(scale_does_not_matter) {
  std::vector<double> values = linear(80, 0.95);
  for (double& value : values) value *= 1e9;
  BOOST_TEST(std::abs(estimate_rate(values).factor - 0.95) < 1e-13);
}

BOOST_AUTO_TEST_CASE(a_power_of_k_is_sublinear_and_never_linear) {
  for (const double exponent : {0.5, 1.0, 2.0}) {
    const RateEstimate e = estimate_rate(sublinear(120, exponent));
    BOOST_TEST_CONTEXT("exponent " << exponent) {
      BOOST_TEST((e.model == RateModel::sublinear));
      BOOST_TEST(std::abs(e.exponent - exponent) < 1e-12);
      BOOST_TEST(covers(e.exponent_interval, exponent));
      BOOST_TEST(e.aicc_sublinear + 100 < e.aicc_linear);
    }
  }
}

/// 1 / (k + 10) is k^-1 with a drift: local exponent k / (k + 10), 0.73 to 0.91 in the window.
BOOST_AUTO_TEST_CASE(a_shifted_power_is_sublinear_with_its_drift_in_the_interval) {
  const RateEstimate e = estimate_rate(sequence(100, [](int k) { return 1.0 / (k + 10); }));
  BOOST_TEST((e.model == RateModel::sublinear));
  BOOST_TEST(covers(e.exponent_interval, 0.9));
  BOOST_TEST(e.exponent < 1.0);
}

/// From k = 25 the second term is less than 3 (7/9)^25 = 0.6 % of the first, and falling.
BOOST_AUTO_TEST_CASE(a_transient_is_outlived) {
  const RateEstimate e =
      estimate_rate(sequence(100, [](int k) { return std::pow(0.9, k) + 3 * std::pow(0.7, k); }));
  BOOST_TEST((e.model == RateModel::linear));
  BOOST_TEST(covers(e.factor_interval, 0.9));
  BOOST_TEST(std::abs(e.factor - 0.9) < 1e-4);
}

/// A spiral: the running minimum moves in steps.
BOOST_AUTO_TEST_CASE(an_oscillating_sequence_is_r_linear) {
  const RateEstimate e =
      estimate_rate(sequence(200, [](int k) { return std::pow(0.95, k) * (1.2 + std::cos(0.7 * k)); }));
  BOOST_TEST((e.model == RateModel::linear));
  BOOST_TEST(std::abs(e.factor - 0.95) < 3e-3);
}

BOOST_AUTO_TEST_CASE(the_order_of_a_superlinear_sequence_is_recovered) {
  for (const double order : {1.3, 1.618, 2.0}) {
    RateOptions options;
    options.resolution = 1e-250;
    const RateEstimate e = estimate_rate(superlinear(11, order), options);
    BOOST_TEST_CONTEXT("order " << order) {
      BOOST_TEST((e.model == RateModel::superlinear));
      BOOST_TEST(std::abs(e.order - order) < 1e-3);
    }
  }
}

/// Newton's method for x^2 = 2 from 10; its error e' = e^2 / (2 x) is computed without cancellation.
BOOST_AUTO_TEST_CASE(newtons_method_is_superlinear_of_order_two) {
  double error = 10 - std::sqrt(2.0);
  const RateEstimate e = estimate_rate(sequence(11, [&](int k) {
    if (k > 0) error = error * error / (2 * (std::sqrt(2.0) + error));
    return error;
  }));
  BOOST_TEST((e.model == RateModel::superlinear), e.reason);
  BOOST_TEST(std::abs(e.order - 2) < 0.02);
}

/// Negative control: ratios exp(-0.03 1.03^k) from 0.97 to 0.57 accelerate, as those of a run on its way into another region
/// do; that they tend to 0 cannot be seen yet.
BOOST_AUTO_TEST_CASE(an_acceleration_is_not_called_superlinear) {
  const RateEstimate e = estimate_rate(sequence(100, [](int k) { return std::exp(-std::pow(1.03, k)); }));
  BOOST_TEST((e.model == RateModel::undetermined));
  BOOST_TEST(e.reason.find("accelerates") != std::string::npos, e.reason);
}

/// Local slope -1.5 / sqrt(k): neither model's, and changing through any window.
BOOST_AUTO_TEST_CASE(a_rate_between_the_models_is_undetermined) {
  const RateEstimate e = estimate_rate(sequence(400, [](int k) { return std::exp(-3 * std::sqrt(k)); }));
  BOOST_TEST((e.model == RateModel::undetermined));
  BOOST_TEST(e.reason.find("changes") != std::string::npos, e.reason);
}

BOOST_AUTO_TEST_CASE(a_nan_tail_is_cut) {
  const std::vector<double> clean = linear(80, 0.9);
  const RateEstimate expected = estimate_rate(clean);
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    std::vector<double> values = clean;
    values.push_back(bad);
    values.push_back(1e-30);  // whatever follows is not trusted
    const RateEstimate e = estimate_rate(values);
    BOOST_TEST(e.cut == 80U);
    BOOST_TEST(e.end == expected.end);
    BOOST_TEST(e.factor == expected.factor);
  }
  BOOST_TEST((estimate_rate(std::vector<double>(50, std::nan(""))).model == RateModel::undetermined));
}

/// Gap of an objective near 1: below 1e-16 rounding takes over; without the resolution there is a plateau, with it a rate.
BOOST_AUTO_TEST_CASE(rounding_is_cut_if_its_size_is_known) {
  const std::vector<double> values = sequence(150, [](int k) { return std::pow(0.7, k) + 1e-15; });
  BOOST_TEST((estimate_rate(values).model == RateModel::undetermined));
  RateOptions options;
  options.resolution = 1e-12;
  const RateEstimate e = estimate_rate(values, options);
  BOOST_TEST((e.model == RateModel::linear), e.reason);
  BOOST_TEST(e.cut < 75U);  // 0.7^71 = 1e-11
  BOOST_TEST(covers(e.factor_interval, 0.7));
}

BOOST_AUTO_TEST_CASE(exact_zero_ends_the_record) {
  std::vector<double> values = linear(40, 0.8);
  values.push_back(0);
  values.push_back(0);
  const RateEstimate e = estimate_rate(values);
  BOOST_TEST(e.cut == 40U);
  BOOST_TEST((e.model == RateModel::linear));
}

/// A feasible start has residual 0, the first iterations leave the constraints, and then it converges: k = 5 is the peak.
BOOST_AUTO_TEST_CASE(a_start_below_the_rest_does_not_hide_the_rate) {
  const RateEstimate e =
      estimate_rate(sequence(80, [](int k) { return k < 5 ? 0.1 * k : std::pow(0.9, k); }));
  BOOST_TEST((e.model == RateModel::linear), e.reason);
  BOOST_TEST(std::abs(e.factor - 0.9) < 1e-12);
  BOOST_TEST(e.end == 80U);
  BOOST_TEST(e.last == 79);
}

BOOST_AUTO_TEST_CASE(too_short_a_sequence_is_undetermined) {
  BOOST_TEST((estimate_rate(std::vector<double>{}).model == RateModel::undetermined));
  for (int count = 1; count <= 5; ++count) {
    const RateEstimate e = estimate_rate(linear(count, 0.5));
    BOOST_TEST((e.model == RateModel::undetermined));
    BOOST_TEST(e.reason.starts_with("too short"), e.reason);
  }
}

BOOST_AUTO_TEST_CASE(a_plateau_is_undetermined) {
  const RateEstimate constant = estimate_rate(std::vector<double>(100, 2.0));
  BOOST_TEST(constant.reason.starts_with("plateau"), constant.reason);
  const RateEstimate stalled =
      estimate_rate(sequence(120, [](int k) { return std::max(1e-3, std::pow(0.9, k)); }));
  BOOST_TEST(stalled.reason.starts_with("plateau"), stalled.reason);
  // It creeps on towards 1e-3 and never stalls altogether.
  const RateEstimate creeping = estimate_rate(sequence(100, [](int k) { return 1e-3 + std::pow(0.9, k); }));
  BOOST_TEST((creeping.model == RateModel::undetermined));
  BOOST_TEST((estimate_rate(sequence(60, [](int k) { return 1.0 + k; })).model == RateModel::undetermined));
}

BOOST_AUTO_TEST_CASE(misuse_throws) {
  BOOST_CHECK_THROW(estimate_rate(numbers(2), std::vector<double>{1}), std::invalid_argument);
  BOOST_CHECK_THROW(estimate_rate(numbers(3, 0), std::vector<double>{1, 1, 1}), std::invalid_argument);
  RateOptions options;
  options.confidence = 1;
  BOOST_CHECK_THROW(estimate_rate(std::vector<double>{1, 1, 1}, options), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(running_minimum_stops_at_the_first_value_that_is_not_finite) {
  const std::vector<double> expected{3, 3, 1, 1};
  BOOST_TEST(running_minimum({3, 5, 1, 2, std::nan(""), 0}) == expected, boost::test_tools::per_element());
}

/// Of 200 independent intervals at 95 % the number that cover has standard deviation sqrt(200 * 0.05 * 0.95) = 3.1; below
/// 178 = 190 - 4 sd the interval would be too short. The correction for autocorrelation is conservative, so there is no bound
/// above but that of the next case.
BOOST_AUTO_TEST_CASE(the_interval_covers_the_factor_at_its_nominal_rate) {
  struct Case {
    double factor, deviation, memory;
    int count;
  };
  for (const Case& c : {Case{0.9, 0.1, 0, 80}, Case{0.9, 0.5, 0, 200}, Case{0.97, 0.2, 0, 400},
                        Case{0.9, 0.1, 0.7, 80}, Case{0.9, 0.5, 0.7, 200}}) {
    const Tally tally =
        repeat(linear(c.count, c.factor), c.deviation, c.memory, c.factor, &RateEstimate::factor_interval);
    BOOST_TEST_CONTEXT("factor " << c.factor << " deviation " << c.deviation << " memory " << c.memory) {
      BOOST_TEST(tally.covered >= 178);
      BOOST_TEST(tally.of(RateModel::linear) >= 180);
      // A lead of 10 is an evidence ratio of exp(5) = 148: 200 / 148 wrong ones expected at most, 5 = + 3 sd.
      BOOST_TEST(tally.of(RateModel::sublinear) + tally.of(RateModel::superlinear) <= 5);
    }
  }
}

/// Negative control: intervals at 50 % miss often, so the 95 % ones are not merely wide. Conservative: at most 80 %.
BOOST_AUTO_TEST_CASE(a_narrower_interval_misses) {
  int covered = 0;
  RateOptions options;
  options.confidence = 0.5;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    covered += covers(estimate_rate(noisy(linear(80, 0.9), 0.1, seed), options).factor_interval, 0.9) ? 1 : 0;
  }
  BOOST_TEST(covered >= 80);
  BOOST_TEST(covered <= 160);
}

/// Negative control of the correction: least squares with independent errors on the same running minima covers far less.
BOOST_AUTO_TEST_CASE(ignoring_autocorrelation_would_not_cover) {
  int covered = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const std::vector<double> minimum = running_minimum(noisy(linear(200, 0.9), 0.5, seed));
    double sxx = 0, sxy = 0, mean = 0;
    for (int k = 50; k < 200; ++k) mean += std::log(minimum[static_cast<std::size_t>(k)]) / 150;
    const auto y = [&](int k) { return std::log(minimum[static_cast<std::size_t>(k)]) - mean; };
    for (int k = 50; k < 200; ++k) {
      sxx += (k - 124.5) * (k - 124.5);
      sxy += (k - 124.5) * y(k);
    }
    double squares = 0;
    for (int k = 50; k < 200; ++k) squares += std::pow(y(k) - sxy / sxx * (k - 124.5), 2);
    covered += std::abs(sxy / sxx - std::log(0.9)) <= 1.98 * std::sqrt(squares / 148 / sxx) ? 1 : 0;
  }
  BOOST_TEST(covered < 150);
}

/// Half the sequence is noise: no model may be named often. 5 % is the error that the intervals grant.
BOOST_AUTO_TEST_CASE(too_noisy_a_sequence_is_undetermined) {
  const Tally tally = repeat(linear(40, 0.98), 1.0, 0, 0.98, &RateEstimate::factor_interval);
  BOOST_TEST(tally.of(RateModel::undetermined) >= 190);
}

BOOST_AUTO_TEST_CASE(a_noisy_sublinear_sequence_is_hardly_ever_called_linear) {
  const Tally little = repeat(sublinear(100, 1), 0.03, 0, 1, &RateEstimate::exponent_interval);
  BOOST_TEST(little.of(RateModel::sublinear) >= 180);
  BOOST_TEST(little.of(RateModel::linear) <= 5);
  const Tally much = repeat(sublinear(100, 1), 0.3, 0, 1, &RateEstimate::exponent_interval);
  BOOST_TEST(much.of(RateModel::linear) <= 5);
  BOOST_TEST(much.of(RateModel::undetermined) >= 150);
}

/// The running minimum of a noisy k^-p takes the least of ever more values, k sigma / p of them that compete at k, so it falls
/// faster than k^-p: by sigma d sqrt(2 log n) / d log n = sigma / sqrt(2 log n) < sigma in the exponent from n = 2 on. The
/// interval is that of the running minimum's rate: it reaches [p, p + sigma].
BOOST_AUTO_TEST_CASE(the_interval_covers_the_exponent_of_the_running_minimum) {
  for (const double deviation : {0.03, 0.1}) {
    int covered = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      const Interval interval = estimate_rate(noisy(sublinear(100, 1), deviation, seed)).exponent_interval;
      covered += interval.lower <= 1 + deviation && interval.upper >= 1 ? 1 : 0;
    }
    BOOST_TEST(covered >= 178);
  }
}

BOOST_AUTO_TEST_CASE(an_outlier_moves_the_factor_little) {
  std::vector<double> values = linear(100, 0.9);
  values[70] *= 0.5;  // the running minimum waits for the trend: seven entries off, by at most log 2
  const RateEstimate e = estimate_rate(values);
  BOOST_TEST((e.model == RateModel::linear), e.reason);
  BOOST_TEST(std::abs(e.factor - 0.9) < 1e-3);
}

RateEstimate of_decrease(const std::vector<double>& values) {
  const Series series = doubling_decrease(numbers(values.size()), values);
  RateOptions options;
  options.superlinear = false;
  return estimate_rate(series.first, series.second, options);
}

BOOST_AUTO_TEST_CASE(the_decrease_has_the_rate_of_the_gap) {
  const RateEstimate fast = of_decrease(sequence(200, [](int k) { return 7 + std::pow(0.9, k); }));
  BOOST_TEST((fast.model == RateModel::linear), fast.reason);
  BOOST_TEST(covers(fast.factor_interval, 0.9));
  // (1 - 2^-p) k^-p exactly; the differences of values near 7 are good to 1e-15 / 1e-2.
  const RateEstimate slow = of_decrease(sequence(200, [](int k) { return 7 + 1.0 / std::max(k, 1); }));
  BOOST_TEST((slow.model == RateModel::sublinear), slow.reason);
  BOOST_TEST(std::abs(slow.exponent - 1) < 1e-9);
}

/// Negative control: 0.97^50 = 0.2, so f - f* at the end is a fifth of what it was and f* anyone's guess.
BOOST_AUTO_TEST_CASE(a_record_that_has_not_converged_is_undetermined) {
  BOOST_TEST((of_decrease(sequence(100, [](int k) { return 7 + std::pow(0.97, k); })).model ==
              RateModel::undetermined));
}

/// Negative control: what the decrease is for. A gap to the run's own last value bends down into log 0.
BOOST_AUTO_TEST_CASE(a_gap_to_the_own_best_would_look_superlinear) {
  const std::vector<double> own = sequence(100, [](int k) { return 1.0 / (k + 1) - 1.0 / 100; });
  BOOST_TEST((estimate_rate(own).model != RateModel::sublinear));
}

BOOST_AUTO_TEST_CASE(entries_without_a_double_are_left_out) {
  const Series series = doubling_decrease({0, 10, 20, 40, 50}, {9, 8, 6, 3, 1});
  const std::vector<std::int64_t> iterations{10, 20};
  BOOST_TEST(series.first == iterations, boost::test_tools::per_element());
  BOOST_TEST(series.second.at(0) == 2.0);
  BOOST_TEST(series.second.at(1) == 3.0);
  BOOST_TEST(doubling_decrease({}, {}).first.empty());
}

/// f = |x|^a has f^theta = |f'| / a with theta = 1 - 1/a.
BOOST_AUTO_TEST_CASE(the_exponent_of_a_power_is_recovered) {
  for (const double power : {1.5, 2.0, 4.0}) {
    std::vector<double> gap, norm;
    for (int k = 0; k < 40; ++k) {
      const double x = std::pow(0.8, k);
      gap.push_back(std::pow(x, power));
      norm.push_back(power * std::pow(x, power - 1));
    }
    gap.push_back(0);  // converged: left out
    norm.push_back(0);
    const KlEstimate e = estimate_kl_exponent(gap, norm);
    BOOST_TEST(std::abs(e.exponent - (1 - 1 / power)) < 1e-12);
    BOOST_TEST(covers(e.interval, 1 - 1 / power));
    BOOST_TEST(e.count == 20U);
  }
}

BOOST_AUTO_TEST_CASE(too_few_pairs_have_no_exponent) {
  BOOST_TEST(std::isnan(estimate_kl_exponent({1, 0.5}, {1, 0.7}).exponent));
  BOOST_TEST(
      std::isnan(estimate_kl_exponent(std::vector<double>(9, 1.0), std::vector<double>(9, 1.0)).exponent));
  BOOST_CHECK_THROW(estimate_kl_exponent({1}, {}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
