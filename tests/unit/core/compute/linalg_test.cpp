#include "core/compute/linalg.hpp"

#include <boost/test/unit_test.hpp>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(linalg_test)

namespace {
template <class T>
arma::Mat<T> gaussian(arma::uword rows, arma::uword columns, std::uint64_t seed) {
  Rng rng(seed);
  arma::Mat<T> A(rows, columns);
  fill_normal(rng, 1.0, A);
  return A;
}
}  // namespace

BOOST_AUTO_TEST_CASE(gemm_in_all_orientations) {
  const arma::mat A = gaussian<double>(4, 6, 1);
  const arma::mat B = gaussian<double>(6, 5, 2);
  const arma::mat expected = 2 * A * B - arma::ones(4, 5);
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      const arma::mat left = ta ? arma::mat(A.t()) : A;
      const arma::mat right = tb ? arma::mat(B.t()) : B;
      arma::mat C(4, 5, arma::fill::ones);
      gemm(ta ? Op::transpose : Op::none, tb ? Op::transpose : Op::none, 2.0, left, right, -1.0, C);
      BOOST_TEST(arma::abs(C - expected).max() < 1e-13);
    }
  }
}

BOOST_AUTO_TEST_CASE(gemm_refuses_shapes_that_do_not_fit) {
  const arma::mat A(4, 6);
  const arma::mat B(5, 5);
  arma::mat C(4, 5);
  BOOST_CHECK_THROW(gemm(Op::none, Op::none, 1.0, A, B, 0.0, C), std::logic_error);
}

/// Squares of 1e-30 vanish in float32; the sum must not.
BOOST_AUTO_TEST_CASE(norm_of_tiny_float_entries_does_not_underflow) {
  const arma::fmat A(10, 10, arma::fill::value(1e-30F));
  BOOST_TEST(norm2(A) == 1e-58, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(spectral_norm_agrees_with_the_svd) {
  for (const auto& [rows, columns] : {std::pair{1, 1}, {3, 50}, {50, 3}, {40, 40}, {120, 200}}) {
    const arma::mat A = gaussian<double>(arma::uword(rows), arma::uword(columns), 7);
    SpectralState<double> start;
    const double exact = std::pow(arma::svd(A).max(), 2);
    BOOST_TEST(spectral_norm2(A, start) == exact, boost::test_tools::tolerance(1e-10));
    BOOST_TEST(spectral_norm2(A, start) == exact, boost::test_tools::tolerance(1e-10));
  }
}

/// Two nearly equal leading singular values, and a warm start that sits on an eigenvector which is no longer
/// the leading one: the cases in which a plain power iteration stops too early.
BOOST_AUTO_TEST_CASE(spectral_norm_in_hard_cases) {
  arma::mat A = arma::diagmat(arma::vec{1.0, 1.0 - 1e-6, 0.5, 0.1});
  SpectralState<double> start;
  BOOST_TEST(spectral_norm2(A, start) == 1.0, boost::test_tools::tolerance(1e-10));
  start.ritz = arma::vec{0, 1, 0, 0};
  BOOST_TEST(spectral_norm2(A, start) == 1.0, boost::test_tools::tolerance(1e-10));
  start.ritz = arma::vec{1, 0, 0, 0};
  A(3, 3) = 2.0;
  BOOST_TEST(spectral_norm2(A, start) == 4.0, boost::test_tools::tolerance(1e-10));
}

BOOST_AUTO_TEST_CASE(spectral_norm_in_float_is_an_upper_bound) {
  const arma::fmat A = gaussian<float>(30, 60, 9);
  SpectralState<float> start;
  const double exact = std::pow(arma::svd(arma::conv_to<arma::mat>::from(A)).max(), 2);
  const double found = spectral_norm2(A, start);
  BOOST_TEST(found >= exact * (1 - 1e-6));
  BOOST_TEST(found <= exact * (1 + 3e-5));
}

BOOST_AUTO_TEST_CASE(spectral_norm_of_zero) {
  const arma::mat A(3, 4, arma::fill::zeros);
  SpectralState<double> start;
  BOOST_TEST(spectral_norm2(A, start) == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
