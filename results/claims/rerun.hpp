#pragma once
/// What it takes to judge a claim again from runs of one's own, and in what two judgements differ.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/claims/claims.hpp"

namespace admmbench {

/// What an experiment's file has.
struct OfferedRuns {
  std::string experiment;
  std::vector<std::string> datasets;  ///< labels
  std::vector<std::string> labels;    ///< of the methods
  std::vector<std::int64_t> seeds;
};

/// Of these what the checks of a claim look at.
struct NeededRuns {
  OfferedRuns runs;
  OfferedRuns left_out;  ///< of what they look at; nothing unless it is to be quick
};

/// The data sets, methods and opponents of the claim's checks of this experiment. `quick`: the smallest part that gives each check a
/// number: the data set that took least in `committed` (four of them for an exponent) and one seed, two where pairs or means are tested.
NeededRuns needed_runs(const Claim& claim, const OfferedRuns& offered,
                       const std::vector<RunRecord>& committed, bool quick);

/// A unit that came out in two ways.
struct UnitDifference {
  ClaimUnit before, now;

  /// One says that the claim holds, the other that it is refuted.
  bool opposite() const;
};

struct JudgementDifference {
  std::vector<UnitDifference> units;  ///< of those with runs now
  std::size_t same = 0;
  std::size_t without_runs = 0;  ///< units of `before` that have none now
};

JudgementDifference difference(const JudgedClaim& before, const JudgedClaim& now);

}  // namespace admmbench
