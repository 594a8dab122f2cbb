#pragma once
/// The search space of a solver entry, and the points that tuning tries (docs/reference/experiments.md, Tuning).

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "experiments/harness/config/experiment.hpp"

namespace admmbench {

/// One searched parameter: either a list of values or an interval.
struct SearchAxis {
  struct Interval {
    double low = 0;
    double high = 0;
    bool logarithmic = false;
  };
  std::string key;  ///< dotted: step.initial
  Origin origin;
  std::vector<ConfigValue> values;
  std::optional<Interval> interval;
};

/// The keys of a range in `search:`.
struct SearchRange {
  std::optional<long> points;

  void visit(ParameterVisitor& v);
};

/// Reads `search:`, a mapping from parameters to [values], {uniform: [low, high]}, {log_uniform: [low, high]} or
/// {integers: [low, high]}; `points: n` turns an interval into n values, ends included. Throws ConfigError.
std::vector<SearchAxis> read_search_space(const ConfigValue& value, const std::string& path);

/// Number of points of the space; empty if it has an interval.
std::optional<double> space_size(const std::vector<SearchAxis>& axes);

/// Values of the axes, in their order.
using SearchValues = std::vector<std::pair<std::string, ConfigValue>>;

/// `count` different points of the space, or all of them if there are no more. Each parameter has a random stream of its
/// own, named by `seed` and its key: point number i has the same value of a parameter in every entry that searches the
/// same values of it, whatever the order of the entries and whatever else they search. A grid is in its order (last
/// parameter fastest), random points in the order in which they were drawn. Throws ConfigError if a grid has an
/// interval.
std::vector<SearchValues> search_points(const std::vector<SearchAxis>& axes, TuneOptions::Method method,
                                        std::size_t count, long seed, const std::string& path);

}  // namespace admmbench
