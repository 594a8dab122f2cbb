#include "solvers/mdlam/band_step.hpp"

#include <boost/test/unit_test.hpp>

#include "core/compute/rng.hpp"
#include "solvers/mdlam/proximal_weight_step.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(band_step_test)

namespace {

const std::vector<Activation> activations{Activation::relu, Activation::leaky_relu, Activation::identity,
                                          Activation::tanh, Activation::sigmoid,    Activation::sign,
                                          Activation::step};

double apply(Activation f, double z) {
  return with_activation<double>(f, [&](auto activation) { return activation(z); });
}

arma::mat normal(Rng& rng, arma::uword rows, arma::uword columns) {
  arma::mat M(rows, columns);
  fill_normal(rng, 1.0, M);
  return M;
}

BandWorkspace<double> band_workspace(arma::uword elements) {
  BandWorkspace<double> workspace;
  workspace.residual.reserve(elements);
  workspace.gradient.reserve(elements);
  workspace.direction.reserve(elements);
  return workspace;
}

ProximalWeightWorkspace<double> weight_workspace(arma::uword elements) {
  ProximalWeightWorkspace<double> workspace;
  workspace.residual.reserve(elements);
  workspace.gradient.reserve(elements);
  workspace.direction.reserve(elements);
  return workspace;
}

}  // namespace

/// The box against the definition {z : |f(z) - a| <= eps}, on a grid of z fine against eps.
BOOST_AUTO_TEST_CASE(box_is_the_set_of_feasible_z) {
  for (const Activation f : activations) {
    for (const double eps : {0.01, 0.3, 2.5}) {
      for (double a = -3.05; a < 3.1; a += 0.1) {
        const BandBox<double> box = band_box(f, eps, a);
        bool any = false;
        for (double z = -12; z <= 12; z += 1e-3) {
          const double excess = std::abs(apply(f, z) - a) - eps;
          if (std::abs(excess) < 1e-9) continue;  // on the edge rounding decides
          any = any || excess < 0;
          if (box.empty != 0) continue;
          const bool inside = box.low <= z && z <= box.high;
          BOOST_REQUIRE_MESSAGE(inside == (excess < 0), to_string(f)
                                                            << " a " << a << " eps " << eps << " z " << z);
        }
        // A grid cannot see a box thinner than its spacing, nor one far out on a saturated tail.
        if (any) BOOST_TEST(box.empty == 0);
        if (box.empty != 0) BOOST_TEST(!any);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(empty_boxes_follow_the_documented_rule) {
  const double infinity = std::numeric_limits<double>::infinity();
  // ReLU: min(m, a + eps), so f(z) = 0.
  BandBox<double> box = band_box(Activation::relu, 0.25, -1.0);
  BOOST_TEST(box.empty == 1);
  BOOST_TEST(box.low == -infinity);
  BOOST_TEST(box.high == -0.75);
  // tanh, sigmoid: within eps of the end of the range.
  box = band_box(Activation::tanh, 0.25, -1.5);
  BOOST_TEST(box.empty == 1);
  BOOST_TEST(std::abs(std::tanh(box.high) - -0.75) < 1e-15);
  box = band_box(Activation::sigmoid, 0.25, 1.5);
  BOOST_TEST(box.empty == 1);
  BOOST_TEST(box.high == infinity);
  BOOST_TEST(std::abs(apply(Activation::sigmoid, box.low) - 0.75) < 1e-15);
  // Below rounding there is no such z: no bound, instead of an infinite z.
  box = band_box(Activation::tanh, 1e-20, -1.5);
  BOOST_TEST(box.empty == 1);
  BOOST_TEST(box.high == infinity);
}

BOOST_AUTO_TEST_CASE(z_is_the_nearest_point_of_the_box) {
  Rng rng(3);
  const arma::mat WA = 2 * normal(rng, 3, 40);
  const arma::vec b = normal(rng, 3, 1).as_col();
  const arma::mat a = normal(rng, 3, 40);
  for (const Activation f : activations) {
    constexpr double eps = 0.2;
    arma::mat z(3, 40);
    const arma::uword empty = band_preactivation_step(f, eps, WA, b, a, z);
    arma::uword expected_empty = 0;
    for (arma::uword n = 0; n < 40; ++n) {
      for (arma::uword i = 0; i < 3; ++i) {
        const double m = WA(i, n) + b[i];
        if (band_box(f, eps, a(i, n)).empty != 0) {
          ++expected_empty;
          continue;
        }
        BOOST_TEST(std::abs(apply(f, z(i, n)) - a(i, n)) <= eps + 1e-12);
        // Brute force: no feasible grid point is nearer to m.
        for (double t = -8; t <= 8; t += 1e-2) {
          if (std::abs(apply(f, t) - a(i, n)) > eps) continue;
          BOOST_REQUIRE(std::abs(z(i, n) - m) <= std::abs(t - m) + 1e-12);
        }
      }
    }
    BOOST_TEST(empty == expected_empty);
  }
}

/// The a-step: feasible, a descent of phi when it starts feasible, its cached product right, and its tau a
/// majoriser for the step it took.
BOOST_AUTO_TEST_CASE(a_step_descends_inside_the_band) {
  Rng rng(5);
  for (const Activation f : activations) {
    for (const auto kind : {StepRule::Kind::exact, StepRule::Kind::backtracking, StepRule::Kind::lipschitz}) {
      for (const double eps : {0.05, 100.0}) {
        const arma::mat W = normal(rng, 4, 6);
        const arma::vec b = normal(rng, 4, 1).as_col();
        const arma::mat z_next = normal(rng, 4, 15);
        const arma::mat z = normal(rng, 6, 15);
        arma::mat fz(6, 15);
        activate(f, z, fz);
        arma::mat a = fz + 0.04 * arma::clamp(normal(rng, 6, 15), -1.0, 1.0);
        arma::mat Wa = W * a;
        const auto phi = [&](const arma::mat& product) {
          arma::mat E = product - z_next;
          E.each_col() += b;
          return 0.5 * 3.0 * arma::accu(arma::square(E));
        };
        const double before = phi(Wa);
        auto workspace = band_workspace(6 * 15);
        SpectralState<double> ritz;
        band_input_step<double>({kind, 1e-3, 2}, f, eps, 3.0, W, b, z_next, z, a, Wa, ritz, workspace);
        BOOST_TEST(arma::abs(a - fz).max() <= eps * (1 + 1e-14));
        BOOST_TEST(arma::norm(Wa - W * a, "fro") < 1e-11);
        BOOST_TEST(phi(Wa) < before);
        const bool binding = arma::abs(a - fz).max() >= eps * (1 - 1e-12);
        BOOST_TEST(binding == (eps < 1));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_step_without_gradient_only_enters_the_band) {
  Rng rng(6);
  const arma::mat W = normal(rng, 4, 6);
  const arma::vec b(4, arma::fill::zeros);
  const arma::mat z(6, 15, arma::fill::zeros);
  const arma::mat inside = 0.1 * arma::clamp(normal(rng, 6, 15), -1.0, 1.0);
  auto workspace = band_workspace(6 * 15);
  SpectralState<double> ritz;
  const auto step_from = [&](arma::mat a, arma::mat& Wa) {
    Wa = W * a;
    const arma::mat z_next = Wa;
    band_input_step<double>({}, Activation::relu, 0.1, 1.0, W, b, z_next, z, a, Wa, ritz, workspace);
    return a;
  };
  arma::mat Wa;
  BOOST_TEST(arma::abs(step_from(inside, Wa) - inside).max() == 0.0);
  const arma::mat a = step_from(10 * inside, Wa);
  BOOST_TEST(arma::abs(a - arma::clamp(10 * inside, -0.1, 0.1)).max() == 0.0);
  BOOST_TEST(arma::norm(Wa - W * a, "fro") < 1e-12);
}

/// W+ minimises <G, W> + (theta/2)||W - W0||^2 + (mu/2)||W||^2 + Omega(W): no perturbed point does better.
/// lipschitz fixes theta = rho lambda_max(A A^T), whatever the direction.
BOOST_AUTO_TEST_CASE(weight_step_is_the_proximal_point) {
  using Kind = Regularizer::Kind;
  Rng rng(7);
  for (const Regularizer& omega :
       {Regularizer{Kind::none, 0}, Regularizer{Kind::l1, 20}, Regularizer{Kind::nonnegative, 0}}) {
    for (const double mu : {0.0, 0.7}) {
      const double rho = 2;
      const arma::mat A = normal(rng, 5, 12);
      const arma::vec b = normal(rng, 3, 1).as_col();
      const arma::mat z = normal(rng, 3, 12);
      arma::mat W0 = normal(rng, 3, 5);
      if (omega.kind == Kind::nonnegative) W0 = arma::abs(W0);
      arma::mat E = W0 * A - z;
      E.each_col() += b;
      const arma::mat G = rho * E * A.t();
      const double theta = rho * arma::max(arma::eig_sym(A * A.t()));
      const auto model = [&](const arma::mat& W) {
        return arma::accu(G % W) + theta / 2 * arma::accu(arma::square(W - W0)) +
               mu / 2 * arma::accu(arma::square(W)) + regularizer_value(omega, W);
      };
      arma::mat W = W0;
      arma::mat WA = W * A;
      SpectralState<double> ritz;
      auto workspace = weight_workspace(5 * 12);
      proximal_weight_step<double>({StepRule::Kind::lipschitz, 1, 2}, omega, rho, mu, A, b, z, W, WA, ritz,
                                   workspace);
      BOOST_TEST(arma::norm(WA - W * A, "fro") < 1e-11);
      if (omega.kind == Kind::nonnegative) BOOST_TEST(W.min() >= 0);
      if (omega.kind == Kind::l1) BOOST_TEST(arma::accu(W == 0) > 0);
      const double best = model(W);
      for (int trial = 0; trial < 300; ++trial) {
        arma::mat other = W + 0.01 * normal(rng, 3, 5);
        if (omega.kind == Kind::nonnegative) other = arma::clamp(other, 0, arma::datum::inf);
        BOOST_TEST(model(other) >= best - 1e-9);
      }
      BOOST_TEST(model(W0) > best);  // and the starting point is not that minimiser
    }
  }
}

BOOST_AUTO_TEST_CASE(weight_step_leaves_a_block_without_gradient_alone) {
  Rng rng(8);
  const arma::mat A = normal(rng, 5, 12);
  const arma::vec b(3, arma::fill::zeros);
  arma::mat W = normal(rng, 3, 5);
  const arma::mat W0 = W;
  arma::mat WA = W * A;
  const arma::mat z = WA;
  SpectralState<double> ritz;
  auto workspace = weight_workspace(5 * 12);
  proximal_weight_step<double>({}, {}, 1.0, 0.5, A, b, z, W, WA, ritz, workspace);
  BOOST_TEST(arma::abs(W - W0).max() == 0.0);  // weight decay included: docs/problem.md#step-rules
}

BOOST_AUTO_TEST_SUITE_END()
