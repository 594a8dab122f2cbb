#include "baselines/strong_wolfe.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace admmbench {

double cubic_minimum(const LinePoint& one, const LinePoint& other, double low, double high) {
  const double d1 = one.slope + other.slope - 3 * (one.value - other.value) / (one.t - other.t);
  const double square = d1 * d1 - one.slope * other.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const double d2 = std::sqrt(square);
  const LinePoint& left = one.t <= other.t ? one : other;
  const LinePoint& right = one.t <= other.t ? other : one;
  const double at =
      right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return std::min(std::max(at, low), high);
}

namespace {

/// A slot that neither of the points holds.
int free_slot(const LinePoint& a, const LinePoint& b) {
  for (int slot = 0; slot < 3; ++slot) {
    if (slot != a.gradient && slot != b.gradient) return slot;
  }
  return 0;
}

}  // namespace

LinePoint strong_wolfe(const LinePoint& start, double t, double longest, const WolfeOptions& options,
                       const std::function<LinePoint(double t, int slot)>& evaluate) {
  const auto rises = [&](const LinePoint& p) {
    return p.value > start.value + options.c1 * p.t * start.slope;
  };
  const auto is_flat = [&](const LinePoint& p) { return std::abs(p.slope) <= -options.c2 * start.slope; };

  // Bracketing.
  LinePoint before = start;
  LinePoint now = evaluate(t, free_slot(before, before));
  LinePoint bracket[2];
  int trials = 0;
  bool bracketed = false;
  while (trials < options.most_evaluations) {
    if (rises(now) || (trials > 1 && now.value >= before.value)) {
      bracketed = true;
      break;
    }
    if (is_flat(now)) return now;
    if (now.slope >= 0) {
      bracketed = true;
      break;
    }
    const double low = now.t + 0.01 * (now.t - before.t);
    const double next = cubic_minimum(before, now, low, now.t * 10);
    before = now;
    now = evaluate(next, free_slot(before, before));
    ++trials;
  }
  bracket[0] = bracketed ? before : start;
  bracket[1] = now;

  // Zooming.
  bool insufficient = false;
  int low = bracket[0].value <= bracket[1].value ? 0 : 1;
  while (trials < options.most_evaluations) {
    const double left = std::min(bracket[0].t, bracket[1].t);
    const double right = std::max(bracket[0].t, bracket[1].t);
    if ((right - left) * longest < options.least_change) break;
    double next = cubic_minimum(bracket[0], bracket[1], left, right);
    const double margin = 0.1 * (right - left);
    if (std::min(right - next, next - left) < margin) {
      if (insufficient || next >= right || next <= left) {
        next = std::abs(next - right) < std::abs(next - left) ? right - margin : left + margin;
        insufficient = false;
      } else {
        insufficient = true;
      }
    } else {
      insufficient = false;
    }
    const LinePoint trial = evaluate(next, free_slot(bracket[0], bracket[1]));
    ++trials;
    const int high = 1 - low;
    if (rises(trial) || trial.value >= bracket[low].value) {
      bracket[high] = trial;
      low = bracket[0].value <= bracket[1].value ? 0 : 1;
      continue;
    }
    if (is_flat(trial)) return trial;
    if (trial.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low];
    bracket[low] = trial;
  }
  return bracket[low];
}

}  // namespace admmbench
