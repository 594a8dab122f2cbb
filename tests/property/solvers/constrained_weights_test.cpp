/// Weights that are constrained are so after every iteration, to the bit, and every step is one to a point of the set.

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/blocks/linear_residual.hpp"
#include "core/blocks/weight_step.hpp"
#include "core/compute/linalg.hpp"
#include "core/problem/regularizer.hpp"
#include "tests/support/descent.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(constrained_weights_test)
using testing::Values;

namespace {

using Kind = Regularizer::Kind;

struct Method {
  std::string name;
  Values values;
  friend std::ostream& operator<<(std::ostream& out, const Method& m) {
    for (const auto& [parameter, value] : m.values) out << parameter << " " << value << ", ";
    return out << m.name;
  }
};

const std::vector<Method> methods{
    {"dladmm", {}},
    {"dladmm", {{"step.rule", "backtracking"}}},
    {"dlam", {}},
    {"mdlam", {{"mu", "0.01"}}},
    {"mdlam", {{"mu", "0.01"}, {"decay", "gradient"}}},
    {"pdadmm", {}},
    {"pdadmm_g", {}},
    {"pdadmm_gq", {{"quantize", "q"}}},
    {"sgd", {{"learning_rate", "0.1"}, {"batch_size", "16"}, {"momentum", "0.9"}}},
    {"adam", {{"learning_rate", "0.02"}, {"batch_size", "16"}}},
    {"adam", {{"decoupled", "true"}, {"mu", "0.01"}}}};
const std::vector<Values> constraints{
    {{"regularizer.kind", "non_negative"}},
    {{"regularizer.kind", "sparse"}, {"regularizer.share", "0.3"}},
    {{"regularizer.kind", "levels"}, {"regularizer.levels", "7"}, {"regularizer.spacing", "0.4"}}};

Regularizer regularizer_of(const Values& constraint) {
  Regularizer omega;
  const std::string& kind = constraint.at("regularizer.kind");
  omega.kind = kind == "sparse" ? Kind::sparse : kind == "levels" ? Kind::levels : Kind::nonnegative;
  omega.share = 0.3;
  omega.levels = 7;
  omega.spacing = 0.4;
  return omega;
}

/// Iterations of five after which a layer's weights are not a point of the set, or not finite.
int violations(const Method& method, const Values& values, const Regularizer& omega) {
  const auto problem = testing::small_problem<double>({6, 8, 7, 3}, 60, Loss::cross_entropy);
  Values all = method.values;
  all.insert(values.begin(), values.end());
  const auto solver = testing::started(method.name, all, problem);
  int count = 0;
  for (int k = 0; k < 5; ++k) {
    solver->step();
    bool violated = false;
    for (const arma::mat& W : solver->network().W) {
      arma::mat nearest = W;
      project(omega, nearest);
      violated |= !arma::approx_equal(nearest, W, "absdiff", 0) || !W.is_finite();
    }
    count += violated ? 1 : 0;
  }
  return count;
}

}  // namespace

BOOST_DATA_TEST_CASE(every_iterate_is_in_the_set, methods, method) {
  for (const Values& constraint : constraints)
    BOOST_TEST(violations(method, constraint, regularizer_of(constraint)) == 0,
               constraint.at("regularizer.kind"));
}

/// Negative control: without the constraint none is.
BOOST_DATA_TEST_CASE(without_a_constraint_none_is, methods, method) {
  for (const Values& constraint : constraints)
    BOOST_TEST(violations(method, {}, regularizer_of(constraint)) == 5, constraint.at("regularizer.kind"));
}

namespace {

/// Rises of phi(W) = (c/2)||W A + b 1^T - z||^2 + (mu/2)||W||^2 in 60 steps from a point of the set, with tau `times` the curvature.
int rises(const Regularizer& omega, const StepRule& rule, double times) {
  constexpr double c = 1.5;
  constexpr double mu = 0.1;
  Rng rng(11);
  arma::mat A(7, 20), W(5, 7), WA(5, 20), z(5, 20), E(5, 20);
  const arma::vec b(5, arma::fill::value(0.1));
  for (arma::mat* X : {&A, &W, &z}) fill_normal(rng, 1.0, *X);
  project(omega, W);
  const auto phi = [&] {
    const arma::mat r = W * A + arma::repmat(b, 1, 20) - z;
    return 0.5 * c * arma::accu(arma::square(r)) + 0.5 * mu * arma::accu(arma::square(W));
  };
  StepWorkspace<double> workspace;
  workspace.reserve({7, 5});
  int count = 0;
  double before = phi();
  for (int k = 0; k < 60; ++k) {
    WA = W * A;
    if (times == 1) {
      linear_residual(WA, b, z, E);
      weight_step(rule, omega, c, mu, 1, A, E, W, WA, workspace);
    } else {
      const arma::mat g = c * (WA + arma::repmat(b, 1, 20) - z) * A.t() + mu * W;
      W -= g / (times * (c * arma::max(arma::eig_sym(A * A.t())) + mu));
      project(omega, W);
    }
    const double now = phi();
    count += now > before * (1 + 1e-12) ? 1 : 0;
    before = now;
  }
  return count;
}

}  // namespace

/// The step minimises a majoriser over the set, so that phi does not rise, although two of the sets are not convex.
BOOST_AUTO_TEST_CASE(a_step_to_the_set_descends) {
  for (const Values& constraint : constraints) {
    const Regularizer omega = regularizer_of(constraint);
    for (const StepRule::Kind kind :
         {StepRule::Kind::exact, StepRule::Kind::backtracking, StepRule::Kind::lipschitz})
      BOOST_TEST(rises(omega, StepRule{kind, 0.5, 2}, 1) == 0, constraint.at("regularizer.kind"));
    // Negative control: steps four times as long as the majoriser allows.
    BOOST_TEST(rises(omega, {}, 0.25) > 0, constraint.at("regularizer.kind"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
