#include <boost/test/unit_test.hpp>
#include <limits>

#include "core/compute/rng.hpp"
#include "datasets/graph.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(graph_augmentation_test)

namespace {

/// 30 nodes, 7 features, edges at random with repetitions in both directions and two self-loops; node 29 is isolated.
Graph random_graph() {
  Rng rng(1);
  Graph graph;
  graph.nodes = 30;
  graph.classes = 2;
  graph.labels.zeros(30);
  graph.edges.set_size(2, 82);
  for (arma::uword& end : graph.edges) end = rng.below(29);
  graph.edges.col(80) = arma::uvec{3, 3};
  graph.edges.col(81) = arma::uvec{5, 5};
  arma::mat H(7, 30);
  fill_normal(rng, 1.0, H);
  H.elem(arma::find(H < 0)).zeros();
  graph.features = arma::sp_mat(H);
  graph.split = {{"train", {4, 29, 0}}, {"test", {3}}};
  return graph;
}

/// The definition of docs/reference/datasets.md, densely: (K+1) blocks of S^k H, transposed.
arma::mat brute_force(const Graph& graph, GraphOptions::Operator op, long hops) {
  arma::mat A(graph.nodes, graph.nodes, arma::fill::eye);
  for (arma::uword e = 0; e < graph.edges.n_cols; ++e) {
    A(graph.edges(0, e), graph.edges(1, e)) = A(graph.edges(1, e), graph.edges(0, e)) = 1;
  }
  const arma::mat D = arma::diagmat(1 / arma::sqrt(arma::sum(A, 1)));
  arma::mat S = D * A * D;
  if (op == GraphOptions::Operator::released) S += arma::eye(arma::size(S));
  const arma::mat H = arma::mat(graph.features).t();
  arma::mat blocks = H, power = H;
  for (long k = 1; k <= hops; ++k) {
    power = arma::mat(S * power);
    blocks = arma::join_rows(power, blocks);  // highest power first
  }
  return blocks.t();
}

}  // namespace

BOOST_AUTO_TEST_CASE(agrees_with_the_dense_definition) {
  const Graph graph = random_graph();
  const arma::uvec nodes{7, 0, 29, 3, 5};
  for (const auto op : {GraphOptions::Operator::normalized, GraphOptions::Operator::released}) {
    for (long hops = 0; hops <= 4; ++hops) {
      const arma::mat expected = brute_force(graph, op, hops).eval().cols(nodes);
      const arma::mat found = augmented_features<double>(graph, {hops, op}, nodes);
      BOOST_TEST_REQUIRE(found.n_rows == 7u * static_cast<arma::uword>(hops + 1));
      // At most 30 additions per hop, norms up to 2^4.
      const double tolerance =
          30.0 * 5 * 16 * std::numeric_limits<double>::epsilon() * arma::abs(expected).max();
      BOOST_TEST(arma::approx_equal(found, expected, "absdiff", tolerance));
      const arma::fmat single = augmented_features<float>(graph, {hops, op}, nodes);
      BOOST_TEST(arma::approx_equal(single, arma::conv_to<arma::fmat>::from(found), "absdiff", 0.0f),
                 "float32 is the rounded float64");
      // Negative control: the other operator's features are others.
      if (hops > 0) {
        const auto other = op == GraphOptions::Operator::normalized ? GraphOptions::Operator::released
                                                                    : GraphOptions::Operator::normalized;
        BOOST_TEST(!arma::approx_equal(augmented_features<double>(graph, {hops, other}, nodes), expected,
                                       "absdiff", 0.01));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(more_features_than_are_propagated_together) {
  Graph graph = random_graph();
  arma::mat H(300, 30);
  Rng rng(2);
  fill_normal(rng, 1.0, H);
  graph.features = arma::sp_mat(H);
  const GraphOptions options{2, GraphOptions::Operator::normalized};
  const arma::uvec nodes = arma::regspace<arma::uvec>(0, 29);
  BOOST_TEST(arma::approx_equal(augmented_features<double>(graph, options, nodes),
                                brute_force(graph, options.op, 2), "absdiff", 1e-12));
}

BOOST_AUTO_TEST_CASE(splits_keep_their_order) {
  const Graph graph = random_graph();
  const GraphOptions options{1, GraphOptions::Operator::released};
  const auto dataset = augment<double>(graph, options);
  const arma::mat all = brute_force(graph, options.op, 1);
  BOOST_TEST(
      arma::approx_equal(dataset.train->x, arma::mat(all.cols(arma::uvec{4, 29, 0})), "absdiff", 1e-13));
  BOOST_TEST(arma::approx_equal(dataset.test->x, arma::mat(all.cols(arma::uvec{3})), "absdiff", 1e-13));
  BOOST_TEST((dataset.validation == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
