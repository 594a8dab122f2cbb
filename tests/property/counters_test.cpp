#define BOOST_TEST_MODULE counters
/// An iteration costs what docs/performance.md says: the formulas are written out here once more, from the algorithms and
/// not from the code, and have to be met exactly.

#include "core/counters.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/panels.hpp"
#include "core/worker_pool.hpp"
#include "solvers/dladmm.hpp"
#include "solvers/mdlam.hpp"
#include "solvers/pdadmm.hpp"
#include "solvers/solver.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

namespace {

using Widths = std::vector<arma::uword>;
using Count = std::uint64_t;

/// N > n_0 with two hidden layers of different widths, a deeper network, and N < n_0/2.
const std::vector<Widths> shapes = {{7, 11, 5, 3}, {9, 6, 8, 10, 4}, {90, 12, 6, 3}};
constexpr arma::uword N = 40;

/// P_l = 2 n_l n_{l-1} N, one product of layer l.
Count P(const Widths& n, arma::uword l) { return 2 * Count(n[l]) * n[l - 1] * N; }
Count w(const Widths& n, arma::uword l) { return Count(n[l]) * n[l - 1]; }  ///< entries of W_l
Count M(const Widths& n, arma::uword l) { return Count(n[l]) * N; }         ///< entries of z_l
arma::uword L(const Widths& n) { return n.size() - 1; }
template <class Term>
Count sum(arma::uword from, arma::uword to, Term term) {
  Count total = 0;
  for (arma::uword l = from; l <= to; ++l) total += term(l);
  return total;
}

/// One iteration's counts after some others: in the first ones a block may still fit exactly, and stop at its gradient.
template <class T>
Counters cost(Solver<T>& solver, const Problem<T>& problem, int before = 2) {
  solver.initialize(problem, gaussian_network<T>(problem.widths, 3), 1);
  for (int k = 0; k < before; ++k) solver.step();
  Counters counters;
  const Counting counting(counters);
  solver.step();
  return counters;
}

template <class T>
std::unique_ptr<Solver<T>> by_name(std::string_view name) {
  return find_solver(name)->make_default()->template make<T>();
}

/// Cost of a registered method with default parameters.
template <class T>
Counters cost(std::string_view name, const Problem<T>& problem) {
  const auto solver = by_name<T>(name);
  return cost(*solver, problem);
}

template <class T>
Problem<T> problem_of(const Widths& n, bool implicit) {
  auto problem = testing::small_problem<T>(n, N, Loss::cross_entropy);
  if (implicit) problem.gram = input_gram(problem);
  return problem;
}

/// Whether W_1 is held in the span of x: 2 N <= n_0 and the harness has made the Gram matrix.
bool spans(const Widths& n, bool implicit) { return implicit && 2 * N <= n[0]; }

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_is_counted_unless_asked_for) {
  BOOST_TEST(active_counters() == nullptr);
  const arma::mat A(3, 4, arma::fill::ones);
  arma::mat C(3, 3);
  Counters counters;
  {
    const Counting counting(counters);
    BOOST_TEST(active_counters() == &counters);
    gemm(Op::none, Op::transpose, 1.0, A, A, 0.0, C);
  }
  gemm(Op::none, Op::transpose, 1.0, A, A, 0.0, C);
  BOOST_TEST(counters.products == 1U);
  BOOST_TEST(counters.product_flops == 2U * 3 * 3 * 4);
  BOOST_TEST(active_counters() == nullptr);
}

BOOST_AUTO_TEST_CASE(passes_and_inner_iterations_are_told_apart) {
  arma::fmat A(5, 6, arma::fill::ones);
  Counters counters;
  std::vector<Product> log;
  counters.log = &log;
  const Counting counting(counters);
  for_entries(traffic<float>(1, 1), A, [&](std::size_t i) { A[i] += 1; });
  BOOST_TEST(counters.passes == 1U);
  BOOST_TEST(counters.pass_bytes == 2U * 4 * 30);
  arma::fmat C(5, 5);
  {
    const InnerIteration trial;
    for_entries(traffic<float>(2, 1), A, [&](std::size_t i) { A[i] += 1; });
    gemm(Op::none, Op::transpose, 1.F, A, A, 0.F, C);
  }
  BOOST_TEST(counters.passes == 1U);
  BOOST_TEST(counters.iterative_bytes == 3U * 4 * 30);
  BOOST_TEST(counters.iterative_flops == 2U * 5 * 5 * 6);
  BOOST_TEST(counters.products == 0U);
  BOOST_REQUIRE(log.size() == 1);
  BOOST_TEST((log[0] == Product{false, true, 5, 5, 6, false}));
}

/// dladmm: W_L, and every hidden W_l, twice; W_1 twice in a row; every a_l twice. Two products each, but layer 1's two
/// steps share E x^T and one update of W_1 x (N > n_0), or stay in N x N (2 N <= n_0).
BOOST_DATA_TEST_CASE(dladmm_costs_what_the_formulas_say,
                     boost::unit_test::data::make({0, 1, 2}) * boost::unit_test::data::make({false, true}),
                     shape, implicit) {
  const Widths& n = shapes[static_cast<std::size_t>(shape)];
  const Counters found = cost<float>("dladmm", problem_of<float>(n, implicit));
  Count first = 4 * P(n, 1);
  Count first_products = 4;
  if (spans(n, implicit)) {
    first = 2 * 2 * Count(n[1]) * N * N;
    first_products = 2;
  } else if (N > n[0]) {
    first = 2 * P(n, 1) + 2 * 2 * Count(n[1]) * n[0] * n[0];
  }
  BOOST_TEST(found.product_flops == first + 8 * sum(2, L(n), [&](auto l) { return P(n, l); }));
  BOOST_TEST(found.products == first_products + 8 * (L(n) - 1));
  BOOST_TEST(found.iterative_flops == 0U);
}

/// Bytes of dladmm's passes with an explicit W_1 and no shared steps (n_0/2 < N <= n_0 is such a case).
BOOST_AUTO_TEST_CASE(dladmm_moves_what_the_formulas_say) {
  const Widths n = {50, 12, 9, 6, 3};
  const Count entries = 38 * M(n, 1) + sum(2, L(n) - 1, [&](auto l) { return 52 * M(n, l); }) +
                        58 * M(n, L(n)) + 8 * sum(1, L(n), [&](auto l) { return w(n, l); });
  BOOST_TEST(cost<float>("dladmm", problem_of<float>(n, true)).pass_bytes == 4 * entries);
  BOOST_TEST(cost<double>("dladmm", problem_of<double>(n, true)).pass_bytes == 8 * entries);
}

BOOST_DATA_TEST_CASE(last_layer_costs_what_the_formulas_say, boost::unit_test::data::make({0, 1, 2}), shape) {
  const Widths& n = shapes[static_cast<std::size_t>(shape)];
  const Counters found = cost<double>("last_layer", problem_of<double>(n, true));
  BOOST_TEST(found.product_flops == 4 * P(n, L(n)));
}

/// dlam: every W_l once (two products; one of n_1 N^2 if W_1 is in the span of x) and every a_l once (two, and trials
/// where the band clips).
BOOST_DATA_TEST_CASE(dlam_costs_what_the_formulas_say,
                     boost::unit_test::data::make({0, 1, 2}) * boost::unit_test::data::make({false, true}),
                     shape, implicit) {
  const Widths& n = shapes[static_cast<std::size_t>(shape)];
  MdlamParameters p;
  p.accelerate = false;
  p.rho = 0.8;
  p.eps = {1, 0.6, 0.01};  // the band has to narrow before the hidden blocks no longer fit exactly
  Mdlam<double> solver(p);
  const Counters found = cost(solver, problem_of<double>(n, implicit), 8);
  const Count first = spans(n, implicit) ? 2 * Count(n[1]) * N * N : 2 * P(n, 1);
  BOOST_TEST(found.product_flops == first + 4 * sum(2, L(n), [&](auto l) { return P(n, l); }));
}

/// mdlam: as dlam, and one product for every extrapolated W_l and a_l; none for W_1 in the span of x. (A redone block costs
/// its step once more: the test takes an iteration without.)
BOOST_DATA_TEST_CASE(mdlam_costs_what_the_formulas_say, boost::unit_test::data::make({false, true}),
                     implicit) {
  const Widths& n = shapes[2];
  MdlamParameters p;
  p.rho = 0.5;
  p.eps = {0.1, 0.5, 0.001};
  const auto problem = problem_of<double>(n, implicit);
  Mdlam<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(n, 3), 1);
  const auto redos = [&] {
    for (const auto& [name, value] : solver.diagnostics().named)
      if (name == "safeguard_redos") return value;
    return -1.0;
  };
  for (int k = 0; k < 60; ++k) {
    const double before = redos();
    Counters found;
    {
      const Counting counting(found);
      solver.step();
    }
    if (k < 2 || redos() != before) continue;  // omega is 0 in the first two
    const Count first = spans(n, implicit) ? 2 * Count(n[1]) * N * N : 3 * P(n, 1);
    BOOST_TEST(found.product_flops == first + 6 * sum(2, L(n), [&](auto l) { return P(n, l); }));
    return;
  }
  BOOST_FAIL("no iteration without a redone block");
}

/// pdadmm: every p_l (l > 1) and every W_l once, two products each; W_1 in the span of x one of n_1 N^2.
BOOST_DATA_TEST_CASE(pdadmm_costs_what_the_formulas_say,
                     boost::unit_test::data::make({0, 1, 2}) * boost::unit_test::data::make({false, true}) *
                         boost::unit_test::data::make({1, 3}),
                     shape, implicit, threads) {
  const Widths& n = shapes[static_cast<std::size_t>(shape)];
  const auto problem = problem_of<float>(n, implicit);
  PdadmmParameters p;
  p.rho = 0.5;
  p.nu = 0.3;
  p.threads = threads;
  Pdadmm<float> solver(p);
  const Counters found = cost(solver, problem);
  const bool in_span = spans(n, implicit);
  const Count first = in_span ? 2 * Count(n[1]) * N * N : 2 * P(n, 1);
  BOOST_TEST(found.product_flops == first + 4 * sum(2, L(n), [&](auto l) { return P(n, l); }));
  BOOST_TEST(found.products == (in_span ? 1U : 2U) + 4 * (L(n) - 1));
  if (!in_span) {
    const Count entries = 30 * M(n, 1) + sum(2, L(n) - 1, [&](auto l) { return 37 * M(n, l); }) +
                          22 * M(n, L(n)) + 4 * sum(1, L(n), [&](auto l) { return w(n, l); });
    BOOST_TEST(found.pass_bytes == 4 * entries);
  }
}

/// Back-propagation: forward, weight gradients, and the way back from layer L to 2; an epoch of batches costs the same.
BOOST_DATA_TEST_CASE(gradient_methods_cost_what_the_formulas_say,
                     boost::unit_test::data::make({"sgd", "adam", "adagrad", "adadelta", "rmsprop"}) *
                         boost::unit_test::data::make({0, 1, 2}),
                     name, shape) {
  const Widths& n = shapes[static_cast<std::size_t>(shape)];
  const Count expected = 3 * sum(1, L(n), [&](auto l) { return P(n, l); }) - P(n, 1);
  BOOST_TEST(cost<float>(name, problem_of<float>(n, true)).product_flops == expected);
}

BOOST_AUTO_TEST_CASE(adam_moves_what_the_formulas_say) {
  const Widths n = {7, 11, 5, 3};
  const Count entries = sum(1, L(n) - 1, [&](auto l) { return 7 * M(n, l); }) + 6 * M(n, L(n)) +
                        7 * sum(1, L(n), [&](auto l) { return w(n, l) + n[l]; });
  BOOST_TEST(cost<float>("adam", problem_of<float>(n, false)).pass_bytes == 4 * entries);
}

/// Taylor's ADMM is cubic where N < n: Gram matrices of side k = min(n_{l-1}, N) are built and factorised for every hidden
/// layer's pseudo-inverse (layer 1's input never changes), one of side n_l for every a_l.
BOOST_DATA_TEST_CASE(admm_taylor_costs_what_the_formulas_say, boost::unit_test::data::make({0, 1}), shape) {
  // Widths that shrink: a hidden a_l of full rank, so that no pseudo-inverse falls back on eigenvectors.
  const Widths n = shape == 0 ? Widths{7, 11, 5, 3} : Widths{9, 7, 6, 5, 4};
  const Counters found = cost<double>("admm_taylor", problem_of<double>(n, false));
  Count products = 0;
  Count solves = 0;
  for (arma::uword l = 1; l <= L(n); ++l) {
    const Count k = n[l - 1];              // N > n here
    if (l > 1) products += 2 * k * k * N;  // Gram matrix
    if (l > 1) solves += k * k * k / 3;
    products += 2 * P(n, l);  // A Z^T, and W A
    solves += 2 * k * k * n[l];
  }
  for (arma::uword l = 1; l < L(n); ++l) {
    products += 2 * Count(n[l]) * n[l] * n[l + 1] + P(n, l + 1);  // W^T W, W^T z
    solves += Count(n[l]) * n[l] * n[l] / 3 + 2 * Count(n[l]) * n[l] * N;
  }
  BOOST_TEST(found.product_flops == products);
  BOOST_TEST(found.solve_flops == solves);
}

/// The negative control: a method with one needless product per layer does not meet dladmm's formula.
BOOST_AUTO_TEST_CASE(an_extra_product_is_found) {
  class Wasteful final : public Dladmm<double> {
   public:
    using Dladmm<double>::Dladmm;
    void step() override {
      Dladmm<double>::step();
      this->recombine();
    }

   private:
    void recombine() {
      const arma::mat& W = this->network().W[1];
      arma::mat waste(W.n_rows, W.n_rows);
      gemm(Op::none, Op::transpose, 1.0, W, W, 0.0, waste);
    }
  };
  const Widths& n = shapes[0];
  Wasteful wasteful{DladmmParameters{}};
  const auto problem = problem_of<double>(n, false);
  const Counters found = cost(wasteful, problem);
  const Counters right = cost<double>("dladmm", problem);
  BOOST_TEST(found.product_flops == right.product_flops + 2 * Count(n[2]) * n[2] * n[1]);
  BOOST_TEST(found.products == right.products + 1);
}

/// Whoever works for the caller counts for the caller.
BOOST_AUTO_TEST_CASE(workers_count_for_their_caller) {
  WorkerPool pool(4);
  Counters counters;
  const Counting counting(counters);
  for (int phase = 0; phase < 50; ++phase) {
    pool.for_each(9, [](std::size_t index, std::size_t) {
      count_product({false, false, index + 1, 1, 1, false});
      count_pass(10);
    });
  }
  BOOST_TEST(counters.products == 50U * 9);
  BOOST_TEST(counters.product_flops == 50U * 2 * 45);
  BOOST_TEST(counters.pass_bytes == 50U * 90);
}
