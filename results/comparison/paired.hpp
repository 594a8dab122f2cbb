#pragma once
/// Two methods over the same seeds: the one place in which `rank`, `table` and `claims` take differences and test them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/statistics/tests.hpp"

namespace admmbench {

/// What each seed gave; empty if its run did not finish or its value is not finite.
using SeedValues = std::map<std::int64_t, std::optional<double>>;

enum class PairedTest { t, wilcoxon };

struct PairOptions {
  bool higher_is_better = true;  ///< what is worst: that stands for a seed without a value
  PairedTest test = PairedTest::t;
  /// Values are shares of so many samples (accuracies), and their differences are taken as the counts they are; 0: they are not.
  std::int64_t samples = 0;
  double confidence = 0.95;
};

struct PairedComparison {
  std::size_t pairs = 0;             ///< seeds of both, with a value on both sides
  std::size_t without = 0;           ///< seeds of both, with a value on one side at most
  std::optional<double> difference;  ///< mean of x - y over the pairs
  std::optional<double> deviation;   ///< of these differences, 0 if they are all equal; from two pairs on
  std::optional<Interval> interval;  ///< Student's, of that mean; empty if the differences do not vary
  /// Two-sided. Empty for fewer than two pairs, if the differences do not vary, and if a seed has no value: a t of the others
  /// alone would be that of the runs that went well.
  std::optional<double> t_p;
  SignedRankTest signed_ranks;                ///< of all seeds of both; those without a value are the worst
  double cliffs_delta = 0;                    ///< the same; positive if the values of x are larger
  PairedTest decides = PairedTest::wilcoxon;  ///< the test asked for, or signed ranks where there is no t

  /// Seeds that the deciding test looks at.
  std::size_t count() const { return pairs + (decides == PairedTest::wilcoxon ? without : 0); }
  /// Of the deciding test. 1 for no seeds of both.
  double p_value() const;
  /// Positive if x is larger; 0 if neither is.
  double direction() const;
  /// The smallest difference of means that the deciding test finds at `level` with a probability of 80 %; empty: none, however
  /// large. docs/reference/statistics.md has the formulas.
  std::optional<double> detectable(double level) const;
};

PairedComparison compare_pairs(const SeedValues& x, const SeedValues& y, const PairOptions& options);

enum class PairOutcome { better, undecided, worse };
std::string to_string(PairOutcome outcome);

/// Of x against y, by the corrected p-value of their comparison; empty: undecided. Missing runs speak against their side: it cannot
/// be called better, whatever its other runs say.
PairOutcome outcome_of(const PairedComparison& pairs, std::optional<double> adjusted, const SeedValues& x,
                       const SeedValues& y, bool higher_is_better, double alpha);

/// The values of the seeds that have one.
std::vector<double> present_values(const SeedValues& seeds);

}  // namespace admmbench
