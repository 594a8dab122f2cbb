/// Against Armadillo's products in float64, and the same bits with any number of threads.

#include "core/compute/skinny_gemm.hpp"

#include <armadillo>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>

#include "core/compute/parallel_pass.hpp"
#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(skinny_gemm_test)

namespace {

arma::fmat normal(std::uint64_t stream, arma::uword rows, arma::uword columns) {
  arma::fmat A(rows, columns);
  Rng rng(1, stream);
  fill_normal(rng, 1.0, A);
  return A;
}

/// |found - expected| against the rounding of a sum of `terms` products of unit variance, with a margin of 8.
void compare(const arma::fmat& found, const arma::mat& expected, arma::uword terms) {
  const double unit = std::numeric_limits<float>::epsilon();
  const double tolerance = 8 * unit * static_cast<double>(terms);
  BOOST_TEST(arma::abs(arma::conv_to<arma::mat>::from(found) - expected).max() <= tolerance);
}

arma::mat wide(const arma::fmat& A) { return arma::conv_to<arma::mat>::from(A); }

}  // namespace

BOOST_DATA_TEST_CASE(products_are_products,
                     boost::unit_test::data::make({1, 3, 4, 10, 16}) *
                         boost::unit_test::data::make({1, 255, 512, 1100}) *
                         boost::unit_test::data::make({1, 7, 403}) *
                         boost::unit_test::data::make({0.0F, 1.0F, -0.5F}),
                     narrow, length, samples, beta) {
  const auto m = static_cast<arma::uword>(narrow);
  const auto k = static_cast<arma::uword>(length);
  const auto n = static_cast<arma::uword>(samples);
  constexpr float alpha = 0.75F;
  const arma::fmat A = normal(1, m, k);
  const arma::fmat B = normal(2, k, n);
  const arma::fmat E = normal(3, m, n);
  const arma::fmat start = normal(4, m, n);
  const auto from = [&](const arma::fmat& C) {
    arma::fmat copy = C;
    if (beta == 0) copy.fill(std::numeric_limits<float>::quiet_NaN());  // must not be read
    return copy;
  };
  const auto kept = [&](const arma::fmat& C) { return arma::mat(double(beta) * wide(C)); };

  arma::fmat C = from(start);
  skinny_gemm<float>(m, n, k, alpha, A.memptr(), B.memptr(), beta, C.memptr());
  compare(C, kept(start) + double(alpha) * wide(A) * wide(B), k + 1);

  const arma::fmat weights = normal(5, m, k);
  C = from(weights);
  skinny_gemm_transposed<float>(m, k, n, alpha, E.memptr(), B.memptr(), beta, C.memptr());
  compare(C, kept(weights) + double(alpha) * wide(E) * wide(B).t(), n + 1);
}

BOOST_AUTO_TEST_CASE(the_same_bits_with_any_number_of_threads) {
  constexpr arma::uword m = 10;
  constexpr arma::uword k = 700;
  constexpr arma::uword n = 1001;
  const arma::fmat A = normal(1, m, k);
  const arma::fmat B = normal(2, k, n);
  const arma::fmat E = normal(3, m, n);
  BOOST_REQUIRE(Panels(k, n).threaded);
  const auto all = [&] {
    arma::fmat C(m, n);
    arma::fmat D(m, k);
    skinny_gemm<float>(m, n, k, 1, A.memptr(), B.memptr(), 0, C.memptr());
    skinny_gemm_transposed<float>(m, k, n, 1, E.memptr(), B.memptr(), 0, D.memptr());
    return std::vector<arma::fmat>{C, D};
  };
  const auto serial = all();
  const ComputeThreads threads(3);
  const auto threaded = all();
  for (std::size_t i = 0; i < serial.size(); ++i)
    BOOST_TEST(arma::approx_equal(serial[i], threaded[i], "absdiff", 0.0F));
}

BOOST_AUTO_TEST_SUITE_END()
