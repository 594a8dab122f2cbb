/// Images at another size: the values of SciPy's zoom, and of functions that linear interpolation cannot change.

#include "datasets/image_zoom.hpp"

#include <boost/test/unit_test.hpp>

#include "datasets/dataset.hpp"
#include "tests/support/data_fixture.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(image_zoom_test)

namespace {

/// One image, rows of pixels from the top.
template <class Value>
arma::mat image(arma::uword side, arma::uword channels, const Value& value) {
  arma::mat x(side * side * channels, 1);
  for (arma::uword row = 0; row < side; ++row) {
    for (arma::uword column = 0; column < side; ++column) {
      for (arma::uword c = 0; c < channels; ++c)
        x((row * side + column) * channels + c) =
            value(static_cast<double>(row), static_cast<double>(column), static_cast<double>(c));
    }
  }
  return x;
}

/// a + b r + c s + d r s is linear in each direction, so that interpolation is exact whatever the size.
double bilinear(double row, double column, double channel) {
  return 2 + 3 * row - 5 * column + 0.5 * row * column + 100 * channel;
}

}  // namespace

/// scipy.ndimage.zoom(a, factor, order=1), SciPy 1.10, of a_ij = (4 i + j)^2.
BOOST_AUTO_TEST_CASE(values_of_scipy) {
  const arma::mat a = image(4, 1, [](double i, double j, double) { return (4 * i + j) * (4 * i + j); });
  const arma::vec half{0, 9, 144, 225};
  const arma::vec three{0, 2.5, 9, 40, 60.5, 85, 144, 182.5, 225};
  const arma::vec larger{9.6, 13.08, 16.96, 21.64, 27.12, 33};
  BOOST_TEST(arma::abs(zoomed(a, 0.5) - half).max() < 1e-12);
  BOOST_TEST(arma::abs(zoomed(a, 0.75) - three).max() < 1e-12);
  BOOST_TEST(arma::abs(zoomed(a, 1.5).rows(6, 11) - larger).max() < 1e-12);
}

BOOST_AUTO_TEST_CASE(what_is_linear_stays) {
  for (const arma::uword channels : {1u, 3u}) {
    for (const double factor : {0.25, 0.5, 1.0, 1.7}) {
      const arma::uword side = 28;
      const auto m = static_cast<arma::uword>(std::llround(factor * 28));
      const double spacing = 27.0 / static_cast<double>(m - 1);
      const arma::mat expected = image(m, channels, [&](double row, double column, double c) {
        return bilinear(row * spacing, column * spacing, c);
      });
      const arma::mat found = zoomed(image(side, channels, bilinear), factor);
      BOOST_TEST(found.n_rows == m * m * channels);
      BOOST_TEST(arma::abs(found - expected).max() < 1e-9 * arma::abs(expected).max());
      // Control: a transposed image is another one.
      const arma::mat transposed =
          image(side, channels, [](double r, double c, double k) { return bilinear(c, r, k); });
      BOOST_TEST(arma::abs(zoomed(transposed, factor) - expected).max() > 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(samples_are_independent_and_precisions_agree) {
  arma::arma_rng::set_seed(5);
  const arma::mat x(16, 3, arma::fill::randu);
  const arma::mat all = zoomed(x, 0.5);
  for (arma::uword i = 0; i < 3; ++i)
    BOOST_TEST(arma::approx_equal(all.col(i), zoomed(arma::mat(x.col(i)), 0.5), "absdiff", 0.0));
  const arma::fmat single = zoomed(arma::conv_to<arma::fmat>::from(x), 0.5);
  BOOST_TEST(arma::abs(arma::conv_to<arma::mat>::from(single) - all).max() < 1e-6);
}

BOOST_FIXTURE_TEST_CASE(a_data_set_is_zoomed_in_all_its_splits, DataFolder) {
  DataRequest request;
  request.label = "squares";
  request.file = write("a.csv",
                       "0,1,4,9,16,25,36,49,64,81,100,121,144,169,196,225,0\n"
                       "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\n");
  request.zoom = 0.5;
  const auto data = load_dataset<double>(request);
  BOOST_TEST(data.train->x.n_rows == 4u);
  BOOST_TEST(data.train->x(3, 0) == 225);
  BOOST_TEST(data.train->labels.n_elem == 2u);
}

BOOST_FIXTURE_TEST_CASE(what_is_no_image_is_refused, DataFolder) {
  BOOST_CHECK_EXCEPTION(zoomed(arma::mat(7, 1), 0.5), DataError, says({"square images", "have 7"}));
  BOOST_CHECK_EXCEPTION(zoomed(arma::mat(16, 1), 0.25), DataError, says({"zoom: 0.25", "at least 2"}));
  DataRequest request;
  request.label = "narrow";
  request.file = write("b.csv", "1,2,0\n3,4,1\n");
  request.zoom = 0.5;
  BOOST_CHECK_EXCEPTION(load_dataset<double>(request), DataError, says({"narrow", "square images"}));
}

BOOST_AUTO_TEST_SUITE_END()
