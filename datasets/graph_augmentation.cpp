#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "datasets/graph.hpp"

namespace admmbench {
namespace {

/// Features that are propagated together. Long enough that an entry of S costs one vectorised update of a contiguous
/// column, short enough that the block (chunk x nodes) of a graph of some ten thousand nodes stays near the caches.
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

/// C <- P S. Armadillo's own product walks the rows of P for every entry of S; here each entry adds one contiguous
/// column of P to one of C.
void multiply(const arma::mat& P, const arma::sp_mat& S, arma::mat& C) {
  C.zeros(P.n_rows, S.n_cols);
  for (auto entry = S.begin(); entry != S.end(); ++entry) {
    const double value = *entry;
    const double* from = P.colptr(entry.row());
    double* to = C.colptr(entry.col());
    for (arma::uword i = 0; i < P.n_rows; ++i) to[i] += value * from[i];
  }
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
  const arma::sp_mat S_columns = S.cols(columns);
  const arma::sp_mat H = graph.features.t();  // nodes x features
  const auto hops = static_cast<arma::uword>(options.hops);
  arma::Mat<T> result((hops + 1) * H.n_cols, columns.n_elem, arma::fill::none);
  arma::mat P, next;
  for (arma::uword begin = 0; begin < H.n_cols; begin += chunk) {
    const arma::uword end = std::min(begin + chunk, H.n_cols);
    P = arma::mat(H.cols(begin, end - 1)).t();  // (S^0 H)^T of these features
    for (arma::uword k = 0; k <= hops; ++k) {
      // S is symmetric, so (S^k H)^T = (S^{k-1} H)^T S; of the last power only the wanted nodes are needed.
      if (k > 0) {
        multiply(P, k < hops ? S : S_columns, next);
        std::swap(P, next);
      }
      const arma::uword top = (hops - k) * H.n_cols;
      result.rows(top + begin, top + end - 1) =
          arma::conv_to<arma::Mat<T>>::from(k > 0 && k == hops ? P : arma::mat(P.cols(columns)));
    }
  }
  return result;
}

template <class T>
Dataset<T> augment(const Graph& graph, const GraphOptions& options) {
  // All splits at once: the propagation over the whole graph is the work.
  arma::uvec columns;
  for (const auto& [name, members] : graph.split) columns = arma::join_cols(columns, members);
  const arma::Mat<T> features = augmented_features<T>(graph, options, columns);
  arma::uword begin = 0;
  const auto take = [&](const arma::uvec& members) {
    auto samples = std::make_shared<Samples<T>>();
    samples->x = features.cols(begin, begin + members.n_elem - 1);
    samples->labels = graph.labels.cols(members);
    samples->targets = one_hot<T>(samples->labels, graph.classes);
    begin += members.n_elem;
    return samples;
  };
  Dataset<T> dataset;
  dataset.classes = graph.classes;
  for (const auto& [name, members] : graph.split) {
    (name == "train" ? dataset.train : name == "val" ? dataset.validation : dataset.test) = take(members);
  }
  return dataset;
}

template arma::Mat<float> augmented_features(const Graph&, const GraphOptions&, const arma::uvec&);
template arma::Mat<double> augmented_features(const Graph&, const GraphOptions&, const arma::uvec&);
template Dataset<float> augment(const Graph&, const GraphOptions&);
template Dataset<double> augment(const Graph&, const GraphOptions&);

}  // namespace admmbench
