#include <boost/test/unit_test.hpp>

#include "core/io/hdf5_file.hpp"
#include "datasets/convert.hpp"
#include "datasets/data_file.hpp"
#include "datasets/registry.hpp"
#include "tests/support/data_fixture.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(data_convert_test)

namespace {

using Labels = arma::Row<arma::uword>;

bool equal(const arma::mat& a, const arma::mat& b) { return arma::approx_equal(a, b, "absdiff", 0.0); }

}  // namespace

// --- IDX ---

BOOST_FIXTURE_TEST_CASE(damaged_idx, DataFolder) {
  const auto attempt = [&](const std::string& images, const std::string& labels) {
    fs::remove_all(cache);
    const auto i = write("mirror/tiny/i", images), l = write("mirror/tiny/l", labels);
    registry("tiny", "idx",
             {{"train_images", i}, {"train_labels", l}, {"test_images", i}, {"test_labels", l}}, "");
    return load_dataset<double>(named("tiny"));
  };
  const std::string images = idx({2, 1, 2}, "abcd"), labels = idx({2}, std::string("\x00\x01", 2));
  BOOST_TEST(attempt(images, labels).train->size() == 2u);
  BOOST_CHECK_EXCEPTION(attempt(images.substr(0, images.size() - 1), labels), DataError,
                        says({"/i: ", "3 entries"}));
  BOOST_CHECK_EXCEPTION(attempt(images.substr(0, 5), labels), DataError, says({"/i: ", "too few"}));
  BOOST_CHECK_EXCEPTION(attempt(idx({12}, std::string(12, 'a')), labels), DataError,
                        says({"/i: ", "expected 0x00000803"}));
  BOOST_CHECK_EXCEPTION(attempt(images, idx({3}, "abc")), DataError, says({"train: 2 samples but 3 labels"}));
  BOOST_CHECK_EXCEPTION(attempt("\x1f\x8b not gzip after all", labels), DataError, says({"/i: damaged"}));
}

// --- LIBSVM ---

BOOST_FIXTURE_TEST_CASE(libsvm_text, DataFolder) {
  const auto path = write("a.libsvm", "+1 1:0.5 3:2\n-1 2:-1e-1 # a comment\n\n+1\n");
  const auto dataset = load_dataset<double>(of_file(path));
  BOOST_TEST(equal(dataset.train->x, {{0.5, 0, 0}, {0, -0.1, 0}, {2, 0, 0}}));
  BOOST_TEST((arma::all(dataset.train->labels == Labels{1, 0, 1})), "labels in sorted order: -1, +1 -> 0, 1");
  BOOST_TEST(dataset.classes == 2u);
  BOOST_TEST((dataset.test == nullptr));
}

BOOST_FIXTURE_TEST_CASE(libsvm_train_and_test_share_features_and_labels, DataFolder) {
  const auto train = write("mirror/tiny/a", "3 1:1\n7 2:1\n"), test = write("mirror/tiny/a.t", "7 3:5\n");
  registry("tiny", "libsvm", {{"train", train}, {"test", test}},
           "train: 2, test: 1, features: 3, classes: 2");
  const auto dataset = load_dataset<double>(named("tiny"));
  BOOST_TEST(dataset.train->x.n_rows == 3u);
  BOOST_TEST(dataset.test->labels(0) == 1u);
}

BOOST_FIXTURE_TEST_CASE(damaged_libsvm, DataFolder) {
  const auto attempt = [&](const std::string& text) {
    return load_dataset<double>(of_file(write("a.svm", text)));
  };
  BOOST_CHECK_EXCEPTION(attempt("1 1:1\n1 0:1\n"), DataError, says({"a.svm: line 2", "0:1", "from 1"}));
  BOOST_CHECK_EXCEPTION(attempt("1 1:1 1:2\n"), DataError, says({"line 1", "1:2"}));
  BOOST_CHECK_EXCEPTION(attempt("1 1\n"), DataError, says({"line 1", "index:value"}));
  BOOST_CHECK_EXCEPTION(attempt("1 1:nan\n"), DataError, says({"line 1", "finite"}));
  BOOST_CHECK_EXCEPTION(attempt("0.5 1:1\n"), DataError, says({"line 1", "0.5", "integer"}));
  // Found by tools/fuzz.
  const std::string huge = "99999999999999999999";
  BOOST_CHECK_EXCEPTION(attempt("1 1:1\n" + huge + " 1:1\n"), DataError,
                        says({"a.svm: line 2", huge, "class"}));
  BOOST_CHECK_EXCEPTION(attempt("1 1:1\n1 " + huge + ":1\n"), DataError,
                        says({"a.svm: line 2", huge, "up to"}));
  BOOST_CHECK_EXCEPTION(attempt("\n"), DataError, says({"no sample"}));
}

// --- CSV ---

BOOST_FIXTURE_TEST_CASE(csv_text, DataFolder) {
  const arma::mat x{{1, 3}, {2, 4}};
  for (const std::string text : {"1,2,0\n3,4,2\n", "a,b,kind\n1,2,0\n3,4,2\n", "label,a,b\n0,1,2\n2,3,4\n",
                                 "a,Y,b\r\n1,0,2\r\n3,2,4\r\n"}) {
    const auto dataset = load_dataset<double>(of_file(write("a.csv", text)));
    BOOST_TEST(equal(dataset.train->x, x), text);
    BOOST_TEST((arma::all(dataset.train->labels == Labels{0, 2})), text);
    BOOST_TEST(dataset.classes == 3u);
  }
}

BOOST_FIXTURE_TEST_CASE(damaged_csv, DataFolder) {
  const auto attempt = [&](const std::string& text) {
    return load_dataset<double>(of_file(write("a.csv", text)));
  };
  BOOST_CHECK_EXCEPTION(attempt("1,2,0\n3,4\n"), DataError, says({"a.csv: line 2", "2 columns, expected 3"}));
  BOOST_CHECK_EXCEPTION(attempt("1,2,0\n3,x,1\n"), DataError, says({"line 2", "'x' is not a number"}));
  BOOST_CHECK_EXCEPTION(attempt("1,nan,0\n"), DataError, says({"line 1", "finite"}));
  BOOST_CHECK_EXCEPTION(attempt("1,2,-1\n"), DataError, says({"line 1", "label is -1"}));
  BOOST_CHECK_EXCEPTION(attempt("1,2,0.5\n"), DataError, says({"line 1", "0.5", "integer"}));
  BOOST_CHECK_EXCEPTION(attempt("1,2,99999999999999999999\n"), DataError,
                        says({"a.csv: line 1", "99999999999999999999", "class"}));  // found by tools/fuzz
  BOOST_CHECK_EXCEPTION(attempt("a,b,c\n"), DataError, says({"expected samples"}));
  BOOST_CHECK_EXCEPTION(attempt("y,a,label\n1,2,0\n"), DataError, says({"line 1", "more than one"}));
  BOOST_CHECK_EXCEPTION(load_dataset<double>(of_file(write("a.xls", "1"))), DataError,
                        says({"a.xls", ".csv"}));
}

// --- Planetoid ---

namespace {

/// A graph of 8 nodes: 3 rows of x, allx of 5 rows, test.index {7, 5} (node 6 is isolated and not listed).
const std::string tiny_planetoid = R"(
import os, pickle, collections
import numpy as np, scipy.sparse as sp
os.makedirs("mirror/tiny", exist_ok=True)
allx = sp.csr_matrix(np.arange(10, dtype=np.float32).reshape(5, 2))
tx = sp.csr_matrix(np.array([[70, 71], [50, 51]], dtype=np.float32))
ally, ty = np.eye(3, dtype=np.int32)[[0, 1, 2, 0, 1]], np.eye(3, dtype=np.int32)[[2, 1]]
graph = collections.defaultdict(list, {0: [1, 1, 2], 1: [0], 2: [0, 2], 3: [7], 4: [], 5: [4], 6: [], 7: [3]})
parts = {"x": allx[:3], "y": ally[:3], "tx": tx, "ty": ty, "allx": allx, "ally": ally, "graph": graph}
for name, value in parts.items():
    with open(f"mirror/tiny/ind.{name}", "wb") as file:
        pickle.dump(value, file, protocol=4)
open("mirror/tiny/ind.test.index", "w").write("7\n5\n")
)";

void register_planetoid(const DataFolder& folder, const std::string& expect) {
  std::vector<std::pair<std::string, fs::path>> files;
  for (const std::string role : {"x", "y", "tx", "ty", "allx", "ally", "graph"}) {
    files.emplace_back(role, folder.mirror / "tiny" / ("ind." + role));
  }
  files.emplace_back("test_index", folder.mirror / "tiny/ind.test.index");
  folder.registry("tiny", "planetoid", files, expect);
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(planetoid, DataFolder) {
  python(tiny_planetoid);
  register_planetoid(*this,
                     "nodes: 8, edges: 4, self_loops: 1, features: 2, classes: 3, train: 3, val: 2, test: 2");
  const Graph graph = read_graph(Hdf5File::open(require_data_file(find_dataset("tiny"))));
  BOOST_TEST((arma::accu(graph.edges != arma::umat{{0, 0, 2, 3, 4}, {1, 2, 2, 7, 5}}) == 0));
  const arma::mat expected{{0, 2, 4, 6, 8, 50, 0, 70}, {1, 3, 5, 7, 9, 51, 0, 71}};
  BOOST_TEST(equal(arma::mat(graph.features), expected), "the node that test.index skips has no features");
  BOOST_TEST((arma::all(graph.labels == Labels{0, 1, 2, 0, 1, 1, 0, 2})));
  BOOST_TEST((arma::all(graph.split.at("train") == arma::uvec{0, 1, 2})));
  BOOST_TEST((arma::all(graph.split.at("val") == arma::uvec{3, 4})));
  BOOST_TEST((arma::all(graph.split.at("test") == arma::uvec{5, 7})));

  DataRequest request = named("tiny");
  request.graph = GraphOptions{.hops = 2};
  const auto dataset = load_dataset<float>(request);
  BOOST_TEST(dataset.train->x.n_rows == 6u);
  BOOST_TEST(dataset.validation->size() == 2u);
  BOOST_TEST(load_dataset<float>(named("tiny")).train->x.n_rows == 10u, "four hops unless told otherwise");
}

BOOST_FIXTURE_TEST_CASE(malicious_pickles_are_refused, DataFolder) {
  for (const std::string target : {"os.system", "builtins.eval", "numpy.load", "subprocess.Popen"}) {
    fs::remove_all(cache);
    python(tiny_planetoid);
    const std::size_t dot = target.rfind('.');
    // Written by hand: GLOBAL module name, a tuple with the argument, REDUCE.
    write("mirror/tiny/ind.graph", fmt::format("c{}\n{}\n(S'touch {}/owned'\ntR.", target.substr(0, dot),
                                               target.substr(dot + 1), root.string()));
    register_planetoid(*this, "");
    BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                          says({"ind.graph", "refused", target}));
    BOOST_TEST(!fs::exists(root / "owned"));
  }
}

BOOST_FIXTURE_TEST_CASE(damaged_planetoid, DataFolder) {
  python(tiny_planetoid);
  fs::resize_file(mirror / "tiny/ind.allx", 100);
  register_planetoid(*this, "");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError, says({"ind.allx: damaged"}));
  python(tiny_planetoid);
  fs::remove_all(cache);
  write("mirror/tiny/ind.test.index", "7\n4\n");
  register_planetoid(*this, "");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({"ind.test.index", "training row"}));
  fs::remove_all(cache);
  write("mirror/tiny/ind.test.index", "7\n-4\n");  // found by tools/fuzz
  register_planetoid(*this, "");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(named("tiny")), DataError,
                        says({"ind.test.index", "nodes from 0"}));
}

// --- npz ---

BOOST_FIXTURE_TEST_CASE(npz_and_its_split_of_one_permutation, DataFolder) {
  python(R"(
import os
import numpy as np, scipy.sparse as sp
os.makedirs("mirror/tiny", exist_ok=True)
n = 2600
A = sp.csr_matrix((np.ones(3), ([0, 1, 5], [1, 0, 5])), shape=(n, n))
X = sp.csr_matrix(np.arange(2 * n, dtype=float).reshape(n, 2))
y = np.arange(n) % 3
np.savez("mirror/tiny/g.npz", labels=y, **{f"{p}_{k}": v for p, M in (("adj", A), ("attr", X))
         for k, v in (("data", M.data), ("indices", M.indices), ("indptr", M.indptr), ("shape", M.shape))})
# The rule, said another way: per class the first 20 in order of the permutation, then what is left of it.
order = np.random.RandomState(100).permutation(n)
train = set(np.concatenate([[v for v in order if y[v] == c][:20] for c in range(3)]))
rest = [v for v in order if v not in train]
np.savetxt("split.txt", [v for v in order if v in train] + rest[:2000], fmt="%d")
)");
  registry("tiny", "npz", {{"graph", mirror / "tiny/g.npz"}},
           "nodes: 2600, edges: 1, self_loops: 1, features: 2, classes: 3, train: 60, val: 1000, test: 1000");
  const Graph graph = read_graph(Hdf5File::open(require_data_file(find_dataset("tiny"))));
  arma::uvec expected;
  expected.load((root / "split.txt").string(), arma::raw_ascii);
  const arma::uvec found =
      arma::join_cols(graph.split.at("train"), graph.split.at("test"), graph.split.at("val"));
  BOOST_TEST((found.n_elem == expected.n_elem && arma::all(found == expected)));
}

// --- Revision ---

/// If one of these digests changes, the converter makes something else of the same file: `converter_revision` in datasets/convert.cpp has
/// to change too, so that results on the old data are not taken for results on the new.
BOOST_FIXTURE_TEST_CASE(what_the_converter_makes_changes_only_with_its_revision, DataFolder) {
  const auto content = [&](const std::string& name, const std::string& text) {
    return Hdf5File::open(require_data_file(write(name, text))).content_sha256("").substr(0, 16);
  };
  BOOST_TEST(content("a.csv", "a,b,label\n1,2.5,0\n3,-4e2,1\n") == "acf13c69f2f03401");
  BOOST_TEST(content("a.libsvm", "+1 1:0.5 3:2\n-1 2:1\n") == "23fd58b599a4c5b9");
  const auto i = write("mirror/tiny/i", idx({2, 1, 2}, "abcd"));
  const auto l = write("mirror/tiny/l", idx({2}, std::string("\x00\x01", 2)));
  registry("tiny", "idx", {{"train_images", i}, {"train_labels", l}, {"test_images", i}, {"test_labels", l}},
           "");
  std::string text =
      Hdf5File::open(require_data_file(find_dataset("tiny"))).content_sha256("source").substr(0, 16);
  BOOST_TEST(text == "6c39bc28eaab5869");
}

BOOST_AUTO_TEST_SUITE_END()
