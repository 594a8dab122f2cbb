#include "solvers/pdadmm/layer_groups.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "solvers/pdadmm/cost.hpp"

namespace admmbench {

LayerGroups::LayerGroups(const std::vector<std::size_t>& counts) {
  arma::uword end = 0;
  for (const std::size_t count : counts) ends_.push_back(end += count);
}

int LayerGroups::owner(arma::uword l) const {
  return static_cast<int>(std::lower_bound(ends_.begin(), ends_.end(), l) - ends_.begin());
}

std::vector<std::size_t> balanced_counts(const std::vector<double>& costs, std::size_t groups) {
  const std::size_t layers = costs.size();
  const std::size_t used = std::min(groups, layers);
  std::vector<double> sums(layers + 1, 0);
  std::partial_sum(costs.begin(), costs.end(), sums.begin() + 1);
  // slowest[g][l]: the most that one of g + 1 groups has to do that share the first l layers; begin[g][l]: where the last one begins.
  std::vector<std::vector<double>> slowest(
      used, std::vector<double>(layers + 1, std::numeric_limits<double>::infinity()));
  std::vector<std::vector<std::size_t>> begin(used, std::vector<std::size_t>(layers + 1, 0));
  slowest[0] = sums;
  for (std::size_t g = 1; g < used; ++g) {
    for (std::size_t l = g + 1; l <= layers; ++l) {
      for (std::size_t first = g; first < l; ++first) {
        const double most = std::max(slowest[g - 1][first], sums[l] - sums[first]);
        if (most < slowest[g][l]) {
          slowest[g][l] = most;
          begin[g][l] = first;
        }
      }
    }
  }
  std::vector<std::size_t> counts(groups, 0);
  std::size_t end = layers;
  for (std::size_t g = used; g-- > 0;) {
    counts[g] = end - begin[g][end];
    end = begin[g][end];
  }
  return counts;
}

std::vector<double> layer_work(const CostShape& shape, const CostOptions& options) {
  // docs/measured/scaling.md: 210 GFLOP/s in products, passes of some 20 GB/s, 83 ns for an entry of z_L by Newton's method.
  constexpr double operations_per_byte = 10;
  constexpr double operations_per_newton_entry = 17000;
  std::vector<double> work;
  for (const LayerCost& layer : pdadmm_cost(shape, options).layers) {
    const IterationCost& cost = layer.iteration;
    work.push_back(cost.flops() + operations_per_byte * shape.entry_bytes * cost.pass_entries +
                   operations_per_newton_entry * cost.newton_entries);
  }
  return work;
}

void check_layer_groups(const std::vector<long>& given, std::size_t processes, std::size_t layers) {
  if (processes > layers) {
    throw std::invalid_argument("parallel.layers: " + std::to_string(processes) +
                                " processes cannot share a network of " + std::to_string(layers) +
                                (layers == 1 ? " layer" : " layers") + ": at most " + std::to_string(layers) +
                                " can, with one layer each");
  }
  if (given.empty()) return;
  if (given.size() != processes) {
    throw std::invalid_argument("parallel.layers: has " + std::to_string(given.size()) +
                                " groups of layers for " + std::to_string(processes) +
                                (processes == 1 ? " process" : " processes") + "; needs one for each");
  }
  if (std::any_of(given.begin(), given.end(), [](long count) { return count < 1; }))
    throw std::invalid_argument("parallel.layers: every group needs at least 1 layer");
  const long sum = std::accumulate(given.begin(), given.end(), 0L);
  if (sum != static_cast<long>(layers)) {
    throw std::invalid_argument("parallel.layers: the groups have " + std::to_string(sum) +
                                " layers together, the network has " + std::to_string(layers) +
                                " (hidden layers + 1)");
  }
}

}  // namespace admmbench
