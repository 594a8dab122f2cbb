#pragma once
/// A straight line through a short, autocorrelated series with outliers, and an interval of its slope that may be believed.

#include <vector>

namespace admmbench {

struct Interval {
  double lower = 0;
  double upper = 0;
};

struct LineFit {
  double intercept = 0;
  double slope = 0;
  /// Half the width of the slope's confidence interval; infinite if there are too few points for one.
  double half_width = 0;
  double r_squared = 0;
  double autocorrelation = 0;  ///< lag 1, of the residuals, corrected for its bias, in [0, 1)
  double effective_count = 0;  ///< n (1 - phi) / (1 + phi)

  Interval interval() const { return {slope - half_width, slope + half_width}; }
};

/// Fits y = intercept + slope x by Huber's M-estimator (tuning constant 1.345: 95 % efficient at the normal distribution;
/// Huber, Ann. Math. Statist. 35, 1964). The interval is Student's t with the n_eff - 2 degrees of freedom and the
/// n / n_eff times larger variance of residuals that follow a first-order autoregression phi; phi itself is estimated with
/// the correction (2 + 4 phi) / n of its downward bias after a trend was removed (Marriott & Pope, Biometrika 41, 1954;
/// Kendall, ibid.). Where n_eff < 4 the residuals are a drift rather than noise, and the interval is Student's t of the slopes
/// of the three thirds: it covers the slopes that the drift passes through. `x` non-decreasing and not constant, at least three points (std::invalid_argument else).
LineFit fit_line(const std::vector<double>& x, const std::vector<double>& y, double confidence = 0.95);

/// Akaike's criterion with the small-sample correction of Hurvich and Tsai (Biometrika 76, 1989) of the Gaussian regression
/// y = a + b x with first-order autoregressive errors, all of a, b, sigma and phi by maximum likelihood; `extra` further
/// parameters were spent on making x. Below twelve points phi is 0 and not counted: it could not be told from a and b.
/// `resolution` is the smallest standard deviation of the errors to be believed. Infinite if there are too few points.
double line_aicc(const std::vector<double>& x, const std::vector<double>& y, int extra, double resolution);

}  // namespace admmbench
