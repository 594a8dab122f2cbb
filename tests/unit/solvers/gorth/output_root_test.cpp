/// The whitening of gorth's outputs against its definition, and the change of coordinates that keeps what is represented.

#include "solvers/gorth/output_root.hpp"

#include <boost/test/unit_test.hpp>
#include <tuple>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(output_root_test)

namespace {

using Precisions = std::tuple<float, double>;
constexpr arma::uword n = 7;

/// B B^T of `rank` random columns.
template <class T>
arma::Mat<T> moment(arma::uword rank, std::uint64_t seed) {
  Rng rng(seed, 5);
  arma::Mat<T> B(n, rank);
  fill_normal(rng, 1.0, B);
  return B * B.t();
}

arma::mat normalised(const arma::mat& A) { return A / arma::mean(A.diag()); }

template <class T>
struct Fixture {
  OutputRoot<T> root;
  RootWorkspace<T> workspace;
  arma::Mat<T> change{n, n, arma::fill::zeros};

  Fixture() {
    root.reserve(n);
    workspace.reserve(n);
  }
};

double distance(const arma::mat& A, const arma::mat& B) { return arma::abs(A - B).max(); }

}  // namespace

/// C is the running mean of the A over their mean diagonals, the first with its whole weight.
BOOST_AUTO_TEST_CASE(the_second_moment_is_the_mean_that_forgets) {
  Fixture<double> f;
  const arma::mat first = moment<double>(9, 1);
  const arma::mat second = 100 * moment<double>(9, 2);
  f.root.observe(first, 0.8);
  BOOST_TEST(distance(f.root.second_moment(), normalised(first)) < 1e-14);
  f.root.observe(second, 0.8);
  const arma::mat expected = 0.8 * normalised(first) + 0.2 * normalised(second);
  BOOST_TEST(distance(f.root.second_moment(), expected) < 1e-14);
  // The control: A as it is would have counted a hundred times as much.
  BOOST_TEST(distance(f.root.second_moment(), 0.8 * first + 0.2 * second) > 1);
}

/// R (C + damping I) R = I, S R = I, R symmetric and positive definite: the one matrix that is (C + damping I)^{-1/2}. For a C without
/// full rank, too.
BOOST_AUTO_TEST_CASE(the_root_is_its_definition) {
  constexpr double damping = 0.03;
  for (const arma::uword rank : {9U, 3U}) {
    Fixture<double> f;
    f.root.observe(moment<double>(rank, 3), 0.9);
    BOOST_TEST(f.root.refresh(damping, f.workspace, f.change));
    const arma::mat& R = f.root.inverse_root();
    const arma::mat I = arma::eye(n, n);
    const auto residual = [&](double added) {
      return distance(R * (f.root.second_moment() + added * I) * R, I);
    };
    BOOST_TEST(residual(damping) < 1e-12);
    BOOST_TEST(residual(2 * damping) > 1e-3);  // the control
    BOOST_TEST(distance(f.root.root() * R, I) < 1e-12);
    BOOST_TEST(distance(R, R.t()) < 1e-13);
    BOOST_TEST(arma::eig_sym(arma::symmatu(R)).min() > 0);
  }
}

/// V = R M in the coordinates of one root goes into those of the next by the change, and S V is M still; without the change it is not.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_change_of_coordinates_keeps_what_is_represented, T, Precisions) {
  const double tolerance =
      std::is_same_v<T, float> ? 2e-5 : 1e-12;  // n times the roots' condition times a rounding
  Fixture<T> f;
  Rng rng(8, 5);
  arma::Mat<T> V(n, 4);
  fill_normal(rng, 1.0, V);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const arma::Mat<T> represented = f.root.root() * V;
    f.root.observe(moment<T>(3, seed), 0.5);
    BOOST_TEST(f.root.refresh(0.03, f.workspace, f.change));
    const arma::Mat<T> left = f.root.root() * V;
    V = f.change * V;
    const arma::Mat<T> after = f.root.root() * V;
    const double scale = arma::norm(represented);
    BOOST_TEST(arma::norm(after - represented) < tolerance * scale);
    BOOST_TEST(arma::norm(left - represented) > 0.01 * scale);  // the control
  }
}

/// Nothing to whiten by: no root, and what there was stays.
BOOST_AUTO_TEST_CASE(a_step_of_nothing_is_not_taken_in) {
  Fixture<double> f;
  BOOST_TEST(!f.root.refresh(0.03, f.workspace, f.change));
  f.root.observe(arma::mat(n, n, arma::fill::zeros), 0.9);
  f.root.observe(arma::mat(n, n, arma::fill::value(arma::datum::nan)), 0.9);
  BOOST_TEST(!f.root.refresh(0.03, f.workspace, f.change));
  BOOST_TEST(distance(f.root.inverse_root(), arma::eye(n, n)) == 0);
  f.root.observe(moment<double>(9, 3), 0.9);
  BOOST_TEST(f.root.refresh(0.03, f.workspace, f.change));
  f.root.restart();
  BOOST_TEST(distance(f.root.root(), arma::eye(n, n)) == 0);
  BOOST_TEST(!f.root.refresh(0.03, f.workspace, f.change));
}

BOOST_AUTO_TEST_SUITE_END()
