#include "core/compute/rng.hpp"

#include <cmath>
#include <numbers>

namespace admmbench {

namespace {

/// SplitMix64's mixing function (Steele, Lea, Flood 2014): spreads (seed, stream) over all 64 bits, so that
/// neighbouring seeds give unrelated streams.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed, std::uint64_t stream) : engine_(mix(mix(seed) ^ stream)) {}

double Rng::uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1.0p-53; }

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2 * std::log(uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint64_t Rng::below(std::uint64_t n) {
  // Values under `threshold` = 2^64 mod n are drawn again: what is left is a whole number of cycles of n.
  const std::uint64_t threshold = (0 - n) % n;
  std::uint64_t value = engine_();
  while (value < threshold) value = engine_();
  return value % n;
}

}  // namespace admmbench
