#include "core/blocks/input_span.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/compute/linalg.hpp"
#include "solvers/dladmm/dladmm.hpp"
#include "solvers/mdlam/mdlam.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(input_span_test)

namespace {

/// 15 samples of 40 features, with a test split of 7.
Problem<double> wide_problem() {
  auto problem = testing::small_problem<double>({40, 6, 5, 3}, 15, Loss::cross_entropy);
  problem.test =
      testing::small_problem<double>({40, 6, 5, 3}, 7, Loss::cross_entropy, Activation::relu, 2).train;
  return problem;
}

}  // namespace

/// The same iterates as with W_1 held explicitly, for every rule, with and without weight decay; evaluation
/// and objective too. Both paths compute the same numbers in another order: the tolerance is rounding times
/// iterations.
BOOST_DATA_TEST_CASE(dladmm_with_an_implicit_first_layer_is_the_same_method,
                     std::vector<int>({0, 1, 2}) * std::vector<double>({0.0, 0.05}), kind, mu) {
  const auto explicit_problem = wide_problem();
  auto implicit_problem = explicit_problem;
  implicit_problem.gram = input_gram(explicit_problem);
  BOOST_REQUIRE(implicit_problem.gram != nullptr);
  DladmmParameters p;
  p.rho = 0.8;
  p.nu = 0.3;
  p.mu = mu;
  p.step = {static_cast<StepRule::Kind>(kind), 0.5, 2};
  Dladmm<double> one(p);
  Dladmm<double> other(p);
  const auto start = gaussian_network<double>(explicit_problem.widths, 4);
  one.initialize(explicit_problem, start, 0);
  other.initialize(implicit_problem, start, 0);
  ForwardWorkspace<double> workspace;
  for (int k = 0; k < 10; ++k) {
    one.step();
    other.step();
    BOOST_TEST(one.diagnostics().objective.value() == other.diagnostics().objective.value(),
               boost::test_tools::tolerance(1e-9));
    for (const auto& split : {explicit_problem.train, explicit_problem.test}) {
      arma::mat expected;
      arma::mat found;
      one.outputs(explicit_problem, *split, workspace, expected);
      other.outputs(implicit_problem, *split, workspace, found);
      BOOST_TEST(arma::abs(expected - found).max() < 1e-9 * (1 + arma::abs(expected).max()));
    }
    BOOST_TEST(arma::abs(one.network().W[0] - other.network().W[0]).max() < 1e-9);
  }
  BOOST_TEST(arma::abs(other.network().W[0] - start.W[0]).max() > 1e-3);
}

/// The same for mDLAM: both forms of weight decay, with and without acceleration (whose safeguard has to redo the step in
/// both), and in float32, where the products are recomputed while eps shrinks.
BOOST_DATA_TEST_CASE(mdlam_with_an_implicit_first_layer_is_the_same_method,
                     std::vector<int>({0, 1, 2}) * std::vector<bool>({false, true}) *
                         std::vector<bool>({false, true}),
                     kind, accelerate, gradient_decay) {
  const auto explicit_problem = wide_problem();
  auto implicit_problem = explicit_problem;
  implicit_problem.gram = input_gram(explicit_problem);
  MdlamParameters p;
  p.rho = 0.8;
  p.mu = 0.05;
  p.decay = gradient_decay ? Decay::gradient : Decay::proximal;
  p.accelerate = accelerate;
  p.eps = {1, 0.6, 0.01};
  p.step = {static_cast<StepRule::Kind>(kind), 0.5, 2};
  Mdlam<double> one(p);
  Mdlam<double> other(p);
  const auto start = gaussian_network<double>(explicit_problem.widths, 4);
  one.initialize(explicit_problem, start, 0);
  other.initialize(implicit_problem, start, 0);
  ForwardWorkspace<double> workspace;
  for (int k = 0; k < 12; ++k) {
    one.step();
    other.step();
    const Diagnostics expected = one.diagnostics();
    const Diagnostics found = other.diagnostics();
    BOOST_TEST(expected.objective.value() == found.objective.value(), boost::test_tools::tolerance(1e-9));
    BOOST_TEST(expected.named == found.named);  // eps, empty boxes and redone blocks
    for (const auto& split : {explicit_problem.train, explicit_problem.test}) {
      arma::mat left;
      arma::mat right;
      one.outputs(explicit_problem, *split, workspace, left);
      other.outputs(implicit_problem, *split, workspace, right);
      BOOST_TEST(arma::abs(left - right).max() < 1e-9 * (1 + arma::abs(left).max()));
    }
    BOOST_TEST(arma::abs(one.network().W[0] - other.network().W[0]).max() < 1e-9);
  }
  BOOST_TEST(arma::abs(other.network().W[0] - start.W[0]).max() > 1e-3);
}

BOOST_AUTO_TEST_CASE(norm_without_forming) {
  auto problem = wide_problem();
  problem.gram = input_gram(problem);
  arma::mat W = gaussian_network<double>(problem.widths, 1).W[0];
  arma::mat WA = W * problem.x();
  InputSpan<double> implicit;
  implicit.initialize(problem, W, WA);
  Rng rng(3);
  arma::mat E(6, 15);
  for (int k = 0; k < 3; ++k) {
    fill_normal(rng, 1.0, E);
    implicit.step({}, 0.7, 0.1, E, WA);
  }
  implicit.form(W);
  BOOST_TEST(implicit.norm2(WA) == norm2(W), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(arma::abs(WA - W * problem.x()).max() < 1e-12);
}

BOOST_AUTO_TEST_CASE(pays_only_when_there_are_fewer_samples_than_features) {
  BOOST_TEST(input_gram(testing::small_problem<double>({40, 3}, 20, Loss::squared)) != nullptr);
  BOOST_TEST(input_gram(testing::small_problem<double>({40, 3}, 21, Loss::squared)) == nullptr);
}

BOOST_AUTO_TEST_CASE(relative_change_without_forming) {
  auto problem = wide_problem();
  problem.gram = input_gram(problem);
  const auto start = gaussian_network<double>(problem.widths, 4);
  DladmmParameters p;
  p.rho = 0.8;
  p.nu = 0.3;
  p.mu = 0.05;
  Dladmm<double> solver(p);
  solver.initialize(problem, start, 0);
  for (int k = 0; k < 5; ++k) solver.step();
  const auto changes = solver.weight_changes(start);
  const auto expected = relative_changes(solver.network(), start);
  BOOST_REQUIRE(changes.size() == 3);
  for (std::size_t l = 0; l < 3; ++l)
    BOOST_TEST(changes[l] == expected[l], boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()
