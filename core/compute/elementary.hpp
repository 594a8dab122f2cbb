#pragma once
/// exp, tanh and log without branches or tables, of additions, multiplications, one division and integer operations: loops
/// over them vectorise, and they give the same bits on every processor and for every width of vectors, which the C
/// library's do not (it takes fused operations where it finds them). Errors are at most those stated, in units in the last
/// place; tests/unit/core/compute/elementary_test.cpp measures them against long double.

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <type_traits>

namespace admmbench::elementary {

/// By value: std::min and std::max return references, and a loop over them does not vectorise.
template <class T>
T smaller(T a, T b) {
  return b < a ? b : a;
}
template <class T>
T larger(T a, T b) {
  return a < b ? b : a;
}

namespace detail {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;

template <class T>
constexpr int fraction_bits = std::numeric_limits<T>::digits - 1;

/// 1.5 * 2^fraction_bits: added to a small number it leaves the nearest integer in the low bits.
template <class T>
constexpr T rounder = T(3) * T(Bits<T>(1) << (fraction_bits<T> - 1));

// ln 2 in two parts; n times the first is exact for the exponents n of either precision.
inline constexpr long double ln2_high = 0.693145751953125L;
inline constexpr long double ln2_low = std::numbers::ln2_v<long double> - ln2_high;

template <int n>
constexpr long double factorial = n* factorial<n - 1>;
template <>
inline constexpr long double factorial<0> = 1;

/// Taylor's series of exp from r^k/k! on, over r^k. |r| <= ln(2)/2: what is left out is below a hundredth of an ulp.
template <class T, int k>
T exp_series(T r) {
  constexpr int degree = std::is_same_v<T, float> ? 8 : 14;
  if constexpr (k == degree) {
    return T(1 / factorial<k>);
  } else {
    return T(1 / factorial<k>) + r * exp_series<T, k + 1>(r);
  }
}

/// x = n ln 2 + r, |r| <= ln(2)/2.
template <class T>
struct Reduced {
  T r;
  Bits<T> n;
};

template <class T>
Reduced<T> reduce(T x) {
  const T shifted = x * T(std::numbers::log2e_v<long double>) + rounder<T>;
  const T n = shifted - rounder<T>;
  return {(x - n * T(ln2_high)) - n * T(ln2_low),
          std::bit_cast<Bits<T>>(shifted) - std::bit_cast<Bits<T>>(rounder<T>)};
}

/// 2^n for the exponents of normal numbers.
template <class T>
T power_of_two(Bits<T> n) {
  return std::bit_cast<T>((n + (std::numeric_limits<T>::max_exponent - 1)) << fraction_bits<T>);
}

/// Terms of atanh(s)/s = 1 + s^2/3 + s^4/5 + ... from z^k/(2k+1) on, over z^k with z = s^2.
template <int k>
double atanh_series(double z) {
  constexpr int last = 11;
  if constexpr (k == last) {
    return 1.0 / (2 * k + 1);
  } else {
    return 1.0 / (2 * k + 1) + z * atanh_series<k + 1>(z);
  }
}

}  // namespace detail

/// exp(x), error at most 1.5 ulp; results below twice the smallest normal number are 0.
template <class T>
T exp(T x) {
  constexpr T lowest = T(std::numeric_limits<T>::min_exponent * std::numbers::ln2_v<long double>);
  constexpr T highest = T(std::numeric_limits<T>::max_exponent * std::numbers::ln2_v<long double>);
  // Outside, the integers below mean nothing; NaN stays NaN.
  const T inside = x < lowest ? lowest : (x > highest ? highest : x);
  const auto [r, n] = detail::reduce(inside);
  const T value = (T(1) + r * detail::exp_series<T, 1>(r)) * detail::power_of_two<T>(n - 1) * T(2);
  return x < lowest ? T(0) : (x > highest ? std::numeric_limits<T>::infinity() : value);
}

/// tanh(x), error at most 4 ulp.
template <class T>
T tanh(T x) {
  constexpr T saturated = T(44);  // tanh(x) rounds to 1 from x = 22 on
  const T twice = T(2) * std::abs(x);
  const auto [r, n] = detail::reduce(twice > saturated ? saturated : twice);
  // e = exp(2|x|) - 1 without cancellation.
  const T scale = detail::power_of_two<T>(n);
  const T e = scale * (r * detail::exp_series<T, 1>(r)) + (scale - T(1));
  return std::copysign(e / (e + T(2)), x);
}

/// log(x) of a normal positive number, error at most 2 ulp.
inline double log(double x) {
  // x = 2^k m with m in [sqrt(1/2), sqrt(2)).
  constexpr auto lowest = std::bit_cast<std::uint64_t>(0.5 * std::numbers::sqrt2);
  constexpr auto one = std::bit_cast<std::uint64_t>(1.0);
  constexpr int fraction = detail::fraction_bits<double>;
  constexpr double big = 0x1p52;
  const std::uint64_t moved = std::bit_cast<std::uint64_t>(x) + (one - lowest);
  const double k =
      std::bit_cast<double>((moved >> fraction) | std::bit_cast<std::uint64_t>(big)) - (big + 1023);
  const double m = std::bit_cast<double>((moved & ((std::uint64_t(1) << fraction) - 1)) + lowest);
  const double s = (m - 1) / (m + 1);
  const double z = s * s;
  const double log_m = 2 * s + 2 * s * z * detail::atanh_series<1>(z);
  return k * double(detail::ln2_high) + (log_m + k * double(detail::ln2_low));
}

}  // namespace admmbench::elementary
