#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/blocks/bias_step.hpp"
#include "core/blocks/input_step.hpp"
#include "core/blocks/linear_residual.hpp"
#include "core/blocks/weight_step.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/rng.hpp"
#include "solvers/dladmm/double_weight_step.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(gradient_steps_test)

// Named, because Boost's data-driven cases are templates with linkage.
namespace gradient_steps {

constexpr double c = 0.7;
constexpr double mu = 0.03;

/// A layer 5 <- 4 with 9 samples.
struct Layer {
  arma::mat W = arma::mat(5, 4);
  arma::mat A = arma::mat(4, 9);
  arma::mat z = arma::mat(5, 9);
  arma::mat WA;
  arma::mat E = arma::mat(5, 9);
  arma::vec b = arma::vec(5);
  StepWorkspace<double> workspace;

  Layer() {
    Rng rng(21);
    fill_normal(rng, 1.0, W);
    fill_normal(rng, 1.0, A);
    fill_normal(rng, 1.0, z);
    fill_normal(rng, 1.0, b);
    WA = W * A;
    linear_residual(WA, b, z, E);
    workspace.reserve({4, 5});
  }
  double phi(const arma::mat& weights, const arma::mat& input) const {
    const arma::mat r = weights * input + arma::repmat(b, 1, 9) - z;
    return 0.5 * c * arma::accu(r % r) + 0.5 * mu * arma::accu(weights % weights);
  }
};

template <class Function>
arma::mat finite_differences(const arma::mat& at, Function value) {
  arma::mat g(arma::size(at));
  constexpr double h = 1e-5;
  for (arma::uword i = 0; i < at.n_elem; ++i) {
    arma::mat ahead = at;
    arma::mat behind = at;
    ahead[i] += h;
    behind[i] -= h;
    g[i] = (value(ahead) - value(behind)) / (2 * h);
  }
  return g;
}

}  // namespace gradient_steps

using namespace gradient_steps;

/// W_new = W - g/tau with g from finite differences, for every rule; the cached product follows.
BOOST_DATA_TEST_CASE(weight_step_moves_along_the_gradient, std::vector<int>({0, 1, 2}), kind) {
  Layer layer;
  const arma::mat before = layer.W;
  const arma::mat g = finite_differences(before, [&](const arma::mat& W) { return layer.phi(W, layer.A); });
  const StepRule rule{static_cast<StepRule::Kind>(kind), 0.5, 2};
  const StepReport report =
      weight_step(rule, {}, c, mu, 1, layer.A, layer.E, layer.W, layer.WA, layer.workspace);
  BOOST_TEST(report.tau > 0);
  BOOST_TEST(arma::abs(layer.W - (before - g / report.tau)).max() < 1e-7);
  BOOST_TEST(arma::abs(layer.WA - layer.W * layer.A).max() < 1e-12);
  BOOST_TEST(std::abs(report.step_norm2 - arma::accu(arma::square(layer.W - before))) < 1e-12);
}

BOOST_DATA_TEST_CASE(input_step_moves_along_the_gradient, std::vector<int>({0, 1, 2}), kind) {
  Layer layer;
  constexpr double d = 0.4;
  Rng rng(2);
  arma::mat target(4, 9);
  fill_normal(rng, 1.0, target);
  const auto value = [&](const arma::mat& v) {
    return layer.phi(layer.W, v) + 0.5 * d * arma::accu(arma::square(v - target));
  };
  const arma::mat before = layer.A;
  const arma::mat g = finite_differences(before, value);
  arma::mat separable = d * (before - target);
  const StepRule rule{static_cast<StepRule::Kind>(kind), 0.5, 2};
  const StepReport report =
      input_step(rule, c, d, 1, layer.W, layer.E, separable, layer.A, layer.WA, layer.workspace);
  BOOST_TEST(arma::abs(layer.A - (before - g / report.tau)).max() < 1e-7);
  BOOST_TEST(arma::abs(layer.WA - layer.W * layer.A).max() < 1e-12);
  BOOST_TEST(value(layer.A) < value(before));
}

/// docs/problem.md#step-rules: the majoriser test phi(v - g/tau) <= phi(v) - ||g||^2/(2 tau) is tau >= kappa.
BOOST_AUTO_TEST_CASE(kappa_decides_the_majoriser_test) {
  Layer layer;
  const arma::mat before = layer.W;
  const StepReport report =
      weight_step({}, {}, c, mu, 1, layer.A, layer.E, layer.W, layer.WA, layer.workspace);
  const double kappa = report.tau;  // rule exact
  const arma::mat g = (before - layer.W) * kappa;
  const auto holds = [&](double tau) {
    return layer.phi(before - g / tau, layer.A) <= layer.phi(before, layer.A) - arma::accu(g % g) / (2 * tau);
  };
  for (const double factor : {1.001, 1.5, 10.0, 1e4}) BOOST_TEST(holds(kappa * factor));
  for (const double factor : {0.999, 0.7, 0.1}) BOOST_TEST(!holds(kappa * factor));
  // Exact line search: no other length along -g is better.
  for (const double factor : {0.9, 1.1}) {
    BOOST_TEST(layer.phi(layer.W, layer.A) < layer.phi(before - g / (kappa * factor), layer.A));
  }
}

BOOST_AUTO_TEST_CASE(backtracking_is_the_smallest_power_not_below_kappa) {
  const auto never = []() -> double { throw std::logic_error("lambda_max must not be asked for"); };
  const StepRule rule{StepRule::Kind::backtracking, 1, 2};
  BOOST_TEST(step_tau(rule, 0.3, never) == 1);
  BOOST_TEST(step_tau(rule, 1.0, never) == 1);
  BOOST_TEST(step_tau(rule, 1.0001, never) == 2);
  BOOST_TEST(step_tau(rule, 4.0, never) == 4);
  BOOST_TEST(step_tau({StepRule::Kind::backtracking, 10, 3}, 100, never) == 270);
  BOOST_TEST(step_tau({StepRule::Kind::exact, 1, 2}, 0.3, never) == 0.3);
}

BOOST_AUTO_TEST_CASE(lipschitz_is_the_largest_eigenvalue) {
  Layer layer;
  const double largest = arma::eig_sym(arma::mat(layer.A * layer.A.t())).max();
  const StepReport report = weight_step({StepRule::Kind::lipschitz, 1, 2}, {}, c, mu, 1, layer.A, layer.E,
                                        layer.W, layer.WA, layer.workspace);
  BOOST_TEST(report.tau == c * largest + mu, boost::test_tools::tolerance(1e-10));
}

BOOST_AUTO_TEST_CASE(zero_gradient_leaves_the_block_alone) {
  Layer layer;
  layer.E.zeros();
  const arma::mat before = layer.W;
  const StepReport report =
      weight_step({}, {}, c, 0.0, 1, layer.A, layer.E, layer.W, layer.WA, layer.workspace);
  BOOST_TEST(report.tau == 0);
  BOOST_TEST(arma::approx_equal(layer.W, before, "absdiff", 0.0));
}

BOOST_AUTO_TEST_CASE(bias_step_is_the_exact_minimiser) {
  Layer layer;
  Rng rng(6);
  arma::mat u(5, 9);
  fill_normal(rng, 1.0, u);
  constexpr double shift = 0.25;
  bias_step(layer.WA, layer.z, shift, u, layer.b);
  const arma::vec mean = arma::mean(arma::mat(layer.z + shift * u - layer.WA), 1);
  BOOST_TEST(arma::abs(layer.b - mean).max() < 1e-14);
  bias_step(layer.WA, layer.z, layer.b);
  BOOST_TEST(arma::abs(layer.b - arma::mean(arma::mat(layer.z - layer.WA), 1)).max() < 1e-14);
}

/// The proximal step satisfies the optimality condition of its own model and lowers phi + Omega.
BOOST_AUTO_TEST_CASE(soft_threshold_and_projection_descend) {
  for (const auto kind : {Regularizer::Kind::l1, Regularizer::Kind::nonnegative}) {
    Layer layer;
    const Regularizer omega{kind, 0.5};
    if (kind == Regularizer::Kind::nonnegative) {
      layer.W = arma::abs(layer.W);
      layer.WA = layer.W * layer.A;
      linear_residual(layer.WA, layer.b, layer.z, layer.E);
    }
    double last = layer.phi(layer.W, layer.A) + regularizer_value(omega, layer.W);
    for (int k = 0; k < 200; ++k) {
      linear_residual(layer.WA, layer.b, layer.z, layer.E);
      weight_step({}, omega, c, mu, 1, layer.A, layer.E, layer.W, layer.WA, layer.workspace);
      const double now = layer.phi(layer.W, layer.A) + regularizer_value(omega, layer.W);
      BOOST_TEST(now <= last + 1e-12);
      last = now;
    }
    const arma::mat r = layer.W * layer.A + arma::repmat(layer.b, 1, 9) - layer.z;
    const arma::mat g = c * r * layer.A.t() + mu * layer.W;
    for (arma::uword i = 0; i < g.n_elem; ++i) {
      const double w = layer.W[i];
      if (kind == Regularizer::Kind::l1) {
        BOOST_TEST((w == 0 ? std::abs(g[i]) <= 0.5 + 1e-6 : std::abs(g[i] + (w > 0 ? 0.5 : -0.5)) < 1e-6));
      } else {
        BOOST_TEST(w >= 0);
        BOOST_TEST((w == 0 ? g[i] >= -1e-6 : std::abs(g[i]) < 1e-6));
      }
    }
  }
}

/// The fused pair of steps on the first layer is two single steps, for every rule.
BOOST_DATA_TEST_CASE(double_weight_step_is_two_weight_steps, std::vector<int>({0, 1, 2}), kind) {
  const StepRule rule{static_cast<StepRule::Kind>(kind), 0.5, 2};
  Layer one;
  Layer two;
  DoubleWeightStep<double> fused;
  fused.initialize(two.A, 5);
  const auto reports = fused.step(rule, c, mu, two.A, two.E, two.W, two.WA);
  for (const StepReport& report : reports) {
    linear_residual(one.WA, one.b, one.z, one.E);
    const StepReport single = weight_step(rule, {}, c, mu, 1, one.A, one.E, one.W, one.WA, one.workspace);
    BOOST_TEST(single.tau == report.tau, boost::test_tools::tolerance(1e-10));
    BOOST_TEST(single.gradient_norm2 == report.gradient_norm2, boost::test_tools::tolerance(1e-10));
  }
  BOOST_TEST(arma::abs(one.W - two.W).max() < 1e-12);
  BOOST_TEST(arma::abs(one.WA - two.WA).max() < 1e-11);
}

BOOST_AUTO_TEST_SUITE_END()
