#include "core/problem/step_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace admmbench {

double Schedule::factor(double passes, long planned) const {
  if (passes < warm_up) return passes / warm_up;
  if (shape == Shape::constant) return 1;
  const long length = epochs.value_or(planned);
  if (length <= 0)
    throw std::logic_error("schedule.epochs: run, but the problem does not know the length of the run");
  const double decay = static_cast<double>(length) - warm_up;  // passes
  if (decay <= 0) return 1;
  const double t = std::min(1.0, (passes - warm_up) / decay);
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
