#pragma once
/// Which layers each of the processes has that share a pdADMM run (docs/distributed.md#layers).

#include <armadillo>
#include <string>
#include <vector>

#include "core/compute/cost.hpp"

namespace admmbench {

/// Consecutive layers for each group, group 0 the first ones. Groups at the end may have none: a stage of few layers.
class LayerGroups {
 public:
  /// `counts`: the number of layers of each group, those without layers at the end.
  explicit LayerGroups(const std::vector<std::size_t>& counts = {0});

  arma::uword layers() const { return ends_.back(); }
  /// The group that has layer l, which counts from 1.
  int owner(arma::uword l) const;
  /// Of a group without layers: first is layers() + 1, last is layers().
  arma::uword first(int group) const {
    return group == 0 ? 1 : ends_[static_cast<std::size_t>(group) - 1] + 1;
  }
  arma::uword last(int group) const { return ends_[static_cast<std::size_t>(group)]; }

 private:
  std::vector<arma::uword> ends_;  ///< the last layer of each group
};

/// How many layers of these costs each of `groups` gets, so that the group that has most to do has least; none for groups beyond the
/// number of layers.
std::vector<std::size_t> balanced_counts(const std::vector<double>& costs, std::size_t groups);

/// What each layer of pdADMM has to do in an iteration, in operations of matrix products that take about as long.
std::vector<double> layer_work(const CostShape& shape, const CostOptions& options);

/// Throws std::invalid_argument unless `processes` can share `layers` layers, and `given` (empty: to be balanced) has a number of layers
/// for each of them that together are all.
void check_layer_groups(const std::vector<long>& given, std::size_t processes, std::size_t layers);

}  // namespace admmbench
