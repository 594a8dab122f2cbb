/// Rates of sequences whose limit is not told: what is superlinear comes out so, what is linear or a power never does, and a power of
/// k + k0 is never called linear.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/compute/rng.hpp"
#include "results/statistics/rate_estimate.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(unknown_limit_test)

namespace {

constexpr double limit = 5;

template <class Function>
std::vector<double> sequence(int count, Function gap) {
  std::vector<double> values;
  for (int k = 0; k < count; ++k) values.push_back(limit + gap(k));
  return values;
}

/// e_{k+1} = e_k^order above the limit.
std::vector<double> superlinear(int count, double first, double order) {
  double gap = first;
  return sequence(count, [&](int k) { return k == 0 ? gap : gap = std::pow(gap, order); });
}

RateEstimate rate_of(const std::vector<double>& values, std::int64_t stride = 1) {
  std::vector<std::int64_t> iteration;
  for (std::size_t i = 0; i < values.size(); ++i) iteration.push_back(static_cast<std::int64_t>(i) * stride);
  RateOptions options;
  const double least = *std::min_element(values.begin(), values.end());
  options.resolution = std::numeric_limits<double>::epsilon() * std::abs(least);
  return estimate_rate_to_unknown_limit(iteration, values, options);
}

}  // namespace

/// Newton's method, recorded as objective: nine values, of which the last three are the limit. As from its residual.
BOOST_AUTO_TEST_CASE(newton_recorded_as_objective_is_superlinear) {
  const RateEstimate e = rate_of(superlinear(9, 0.5, 2));
  BOOST_TEST((e.model == RateModel::superlinear), e.reason);
  BOOST_TEST(std::abs(e.order - 2) < 1e-3);
  BOOST_TEST(e.reason.ends_with("the gap to the limit that the record reached"), e.reason);
}

/// Order 1.2 from 0.99: after 41 values the gap is 4e-7, and the limit can only be guessed.
BOOST_AUTO_TEST_CASE(a_superlinear_record_that_ends_early_is_superlinear) {
  const RateEstimate e = rate_of(superlinear(41, 0.99, 1.2));
  BOOST_TEST((e.model == RateModel::superlinear), e.reason);
  BOOST_TEST(std::abs(e.order - 1.2) < 0.01);
  for (const double order : {1.3, 1.618}) {
    const RateEstimate other =
        rate_of(superlinear(static_cast<int>(std::lround(1 + 5.6 / std::log(order))), 0.95, order));
    BOOST_TEST_CONTEXT("order " << order) {
      BOOST_TEST((other.model == RateModel::superlinear), other.reason);
      BOOST_TEST(std::abs(other.order - order) < 0.05);
    }
  }
}

/// The control of both: linear sequences, whether they reached their limit or not, are not superlinear; most are called linear.
BOOST_AUTO_TEST_CASE(a_linear_sequence_is_never_superlinear) {
  int called_linear = 0, all = 0;
  for (const double factor : {0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99}) {
    for (const int count : {8, 12, 20, 40, 100, 400, 4000}) {
      const RateEstimate e = rate_of(sequence(count, [=](int k) { return std::pow(factor, k); }));
      BOOST_TEST_CONTEXT("factor " << factor << ", " << count << " values: " << e.reason) {
        BOOST_TEST((e.model == RateModel::linear || e.model == RateModel::undetermined));
        if (e.model == RateModel::linear) BOOST_TEST(std::abs(e.factor - factor) < 0.02 * factor);
      }
      called_linear += e.model == RateModel::linear ? 1 : 0;
      ++all;
    }
  }
  BOOST_TEST(2 * called_linear > all);
}

/// With noise: 200 copies each. A lucky last step looks like a ratio that tends to 0.
BOOST_AUTO_TEST_CASE(a_noisy_sequence_is_hardly_ever_superlinear) {
  for (const double factor : {0.3, 0.5, 0.7, 0.9}) {
    for (const double deviation : {0.03, 0.3}) {
      for (const int count : {12, 30, 100}) {
        int wrong = 0;
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
          Rng rng(seed);
          const RateEstimate e = rate_of(sequence(
              count, [&](int k) { return std::pow(factor, k) * std::exp(deviation * rng.normal()); }));
          wrong += e.model == RateModel::superlinear || e.model == RateModel::sublinear ? 1 : 0;
        }
        BOOST_TEST_CONTEXT("factor " << factor << " deviation " << deviation << " of " << count) {
          BOOST_TEST(wrong <= 5);  // a lead of 10 is an evidence ratio of 148
        }
      }
    }
  }
}

/// The same of noisy powers of k, whose minima stand still and then drop.
BOOST_AUTO_TEST_CASE(a_noisy_power_is_hardly_ever_superlinear) {
  for (const double power : {0.5, 1.0, 2.0}) {
    for (const double memory : {0.0, 0.7}) {
      int wrong = 0;
      for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Rng rng(seed);
        double state = rng.normal();
        const RateEstimate e = rate_of(sequence(100, [&](int k) {
          const double value = std::pow(std::max(k, 1), -power) * std::exp(0.1 * state);
          state = memory * state + std::sqrt(1 - memory * memory) * rng.normal();
          return value;
        }));
        wrong += e.model == RateModel::superlinear || e.model == RateModel::linear ? 1 : 0;
      }
      BOOST_TEST_CONTEXT("power " << power << " memory " << memory) { BOOST_TEST(wrong <= 5); }
    }
  }
}

/// 1 / (k + k0)^p without noise: before k has outgrown k0 it looks exponential, and its decrease from k to 2k has a hump.
BOOST_AUTO_TEST_CASE(a_power_of_shifted_k_is_never_linear) {
  int called_sublinear = 0;
  for (const int count : {201, 401, 2001}) {
    for (const double power : {0.5, 1.0, 2.0}) {
      for (const double shift : {1.0, 5.0, 20.0, 50.0, 100.0, 300.0, 1000.0}) {
        const auto gap = [=](int k) { return std::pow(shift / (k + shift), power); };
        const RateEstimate e = rate_of(sequence(count, gap));
        BOOST_TEST_CONTEXT(count << " values, power " << power << ", k0 = " << shift << ": " << e.reason) {
          BOOST_TEST((e.model == RateModel::sublinear || e.model == RateModel::undetermined));
        }
        called_sublinear += e.model == RateModel::sublinear ? 1 : 0;
        std::vector<double> known;  // the gap itself, as of a residual
        for (int k = 0; k < count; ++k) known.push_back(gap(k));
        const RateEstimate of_gap = estimate_rate(known);
        BOOST_TEST_CONTEXT(count << " gaps, power " << power << ", k0 = " << shift << ": " << of_gap.reason) {
          BOOST_TEST((of_gap.model == RateModel::sublinear || of_gap.model == RateModel::undetermined));
        }
        // What tends to 5 does not tend to 0, however slowly it gets there.
        const RateEstimate stuck = estimate_rate(sequence(count, gap));
        BOOST_TEST((stuck.model != RateModel::linear && stuck.model != RateModel::superlinear));
      }
    }
  }
  BOOST_TEST(called_sublinear > 20);  // the rule can come out that way
}

/// Three decades of the decrease after its hump: there a linear rate is told from every such power.
BOOST_AUTO_TEST_CASE(well_after_the_hump_a_linear_rate_is_linear) {
  const RateEstimate e = rate_of(sequence(401, [](int k) { return std::pow(0.97, k); }));
  BOOST_TEST((e.model == RateModel::linear), e.reason);
  BOOST_TEST(std::abs(e.factor - 0.97) < 1e-3);
  BOOST_TEST(e.first >= 4 * 23);  // 0.97^23 = 1/2
  const RateEstimate early = rate_of(sequence(101, [](int k) { return std::pow(0.97, k); }));
  BOOST_TEST((early.model == RateModel::undetermined));
}

/// A slow sequence stops moving by more than rounding before it is at its limit: to take its last value for that would bend it.
BOOST_AUTO_TEST_CASE(a_record_that_only_seems_to_have_arrived_has_no_known_limit) {
  std::vector<double> values = sequence(9000, [](int k) { return std::pow(0.997, k); });
  values.resize(9000);
  const RateEstimate e = rate_of(values);
  BOOST_TEST((e.model == RateModel::linear), e.reason);
  BOOST_TEST(std::abs(e.factor - 0.997) < 1e-4);
}

BOOST_AUTO_TEST_CASE(the_order_is_per_iteration_not_per_record) {
  const RateEstimate e = rate_of(superlinear(12, 0.9, 2.25), 2);
  BOOST_TEST((e.model == RateModel::superlinear), e.reason);
  BOOST_TEST(std::abs(e.order - 1.5) < 1e-3);
}

/// Anything in the data is answered.
BOOST_AUTO_TEST_CASE(nothing_and_nan_are_undetermined) {
  BOOST_TEST((estimate_rate_to_unknown_limit({}, {}).model == RateModel::undetermined));
  BOOST_TEST((estimate_rate_to_unknown_limit({0}, {1}).model == RateModel::undetermined));
  BOOST_TEST((rate_of(std::vector<double>(50, 2.0)).model == RateModel::undetermined));
  std::vector<double> values = superlinear(41, 0.99, 1.2);
  values[20] = std::nan("");
  BOOST_TEST(
      (estimate_rate_to_unknown_limit(std::vector<std::int64_t>{0, 1, 2}, {std::nan(""), 1, 2}).model ==
       RateModel::undetermined));
}

BOOST_AUTO_TEST_SUITE_END()
