#pragma once
/// Which runs a check is about: data sets, methods, and the value of each seed.

#include <string>
#include <vector>

#include "results/claims/claims.hpp"
#include "results/claims/trials.hpp"
#include "results/comparison/paired.hpp"

namespace admmbench {

struct Sample {
  SeedValues seeds;            ///< all runs of one label on one data set
  std::size_t unfinished = 0;  ///< diverged, failed, interrupted
  std::size_t without = 0;     ///< finished, but without a finite value
  std::int64_t samples = 0;    ///< the values are shares of so many; 0: they are not, or it is not known
  std::size_t runs() const { return seeds.size(); }
  bool incomplete() const { return unfinished + without > 0; }
};

/// Whether a label is the one of a check, where a last `*` stands for any ending.
bool label_matches(const std::string& label, const std::string& pattern);

/// The labels of the runs that match `patterns`; a label without `*` also if it has no runs.
std::vector<std::string> labels_of(const std::vector<RunRecord>& runs, const Check& check,
                                   const std::vector<std::string>& patterns);

/// Those of the check; else of the experiment's file and of the runs.
std::vector<std::string> datasets_of(const std::vector<RunRecord>& runs, const Check& check,
                                     const std::vector<PlannedExperiment>& plan);

/// Seeds that the experiment's file has; 0 if it is not at hand.
std::size_t planned_runs(const Check& check, const std::vector<PlannedExperiment>& plan);

Sample sample(const std::vector<RunRecord>& runs, const Check& check, const std::string& dataset,
              const std::string& label);

/// "; 2 not finished", or nothing.
std::string remark(const Sample& sample);

/// Of the seeds that have one.
std::vector<double> values_of(const SeedValues& seeds);

/// What the finished runs of `label` on `dataset` lack of the size that the check asks for, "dladmm: 100 of 200 iterations"; empty:
/// nothing, or it asks for none.
std::string size_gap(const std::vector<RunRecord>& runs, const Check& check, const std::string& dataset,
                     const std::string& label);

/// What tells a unit from the others of its check.
std::string unit_name(const std::string& dataset, const std::string& method, std::size_t datasets,
                      std::size_t methods);

/// A unit for each data set and method.
template <class Unit>
std::vector<OpenUnit> for_each_unit(const Check& check, const std::vector<RunRecord>& runs,
                                    const std::vector<PlannedExperiment>& plan, Unit unit) {
  const auto datasets = datasets_of(runs, check, plan);
  const auto methods = labels_of(runs, check, check.methods);
  const auto against = labels_of(runs, check, check.against);
  std::vector<OpenUnit> units;
  for (const std::string& dataset : datasets) {
    for (const std::string& method : methods) {
      const Sample mine = sample(runs, check, dataset, method);
      OpenUnit one{unit_name(dataset, method, datasets.size(), methods.size()), {}, remark(mine)};
      one.other_size = size_gap(runs, check, dataset, method);
      for (const std::string& opponent : against) {
        if (one.other_size.empty()) one.other_size = size_gap(runs, check, dataset, opponent);
      }
      if (one.other_size.empty()) unit(dataset, method, mine, one);
      units.push_back(std::move(one));
    }
  }
  return units;
}

}  // namespace admmbench
