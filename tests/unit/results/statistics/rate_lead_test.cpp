/// What a verdict about a rate says of itself agrees with its figures.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdio>

#include "core/compute/rng.hpp"
#include "results/statistics/model_fits.hpp"
#include "results/statistics/rate_estimate.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(rate_lead_test)

namespace {

std::string leads_by(double lead) {
  char text[64];
  std::snprintf(text, sizeof text, "AICc leads by %.1f", lead);
  return text;
}

/// exp(-size(k)) of the first 60 iterations, with one percent of noise.
template <class Size>
std::vector<double> sequence(Size size) {
  Rng rng(23);
  std::vector<double> values;
  for (int k = 0; k < 60; ++k) values.push_back(std::exp(-size(k + 1.0) + 0.01 * rng.normal()));
  return values;
}

}  // namespace

BOOST_AUTO_TEST_CASE(lead_is_the_difference_of_the_criteria) {
  RateOptions options;
  options.superlinear = false;
  const RateEstimate line = estimate_rate(sequence([](double k) { return 0.3 * k; }), options);
  BOOST_TEST((line.model == RateModel::linear));
  BOOST_TEST(line.aicc_linear < line.aicc_sublinear);
  BOOST_TEST(line.reason == leads_by(line.aicc_sublinear - line.aicc_linear));
  const RateEstimate power = estimate_rate(sequence([](double k) { return 1.5 * std::log(k); }), options);
  BOOST_TEST((power.model == RateModel::sublinear));
  BOOST_TEST(power.reason == leads_by(power.aicc_linear - power.aicc_sublinear));
}

/// With a free limit m* the criterion of the superlinear model is that of the gaps to m*, and twice their logarithms: the change of
/// variables from gaps to logarithms. The record's last gap, which m* itself decides, is left out.
BOOST_AUTO_TEST_CASE(criterion_with_a_free_limit_is_that_of_the_values) {
  std::vector<std::int64_t> iteration;
  std::vector<double> values;
  for (int k = 0; k < 14; ++k) {
    iteration.push_back(k);
    values.push_back(2 + std::exp(-0.2 * std::pow(1.35, k)));
  }
  const RateEstimate found = estimate_rate_to_unknown_limit(iteration, values);
  BOOST_TEST_REQUIRE((found.model == RateModel::superlinear));
  BOOST_TEST(found.begin == values.size() / 3);  // the last two thirds
  std::vector<double> k;
  for (std::size_t i = found.begin; i + 1 < values.size(); ++i) k.push_back(static_cast<double>(i));
  double best = HUGE_VAL;
  for (double decades = -6; decades <= 0; decades += 0.25) {
    const double rest = (values[12] - values[13]) * std::pow(10.0, decades);
    std::vector<double> y;
    double jacobian = 0;
    for (std::size_t i = found.begin; i + 1 < values.size(); ++i) {
      y.push_back(std::log(values[i] - values.back() + rest));
      jacobian += 2 * y.back();
    }
    best = std::min(best, fit_superlinear(k, y, 0.95, 1).aicc + jacobian);
  }
  BOOST_TEST(found.aicc_superlinear == best, boost::test_tools::tolerance(1e-12));
}

/// The decrease from k to 2k is held against the linear and the sublinear model alone: its criterion of a superlinear one stays infinite,
/// not fitted. With the limit known it is fitted.
BOOST_AUTO_TEST_CASE(a_decrease_is_not_asked_whether_it_is_superlinear) {
  std::vector<std::int64_t> iteration;
  std::vector<double> gap, values;
  for (int k = 0; k < 120; ++k) {
    iteration.push_back(k);
    gap.push_back(std::pow(0.9, k));
    values.push_back(3 + gap.back());
  }
  const RateEstimate unknown = estimate_rate_to_unknown_limit(iteration, values);
  BOOST_TEST((unknown.model == RateModel::linear));
  BOOST_TEST(std::isinf(unknown.aicc_superlinear));
  BOOST_TEST(std::isfinite(estimate_rate(iteration, gap).aicc_superlinear));
}

BOOST_AUTO_TEST_SUITE_END()
