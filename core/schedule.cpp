#include "core/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace admmbench {

double Schedule::factor(double passes) const {
  const double t = std::min(1.0, passes / static_cast<double>(epochs));
  switch (shape) {
    case Shape::linear:
      return 1 - t;
    case Shape::half:
      return std::min(1.0, 2 * (1 - t));
    case Shape::cosine:
      return (1 + std::cos(std::numbers::pi * t)) / 2;
    case Shape::constant:
      break;
  }
  return 1;
}

}  // namespace admmbench
