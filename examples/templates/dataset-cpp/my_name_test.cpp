/// The samples against what the first comment of my_name.hpp says of them.

#define BOOST_TEST_MODULE my_name_test
#include "my_name.hpp"

#include <boost/test/unit_test.hpp>

using namespace admmbench;
using namespace mine;

namespace {

/// The largest distance of a sample from the ring of its class.
double farthest(const Samples<double>& samples) {
  double result = 0;
  for (arma::uword n = 0; n < samples.size(); ++n) {
    const double radius = arma::norm(samples.x.col(n));
    result = std::max(result, std::abs(radius - static_cast<double>(samples.labels[n] + 1)));
  }
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(samples_lie_on_the_ring_of_their_class) {
  const Dataset<double> exact = make_my_name({.noise = 0});
  for (const auto& split : {exact.train, exact.validation, exact.test}) BOOST_TEST(farthest(*split) < 1e-12);
  BOOST_TEST(farthest(*make_my_name({.noise = 0.1}).train) > 0.1);  // a control: noise is noticed
}

BOOST_AUTO_TEST_CASE(classes_are_equally_frequent) {
  const Dataset<double> dataset = make_my_name({.rings = 4, .samples = 50});
  BOOST_TEST(dataset.classes == 4U);
  for (const auto& [split, count] :
       {std::pair(dataset.train, 50U), {dataset.validation, 25U}, {dataset.test, 25U}}) {
    for (arma::uword c = 0; c < 4; ++c) BOOST_TEST(arma::accu(split->labels == c) == count);
    BOOST_TEST(arma::approx_equal(split->targets, one_hot<double>(split->labels, 4), "absdiff", 0.0));
  }
}

BOOST_AUTO_TEST_CASE(data_are_those_of_their_seed_and_splits_share_no_sample) {
  const Dataset<double> one = make_my_name({.seed = 1});
  BOOST_TEST(arma::approx_equal(one.train->x, make_my_name({.seed = 1}).train->x, "absdiff", 0.0));
  BOOST_TEST(!arma::approx_equal(one.train->x, make_my_name({.seed = 2}).train->x, "absdiff", 1e-6));
  BOOST_TEST(arma::abs(one.validation->x - one.test->x).min() > 0);
}
