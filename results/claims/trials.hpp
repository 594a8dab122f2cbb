#pragma once
/// Between a rule and its outcome: what each unit of a claim hangs on, before and after the correction over the whole claim.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "results/claims/claims.hpp"

namespace admmbench {

/// What a smallest detectable effect is measured in.
enum class EffectUnit {
  difference,  ///< of means
  factor,      ///< between a mean ratio and its bound
  calls,       ///< runs whose tails must be of one model
  share        ///< of runs that break a rule every run is asked to keep
};

/// One test, or one outcome that needs none.
struct Trial {
  std::string opponent;     ///< of a comparison; else empty
  std::size_t count = 0;    ///< n: what is tested or looked at
  std::optional<double> p;  ///< of the direction it points in; empty: nothing is tested, `outcome` stands
  Outcome outcome =
      Outcome::missing;     ///< tested: what it is if significant, holds or fails; undecided: points nowhere
  bool incomplete = false;  ///< runs are missing or did not end: it cannot hold
  std::string estimate;     ///< for people
  std::optional<Figure> figure;  ///< the estimate's main number
  EffectUnit unit = EffectUnit::difference;
  /// The smallest effect found at a level with 80 %; empty: none, however large. No function: not a matter of chance.
  std::function<std::optional<double>(double level)> detectable;
  double adjusted = 1;  ///< p after the correction
};

struct OpenUnit {
  std::string name;
  std::vector<Trial> trials;  ///< all of them must hold
  std::string remark;
  std::string check = {};
  std::string other_size = {};  ///< "90 of 600 iterations": why the rule says nothing; empty: it may
};

/// Holm's correction over all trials of all units, and what follows for each unit.
std::vector<ClaimUnit> settle(std::vector<OpenUnit> units);

/// n, the correction, and the range of the smallest effects that the tests could have shown.
std::string power_of(const std::vector<OpenUnit>& units);

/// How many tests there are in `units`.
std::size_t count_tests(const std::vector<OpenUnit>& units);

/// The units of a check before they are decided (rules.cpp).
std::vector<OpenUnit> open_units(const Check& check, const std::vector<RunRecord>& runs,
                                 const std::vector<PlannedExperiment>& plan);

}  // namespace admmbench
