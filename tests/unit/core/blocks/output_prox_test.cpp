#include "core/blocks/output_prox.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/compute/parallel_pass.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(output_prox_test)

namespace {

/// Largest entry of grad R(z) + c (z - m).
template <class T>
double stationarity(Loss loss, const arma::Mat<T>& y, double c, const arma::Mat<T>& m,
                    const arma::Mat<T>& z) {
  arma::Mat<T> g(arma::size(z));
  loss_gradient(loss, z, y, T(1), g);
  double worst = 0;
  for (arma::uword i = 0; i < z.n_elem; ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(g[i]) + c * static_cast<double>(z[i] - m[i])));
  }
  return worst;
}

template <class T>
struct Case {
  Problem<T> problem;
  arma::Mat<T> m;
  OutputProxWorkspace<T> workspace;
  OutputProx method;

  Case(arma::uword classes, arma::uword samples, double spread, OutputProx prox = {})
      : problem(testing::small_problem<T>({3, classes}, samples, Loss::cross_entropy)), method(prox) {
    Rng rng(5);
    m.set_size(classes, samples);
    fill_normal(rng, spread, m);
    workspace.reserve(classes, samples, method);
  }
  arma::Mat<T> solve(double c, arma::Mat<T> start) {
    output_prox(method, Loss::cross_entropy, problem.targets(), c, m, start, workspace);
    return start;
  }
};

const std::vector<double> weights{1e-6, 1e-3, 0.1, 1, 5, 1e3};

}  // namespace

BOOST_DATA_TEST_CASE(newton_reaches_the_accuracy_promised, weights, c) {
  for (const arma::uword classes : {2U, 10U, 40U}) {
    for (const double spread : {0.1, 3.0, 50.0}) {
      Case<double> problem(classes, 20, spread);
      const arma::mat z = problem.solve(c, 2 * problem.problem.targets() - 1);
      BOOST_TEST(stationarity(Loss::cross_entropy, problem.problem.targets(), c, problem.m, z) <=
                 1e-10 * std::max(1.0, c));
    }
  }
}

BOOST_DATA_TEST_CASE(newton_in_float32, weights, c) {
  Case<float> problem(10, 50, 3.0);
  const arma::fmat z = problem.solve(c, 2 * problem.problem.targets() - 1);
  BOOST_TEST(stationarity(Loss::cross_entropy, problem.problem.targets(), c, problem.m, z) <=
             1e-5 * std::max(1.0, c) + 4e-7 * c * arma::abs(problem.m).max());
}

/// The minimiser is unique, so the warm start must not matter, saturated wrong starts included.
BOOST_DATA_TEST_CASE(newton_forgets_its_warm_start, weights, c) {
  Case<double> problem(10, 20, 2.0);
  const arma::mat good = problem.solve(c, 2 * problem.problem.targets() - 1);
  const arma::mat wrong = problem.solve(c, -300 * problem.problem.targets());
  BOOST_TEST(arma::abs(good - wrong).max() <= 1e-8 * arma::abs(good).max());
}

/// Panels of columns work side by side: each in memory of its own, and with the bits that its columns have alone.
BOOST_AUTO_TEST_CASE(panels_do_not_meet) {
  constexpr arma::uword classes = 10;
  constexpr arma::uword samples = 7000;
  const Panels panels(classes, samples);
  BOOST_TEST_REQUIRE(panels.count == 3U);
  Case<double> all(classes, samples, 2.0);
  const arma::mat z = all.solve(0.5, arma::mat(classes, samples, arma::fill::zeros));
  for (std::size_t p = 0; p < panels.count; ++p) {
    const auto begin = all.workspace.column.begin() + static_cast<std::ptrdiff_t>(5 * classes * p);
    BOOST_TEST(std::any_of(begin, begin + 5 * classes, [](const auto& lanes) { return lanes[0] != 0; }));
    const arma::span columns(panels.first(p), panels.last(p) - 1);
    const arma::mat m = all.m.cols(columns.a, columns.b);
    const arma::mat targets = all.problem.targets().cols(columns.a, columns.b);
    arma::mat alone(arma::size(m), arma::fill::zeros);
    OutputProxWorkspace<double> workspace;
    workspace.reserve(classes, m.n_cols, {});
    output_prox({}, Loss::cross_entropy, targets, 0.5, m, alone, workspace);
    BOOST_TEST(arma::approx_equal(z.cols(columns.a, columns.b), alone, "absdiff", 0.0));
  }
}

BOOST_AUTO_TEST_CASE(newton_beats_every_neighbour) {
  Case<double> problem(4, 3, 1.0);
  const double c = 0.3;
  const arma::mat& y = problem.problem.targets();
  const arma::mat z = problem.solve(c, arma::mat(4, 3, arma::fill::zeros));
  const auto objective = [&](const arma::mat& at) {
    return loss_value(Loss::cross_entropy, at, y) + 0.5 * c * arma::accu(arma::square(at - problem.m));
  };
  Rng rng(8);
  for (int trial = 0; trial < 300; ++trial) {
    arma::mat d(4, 3);
    fill_normal(rng, trial % 2 == 0 ? 1e-4 : 1.0, d);
    BOOST_TEST(objective(z) <= objective(z + d));
  }
}

BOOST_AUTO_TEST_CASE(fista_approaches_newton) {
  for (const double c : {0.01, 1.0, 5.0}) {
    Case<double> newton(5, 10, 1.0);
    Case<double> fista(5, 10, 1.0, {OutputProx::Method::fista, 20000, 1e-15, 2});
    const arma::mat start = 2 * newton.problem.targets() - 1;
    BOOST_TEST(arma::abs(newton.solve(c, start) - fista.solve(c, start)).max() < 1e-4);
  }
}

/// With one inner iteration FISTA takes one proximal gradient step: zeta' of docs/methods/dladmm.md#paper-against-code with momentum
/// (1-1)/lambda' = 0.
BOOST_AUTO_TEST_CASE(one_fista_iteration_is_the_papers_step) {
  const double c = 0.7;
  const double eta = 4;
  Case<double> fista(5, 10, 1.0, {OutputProx::Method::fista, 1, 1e-3, eta});
  const arma::mat start = 2 * fista.problem.targets() - 1;
  arma::mat g(arma::size(start));
  loss_gradient(Loss::cross_entropy, start, fista.problem.targets(), 1.0, g);
  const arma::mat expected = (c * fista.m + start / eta - g) / (c + 1 / eta);
  BOOST_TEST(arma::abs(fista.solve(c, start) - expected).max() < 1e-14);
}

BOOST_AUTO_TEST_CASE(squared_loss_is_a_weighted_mean) {
  const auto problem = testing::small_problem<double>({3, 2}, 6, Loss::squared);
  arma::mat m(2, 6, arma::fill::ones);
  arma::mat z(2, 6, arma::fill::zeros);
  OutputProxWorkspace<double> workspace;
  output_prox({}, Loss::squared, problem.targets(), 3.0, m, z, workspace);
  BOOST_TEST(stationarity(Loss::squared, problem.targets(), 3.0, m, z) < 1e-14);
}

BOOST_AUTO_TEST_SUITE_END()
