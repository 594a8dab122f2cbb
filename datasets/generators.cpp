#include "datasets/generators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "core/compute/rng.hpp"

namespace admmbench {
namespace {

/// Streams of one data seed.
enum Stream : std::uint64_t { means, train_noise, test_noise, weights, labels_order, edges, node_order };

Rng stream(const SyntheticParameters& params, Stream purpose) {
  return Rng(static_cast<std::uint64_t>(params.seed), purpose);
}

arma::uword count(long value) { return static_cast<arma::uword>(value); }

/// Class means, features x classes. Two of them are N(0, 2 s^2 I) apart: a mean squared distance of 2 s^2 features.
arma::mat class_means(const SyntheticParameters& params) {
  arma::mat result(count(params.features), count(params.classes));
  Rng rng = stream(params, means);
  fill_normal(rng, params.separation / std::sqrt(2.0 * static_cast<double>(params.features)), result);
  return result;
}

arma::mat noisy_means(Rng rng, const arma::mat& means_of_classes, const arma::Row<arma::uword>& labels) {
  arma::mat x(means_of_classes.n_rows, labels.n_elem);
  fill_normal(rng, 1.0, x);
  for (arma::uword n = 0; n < labels.n_elem; ++n) x.col(n) += means_of_classes.col(labels(n));
  return x;
}

template <class T>
std::shared_ptr<const Samples<T>> blob_samples(Rng rng, const arma::mat& means_of_classes, long size) {
  if (size == 0) return nullptr;
  arma::Row<arma::uword> labels(count(size));
  for (arma::uword n = 0; n < labels.n_elem; ++n) labels(n) = n % means_of_classes.n_cols;
  auto samples = std::make_shared<Samples<T>>();
  samples->x = arma::conv_to<arma::Mat<T>>::from(noisy_means(std::move(rng), means_of_classes, labels));
  samples->targets = one_hot<T>(labels, means_of_classes.n_cols);
  samples->labels = std::move(labels);
  return samples;
}

template <class T>
std::shared_ptr<const Samples<T>> teacher_samples(Rng rng, const Network<double>& network, double noise,
                                                  long size) {
  if (size == 0) return nullptr;
  arma::mat x(network.W.front().n_cols, count(size));
  fill_normal(rng, 1.0, x);
  arma::mat targets;
  ForwardWorkspace<double> workspace;
  forward(network, Activation::relu, x, workspace, targets);
  arma::mat deviation(arma::size(targets));
  fill_normal(rng, noise, deviation);
  auto samples = std::make_shared<Samples<T>>();
  samples->x = arma::conv_to<arma::Mat<T>>::from(x);
  samples->targets = arma::conv_to<arma::Mat<T>>::from(arma::mat(targets + deviation));
  return samples;
}

/// Distinct edges u < v.
arma::umat draw_edges(const SyntheticParameters& params, const arma::Row<arma::uword>& labels) {
  const arma::uword nodes = labels.n_elem;
  std::vector<std::vector<arma::uword>> members(count(params.classes));
  for (arma::uword node = 0; node < nodes; ++node) members[labels(node)].push_back(node);

  const auto wanted = static_cast<arma::uword>(std::llround(static_cast<double>(nodes) * params.degree / 2));
  // Rejection of repeated edges ends, and hardly disturbs the shares, while few of the possible edges are taken.
  arma::uword pairs_inside = 0;
  for (const auto& group : members) pairs_inside += group.size() * (group.size() - 1) / 2;
  const double possible_outside = static_cast<double>(nodes * (nodes - 1) / 2 - pairs_inside);
  const auto share = [&](double part) { return part * static_cast<double>(wanted); };
  if (share(params.homophily) > 0.5 * static_cast<double>(pairs_inside) ||
      share(1 - params.homophily) > 0.5 * possible_outside) {
    throw DataError(
        fmt::format("sbm: degree {} with homophily {} asks for more than half of the pairs of {} nodes in {} "
                    "classes; take a smaller degree or more nodes",
                    params.degree, params.homophily, nodes, params.classes));
  }

  Rng rng = stream(params, Stream::edges);
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

std::map<std::string, arma::uvec> draw_split(const SyntheticParameters& params,
                                             const arma::Row<arma::uword>& labels) {
  arma::uvec order = arma::regspace<arma::uvec>(0, labels.n_elem - 1);
  Rng rng = stream(params, node_order);
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

template <class T>
Dataset<T> make_blobs(const SyntheticParameters& params) {
  const arma::mat centres = class_means(params);
  Dataset<T> dataset;
  dataset.train = blob_samples<T>(stream(params, train_noise), centres, params.samples);
  dataset.test = blob_samples<T>(stream(params, test_noise), centres, params.test_samples);
  dataset.classes = centres.n_cols;
  return dataset;
}

Network<double> teacher(const SyntheticParameters& params) {
  std::vector<arma::uword> widths{count(params.features)};
  for (const double width : params.hidden) {
    if (!(width >= 1 && width == std::floor(width))) {
      throw DataError(fmt::format("teacher-student: hidden width {} is not a positive integer", width));
    }
    widths.push_back(static_cast<arma::uword>(width));
  }
  widths.push_back(count(params.outputs));
  Rng rng = stream(params, weights);
  Network<double> network;
  for (std::size_t l = 1; l < widths.size(); ++l) {
    fill_normal(rng, std::sqrt(2.0 / static_cast<double>(widths[l - 1])),
                network.W.emplace_back(widths[l], widths[l - 1]));
    arma::mat b(widths[l], 1);
    fill_normal(rng, 0.1, b);
    network.b.emplace_back(b);
  }
  return network;
}

template <class T>
Dataset<T> make_teacher_student(const SyntheticParameters& params) {
  const Network<double> network = teacher(params);
  Dataset<T> dataset;
  dataset.train = teacher_samples<T>(stream(params, train_noise), network, params.noise, params.samples);
  dataset.test = teacher_samples<T>(stream(params, test_noise), network, params.noise, params.test_samples);
  return dataset;
}

Graph make_stochastic_block_model(const SyntheticParameters& params) {
  if (params.nodes < params.classes) {
    throw DataError(fmt::format("sbm: {} nodes are too few for {} classes", params.nodes, params.classes));
  }
  Graph graph;
  graph.nodes = count(params.nodes);
  graph.classes = count(params.classes);
  graph.labels.set_size(graph.nodes);
  for (arma::uword node = 0; node < graph.nodes; ++node) graph.labels(node) = node % graph.classes;
  Rng rng = stream(params, labels_order);
  shuffle(rng, graph.labels);
  graph.features = arma::sp_mat(noisy_means(stream(params, train_noise), class_means(params), graph.labels));
  graph.edges = draw_edges(params, graph.labels);
  graph.split = draw_split(params, graph.labels);
  return graph;
}

template Dataset<float> make_blobs(const SyntheticParameters&);
template Dataset<double> make_blobs(const SyntheticParameters&);
template Dataset<float> make_teacher_student(const SyntheticParameters&);
template Dataset<double> make_teacher_student(const SyntheticParameters&);

}  // namespace admmbench
