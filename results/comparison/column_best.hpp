#pragma once
/// Which methods of a column cannot be told apart from its best: what tables, the page and the end of `run` show in bold.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/comparison/paired.hpp"

namespace admmbench {

/// The level of these comparisons.
inline constexpr double column_alpha = 0.05;

/// One method beside the best of its column.
struct BesideBest {
  bool best = false;  ///< the best mean; ties to rounding are all best
  bool undecided =
      false;  ///< tested, by a test that could have shown a difference, and not told apart from the best
  std::size_t pairs = 0;           ///< seeds that the test looked at; 0: none, or it is the best itself
  std::optional<double> adjusted;  ///< Holm over the methods of the column; empty: no test
  std::optional<double>
      could_show;  ///< smallest difference that the test finds, see PairedComparison; empty: none
  PairedTest test = PairedTest::t;  ///< that decided

  bool among_best() const { return best || undecided; }
};

/// `values[m]`: what the seeds of method m gave; methods without a value are neither best nor tested. Nothing is concluded
/// from one seed in common, nor from so few that no difference would show; a method with a run that did not finish is not undecided. `samples`: see PairOptions. The best of equal means is the first with most seeds.
std::vector<BesideBest> beside_best(const std::vector<SeedValues>& values, bool higher_is_better,
                                    std::int64_t samples);

/// Who is among the best, in words: "the best mean and what is not told apart from it by t-tests paired by seed (n = 5), Holm over each
/// column, level 0.05; smallest difference they would show: 0.0021 to 0.013". What could not be tested is said too.
std::string describe_best(const std::vector<std::vector<BesideBest>>& columns, bool in_per_cent);

}  // namespace admmbench
