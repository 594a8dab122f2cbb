#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "datasets/graph.hpp"

namespace admmbench {
namespace {

/// Columns of the result that are propagated together: 128 columns of a graph of some ten thousand nodes, and of some
/// thousand features, stay near the caches, and a column of the transposed block is long enough to vectorise.
constexpr arma::uword chunk = 128;

/// Both directions of every edge once, and every self-loop, as row and column indices.
arma::umat self_looped_pattern(const Graph& graph) {
  std::vector<std::pair<arma::uword, arma::uword>> entries;
  entries.reserve(2 * graph.edges.n_cols + graph.nodes);
  for (arma::uword e = 0; e < graph.edges.n_cols; ++e) {
    entries.emplace_back(graph.edges(0, e), graph.edges(1, e));
    entries.emplace_back(graph.edges(1, e), graph.edges(0, e));
  }
  for (arma::uword node = 0; node < graph.nodes; ++node) entries.emplace_back(node, node);
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  arma::umat locations(2, entries.size());
  for (arma::uword i = 0; i < entries.size(); ++i) {
    locations(0, i) = entries[i].second;
    locations(1, i) = entries[i].first;  // column by column, as Armadillo stores it
  }
  return locations;
}

template <class T>
std::shared_ptr<const Samples<T>> augmented_split(const Graph& graph, const GraphOptions& options,
                                                  const std::string& name) {
  const auto members = graph.split.find(name);
  if (members == graph.split.end()) return nullptr;
  auto samples = std::make_shared<Samples<T>>();
  samples->x = augmented_features<T>(graph, options, members->second);
  samples->labels = graph.labels.cols(members->second);
  samples->targets = one_hot<T>(samples->labels, graph.classes);
  return samples;
}

}  // namespace

void GraphOptions::visit(ParameterVisitor& v) {
  v.integer("hops", hops, Range{0, 100, false, false}, "K: the input holds H, S H, ..., S^K H");
  v.choice("operator", op, {"normalized", "released"},
           "S: normalized = D^-1/2 (A+I) D^-1/2 (pdADMM-G's code), released = that + I (mDLAM's code)");
}

arma::sp_mat propagation_operator(const Graph& graph, GraphOptions::Operator op) {
  const arma::umat locations = self_looped_pattern(graph);
  arma::vec degree(graph.nodes, arma::fill::zeros);
  for (arma::uword i = 0; i < locations.n_cols; ++i) degree(locations(1, i)) += 1;
  arma::vec values(locations.n_cols);
  for (arma::uword i = 0; i < locations.n_cols; ++i) {
    const arma::uword row = locations(0, i);
    const arma::uword col = locations(1, i);
    values(i) = 1 / std::sqrt(degree(row) * degree(col));
    if (op == GraphOptions::Operator::released && row == col) values(i) += 1;
  }
  constexpr bool sort = false;  // they are sorted
  return arma::sp_mat(locations, values, graph.nodes, graph.nodes, sort);
}

template <class T>
arma::Mat<T> augmented_features(const Graph& graph, const GraphOptions& options, const arma::uvec& columns) {
  const arma::sp_mat S = propagation_operator(graph, options.op);
  const arma::sp_mat H = graph.features.t();  // nodes x features
  const auto hops = static_cast<arma::uword>(options.hops);
  arma::Mat<T> result((hops + 1) * H.n_cols, columns.n_elem, arma::fill::none);
  for (arma::uword begin = 0; begin < columns.n_elem; begin += chunk) {
    const arma::uword end = std::min(begin + chunk, columns.n_elem);
    // Row i of P is (S^k e_i)^T = e_i^T S^k (S is symmetric), so P H holds these nodes' rows of S^k H. The nodes in
    // question are the rows: sparse factors on the right make every update a contiguous column.
    arma::mat P(end - begin, graph.nodes, arma::fill::zeros);
    for (arma::uword i = begin; i < end; ++i) P(i - begin, columns(i)) = 1;
    for (arma::uword k = 0; k <= hops; ++k) {
      if (k > 0) P = arma::mat(P * S);
      const arma::mat block = P * H;
      const arma::uword top = (hops - k) * H.n_cols;
      result.submat(top, begin, top + H.n_cols - 1, end - 1) =
          arma::conv_to<arma::Mat<T>>::from(arma::mat(block.t()));
    }
  }
  return result;
}

template <class T>
Dataset<T> augment(const Graph& graph, const GraphOptions& options) {
  Dataset<T> dataset;
  dataset.train = augmented_split<T>(graph, options, "train");
  dataset.validation = augmented_split<T>(graph, options, "val");
  dataset.test = augmented_split<T>(graph, options, "test");
  dataset.classes = graph.classes;
  return dataset;
}

template arma::Mat<float> augmented_features(const Graph&, const GraphOptions&, const arma::uvec&);
template arma::Mat<double> augmented_features(const Graph&, const GraphOptions&, const arma::uvec&);
template Dataset<float> augment(const Graph&, const GraphOptions&);
template Dataset<double> augment(const Graph&, const GraphOptions&);

}  // namespace admmbench
