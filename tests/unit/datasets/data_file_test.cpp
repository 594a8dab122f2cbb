#include <boost/test/unit_test.hpp>
#include <limits>

#include "core/io/hdf5_file.hpp"
#include "tests/support/data_fixture.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(data_file_test)

namespace {

const arma::mat x{{1, 2, 3}, {4, 5, 6}};  // 2 features, 3 samples
using Integers = std::vector<std::int64_t>;

/// Writes data.h5 with `fill` and loads it.
struct DataFile : DataFolder {
  template <class Fill>
  Dataset<double> load(Fill&& fill) const {
    {
      Hdf5File file = Hdf5File::create(root / "data.h5");
      fill(file);
    }
    return load_dataset<double>(of_file(root / "data.h5"));
  }
};

void good(Hdf5File& file) {
  file.write_samples("/train/x", x);
  file.write_vector("/train/y", Integers{0, 2, 1});
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(classification, DataFile) {
  const auto dataset = load([](Hdf5File& file) {
    good(file);
    file.write_samples("/test/x", x);
    file.write_vector("/test/y", Integers{3, 0, 0});
  });
  BOOST_TEST(arma::approx_equal(dataset.train->x, x, "absdiff", 0.0));
  BOOST_TEST(dataset.classes == 4u, "the largest label of all splits, plus one");
  BOOST_TEST(dataset.train->targets.n_rows == 4u);
  BOOST_TEST((dataset.validation == nullptr));
  BOOST_TEST(dataset.source == "data.h5");
  BOOST_TEST(dataset.content_sha256 == sha256_file(root / "data.h5"));
}

BOOST_FIXTURE_TEST_CASE(declared_classes_win, DataFile) {
  const auto dataset = load([](Hdf5File& file) {
    good(file);
    file.write_attribute("/", "classes", std::int64_t{5});
  });
  BOOST_TEST(dataset.classes == 5u);
}

BOOST_FIXTURE_TEST_CASE(regression, DataFile) {
  const arma::mat t{{7, 8, 9}};
  for (const bool flat : {false, true}) {
    const auto dataset = load([&](Hdf5File& file) {
      file.write_samples("/train/x", x);
      if (flat) {
        file.write_vector("/train/t", arma::vec(t.t()));
      } else {
        file.write_samples("/train/t", t);
      }
    });
    BOOST_TEST(arma::approx_equal(dataset.train->targets, t, "absdiff", 0.0));
    BOOST_TEST(dataset.classes == 0u);
    BOOST_TEST(!dataset.train->has_labels());
  }
}

BOOST_FIXTURE_TEST_CASE(first_training_samples, DataFile) {
  load(good);
  DataRequest request = of_file(root / "data.h5");
  request.train = 2;
  BOOST_TEST(arma::approx_equal(load_dataset<double>(request).train->x, x.head_cols(2), "absdiff", 0.0));
  request.train = 4;
  BOOST_CHECK_EXCEPTION(load_dataset<double>(request), DataError, says({"data", "4", "3 training samples"}));
  request.train.reset();
  request.graph.emplace();
  BOOST_CHECK_EXCEPTION(load_dataset<double>(request), DataError, says({"data.h5", "no graph"}));
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_is_said, DataFile) {
  const auto rejects = [&](auto fill, std::vector<std::string> parts) {
    parts.emplace_back("data.h5");
    BOOST_CHECK_EXCEPTION(load(fill), DataError, says(parts));
  };
  rejects([](Hdf5File& file) { file.write_vector("/train/y", Integers{0}); }, {"/train/x", "missing"});
  rejects([](Hdf5File& file) { file.write_samples("/train/x", x); }, {"/train", "neither"});
  rejects(
      [](Hdf5File& file) {
        good(file);
        file.write_samples("/train/t", x);
      },
      {"/train", "both"});
  rejects(
      [](Hdf5File& file) {
        file.write_samples("/train/x", x);
        file.write_vector("/train/y", Integers{0, 1});
      },
      {"/train/y", "2 samples", "3"});
  rejects(
      [](Hdf5File& file) {
        file.write_samples("/train/x", x);
        file.write_vector("/train/y", Integers{0, -1, 1});
      },
      {"/train/y", "entry 1 is -1"});
  rejects(
      [](Hdf5File& file) {
        file.write_samples("/train/x", x);
        file.write_vector("/train/y", arma::vec{0, 0.5, 1});
      },
      {"/train/y", "0.5"});
  rejects(
      [](Hdf5File& file) {
        good(file);
        file.write_attribute("/", "classes", std::int64_t{2});
      },
      {"/train/y", "entry 1 is 2", "0..1"});
  rejects(
      [](Hdf5File& file) {
        arma::mat bad = x;
        bad(1, 2) = std::numeric_limits<double>::quiet_NaN();
        file.write_samples("/train/x", bad);
        file.write_vector("/train/y", Integers{0, 1, 1});
      },
      {"/train/x", "sample 2, column 1"});
  rejects(
      [](Hdf5File& file) {
        good(file);
        file.write_samples("/val/x", arma::mat(3, 1, arma::fill::ones));
        file.write_vector("/val/y", Integers{0});
      },
      {"/val/x", "3 features", "2"});
  rejects(
      [](Hdf5File& file) {
        good(file);
        file.write_samples("/test/x", x);
        file.write_samples("/test/t", x);
      },
      {"/test", "other answers"});
  rejects([](Hdf5File& file) { file.write_vector("/train/x", Integers{1, 2}); }, {"/train"});
}

BOOST_FIXTURE_TEST_CASE(damaged_and_foreign_files, DataFile) {
  load(good);
  const fs::path path = root / "data.h5";
  fs::resize_file(path, fs::file_size(path) - 100);
  BOOST_CHECK_EXCEPTION(load_dataset<double>(of_file(path)), DataError, says({"data.h5", "truncated"}));
  write("data.h5", "text");
  BOOST_CHECK_EXCEPTION(load_dataset<double>(of_file(path)), DataError, says({"data.h5", "signature"}));
  BOOST_CHECK_EXCEPTION(load_dataset<double>(of_file(root / "none.h5")), DataError, says({"none.h5"}));
}

namespace {

/// A graph of three nodes in a row; `change` is Python that spoils it.
std::string graph_script(const std::string& change) {
  return R"(
import h5py, numpy as np
d = dict(edges=np.array([[0, 1], [1, 2]]), data=np.array([1., 2., 3.]), indices=np.array([0, 1, 0]),
         indptr=np.array([0, 1, 2, 3]), y=np.array([0, 1, 1]), train=np.array([0]), test=np.array([2, 1]))
)" + change +
         R"(
with h5py.File("graph.h5", "w") as f:
    f["graph/edges"], f["nodes/y"] = d["edges"], d["y"]
    for k in ("data", "indices", "indptr"):
        f["nodes/x/" + k] = d[k]
    f["nodes/x"].attrs["shape"] = (3, 2)
    f["split/train"], f["split/test"] = d["train"], d["test"]
)";
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(graph_file, DataFolder) {
  python(graph_script(""));
  DataRequest request = of_file(root / "graph.h5");
  request.graph = GraphOptions{.hops = 0};
  const auto dataset = load_dataset<double>(request);
  BOOST_TEST(arma::approx_equal(dataset.train->x, arma::mat("1; 0"), "absdiff", 0.0));
  BOOST_TEST(arma::approx_equal(dataset.test->x, arma::mat{{3, 0}, {0, 2}}, "absdiff", 0.0));
  BOOST_TEST(dataset.classes == 2u);
}

BOOST_FIXTURE_TEST_CASE(damaged_graph_files, DataFolder) {
  const auto rejects = [&](const std::string& change, std::vector<std::string> parts) {
    python(graph_script(change));
    parts.emplace_back("graph.h5");
    BOOST_CHECK_EXCEPTION(load_dataset<double>(of_file(root / "graph.h5")), DataError, says(parts));
  };
  rejects("d['edges'][1, 1] = 3", {"/graph/edges", "edge 1", "0..2"});
  rejects("d['indices'][0] = 2", {"/nodes/x/indices", "expected 0..1"});
  rejects("d['indptr'][1] = 3", {"/nodes/x/indptr"});
  rejects("d['data'][2] = np.nan", {"/nodes/x/data", "node 2"});
  rejects("d['y'] = d['y'][:2]", {"/nodes/y", "2 labels for 3 nodes"});
  rejects("d['test'][0] = 0", {"/split/test", "twice"});
  rejects("d['train'] = d['train'][:0]", {"/split/train"});
}

BOOST_AUTO_TEST_SUITE_END()
