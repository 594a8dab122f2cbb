#pragma once
/// How the cost of an iteration grows with a size of the problem: cost ~ size^p, one fit for each method of an experiment whose
/// data set labels end in the size ("n-64", "n-128", ...).

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/record/run_record.hpp"
#include "results/statistics/line_fit.hpp"

namespace admmbench {

/// The number at the end of a data set's label: 64 of "n-64"; empty if there is none, or it is 0.
std::optional<double> size_of(const std::string& dataset);

struct ExponentFit {
  std::size_t sizes = 0;  ///< that were fitted
  double slope = 0;       ///< p
  Interval
      interval;  ///< 95 %, of the least-squares line on logarithmic axes: of times it holds their noise, of exact
                 ///< operations the bend
  Interval local;  ///< smallest and largest slope between neighbours: terms of lower order bend the line
};

/// Fits (size, cost) pairs. Only the `largest` ones where it is not 0: the leading power, not what the terms below it add at
/// small sizes. Empty for fewer than three sizes, or a cost that is not positive.
std::optional<ExponentFit> fit_exponent(std::vector<std::pair<double, double>> points,
                                        std::size_t largest = 0);

struct ExponentRow {
  std::string experiment, profile, label;
  double smallest = 0, largest = 0;  ///< sizes with runs
  std::size_t sizes = 0;
  std::string cost;                  ///< flops | seconds
  std::optional<ExponentFit> whole;  ///< of all sizes
  std::optional<ExponentFit> tail;   ///< of the upper half, three at least
};

/// Flops and seconds per iteration of every method, over the finished runs (mean of flops; least of seconds, which a busy
/// machine can only raise). Data sets without a size in their label are left out; so are methods with fewer than three sizes.
std::vector<ExponentRow> exponents(const std::vector<RunRecord>& runs);

std::string to_markdown(const std::vector<ExponentRow>& rows);
std::string to_csv(const std::vector<ExponentRow>& rows);

}  // namespace admmbench
