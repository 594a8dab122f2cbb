#pragma once
/// What the synthetic data sets draw from: a stream of random numbers for each purpose, so that changing one size leaves the
/// other draws as they were. The same parameters give the same data on every machine (core/compute/rng.hpp).

#include "core/compute/rng.hpp"
#include "core/parameters.hpp"

namespace admmbench {

/// Streams of one data seed. Their numbers are part of the data.
enum class Stream : std::uint64_t {
  means,
  train_noise,
  test_noise,
  weights,
  labels_order,
  edges,
  node_order
};

inline Rng stream(long seed, Stream purpose) {
  return Rng(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(purpose));
}

constexpr Range data_seeds{0, 9007199254740991.0, false, false};
constexpr Range data_counts{1, 1e9, false, false};
constexpr const char* data_seed_meaning = "seed of the data, independent of the run's";

/// Raised when a generator makes other data of the same parameters.
constexpr int synthetic_version = 1;

}  // namespace admmbench
