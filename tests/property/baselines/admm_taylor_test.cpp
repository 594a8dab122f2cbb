/// Every block of Taylor's ADMM solves its sub-problem exactly (docs/methods/admm_taylor.md#iteration).

#include "baselines/admm_taylor.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(admm_taylor_test)

namespace {

struct Open : AdmmTaylor<double> {
  using AdmmTaylor<double>::AdmmTaylor;
  using AdmmTaylor<double>::update_W;
  using AdmmTaylor<double>::update_a;
  using AdmmTaylor<double>::update_z;
  using AdmmTaylor<double>::update_z_L;
  using AdmmTaylor<double>::update_lambda;
  using AdmmTaylor<double>::state;
  using AdmmTaylor<double>::lambda;
  double objective() const { return diagnostics().objective.value(); }
};

AdmmTaylorParameters parameters_with(double beta, double gamma) {
  AdmmTaylorParameters p;
  p.beta = beta;
  p.gamma = gamma;
  p.warm_up = 0;
  return p;
}

Open started(const Problem<double>& problem, const AdmmTaylorParameters& p, int iterations = 3) {
  Open solver(p);
  solver.initialize(problem, solver.initial_network(problem, 2), 2);
  for (int k = 0; k < iterations; ++k) solver.step();
  return solver;
}

arma::mat normal(Rng& rng, arma::uword rows, arma::uword columns) {
  arma::mat M(rows, columns);
  fill_normal(rng, 1.0, M);
  return M;
}

}  // namespace

/// Z A^+ against the pseudo-inverse from an SVD: wide, tall, square and rank-deficient A.
BOOST_AUTO_TEST_CASE(weights_are_the_least_squares_fit_of_minimum_norm) {
  Rng rng(1);
  const arma::mat deficient = normal(rng, 6, 3) * normal(rng, 3, 20);
  arma::mat dead = normal(rng, 6, 20);
  dead.row(2).zeros();
  for (const arma::mat& A : {normal(rng, 6, 20), normal(rng, 20, 6), normal(rng, 7, 7), deficient,
                             arma::mat(deficient.t()), dead, arma::mat(6, 20, arma::fill::zeros)}) {
    const arma::mat Z = normal(rng, 4, A.n_cols);
    PseudoInverse<double> inverse;
    inverse.reserve(A.n_rows, A.n_cols, 4);
    arma::mat W(4, A.n_rows);
    for (int repeated = 0; repeated < 2; ++repeated) {
      inverse.factorize(A);
      inverse.apply(Z, A, W);
      BOOST_TEST(arma::norm((W * A - Z) * A.t(), "fro") < 1e-10 * (1 + arma::norm(A, "fro")));
      BOOST_TEST(arma::norm(W - Z * arma::pinv(A, 1e-7), "fro") < 1e-8 * (1 + arma::norm(W, "fro")));
    }
  }
}

BOOST_AUTO_TEST_CASE(input_that_is_not_finite_gives_no_numbers) {
  arma::mat A(3, 5, arma::fill::ones);
  A(1, 1) = arma::datum::nan;
  PseudoInverse<double> inverse;
  inverse.reserve(3, 5, 2);
  inverse.factorize(A);
  arma::mat W(2, 3);
  inverse.apply(arma::mat(2, 5, arma::fill::ones), A, W);
  BOOST_TEST(!W.is_finite());
}

BOOST_AUTO_TEST_CASE(weights_satisfy_the_normal_equations) {
  const auto problem = testing::small_problem<double>({4, 6, 5, 3}, 40, Loss::cross_entropy);
  Open solver = started(problem, parameters_with(1, 10));
  for (const arma::uword l : {1U, 2U, 3U}) {
    solver.update_W(l);
    const arma::mat& A = layer_input(problem, solver.state().a, l);
    const arma::mat E = solver.state().network.W[l - 1] * A - solver.state().z(l);
    BOOST_TEST(arma::norm(E * A.t(), "fro") < 1e-9);
    BOOST_TEST(arma::norm(E, "fro") > 1e-3);  // the equations are not satisfied by a perfect fit
  }
}

BOOST_AUTO_TEST_CASE(a_is_stationary) {
  constexpr double beta = 0.7;
  constexpr double gamma = 3;
  const auto problem = testing::small_problem<double>({4, 6, 5, 3}, 40, Loss::cross_entropy);
  Open solver = started(problem, parameters_with(beta, gamma));
  for (const arma::uword l : {1U, 2U}) {
    const auto gradient = [&] {
      const arma::mat& W = solver.state().network.W[l];
      const arma::mat& a = solver.state().a(l);
      arma::mat h;
      activate(problem.activation, solver.state().z(l), h);
      return arma::norm(beta * W.t() * (W * a - solver.state().z(l + 1)) + gamma * (a - h), "fro");
    };
    BOOST_TEST(gradient() > 1e-3);
    solver.update_a(l);
    BOOST_TEST(gradient() < 1e-11);
  }
}

BOOST_AUTO_TEST_CASE(z_is_the_global_minimiser) {
  constexpr double beta = 0.7;
  constexpr double gamma = 3;
  for (const Activation f : {Activation::relu, Activation::leaky_relu, Activation::tanh}) {
    const auto problem = testing::small_problem<double>({4, 6, 5, 3}, 15, Loss::cross_entropy, f);
    Open solver = started(problem, parameters_with(beta, gamma));
    solver.update_W(2);
    solver.update_z(2);
    const arma::mat& m = solver.state().WA(2);
    const arma::mat& a = solver.state().a(2);
    const arma::mat& z = solver.state().z(2);
    with_activation<double>(f, [&](auto activation) {
      for (arma::uword i = 0; i < z.n_elem; ++i) {
        const auto h = [&](double t) {
          return gamma * (a[i] - activation(t)) * (a[i] - activation(t)) + beta * (t - m[i]) * (t - m[i]);
        };
        double best = std::numeric_limits<double>::infinity();
        for (double t = -10; t <= 10; t += 1e-3) best = std::min(best, h(t));
        BOOST_REQUIRE(h(z[i]) <= best + 1e-12);
      }
    });
  }
}

/// grad l(z_L) + lambda + 2 beta (z_L - W_L a_{L-1}) = 0.
BOOST_AUTO_TEST_CASE(z_L_is_optimal) {
  constexpr double beta = 0.7;
  for (const Loss loss : {Loss::cross_entropy, Loss::squared}) {
    const auto problem = testing::small_problem<double>({4, 6, 5, 3}, 40, loss);
    Open solver = started(problem, parameters_with(beta, 3));
    BOOST_TEST(arma::norm(solver.lambda(), "fro") > 1e-3);
    solver.update_z_L();
    const arma::mat& z = solver.state().z(3);
    arma::mat gradient = z - problem.targets();
    if (loss == Loss::cross_entropy) {
      gradient = arma::exp(z);
      gradient.each_row() /= arma::sum(gradient, 0);
      gradient -= problem.targets();
    }
    const arma::mat residual = z - solver.state().network.W[2] * solver.state().a(2);
    BOOST_TEST(arma::abs(gradient + solver.lambda() + 2 * beta * residual).max() < 1e-9);
  }
}

/// With lambda held, the sweep is a block-coordinate descent; updating lambda is what may raise the objective
/// (negative control).
BOOST_AUTO_TEST_CASE(primal_blocks_descend) {
  for (const Loss loss : {Loss::cross_entropy, Loss::squared}) {
    const auto problem = testing::small_problem<double>({4, 6, 5, 3}, 40, loss);
    AdmmTaylorParameters p = parameters_with(1, 10);
    p.warm_up = 1000;
    Open solver = started(problem, p, 0);
    double last = solver.objective();
    for (int k = 0; k < 50; ++k) {
      solver.step();
      const double now = solver.objective();
      BOOST_TEST(now <= last + 1e-9 * (1 + std::abs(last)));
      last = now;
    }
    BOOST_TEST(arma::norm(solver.lambda(), "fro") == 0);

    p.warm_up = 0;
    Open with_multiplier = started(problem, p, 0);
    int rises = 0;
    last = with_multiplier.objective();
    for (int k = 0; k < 50; ++k) {
      with_multiplier.step();
      if (with_multiplier.objective() > last + 1e-6) ++rises;
      last = with_multiplier.objective();
    }
    BOOST_TEST(rises > 0);
  }
}

BOOST_AUTO_TEST_CASE(biases_stay_zero) {
  const auto problem = testing::small_problem<double>({4, 6, 5, 3}, 40, Loss::cross_entropy);
  Open solver(parameters_with(1, 10));
  solver.initialize(problem, gaussian_network<double>(problem.widths, 2), 2);
  for (int k = 0; k < 5; ++k) solver.step();
  for (const arma::vec& b : solver.network().b) BOOST_TEST(arma::norm(b) == 0);
}

BOOST_AUTO_TEST_CASE(penalties_grow_to_their_cap) {
  const auto problem = testing::small_problem<double>({4, 6, 5, 3}, 40, Loss::cross_entropy);
  AdmmTaylorParameters p = parameters_with(1, 4);
  p.growth = 2;
  p.cap = 6;
  Open solver(p);
  solver.initialize(problem, gaussian_network<double>(problem.widths, 2), 2);
  std::vector<double> seen;
  for (int k = 0; k < 4; ++k) {
    solver.step();
    seen.push_back(solver.diagnostics().named.at(0).second);
  }
  const std::vector<double> expected{2, 4, 6, 6};
  BOOST_TEST(seen == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
