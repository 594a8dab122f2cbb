#include "datasets/released_split.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace admmbench {
namespace {

constexpr std::uint32_t released_seed = 100;
constexpr arma::uword train_per_class = 20;
constexpr arma::uword tested = 1000;
constexpr arma::uword validated = 1000;

/// The entries begin..end-1 of `nodes` in the order of its permutation, ascending; what lies beyond its end is left out.
arma::uvec drawn(const arma::uvec& nodes, arma::uword begin, arma::uword end) {
  const std::vector<arma::uword> order = torch_permutation(nodes.n_elem, released_seed);
  arma::uvec members(std::min(end, nodes.n_elem) - std::min(begin, nodes.n_elem));
  for (arma::uword i = 0; i < members.n_elem; ++i) members(i) = nodes(order[begin + i]);
  return arma::sort(members);
}

}  // namespace

std::vector<arma::uword> torch_permutation(arma::uword n, std::uint32_t seed) {
  std::vector<arma::uword> order(n);
  std::iota(order.begin(), order.end(), arma::uword{0});
  std::mt19937 generator(seed);
  for (arma::uword i = 0; i + 1 < n; ++i) std::swap(order[i], order[i + generator() % (n - i)]);
  return order;
}

std::map<std::string, arma::uvec> released_split(const arma::Row<arma::uword>& labels, arma::uword classes) {
  arma::uvec train;
  for (arma::uword label = 0; label < classes; ++label)
    train = arma::join_cols(train, drawn(arma::find(labels == label), 0, train_per_class));
  arma::uvec taken(labels.n_elem, arma::fill::zeros);
  taken.elem(train).ones();
  const arma::uvec others = arma::find(taken == 0);
  std::map<std::string, arma::uvec> split{{"train", arma::sort(train)},
                                          {"test", drawn(others, 0, tested)},
                                          {"val", drawn(others, tested, tested + validated)}};
  std::erase_if(split, [](const auto& part) { return part.second.is_empty(); });
  return split;
}

}  // namespace admmbench
