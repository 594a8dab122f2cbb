/// A regulariser that does not bind leaves the step alone: rounding must not halve it.

#include <boost/test/unit_test.hpp>

#include "core/blocks/linear_residual.hpp"
#include "core/blocks/weight_step.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/rng.hpp"
#include "solvers/mdlam/proximal_weight_step.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(unbound_regularizer_test)

namespace {

constexpr arma::uword outputs = 5;
constexpr arma::uword inputs = 7;
constexpr arma::uword samples = 20;

template <class T>
struct Block {
  arma::Mat<T> A, W, WA, z;
  arma::Col<T> b;

  explicit Block(std::uint64_t seed)
      : A(inputs, samples), W(outputs, inputs), WA(outputs, samples), z(outputs, samples), b(outputs) {
    Rng rng(seed);
    fill_normal(rng, 1.0, A);
    fill_normal(rng, 0.1, W);
    W += T(10);  // no step comes near the bound of `non_negative`
    fill_normal(rng, 1.0, z);
    b.zeros();
    gemm(Op::none, Op::none, T(1), W, A, T(0), WA);
    z += WA;
  }
};

template <class T>
arma::Mat<T> after_weight_step(Block<T> block, Regularizer::Kind kind) {
  StepWorkspace<T> workspace;
  workspace.reserve({inputs, outputs});
  arma::Mat<T> E(outputs, samples);
  linear_residual(block.WA, block.b, block.z, E);
  weight_step(StepRule{}, Regularizer{kind, 0}, 1, 0, 1, block.A, E, block.W, block.WA, workspace);
  return block.W;
}

template <class T>
arma::Mat<T> after_proximal_step(Block<T> block, Regularizer::Kind kind) {
  SpectralState<T> ritz;
  ProximalWeightWorkspace<T> workspace;
  workspace.residual.reserve(outputs * samples);
  workspace.gradient.reserve(outputs * inputs);
  workspace.direction.reserve(outputs * inputs);
  proximal_weight_step(StepRule{}, Regularizer{kind, 0}, 1, 0, block.A, block.b, block.z, block.W, block.WA,
                       ritz, workspace);
  return block.W;
}

/// The largest difference that the regulariser makes, relative to the step: half of it where tau is doubled.
template <class T, class Step>
double worst_difference(Step step) {
  double worst = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Block<T> block(seed);
    const arma::Mat<T> plain = step(block, Regularizer::Kind::none);
    const arma::Mat<T> bounded = step(block, Regularizer::Kind::nonnegative);
    const double length = std::sqrt(norm2(arma::Mat<T>(plain - block.W)));
    BOOST_REQUIRE(length > 0);
    worst = std::max(worst, std::sqrt(norm2(arma::Mat<T>(plain - bounded))) / length);
  }
  return worst;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_bound_that_does_not_bind_changes_nothing) {
  // Entries of 10 and steps of the order 1 lose two digits in the difference.
  BOOST_TEST(worst_difference<double>(after_weight_step<double>) < 1e-12);
  BOOST_TEST(worst_difference<float>(after_weight_step<float>) < 1e-3);
  BOOST_TEST(worst_difference<double>(after_proximal_step<double>) < 1e-12);
  BOOST_TEST(worst_difference<float>(after_proximal_step<float>) < 1e-3);
}

/// Where it binds, the majoriser decides and another point comes out.
BOOST_AUTO_TEST_CASE(a_bound_that_binds_does) {
  Block<double> block(1);
  block.W -= 10;
  block.z *= -1;  // what W A = z asks for is negative
  gemm(Op::none, Op::none, 1.0, block.W, block.A, 0.0, block.WA);
  const arma::mat bounded = after_weight_step(block, Regularizer::Kind::nonnegative);
  BOOST_TEST(bounded.min() >= -1e-15);
  BOOST_TEST(arma::abs(bounded - after_weight_step(block, Regularizer::Kind::none)).max() > 0.01);
}

BOOST_AUTO_TEST_SUITE_END()
