#pragma once
/// A line search for the strong Wolfe conditions, PyTorch's torch.optim.lbfgs._strong_wolfe (after minFunc's WolfeLineSearch):
/// bracketing, then zooming with cubic interpolation.

#include <functional>

namespace admmbench {

/// A point of a line: step length, value, slope, and the slot that holds its gradient (-1: none kept).
struct LinePoint {
  double t = 0;
  double value = 0;
  double slope = 0;
  int gradient = -1;
};

struct WolfeOptions {
  double c1 = 1e-4;            ///< sufficient decrease
  double c2 = 0.9;             ///< curvature
  double least_change = 1e-9;  ///< a bracket shorter than this, times |d|_max, ends the search
  int most_evaluations = 25;   ///< beyond the first
};

/// Searches from `start` (t = 0) along a direction with largest entry `longest`, first at `t`. `evaluate(t, slot)` gives value
/// and slope at t and writes the gradient to slot 0, 1 or 2; the returned point's slot holds its gradient until the next search.
/// start.gradient must be 3 or more: that slot is never written.
LinePoint strong_wolfe(const LinePoint& start, double t, double longest, const WolfeOptions& options,
                       const std::function<LinePoint(double t, int slot)>& evaluate);

/// The minimiser of the cubic through two points and their slopes, within [low, high]; the middle of it where there is none.
double cubic_minimum(const LinePoint& one, const LinePoint& other, double low, double high);

}  // namespace admmbench
