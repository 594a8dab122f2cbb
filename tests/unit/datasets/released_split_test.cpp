/// The split of pdADMM-G's released code: torch's permutation, and who trains, tests and validates by it.

#include "datasets/released_split.hpp"

#include <boost/test/unit_test.hpp>
#include <numeric>

#include "core/compute/rng.hpp"
#include "core/io/hdf5_file.hpp"
#include "datasets/convert.hpp"
#include "datasets/data_file.hpp"
#include "datasets/registry.hpp"
#include "tests/support/data_fixture.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(released_split_test)

namespace {

using Nodes = std::vector<arma::uword>;

Nodes first_five(arma::uword n, std::uint32_t seed) {
  Nodes order = torch_permutation(n, seed);
  order.resize(5);
  return order;
}

Nodes as_vector(const arma::uvec& nodes) { return {nodes.begin(), nodes.end()}; }

/// 5,000 nodes of three classes, the last with 7 nodes.
arma::Row<arma::uword> labels_of(std::uint64_t seed) {
  Rng rng(seed);
  arma::Row<arma::uword> labels(5000);
  for (arma::uword& label : labels) label = rng.below(2);
  for (arma::uword i = 0; i < 7; ++i) labels(700 * i) = 2;
  return labels;
}

}  // namespace

/// torch.manual_seed(100); torch.randperm(n)[:5], of PyTorch 1.13.
BOOST_AUTO_TEST_CASE(permutations_are_torchs) {
  BOOST_TEST(first_five(10, 100) == Nodes({0, 8, 5, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(first_five(1000, 100) == Nodes({440, 989, 363, 952, 623}), boost::test_tools::per_element());
  BOOST_TEST(first_five(18333, 100) == Nodes({5542, 12837, 2915, 962, 11904}),
             boost::test_tools::per_element());
  BOOST_TEST(first_five(34493, 100) == Nodes({6581, 26089, 25864, 9412, 28194}),
             boost::test_tools::per_element());
  BOOST_TEST(first_five(10, 101) != first_five(10, 100));
  for (const arma::uword n : {0U, 1U, 2U, 57U}) {
    Nodes sorted = torch_permutation(n, 100);
    std::sort(sorted.begin(), sorted.end());
    Nodes all(n);
    std::iota(all.begin(), all.end(), arma::uword{0});
    BOOST_TEST(sorted == all, boost::test_tools::per_element());
  }
}

/// Class by class, then the rest; parts are ascending, disjoint and of the sizes that the papers give.
BOOST_AUTO_TEST_CASE(the_parts_follow_the_permutations) {
  const arma::Row<arma::uword> labels = labels_of(1);
  const auto split = released_split(labels, 3);
  const Nodes train = as_vector(split.at("train"));
  Nodes expected;
  for (arma::uword label = 0; label < 3; ++label) {
    const arma::uvec members = arma::find(labels == label);
    const Nodes order = torch_permutation(members.n_elem, 100);
    for (arma::uword i = 0; i < std::min<arma::uword>(20, members.n_elem); ++i)
      expected.push_back(members(order[i]));
  }
  BOOST_TEST(expected.size() == 47u);
  std::sort(expected.begin(), expected.end());
  BOOST_TEST(train == expected, boost::test_tools::per_element());

  Nodes others;
  for (arma::uword node = 0; node < labels.n_elem; ++node)
    if (!std::binary_search(train.begin(), train.end(), node)) others.push_back(node);
  const Nodes order = torch_permutation(others.size(), 100);
  Nodes test, validation;
  for (arma::uword i = 0; i < 2000; ++i) (i < 1000 ? test : validation).push_back(others[order[i]]);
  std::sort(test.begin(), test.end());
  std::sort(validation.begin(), validation.end());
  BOOST_TEST(as_vector(split.at("test")) == test, boost::test_tools::per_element());
  BOOST_TEST(as_vector(split.at("val")) == validation, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(small_graphs_have_what_there_is) {
  arma::Row<arma::uword> labels(30, arma::fill::zeros);
  const auto split = released_split(labels, 1);
  BOOST_TEST(split.at("train").n_elem == 20u);
  BOOST_TEST(split.at("test").n_elem == 10u);
  BOOST_TEST(!split.contains("val"));
}

namespace {

/// 60 nodes in a ring, two classes, counts 0, 1, 2, 3 as features.
const std::string tiny_npz = R"(
import os
import numpy as np, scipy.sparse as sp
os.makedirs("mirror/tiny", exist_ok=True)
n = 60
ring = sp.csr_matrix((np.ones(n, dtype=np.float32), (np.arange(n), (np.arange(n) + 1) % n)), shape=(n, n))
x = sp.csr_matrix(np.arange(2 * n, dtype=np.float32).reshape(n, 2) % 4)
parts = {}
for name, m in (("adj", ring), ("attr", x)):
    parts |= {f"{name}_data": m.data, f"{name}_indices": m.indices, f"{name}_indptr": m.indptr, f"{name}_shape": m.shape}
np.savez("mirror/tiny/tiny.npz", labels=np.arange(n) % 2, **parts)
)";

DataRequest registered_npz(const DataFolder& folder) {
  folder.python(tiny_npz);
  folder.registry("tiny", "npz", {{"graph", folder.mirror / "tiny/tiny.npz"}},
                  "nodes: 60, classes: 2, train: 40");
  DataRequest request = named("tiny");
  request.graph = GraphOptions{.hops = 0};
  return request;
}

bool equal(const arma::mat& a, const arma::mat& b) { return arma::approx_equal(a, b, "absdiff", 0.0); }

}  // namespace

/// The released split unless the other is asked for, which is the one in the converted file.
BOOST_FIXTURE_TEST_CASE(npz_sets_have_the_released_split, DataFolder) {
  DataRequest request = registered_npz(*this);
  const Graph graph = read_graph(Hdf5File::open(require_data_file(find_dataset("tiny"))));
  const arma::mat inputs(graph.features);
  const auto inputs_of = [&](const arma::uvec& nodes) { return arma::mat(inputs.cols(nodes)); };
  const auto split = released_split(graph.labels, graph.classes);
  const auto released = load_dataset<double>(request);
  BOOST_TEST(equal(released.train->x, inputs_of(split.at("train"))));
  BOOST_TEST(equal(released.test->x, inputs_of(split.at("test"))));
  BOOST_TEST(arma::all(released.train->labels == graph.labels.cols(split.at("train"))));
  request.split = NpzSplit::one_permutation;
  const auto stored = load_dataset<double>(request);
  BOOST_TEST(equal(stored.train->x, inputs_of(graph.split.at("train"))));
  BOOST_TEST(!equal(stored.train->x, released.train->x));
  BOOST_TEST(stored.content_sha256 == released.content_sha256);
}

/// Counts as they are, or 1 where they are positive, before they are propagated.
BOOST_FIXTURE_TEST_CASE(features_are_made_binary_before_they_are_propagated, DataFolder) {
  DataRequest request = registered_npz(*this);
  const auto counts = load_dataset<double>(request);
  request.features = NodeFeatures::binary;
  const auto binary = load_dataset<double>(request);
  BOOST_TEST(counts.train->x.max() == 3);
  BOOST_TEST(equal(binary.train->x, arma::conv_to<arma::mat>::from(counts.train->x > 0)));
  Graph graph = read_graph(Hdf5File::open(require_data_file(find_dataset("tiny"))));
  graph.split = released_split(graph.labels, graph.classes);
  graph.features = arma::sp_mat(arma::conv_to<arma::mat>::from(arma::mat(graph.features) > 0));
  request.graph = GraphOptions{.hops = 2};
  BOOST_TEST(equal(load_dataset<double>(request).test->x, augment<double>(graph, *request.graph).test->x));
}

BOOST_FIXTURE_TEST_CASE(binary_features_are_those_of_graphs, DataFolder) {
  DataRequest request = of_file(write("a.csv", "1,2,0\n3,4,1\n"));
  BOOST_TEST(load_dataset<double>(request).train->size() == 2u);
  request.features = NodeFeatures::binary;
  BOOST_CHECK_EXCEPTION(load_dataset<double>(request), DataError, says({"a.csv", "no graph", "`features:`"}));
}

BOOST_AUTO_TEST_SUITE_END()
