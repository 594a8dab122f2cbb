#include "core/problem/regularizer.hpp"

#include <bit>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(regularizer_test)

namespace {

using Kind = Regularizer::Kind;

Regularizer sparse(double share) {
  Regularizer omega;
  omega.kind = Kind::sparse;
  omega.share = share;
  return omega;
}

Regularizer levels(long count, double spacing) {
  Regularizer omega;
  omega.kind = Kind::levels;
  omega.levels = count;
  omega.spacing = spacing;
  return omega;
}

template <class T>
arma::Mat<T> normal_matrix(std::uint64_t seed, arma::uword rows, arma::uword columns) {
  Rng rng(seed);
  arma::Mat<T> W(rows, columns);
  fill_normal(rng, 1.0, W);
  return W;
}

template <class T>
arma::Mat<T> projected(const Regularizer& omega, arma::Mat<T> W) {
  project(omega, W);
  return W;
}

double distance2(const arma::mat& a, const arma::mat& b) { return arma::accu(arma::square(a - b)); }

/// Over all 2^n supports of at most `kept` entries.
double nearest_of_all_supports(const arma::mat& W, int kept) {
  double best = std::numeric_limits<double>::infinity();
  for (unsigned support = 0; support < (1u << W.n_elem); ++support) {
    if (std::popcount(support) > kept) continue;
    arma::mat V = W;
    for (arma::uword i = 0; i < W.n_elem; ++i)
      if ((support >> i & 1u) == 0) V[i] = 0;
    best = std::min(best, distance2(V, W));
  }
  return best;
}

}  // namespace

BOOST_DATA_TEST_CASE(sparse_is_the_nearest_of_all_supports, std::vector<int>({0, 1, 5, 9, 12}), kept) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const arma::mat W = normal_matrix<double>(seed, 3, 4);
    const arma::mat V = projected(sparse((kept + 0.5) / 12), W);
    BOOST_TEST(arma::accu(V != 0) == static_cast<arma::uword>(kept));
    BOOST_TEST(distance2(V, W) == nearest_of_all_supports(W, kept), boost::test_tools::tolerance(1e-14));
    BOOST_TEST(arma::all(arma::vectorise((V == 0) + (V == W)) > 0));
  }
}

/// The bisection finds the same entries in float32, where the sort below is of the numbers themselves.
BOOST_AUTO_TEST_CASE(sparse_keeps_the_largest_of_many) {
  const arma::fmat W = normal_matrix<float>(7, 83, 121);
  const auto kept = static_cast<arma::uword>(std::floor(0.17 * static_cast<double>(W.n_elem)));
  const arma::fvec sizes = arma::sort(arma::vectorise(arma::abs(W)), "descend");
  const arma::fmat V = projected(sparse(0.17), W);
  BOOST_TEST(arma::accu(V != 0) == kept);
  for (arma::uword i = 0; i < W.n_elem; ++i)
    BOOST_TEST((V[i] == (std::abs(W[i]) >= sizes[kept - 1] ? W[i] : 0)));
}

BOOST_AUTO_TEST_CASE(equal_sizes_stand_or_fall_together) {
  const arma::mat W{{3, -1, 1, 1}, {0, 2, -1, 0}};
  const arma::mat two{{3, 0, 0, 0}, {0, 2, 0, 0}};
  const arma::mat six{{3, -1, 1, 1}, {0, 2, -1, 0}};
  for (const double share : {2.0 / 8, 3.0 / 8, 5.0 / 8})
    BOOST_TEST(arma::approx_equal(projected(sparse(share), W), two, "absdiff", 0));
  for (const double share : {6.0 / 8, 7.0 / 8, 1.0})
    BOOST_TEST(arma::approx_equal(projected(sparse(share), W), six, "absdiff", 0));
}

BOOST_DATA_TEST_CASE(levels_are_equidistant_and_the_nearest_is_taken, std::vector<int>({2, 3, 4, 7}), count) {
  const arma::mat W = normal_matrix<double>(static_cast<std::uint64_t>(count), 20, 8);
  const double step = 0.7 * std::sqrt(2.0 / 8);
  const arma::mat V = projected(levels(count, 0.7), W);
  for (arma::uword i = 0; i < W.n_elem; ++i) {
    double nearest = std::numeric_limits<double>::infinity();
    for (int k = 0; k < count; ++k) {
      const double level = step * (k - 0.5 * (count - 1));
      if (std::abs(W[i] - level) < std::abs(W[i] - nearest)) nearest = level;
    }
    BOOST_TEST(std::abs(V[i] - nearest) < 1e-14);
  }
  BOOST_TEST(arma::unique(arma::vectorise(V)).eval().n_elem == static_cast<arma::uword>(count));
}

/// A point of the set stays to the bit; one outside does not.
BOOST_AUTO_TEST_CASE(projecting_twice_is_projecting_once) {
  Regularizer positive;
  positive.kind = Kind::nonnegative;
  for (const Regularizer& omega : {positive, sparse(0.3), levels(3, 1), levels(4, 0.37)}) {
    const arma::fmat W = normal_matrix<float>(5, 9, 31);
    const arma::fmat once = projected(omega, W);
    BOOST_TEST(arma::approx_equal(projected(omega, once), once, "absdiff", 0));
    BOOST_TEST(!arma::approx_equal(once, W, "absdiff", 0));
    arma::fmat same = W;
    proximal(omega, 3.0, same);  // the same point whatever tau
    BOOST_TEST(arma::approx_equal(same, once, "absdiff", 0));
  }
  for (const Kind kind : {Kind::none, Kind::l1}) {
    Regularizer free;
    free.kind = kind;
    free.weight = 10;
    const arma::fmat W = normal_matrix<float>(5, 9, 31);
    BOOST_TEST(arma::approx_equal(projected(free, W), W, "absdiff", 0));
  }
}

/// A method that has diverged is not to look as if it had not.
BOOST_AUTO_TEST_CASE(what_is_no_number_stays) {
  Regularizer positive;
  positive.kind = Kind::nonnegative;
  for (const Regularizer& omega : {positive, sparse(0.3), levels(3, 1)}) {
    arma::mat W = normal_matrix<double>(5, 9, 31);
    W(4, 7) = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(std::isnan(projected(omega, W)(4, 7)));
  }
}

BOOST_AUTO_TEST_SUITE_END()
