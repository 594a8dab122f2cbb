#include <boost/test/unit_test.hpp>

#include "datasets/dataset.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(validation_split_test)

namespace {

/// Sample n has the features (n, -n) and the label n mod 4.
Dataset<double> numbered(arma::uword size) {
  auto samples = std::make_shared<Samples<double>>();
  const arma::rowvec numbers = arma::regspace<arma::rowvec>(0, static_cast<double>(size - 1));
  samples->x = arma::join_cols(numbers, -numbers);
  samples->labels = arma::conv_to<arma::Row<arma::uword>>::from(numbers);
  for (arma::uword& label : samples->labels) label %= 4;
  samples->targets = one_hot<double>(samples->labels, 4);
  return {samples, nullptr, nullptr, 4, "", "", false};
}

}  // namespace

BOOST_AUTO_TEST_CASE(parts_are_disjoint_ordered_and_belong_together) {
  const auto parts = split_validation(numbered(50), 0.1, 3);
  BOOST_TEST(parts.train->size() == 45u);
  BOOST_TEST(parts.validation->size() == 5u);
  const arma::rowvec train = parts.train->x.row(0), held = parts.validation->x.row(0);
  BOOST_TEST(train.is_sorted("strictascend"));
  BOOST_TEST(held.is_sorted("strictascend"));
  const arma::rowvec all = arma::sort(arma::join_rows(train, held));
  BOOST_TEST(arma::approx_equal(all, arma::regspace<arma::rowvec>(0, 49), "absdiff", 0.0));
  for (const auto& part : {parts.train, parts.validation}) {
    for (arma::uword n = 0; n < part->size(); ++n) {
      BOOST_TEST(part->x(1, n) == -part->x(0, n));
      BOOST_TEST(part->labels(n) == static_cast<arma::uword>(part->x(0, n)) % 4);
      BOOST_TEST(part->targets(part->labels(n), n) == 1.0);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_seed_decides) {
  const auto draw = [](std::uint64_t seed) {
    return arma::rowvec(split_validation(numbered(50), 0.2, seed).validation->x.row(0));
  };
  BOOST_TEST(arma::approx_equal(draw(1), draw(1), "absdiff", 0.0));
  BOOST_TEST(!arma::approx_equal(draw(1), draw(2), "absdiff", 0.0));
}

BOOST_AUTO_TEST_CASE(every_sample_is_as_likely) {
  arma::rowvec drawn(20, arma::fill::zeros);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const auto parts = split_validation(numbered(20), 0.25, seed);
    for (const double n : parts.validation->x.row(0).eval()) drawn(static_cast<arma::uword>(n)) += 1;
  }
  // Binomial(2000, 1/4): mean 500, deviation 19.4; five of them.
  BOOST_TEST(arma::abs(drawn - 500).max() < 97);
}

BOOST_AUTO_TEST_CASE(nothing_or_everything) {
  const auto dataset = numbered(10);
  BOOST_TEST((split_validation(dataset, 0.0, 1).train == dataset.train));
  BOOST_CHECK_THROW(split_validation(dataset, 0.01, 1), DataError);
  BOOST_CHECK_THROW(split_validation(dataset, 0.99, 1), DataError);
  BOOST_CHECK_THROW(split_validation(dataset, -0.5, 1), DataError);
}

BOOST_AUTO_TEST_SUITE_END()
