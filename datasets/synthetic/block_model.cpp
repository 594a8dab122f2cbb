#include "datasets/synthetic/block_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "datasets/generator.hpp"
#include "datasets/synthetic/blobs.hpp"
#include "datasets/synthetic/streams.hpp"

namespace admmbench {

void BlockModelParameters::visit(ParameterVisitor& v) {
  v.integer("seed", seed, data_seeds, data_seed_meaning);
  v.integer("nodes", nodes, Range{2, 1e9, false, false}, "nodes of the graph");
  v.integer("features", features, data_counts, "features of a sample or node");
  v.integer("classes", classes, Range{2, 1e6, false, false}, "classes, equally frequent");
  v.real("separation", separation, non_negative, "distance of class means, in deviations within a class");
  v.real("degree", degree, non_negative, "mean degree");
  v.real("homophily", homophily, unit_interval, "share of the edges inside a class");
}

namespace {

arma::uword count(long value) { return static_cast<arma::uword>(value); }

/// Distinct edges u < v.
arma::umat draw_edges(const BlockModelParameters& params, const arma::Row<arma::uword>& labels) {
  const arma::uword nodes = labels.n_elem;
  std::vector<std::vector<arma::uword>> members(count(params.classes));
  for (arma::uword node = 0; node < nodes; ++node) members[labels(node)].push_back(node);

  const auto wanted = static_cast<arma::uword>(std::llround(static_cast<double>(nodes) * params.degree / 2));
  // Rejection of repeated edges ends, and hardly disturbs the shares, while few of the possible edges are taken.
  arma::uword pairs_inside = 0;
  for (const auto& group : members) pairs_inside += group.size() * (group.size() - 1) / 2;
  const arma::uword pairs = nodes * (nodes - 1) / 2;
  const double possible_outside = static_cast<double>(pairs - pairs_inside);
  const auto share = [&](double part) { return part * static_cast<double>(wanted); };
  if (share(params.homophily) > 0.5 * static_cast<double>(pairs_inside) ||
      share(1 - params.homophily) > 0.5 * possible_outside) {
    throw DataError(
        fmt::format("sbm: degree {} with homophily {} asks for more than half of the pairs of {} nodes in {} "
                    "classes; take a smaller degree or more nodes",
                    params.degree, params.homophily, nodes, params.classes));
  }

  Rng rng = stream(params.seed, Stream::edges);
  arma::umat edges(2, wanted);
  std::unordered_set<std::uint64_t> taken;
  taken.reserve(wanted);
  for (arma::uword e = 0; e < wanted;) {
    // The kind of edge is drawn first and kept: otherwise the rarer pairs, rejected more often, would lose share.
    const bool inside = rng.uniform() < params.homophily;
    for (;;) {
      arma::uword u = rng.below(nodes);
      arma::uword v = u;
      if (inside) {
        const auto& group = members[labels(u)];
        v = group[rng.below(group.size())];
      } else {
        v = rng.below(nodes);
        if (labels(u) == labels(v)) continue;
      }
      if (u == v) continue;
      if (u > v) std::swap(u, v);
      if (!taken.insert(u * nodes + v).second) continue;
      edges(0, e) = u;
      edges(1, e) = v;
      break;
    }
    ++e;
  }
  return edges;
}

std::map<std::string, arma::uvec> draw_split(const BlockModelParameters& params,
                                             const arma::Row<arma::uword>& labels) {
  arma::uvec order = arma::regspace<arma::uvec>(0, labels.n_elem - 1);
  Rng rng = stream(params.seed, Stream::node_order);
  shuffle(rng, order);
  const arma::uword per_class = std::clamp<arma::uword>(labels.n_elem / count(params.classes) / 3, 1, 20);
  std::vector<arma::uword> taken(count(params.classes), 0), train, rest;
  for (const arma::uword node : order) {
    const bool trains = taken[labels(node)] < per_class;
    if (trains) ++taken[labels(node)];
    (trains ? train : rest).push_back(node);
  }
  const arma::uvec others(rest);
  const arma::uword test = std::min<arma::uword>(1000, others.n_elem / 2);
  const arma::uword validation = std::min<arma::uword>(1000, others.n_elem - test);
  std::map<std::string, arma::uvec> split{{"train", arma::uvec(train)}};
  if (test > 0) split["test"] = others.head(test);
  if (validation > 0) split["val"] = others.subvec(test, test + validation - 1);
  return split;
}

}  // namespace

Graph make_block_model(const BlockModelParameters& params) {
  if (params.nodes < params.classes) {
    throw DataError(fmt::format("sbm: {} nodes are too few for {} classes", params.nodes, params.classes));
  }
  Graph graph;
  graph.nodes = count(params.nodes);
  graph.classes = count(params.classes);
  graph.labels.set_size(graph.nodes);
  for (arma::uword node = 0; node < graph.nodes; ++node) graph.labels(node) = node % graph.classes;
  Rng rng = stream(params.seed, Stream::labels_order);
  shuffle(rng, graph.labels);
  graph.features = arma::sp_mat(noisy_means(
      stream(params.seed, Stream::train_noise),
      class_means(params.seed, params.features, params.classes, params.separation), graph.labels));
  graph.edges = draw_edges(params, graph.labels);
  graph.split = draw_split(params, graph.labels);
  return graph;
}

namespace {
const RegisterDataset<BlockModelParameters> registered(
    "sbm", "attributed stochastic block model, a graph of any size", make_block_model, synthetic_version);
}  // namespace

}  // namespace admmbench
