#pragma once
/// The rate at which a positive measure (objective gap, residual, distance to a solution) tends to zero, estimated from one
/// recorded trajectory; docs/reference/rates.md has the definitions. R-linear: m_k ~ C r^k; sublinear: m_k ~ C k^-p; superlinear of
/// order q: log m_k ~ a - A q^k, the solution of m_{k+1} = C m_k^q (Ortega & Rheinboldt 1970, chapter 9). All three are fitted
/// to the logarithm of the running minimum m_k = min_{i<=k} v_i.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "results/statistics/line_fit.hpp"

namespace admmbench {

enum class RateModel { linear, sublinear, superlinear, undetermined };
std::string to_string(RateModel model);

struct RateOptions {
  double confidence = 0.95;  ///< of every interval, in (0, 1)
  /// Values up to ten times this are rounding, not progress: the record is cut at the first one. Unit of the values.
  double resolution = 0;
  std::size_t minimum_points = 6;  ///< fewer in the window decide nothing; at least 6
  /// AICc by which the best model must lead: beyond 10 the other has "essentially no support" (Burnham & Anderson 2002).
  double minimum_lead = 10;
  double minimum_r_squared = 0.8;
  /// What falls by less over the window does not tend to zero for all that is seen of it.
  double minimum_decrease = 0.05;
  bool superlinear = true;  ///< whether to fit that model
  bool doubled = false;     ///< the values are a doubling_decrease()
  /// Superlinear means ratios that tend to 0: the last one of the fit must be no larger. Else it is a mere acceleration.
  double largest_last_ratio = 0.1;
  /// The record is a plateau if its last fraction of this size brings no new minimum.
  double plateau = 0.25;
  /// The two halves of the window may differ in slope by this fraction before the rate counts as still changing (if the
  /// difference is also significant, or a smooth drift).
  double stability = 0.2;
};

struct RateEstimate {
  RateModel model = RateModel::undetermined;
  std::string reason;  ///< why it is undetermined, or by how much the model leads

  std::size_t cut =
      0;  ///< entries of the record that were used at all; those from here on are not finite, or rounding
  std::size_t begin = 0, end = 0;    ///< the window: entries begin <= i < end
  std::int64_t first = 0, last = 0;  ///< the iterations of its first and last entry
  std::size_t count() const { return end - begin; }

  // Of each model, whichever was chosen; NaN where it could not be fitted.
  double factor;  ///< r per iteration
  Interval factor_interval;
  double exponent;  ///< p
  Interval exponent_interval;
  double order;  ///< q, of consecutive iterations
  Interval order_interval;
  double r_squared;  ///< of the chosen model; undetermined: of the one with the smallest AICc
  double aicc_linear, aicc_sublinear, aicc_superlinear;  ///< smaller is better; infinite: not fitted

  RateEstimate();
};

/// min_{i<=k} v_i; it ends before the first value that is not finite.
std::vector<double> running_minimum(const std::vector<double>& values);

/// The rate of `values`, recorded at the strictly increasing `iteration` numbers, from the largest value on. The window is the
/// longest tail (never with the first quarter, where the start still shows) in which a straight line agrees with those of all
/// shorter tails (Lepskii's rule), for the linear or the sublinear model, whichever describes more. Throws std::invalid_argument for vectors of
/// different length or options out of range; anything in the data, NaN included, is answered with `undetermined`.
RateEstimate estimate_rate(const std::vector<std::int64_t>& iteration, const std::vector<double>& values,
                           const RateOptions& options = {});
/// The same for values of the iterations 0, 1, 2, ...
RateEstimate estimate_rate(const std::vector<double>& values, const RateOptions& options = {});

/// Iterations and values of a series.
using Series = std::pair<std::vector<std::int64_t>, std::vector<double>>;

/// The decrease from k to 2k of the running minimum, m_k - m_2k: a stand-in for the gap m_k - m*
/// where the optimum is unknown. It has the same exponent (k^-p gives (1 - 2^-p) k^-p) and in the limit the same factor (r^k
/// gives r^k (1 - r^k)). A gap to the run's own best value would end in log 0, which looks superlinear. Entries without a
/// record of iteration 2k are left out, so the series ends in the middle of the record.
Series doubling_decrease(const std::vector<std::int64_t>& iteration, const std::vector<double>& values);

/// The rate at which `values` approach a limit that is not known. options.resolution is the rounding of the values.
/// - If the record ends at its limit (it stays within eight times the rounding for as long as its gap took to fall from a million to a
///   thousand times that), the gap to that limit, as far as a thousand times the rounding.
/// - Else superlinear, if a sequence m* + exp(a - A q^k) leads the best linear and the best sublinear one by AICc, the limits m* of all
///   three by search, and its ratio at the end of the record is small enough.
/// - Else the rate of doubling_decrease(): linear, sublinear or undetermined.
/// Throws as estimate_rate().
RateEstimate estimate_rate_to_unknown_limit(const std::vector<std::int64_t>& iteration,
                                            const std::vector<double>& values,
                                            const RateOptions& options = {});

/// Exponent theta of the Kurdyka-Lojasiewicz inequality (f - f*)^theta <= C dist(0, df).
struct KlEstimate {
  double exponent;    ///< theta; NaN if there are too few pairs
  Interval interval;  ///< of the slope
  double r_squared = 0;
  std::size_t count = 0;  ///< pairs used
};

/// The slope of log subgradient norm against log gap over the second half of the pairs that are finite and positive (in the
/// order of the gap): 1/2 goes with a linear rate, theta in (1/2, 1) with k^(-1/(2 theta - 1)) of the gap (Attouch & Bolte,
/// Math. Program. 116, 2009). It describes the path taken, not the worst point near the solution, of which the theorem speaks.
KlEstimate estimate_kl_exponent(const std::vector<double>& gap, const std::vector<double>& subgradient_norm,
                                double confidence = 0.95);

}  // namespace admmbench
