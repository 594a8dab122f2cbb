#pragma once
/// Random numbers that are the same with every compiler and standard library: std::mt19937_64 is specified
/// bit by bit, std::normal_distribution and std::shuffle are not, so they are not used.

#include <armadillo>
#include <cstdint>
#include <random>
#include <sstream>
#include <string>

namespace admmbench {

/// An independent stream: `seed` names the run, `stream` the array (or purpose) within it.
class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0);

  /// Uniform on (0, 1), 53 bits, never 0 or 1.
  double uniform();
  /// Standard normal (Box-Muller, both values of a pair used).
  double normal();
  /// Uniform on 0..n-1 without modulo bias.
  std::uint64_t below(std::uint64_t n);

  /// core/problem/state_archive.hpp
  template <class Archive>
  void archive(Archive& a) {
    std::stringstream engine;
    engine << engine_;
    std::string text = engine.str();
    a(text, spare_, has_spare_);
    if (a.restores()) std::stringstream(text) >> engine_;
  }

 private:
  std::mt19937_64 engine_;
  double spare_ = 0;
  bool has_spare_ = false;
};

/// Fills `matrix` with N(0, deviation^2), column by column.
template <class T>
void fill_normal(Rng& rng, double deviation, arma::Mat<T>& matrix) {
  for (T& value : matrix) value = static_cast<T>(deviation * rng.normal());
}

/// Fisher-Yates shuffle in place.
template <class Vector>
void shuffle(Rng& rng, Vector& values) {
  for (auto i = static_cast<std::uint64_t>(values.size()); i > 1; --i) {
    std::swap(values[static_cast<std::size_t>(i - 1)], values[static_cast<std::size_t>(rng.below(i))]);
  }
}

}  // namespace admmbench
