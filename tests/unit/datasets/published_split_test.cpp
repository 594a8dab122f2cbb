#include <boost/test/unit_test.hpp>

#include "core/io/hdf5_file.hpp"
#include "datasets/convert.hpp"
#include "datasets/data_file.hpp"
#include "tests/support/data_fixture.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(published_split_test)

namespace {

bool equal(const arma::mat& a, const arma::mat& b) { return arma::approx_equal(a, b, "absdiff", 0.0); }

/// The set of `request` in the split of `number`.
Dataset<double> in_split(DataRequest request, long number) {
  request.published.number = number;
  return load_dataset<double>(request);
}

/// Five nodes, node n with the feature 10 n, in three splits.
const std::string masked_graph = R"(
import os
import numpy as np
os.makedirs("mirror/tiny", exist_ok=True)
def masks(*members):
    return np.array([[n in chosen for n in range(5)] for chosen in members])
np.savez("mirror/tiny/tiny.npz", node_features=10.0 * np.arange(1, 6).reshape(5, 1), node_labels=np.array([0, 1, 0, 1, 2]),
         edges=np.array([[0, 1], [1, 2], [3, 4]]), train_masks=masks([0, 1], [4, 2], [3]),
         val_masks=masks([2], [3], [0]), test_masks=masks([3, 4], [0, 1], [1, 2, 4]))
)";

DataRequest graph_request(const DataFolder& folder, const std::string& expect = "nodes: 5, splits: 3") {
  folder.python(masked_graph);
  folder.registry("tiny", "masked_npz", {{"graph", folder.mirror / "tiny/tiny.npz"}}, expect);
  DataRequest request = named("tiny");
  request.graph = GraphOptions{.hops = 0};
  return request;
}

/// Rows (r, r^2, 7; 3 r) for r = 1..6, of which splits 0, 1, 2 test the rows {0, 1}, {5}, {2, 3}.
const std::string masked_table = R"(
import gzip, os
os.makedirs("mirror/tiny", exist_ok=True)
tests = ({0, 1}, {5}, {2, 3})
with gzip.open("mirror/tiny/data.csv.gz", "wt") as file:
    file.writelines(f"{r},{r * r},7,{3 * r}\n" for r in range(1, 7))
with gzip.open("mirror/tiny/test_mask.csv.gz", "wt") as file:
    file.writelines(",".join(str(int(n in rows)) for rows in tests) + "\n" for n in range(6))
)";

DataRequest table_request(const DataFolder& folder) {
  folder.python(masked_table);
  folder.registry(
      "tiny", "masked_csv",
      {{"data", folder.mirror / "tiny/data.csv.gz"}, {"test_mask", folder.mirror / "tiny/test_mask.csv.gz"}},
      "train: 4, test: 2, features: 3, splits: 3");
  return named("tiny");
}

/// Mean 0 and variance 1 over the columns of `reference`.
arma::mat standardised(const arma::mat& values, const arma::mat& reference) {
  arma::mat result = values;
  result.each_col() -= arma::vec(arma::mean(reference, 1));
  arma::vec deviation = arma::stddev(reference, 1, 1);
  deviation.replace(0, 1);
  result.each_col() /= deviation;
  return result;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(of_a_graph, DataFolder) {
  const DataRequest request = graph_request(*this);
  BOOST_TEST(equal(load_dataset<double>(request).train->x, {{10, 20}}), "the first unless told otherwise");
  const auto second = in_split(request, 1);
  BOOST_TEST(equal(second.train->x, {{30, 50}}));
  BOOST_TEST(equal(second.validation->x, arma::mat{40.0}));
  BOOST_TEST(equal(second.test->x, {{10, 20}}));
  BOOST_TEST((arma::all(second.train->labels == arma::Row<arma::uword>{0, 2})));
  BOOST_TEST(equal(in_split(request, 2).test->x, {{20, 30, 50}}));
  BOOST_TEST(second.content_sha256 == load_dataset<double>(request).content_sha256);
}

/// What is stored for the first split and what is made of its row numbers and scales are the same.
BOOST_FIXTURE_TEST_CASE(of_a_table_standardised_by_its_training_rows, DataFolder) {
  const DataRequest request = table_request(*this);
  const arma::rowvec r = arma::regspace<arma::rowvec>(1, 6);
  const arma::mat x = arma::join_cols(r, arma::square(r), arma::rowvec(6, arma::fill::value(7.0))), t = 3 * r;
  const std::vector<std::pair<arma::uvec, arma::uvec>> splits{
      {{2, 3, 4, 5}, {0, 1}}, {{0, 1, 2, 3, 4}, {5}}, {{0, 1, 4, 5}, {2, 3}}};
  const double few_roundings = 16 * std::numeric_limits<double>::epsilon();  // values are below 4
  for (long k = 0; k < 3; ++k) {
    BOOST_TEST_CONTEXT("split " << k) {
      const arma::uvec& train = splits[static_cast<std::size_t>(k)].first;
      const arma::uvec& test = splits[static_cast<std::size_t>(k)].second;
      const auto dataset = in_split(request, k);
      const auto close = [&](const arma::mat& found, const arma::mat& values, const arma::uvec& rows) {
        return arma::approx_equal(found, standardised(values.cols(rows), values.cols(train)), "absdiff",
                                  few_roundings);
      };
      BOOST_TEST(close(dataset.train->x, x, train));
      BOOST_TEST(close(dataset.train->targets, t, train));
      BOOST_TEST(close(dataset.test->x, x, test));
      BOOST_TEST(close(dataset.test->targets, t, test));
      BOOST_TEST(dataset.classes == 0u);
      BOOST_TEST(!close(in_split(request, (k + 1) % 3).train->x.head_cols(4), x, train.head(4)));
    }
  }
}

/// A converted file, used as a file of one's own.
BOOST_FIXTURE_TEST_CASE(of_a_file, DataFolder) {
  const auto compare = [&](const DataRequest& request) {
    const fs::path copy = root / "own.h5";
    fs::copy_file(require_data_file(find_dataset("tiny")), copy, fs::copy_options::overwrite_existing);
    DataRequest file = of_file(copy);
    file.graph = request.graph;
    BOOST_TEST(published_splits(file) == 3);
    BOOST_TEST(published_splits(request) == 3);
    for (long k = 0; k < 3; ++k) BOOST_TEST(equal(in_split(file, k).test->x, in_split(request, k).test->x));
    BOOST_TEST(!equal(in_split(file, 1).test->x, in_split(file, 2).test->x));
  };
  compare(graph_request(*this));
  compare(table_request(*this));
  BOOST_TEST(published_splits(of_file(write("own.csv", "1,2,0\n3,4,1\n"))) == 0);
}

BOOST_FIXTURE_TEST_CASE(of_every_seed_its_own, DataFolder) {
  DataRequest request = graph_request(*this);
  BOOST_TEST(equal(load_dataset<double>(for_seed(request, 2)).train->x, in_split(request, 0).train->x));
  request.published.number.reset();
  for (long seed = 0; seed < 3; ++seed)
    BOOST_TEST(
        equal(load_dataset<double>(for_seed(request, seed)).train->x, in_split(request, seed).train->x));
  BOOST_TEST(!equal(in_split(request, 0).train->x, in_split(request, 1).train->x));
}

BOOST_FIXTURE_TEST_CASE(none_of_that_number, DataFolder) {
  BOOST_CHECK_EXCEPTION(in_split(graph_request(*this), 3), DataError,
                        says({"/splits", "no split 3", "0 to 2"}));
  BOOST_CHECK_EXCEPTION(in_split(table_request(*this), 3), DataError,
                        says({"/splits", "no split 3", "0 to 2"}));
  const fs::path own = write("own.csv", "1,2,0\n3,4,1\n");
  BOOST_CHECK_EXCEPTION(in_split(of_file(own), 1), DataError, says({"no split 1", "has one"}));
}

BOOST_FIXTURE_TEST_CASE(their_number_is_checked, DataFolder) {
  BOOST_CHECK_EXCEPTION(load_dataset<double>(graph_request(*this, "splits: 10")), DataError,
                        says({"3 splits", "expects 10"}));
  BOOST_CHECK_EXCEPTION(load_dataset<double>(graph_request(*this, "nodes: 5")), DataError,
                        says({"registry", "splits: 10"}));
}

BOOST_FIXTURE_TEST_CASE(damaged_scales_and_rows, DataFolder) {
  const DataRequest request = table_request(*this);
  load_dataset<double>(request);
  const fs::path data = converted_file(find_dataset("tiny"));
  const auto attempt = [&](const std::string& change) {
    python("import h5py\nwith h5py.File('" + data.string() + "', 'r+') as f:\n    " + change + "\n");
    const Hdf5File file = Hdf5File::open(data);
    return read_dataset<double>(file, 1);
  };
  BOOST_TEST(attempt("pass").test->size() == 1u);
  BOOST_CHECK_EXCEPTION(attempt("f['splits/1/test'][0] = 6"), DataError,
                        says({"/splits/1/test", "expected 0..5"}));
  attempt("f['splits/1/test'][0] = 5");
  BOOST_CHECK_EXCEPTION(attempt("f['splits/1/deviation'][2] = 0"), DataError,
                        says({"/splits/1", "scales of 4"}));
}

BOOST_AUTO_TEST_SUITE_END()
