#include "solvers/dladmm/dladmm.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/compute/counters.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(dladmm_test)

namespace {

/// Iterations, from the second on, in which the augmented Lagrangian rose by more than rounding.
template <class Method, class Parameters>
int increases(const Parameters& parameters, Loss loss, std::uint64_t seed, int iterations) {
  const auto problem = testing::small_problem<double>({6, 12, 12, 3}, 60, loss, Activation::relu, seed);
  Method solver(parameters);
  solver.initialize(problem, gaussian_network<double>(problem.widths, seed), seed);
  solver.step();
  double last = solver.diagnostics().objective.value();
  int count = 0;
  for (int k = 1; k < iterations; ++k) {
    solver.step();
    const double now = solver.diagnostics().objective.value();
    if (now > last + 1e-10 * (1 + std::abs(last))) ++count;
    last = now;
  }
  return count;
}

DladmmParameters parameters_with(double rho, double nu) {
  DladmmParameters p;
  p.rho = rho;
  p.nu = nu;
  return p;
}

/// Operations of the matrix products of the sixth iteration: the forward sweep alone moves what is at fault in the output down
/// by one layer per iteration, and a block that fits already costs one product, not two.
std::uint64_t product_flops(const DladmmParameters& parameters, const Problem<double>& problem) {
  Dladmm<double> solver(parameters);
  solver.initialize(problem, solver.initial_network(problem, 1), 1);
  for (int k = 0; k < 5; ++k) solver.step();
  Counters counters;
  const Counting counting(counters);
  solver.step();
  return counters.product_flops;
}

}  // namespace

/// KDD'19 Theorem 4.2 with the corrected constant rho > (1 + sqrt 17)/2 H (docs/methods/dladmm.md#theory-and-where-it-holds): for cross entropy H
/// <= 1/2, for squared loss H = 1, so rho = 3 suffices for both. The first iteration is excluded by the
/// theorem's own condition u = -grad R(z_L), which holds after it; every z_L is solved to optimality.
BOOST_DATA_TEST_CASE(augmented_lagrangian_descends_for_large_rho,
                     std::vector<int>({0, 1}) * std::vector<int>({1, 2, 3}), loss, seed) {
  BOOST_TEST(increases<Dladmm<double>>(parameters_with(3, 1), static_cast<Loss>(loss), std::uint64_t(seed),
                                       150) == 0);
}

/// Negative control: far below the bound the same test finds many increases.
BOOST_DATA_TEST_CASE(and_rises_for_small_rho, std::vector<int>({1, 2, 3}), seed) {
  BOOST_TEST(increases<Dladmm<double>>(parameters_with(1e-6, 10), Loss::squared, std::uint64_t(seed), 150) >
             50);
}

/// The dual identity behind the theorem: after z_L and u, u = -grad R(z_L).
BOOST_AUTO_TEST_CASE(dual_is_minus_the_gradient_of_the_loss) {
  struct Dual final : StateVisitor<double> {
    arma::mat z, u;
    void matrix(std::string_view name, const arma::mat& value) override {
      if (name == "z3") z = value;
      if (name == "u") u = value;
    }
    void vector(std::string_view, const arma::vec&) override {}
  };
  const auto problem = testing::small_problem<double>({6, 8, 8, 3}, 40, Loss::cross_entropy);
  Dladmm<double> solver(parameters_with(0.5, 0.1));
  solver.initialize(problem, gaussian_network<double>(problem.widths, 1), 1);
  for (int k = 0; k < 20; ++k) {
    solver.step();
    Dual state;
    solver.visit_state(state);
    arma::mat g(arma::size(state.z));
    loss_gradient(Loss::cross_entropy, state.z, problem.targets(), 1.0, g);
    BOOST_TEST(arma::abs(state.u + g).max() < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(residual_vanishes_in_the_convergent_regime) {
  const auto problem = testing::small_problem<double>({6, 8, 3}, 40, Loss::squared);
  Dladmm<double> solver(parameters_with(3, 1));
  solver.initialize(problem, gaussian_network<double>(problem.widths, 1), 1);
  solver.step();
  const double early = solver.diagnostics().residual.value();
  for (int k = 0; k < 500; ++k) solver.step();
  BOOST_TEST(solver.diagnostics().residual.value() < 1e-4 * early);
}

/// The control's promise: hidden weights never move, the output layer does.
BOOST_AUTO_TEST_CASE(last_layer_control_leaves_hidden_weights_alone) {
  const auto problem = testing::small_problem<double>({6, 8, 8, 3}, 40, Loss::cross_entropy);
  const auto start = gaussian_network<double>(problem.widths, 1);
  const auto control = find_solver("last_layer")->make_default()->make<double>();
  const auto full = find_solver("dladmm")->make_default()->make<double>();
  control->initialize(problem, start, 1);
  full->initialize(problem, start, 1);
  for (int k = 0; k < 10; ++k) {
    control->step();
    full->step();
  }
  for (std::size_t l = 0; l < 2; ++l) {
    BOOST_TEST(arma::abs(control->network().W[l] - start.W[l]).max() == 0);
    BOOST_TEST(arma::abs(full->network().W[l] - start.W[l]).max() > 0);
  }
  BOOST_TEST(arma::abs(control->network().W[2] - start.W[2]).max() > 0);
}

/// Released rule: rho is multiplied by 10 up to 0.1, and never falls.
BOOST_AUTO_TEST_CASE(released_rho_rule_is_monotone_and_capped) {
  const auto problem = testing::small_problem<double>({6, 8, 8, 3}, 40, Loss::cross_entropy);
  DladmmParameters p = parameters_with(1e-6, 10);
  p.rho_rule.kind = RhoRule::Kind::released;
  p.rho_rule.patience = 1;
  Dladmm<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(problem.widths, 1), 1);
  double last = 1e-6;
  for (int k = 0; k < 300; ++k) {
    solver.step();
    const double rho = solver.diagnostics().named.at(0).second;
    BOOST_TEST(rho >= last);
    BOOST_TEST(rho <= 0.1);
    last = rho;
  }
  BOOST_TEST(last > 1e-6);
}

/// A block twice is 8 products for l >= 2 and 4 for l = 1 (n_0/2 < N <= n_0); a block once is half of that.
BOOST_AUTO_TEST_CASE(the_forward_sweep_alone_costs_half) {
  const auto problem = testing::small_problem<double>({6, 8, 7, 3}, 5, Loss::squared);
  DladmmParameters p = parameters_with(1, 1);
  const std::uint64_t others = 2 * (8 * 7 + 7 * 3) * 5;
  const std::uint64_t first = 2 * (6 * 8) * 5;
  BOOST_TEST(product_flops(p, problem) == 8 * others + 4 * first);
  p.sweep = Sweep::forward;
  BOOST_TEST(product_flops(p, problem) == 4 * others + 2 * first);
}

/// In the convergent regime the forward sweep alone gets to a feasible point, too, and to another one after few iterations.
BOOST_AUTO_TEST_CASE(the_forward_sweep_alone_converges) {
  const auto problem = testing::small_problem<double>({6, 8, 3}, 40, Loss::squared);
  const auto residual = [&](Sweep sweep, int iterations) {
    DladmmParameters p = parameters_with(3, 1);
    p.sweep = sweep;
    Dladmm<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(problem.widths, 1), 1);
    for (int k = 0; k < iterations; ++k) solver.step();
    return solver.diagnostics().residual.value();
  };
  BOOST_TEST(residual(Sweep::forward, 500) < 1e-3 * residual(Sweep::forward, 2));
  BOOST_TEST(residual(Sweep::forward, 2) != residual(Sweep::both, 2));
}

/// Without biases they are 0 from the start, whatever is given, and products cost the same. Control: with them they move.
BOOST_AUTO_TEST_CASE(biases_can_be_left_out) {
  const auto problem = testing::small_problem<double>({6, 8, 8, 3}, 40, Loss::cross_entropy);
  const auto largest = [&](bool bias) {
    DladmmParameters p = parameters_with(1, 1);
    p.bias = bias;
    Dladmm<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(problem.widths, 1), 1);
    for (int k = 0; k < 3; ++k) solver.step();
    double value = 0;
    for (const arma::vec& b : solver.network().b) value = std::max(value, arma::abs(b).max());
    return value;
  };
  BOOST_TEST(largest(false) == 0);
  BOOST_TEST(largest(true) > 0);
  DladmmParameters p = parameters_with(1, 1);
  const std::uint64_t with = product_flops(p, problem);
  p.bias = false;
  BOOST_TEST(product_flops(p, problem) == with);
}

BOOST_AUTO_TEST_SUITE_END()
