#include "solvers/gram_tp/loss_safeguard.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(loss_safeguard_test)
using Verdict = LossSafeguard::Verdict;

namespace {

struct Outcome {
  long back = -1;  ///< batch of the first go_back; -1: none
  long kept = 0;   ///< last batch kept before it; 0: the initial weights
};

Outcome outcome_of(const LossSafeguardOptions& options, long interval, const std::vector<double>& losses) {
  LossSafeguard watch;
  watch.initialize(options, interval);
  Outcome outcome;
  for (std::size_t k = 0; k < losses.size(); ++k) {
    const Verdict verdict = watch.observe(losses[k]);
    if (verdict == Verdict::keep) outcome.kept = static_cast<long>(k);
    if (verdict == Verdict::go_back) {
      outcome.back = static_cast<long>(k);
      break;
    }
  }
  return outcome;
}

/// Running means of `losses`: of all so far up to `window`, geometric afterwards.
std::vector<double> running_means(const std::vector<double>& losses, long window) {
  std::vector<double> means;
  double sum = 0;
  for (std::size_t k = 0; k < losses.size(); ++k) {
    const auto count = static_cast<long>(k) + 1;
    sum += losses[k];
    if (count <= window) {
      means.push_back(sum / static_cast<double>(count));
    } else {
      const auto w = static_cast<double>(window);
      means.push_back((1 - 1 / w) * means.back() + losses[k] / w);
    }
  }
  return means;
}

/// A loss that falls to a low at batch `low` and rises again to where it began, with noise.
std::vector<double> fall_and_rise(long low, std::mt19937_64& rng) {
  std::uniform_real_distribution<double> noise(0.9, 1.1);
  std::vector<double> losses;
  for (long k = 0; k < 4 * low + 40; ++k) {
    const double away = static_cast<double>(std::abs(k - low)) / static_cast<double>(low);
    losses.push_back((1 + 9 * std::min(away, 1.0)) * noise(rng));
  }
  return losses;
}

}  // namespace

/// The verdicts against the definition, and what is kept is never long before the low: at most a quarter of the batches until
/// then, and at most the interval.
BOOST_AUTO_TEST_CASE(goes_back_to_a_low_once_the_mean_has_risen) {
  std::mt19937_64 rng(1);
  LossSafeguardOptions options;
  for (const long interval : {1L, 7L, 20L}) {
    for (const long window : {1L, 5L, 20L}) {
      for (const long low : {3L, 12L, 50L, 300L}) {
        options.window = window;
        const std::vector<double> losses = fall_and_rise(low, rng);
        const std::vector<double> means = running_means(losses, window);
        double lowest = std::numeric_limits<double>::infinity();
        long lowest_at = 0;
        long risen_at = -1;
        for (std::size_t k = 0; k < means.size() && risen_at < 0; ++k) {
          if (means[k] > options.rise * lowest + options.slack * losses[0]) risen_at = static_cast<long>(k);
          if (risen_at < 0 && means[k] <= lowest) {
            lowest = means[k];
            lowest_at = static_cast<long>(k);
          }
        }
        BOOST_TEST_REQUIRE(risen_at > 0);
        const Outcome outcome = outcome_of(options, interval, losses);
        BOOST_TEST(outcome.back == risen_at);
        BOOST_TEST(outcome.kept <= lowest_at);
        if (outcome.kept != lowest_at)
          BOOST_TEST(lowest_at - outcome.kept < std::clamp(lowest_at / 4, 1L, interval));
      }
    }
  }
}

/// Noise about a falling loss is no rise; the control has a rise that is none yet without its slack.
BOOST_AUTO_TEST_CASE(noise_is_no_rise) {
  std::mt19937_64 rng(2);
  std::uniform_real_distribution<double> noise(0.7, 1.3);
  std::vector<double> losses;
  for (int k = 0; k < 2000; ++k) losses.push_back(noise(rng) * std::exp(-k / 500.0));
  BOOST_TEST(outcome_of({}, 20, losses).back == -1);
  LossSafeguardOptions strict;
  strict.window = 1;
  strict.rise = 1.01;
  strict.slack = 0;
  BOOST_TEST(outcome_of(strict, 20, losses).back > 0);
}

BOOST_AUTO_TEST_CASE(values_that_are_not_finite) {
  const double nan = std::nan("");
  BOOST_TEST(outcome_of({}, 20, {3, 2, nan}).back == 2);
  BOOST_TEST(outcome_of({}, 20, {3, 2, std::numeric_limits<double>::infinity()}).back == 2);
  BOOST_TEST(outcome_of({}, 20, {nan, 2, 1}).back == -1);  // there is nothing to go back to
  LossSafeguardOptions off;
  off.on = false;
  BOOST_TEST(outcome_of(off, 20, {3, 2, nan}).back == -1);
}

/// After restart() the level of before is forgotten: a mean above it is a new beginning.
BOOST_AUTO_TEST_CASE(restart_forgets_the_level) {
  LossSafeguard watch;
  watch.initialize({}, 1);
  for (int k = 0; k < 30; ++k) BOOST_TEST((watch.observe(1) != Verdict::go_back));
  watch.restart();
  BOOST_TEST((watch.observe(5) == Verdict::keep));
}

BOOST_AUTO_TEST_SUITE_END()
