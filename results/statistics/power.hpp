#pragma once
/// What a test could have shown: the smallest effect that so many values would have told from none. A verdict without it cannot be
/// read, since no difference found and no difference there are not the same. Formulas: docs/reference/statistics.md.

#include <cstddef>
#include <optional>

namespace admmbench {

/// Probability with which a smallest detectable effect would have been found.
inline constexpr double default_power = 0.8;

enum class Sides { one, two };

/// Probability that Student's t-test of `count` normal differences at `level` finds a mean of `effect` standard deviations: the
/// tail of the noncentral t with count - 1 degrees of freedom and noncentrality effect sqrt(count). At least two differences.
double t_test_power(std::size_t count, double effect, double level, Sides sides = Sides::two);

/// The mean difference that this test finds with probability `power` if the differences have standard deviation `deviation`. Empty
/// for fewer than two differences, and if they do not vary (deviation 0: then there is no t).
std::optional<double> detectable_difference(std::size_t count, double deviation, double level,
                                            Sides sides = Sides::two, double power = default_power);

/// The smallest p-value of a signed-rank test of `count` pairs, whatever their values: 2^(1 - count), one-sided 2^-count. Where
/// it is above the level, the test can show nothing.
double least_signed_rank_p(std::size_t count, Sides sides = Sides::two);

/// The same as detectable_difference() of a signed-rank test. Empty where 2^(1 - count) is above the level. Where only equal signs are
/// significant, all of `count` normal differences must have one sign; else the t-test's times sqrt(pi / 3), the root of its
/// asymptotic relative efficiency. 0 if the differences do not vary: any is found.
std::optional<double> detectable_by_signed_ranks(std::size_t count, double deviation, double level,
                                                 double power = default_power);

/// The difference of the means of `a` and `b` values with pooled deviation `deviation` that the two-sample t-test finds, likewise. With
/// `by_ranks` that of the Mann-Whitney test: times sqrt(pi / 3), and none where 2 / binomial(a + b, a) is above the level.
std::optional<double> detectable_unpaired(std::size_t a, std::size_t b, double deviation, double level,
                                          bool by_ranks, double power = default_power);

/// P(X >= successes) of `trials` independent ones of probability `probability`: sum of the binomial probabilities.
double binomial_tail(std::size_t trials, std::size_t successes, double probability);

/// The share of cases that `count` looked at would have shown at least once with probability 1 - level: 1 - level^(1 / count).
/// What "none of them" excludes.
double detectable_share(std::size_t count, double level);

}  // namespace admmbench
