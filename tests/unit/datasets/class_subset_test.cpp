#include <boost/test/unit_test.hpp>

#include "tests/support/data_fixture.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(class_subset_test)

namespace {

using Labels = arma::Row<arma::uword>;

/// Six images of one pixel n / 255, n = 0..5, with the labels 0 2 1 2 0 3; the same as test set.
DataRequest six_images(const DataFolder& folder) {
  const auto i = folder.write("mirror/tiny/i", idx({6, 1, 1}, std::string("\x00\x01\x02\x03\x04\x05", 6)));
  const auto l = folder.write("mirror/tiny/l", idx({6}, std::string("\x00\x02\x01\x02\x00\x03", 6)));
  folder.registry("tiny", "idx",
                  {{"train_images", i}, {"train_labels", l}, {"test_images", i}, {"test_labels", l}}, "");
  return named("tiny");
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(samples_of_some_classes_in_the_order_of_the_list, DataFolder) {
  DataRequest request = six_images(*this);
  const auto all = load_dataset<double>(request);
  BOOST_TEST(all.classes == 4u);
  request.classes = {2, 0};
  const auto some = load_dataset<double>(request);
  BOOST_TEST(some.classes == 2u);
  BOOST_TEST(arma::approx_equal(some.train->x, all.train->x.cols(arma::uvec{0, 1, 3, 4}), "absdiff", 0.0));
  BOOST_TEST((arma::all(some.train->labels == Labels{1, 0, 0, 1})));
  BOOST_TEST(arma::approx_equal(some.train->targets, arma::mat{{0, 1, 1, 0}, {1, 0, 0, 1}}, "absdiff", 0.0));
  BOOST_TEST((arma::all(some.test->labels == Labels{1, 0, 0, 1})));
  BOOST_TEST(some.content_sha256 == all.content_sha256);
  request.train = 3;
  BOOST_TEST((arma::all(load_dataset<float>(request).train->labels == Labels{1, 0, 0})),
             "`train` counts what is kept");
}

BOOST_FIXTURE_TEST_CASE(classes_that_there_are_not, DataFolder) {
  DataRequest request = six_images(*this);
  request.classes = {1, 4};
  BOOST_CHECK_EXCEPTION(load_dataset<double>(request), DataError, says({"tiny", "names 4", "0 to 3"}));
  DataRequest regression = of_file(root / "r.h5");
  python(
      "import h5py\nwith h5py.File('r.h5', 'w') as f:\n    f['train/x'] = [[1.0], [2.0]]\n    f['train/t'] = "
      "[[1.0], [2.0]]\n");
  BOOST_TEST(load_dataset<double>(regression).train->size() == 2u);
  regression.classes = {0};
  BOOST_CHECK_EXCEPTION(load_dataset<double>(regression), DataError, says({"regression", "`classes:`"}));
}

BOOST_AUTO_TEST_SUITE_END()
