/// The stated errors, in units in the last place, against long double (64 bits of fraction: its own error is below a
/// thousandth of an ulp of double).

#include "core/compute/elementary.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "core/compute/rng.hpp"
#include "core/compute/vector_level.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(elementary_test)

namespace {

template <class T>
double ulps(T got, long double exact) {
  const T near = std::abs(static_cast<T>(exact));
  const T ulp = std::nextafter(near, std::numeric_limits<T>::infinity()) - near;
  return static_cast<double>(
      std::abs((static_cast<long double>(got) - exact) / static_cast<long double>(ulp)));
}

/// The largest error of `f` over arguments of all sizes up to `largest`, of either sign or not.
template <class T, class Function, class Exact>
double worst(double largest, bool negative, Function f, Exact exact) {
  Rng rng(1);
  double result = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double size = largest * std::pow(10.0, -6 * rng.uniform() * rng.uniform());
    const T x = static_cast<T>(negative && i % 2 == 0 ? -size : size);
    result = std::max(result, ulps(f(x), exact(static_cast<long double>(x))));
  }
  return result;
}

template <class T>
void check_errors(double exp_range) {
  const auto exp_of = [](auto x) { return std::exp(x); };
  const auto tanh_of = [](auto x) { return std::tanh(x); };
  BOOST_TEST(worst<T>(exp_range, true, elementary::exp<T>, exp_of) < 1.5);
  BOOST_TEST(worst<T>(1, true, elementary::exp<T>, exp_of) < 1.5);
  BOOST_TEST(worst<T>(25, true, elementary::tanh<T>, tanh_of) < 4);
  BOOST_TEST(worst<T>(1e-3, true, elementary::tanh<T>, tanh_of) < 4);
  // The measure notices a function that is a little wrong.
  BOOST_TEST(worst<T>(
                 1, true,
                 [](T x) { return elementary::exp(x) * (1 + 4 * std::numeric_limits<T>::epsilon()); },
                 exp_of) > 1.5);
}

}  // namespace

BOOST_AUTO_TEST_CASE(errors_in_float32) { check_errors<float>(86); }
BOOST_AUTO_TEST_CASE(errors_in_float64) { check_errors<double>(707); }

BOOST_AUTO_TEST_CASE(error_of_log) {
  const auto log_of = [](long double x) { return std::log(x); };
  BOOST_TEST(worst<double>(1e300, false, elementary::log, log_of) < 2);
  BOOST_TEST(worst<double>(2, false, elementary::log, log_of) < 2);
  // Near 1, where log(x) is small against x.
  BOOST_TEST(
      worst<double>(
          1e-3, true, [](double x) { return elementary::log(1 + x); },
          [](long double x) { return std::log(static_cast<long double>(1 + static_cast<double>(x))); }) < 2);
}

BOOST_AUTO_TEST_CASE(ends_of_the_range) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  BOOST_TEST(elementary::exp(0.0) == 1);
  BOOST_TEST(elementary::exp(-infinity) == 0);
  BOOST_TEST(elementary::exp(infinity) == infinity);
  BOOST_TEST(elementary::exp(-800.0) == 0);
  BOOST_TEST(elementary::exp(710.0) == infinity);
  BOOST_TEST(ulps(elementary::exp(709.7), std::exp(static_cast<long double>(709.7))) < 1.5);
  BOOST_TEST(ulps(elementary::exp(88.7F), std::exp(static_cast<long double>(88.7F))) < 1.5);
  BOOST_TEST(elementary::exp(89.0F) == std::numeric_limits<float>::infinity());
  BOOST_TEST(elementary::tanh(infinity) == 1);
  BOOST_TEST(elementary::tanh(-1e30) == -1);
  BOOST_TEST(elementary::tanh(0.0) == 0);
  BOOST_TEST(std::signbit(elementary::tanh(-0.0)));
  BOOST_TEST(elementary::tanh(1e-300) == 1e-300);
  BOOST_TEST(elementary::log(1.0) == 0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  BOOST_TEST(std::isnan(elementary::exp(nan)));
  BOOST_TEST(std::isnan(elementary::tanh(nan)));
}

BOOST_AUTO_TEST_CASE(the_same_bits_for_every_width_of_vectors) {
  std::vector<float> x(1000);
  Rng rng(2);
  for (float& value : x) value = static_cast<float>(20 * rng.normal());
  const auto all = [&](VectorLevel level) {
    std::vector<float> out(2 * x.size());
    vectorized(level, [n = x.size(), in = x.data(), out = out.data()] {
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) {
        out[i] = elementary::exp(in[i]);
        out[n + i] = elementary::tanh(in[i]);
      }
    });
    return out;
  };
  const auto base = all(VectorLevel::base);
  for (const VectorLevel level : {VectorLevel::v3, VectorLevel::v4}) {
    if (has_vector_level(level)) BOOST_TEST(all(level) == base);
  }
}

BOOST_AUTO_TEST_SUITE_END()
