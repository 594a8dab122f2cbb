/// An iteration costs what docs/performance.md says: the formulas of solvers/<method>/cost.cpp, written from the algorithms and not
/// from the code, have to be met exactly. The first cases spell the operations out once more.

#include "core/compute/counters.hpp"

#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <map>
#include <tuple>

#include "baselines/least_squares.hpp"
#include "core/compute/parallel_pass.hpp"
#include "core/compute/worker_pool.hpp"
#include "results/costs/cost_model.hpp"
#include "solvers/dladmm/dladmm.hpp"
#include "solvers/mdlam/mdlam.hpp"
#include "solvers/pdadmm/pdadmm.hpp"
#include "solvers/solver.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(counters_test)

namespace {

using Widths = std::vector<arma::uword>;
using Count = std::uint64_t;
using Precisions = std::tuple<float, double>;

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

template <class T>
CostShape cost_shape(const Widths& n, double batch = 0) {
  return {{n.begin(), n.end()}, N, batch, sizeof(T)};
}

CostOptions with_decay(bool decays) {
  CostOptions options;
  if (decays) options.decay = CostOptions::Decay::proximal;
  return options;
}

/// To the last operation and byte.
template <class T>
bool meets(const Counters& found, const IterationCost& formula) {
  return static_cast<double>(found.products) == formula.products &&
         static_cast<double>(found.product_flops) == formula.product_flops &&
         static_cast<double>(found.product_bytes) == sizeof(T) * formula.product_entries &&
         static_cast<double>(found.pass_bytes) == sizeof(T) * formula.pass_entries + formula.code_bytes &&
         static_cast<double>(found.solve_flops) == formula.solve_flops;
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
  const arma::fmat B = A;
  Counters counters;
  std::vector<Product> log;
  counters.log = &log;
  const Counting counting(counters);
  for_entries(reads(A), writes(A), [&](std::size_t i) { A[i] += 1; });
  BOOST_TEST(counters.passes == 1U);
  BOOST_TEST(counters.pass_bytes == 2U * 4 * 30);
  arma::fmat C(5, 5);
  {
    const InnerIteration trial;
    for_entries(reads(A, B), writes(A), [&](std::size_t i) { A[i] += B[i]; });
    gemm(Op::none, Op::transpose, 1.F, A, A, 0.F, C);
  }
  BOOST_TEST(counters.passes == 1U);
  BOOST_TEST(counters.iterative_bytes == 4U * (3 * 30 + 30 + 30 + 25));
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

/// Products and passes, in operations and bytes, of dladmm in its three regimes, with and without weight decay.
BOOST_AUTO_TEST_CASE_TEMPLATE(dladmm_meets_its_formulas, T, Precisions) {
  for (const Widths& n :
       std::vector<Widths>{{7, 11, 5, 3}, {9, 6, 8, 10, 4}, {50, 12, 9, 3}, {90, 12, 6, 3}}) {
    for (const double mu : {0.0, 0.1}) {
      DladmmParameters p;
      p.rho = 0.8;
      p.nu = 0.3;
      p.mu = mu;
      Dladmm<T> solver(p);
      const IterationCost formula = iteration_cost("dladmm", cost_shape<T>(n), with_decay(mu > 0));
      const Counters found = cost(solver, problem_of<T>(n, true));
      BOOST_TEST(meets<T>(found, formula));
      // The negative control: formulas that are wrong by a sweep over one small matrix, or a product's order.
      BOOST_TEST(!meets<T>(found, formula + entry_passes(static_cast<double>(M(n, L(n))))));
      IterationCost one_more = formula;
      one_more.products += 1;
      BOOST_TEST(!meets<T>(found, one_more));
      BOOST_TEST(meets<float>(found, formula) == (sizeof(T) == sizeof(float)));
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(last_layer_meets_its_formulas, T, Precisions) {
  for (const Widths& n : shapes) {
    BOOST_TEST(meets<T>(cost<T>("last_layer", problem_of<T>(n, true)),
                        iteration_cost("last_layer", cost_shape<T>(n))));
  }
}

/// What stands beside the table: squared loss, the released rule for rho, weight decay of the control.
BOOST_AUTO_TEST_CASE_TEMPLATE(dladmms_options_meet_their_formulas, T, Precisions) {
  for (const Widths& n : shapes) {
    DladmmParameters p;
    p.rho = 0.8;
    p.nu = 0.3;
    Dladmm<T> plain(p);
    p.rho_rule.kind = RhoRule::Kind::released;
    Dladmm<T> released(p);
    const auto problem = problem_of<T>(n, true);
    const Counters without = cost(plain, problem);
    const Counters with = cost(released, problem);
    const CostShape shape = cost_shape<T>(n);
    const IterationCost formula = iteration_cost("dladmm", shape);
    BOOST_TEST(meets<T>(without, formula));
    BOOST_TEST(meets<T>(
        with, formula + upper_products(shape, 1, 0) + layer_passes(shape, 6, 4, 6)));  // W_1 x is cached

    const auto regression = testing::small_problem<T>(n, N, Loss::squared);
    const auto classification = testing::small_problem<T>(n, N, Loss::cross_entropy);
    BOOST_TEST(cost(plain, regression).pass_bytes + sizeof(T) * 2 * M(n, L(n)) ==
               cost(plain, classification).pass_bytes);

    const auto control = testing::configured(find_solver("last_layer"), {{"mu", "0.1"}})->template make<T>();
    BOOST_TEST(meets<T>(cost(*control, problem), iteration_cost("last_layer", shape, with_decay(true))));
  }
}

/// dlam and mdlam, W_1 explicit or in the span of x, decay by either form; float32 computes every product anew when the
/// band has changed.
BOOST_AUTO_TEST_CASE_TEMPLATE(mdlam_meets_its_formulas, T, Precisions) {
  for (const Widths& n : shapes) {
    for (const bool accelerate : {false, true}) {
      for (const int decay : {0, 1, 2}) {  // none, proximal, in the gradient
        const bool gradient_decay = decay == 2;
        for (const bool band_changes : {false, true}) {
          MdlamParameters p;
          p.accelerate = accelerate;
          p.rho = 0.8;
          p.mu = decay > 0 ? 0.05 : 0;
          p.decay = gradient_decay ? Decay::gradient : Decay::proximal;
          p.eps = {1, 0.6, band_changes ? 1e-9 : 0.01};
          Mdlam<T> solver(p);
          const Counters found = cost(solver, problem_of<T>(n, true), 12);

          const CostShape shape = cost_shape<T>(n);
          CostOptions options = with_decay(decay > 0);
          if (gradient_decay) options.decay = CostOptions::Decay::gradient;
          IterationCost formula = iteration_cost(accelerate ? "mdlam" : "dlam", shape, options);
          if (band_changes && sizeof(T) == 4) {
            formula += upper_products(shape, 1, 0);
            formula += spans(n, true) ? matrix_product(shape.n(1), N, N, true) + entry_passes(2 * shape.M(1))
                                      : layer_products(shape, 1, 1);
          }
          BOOST_TEST_CONTEXT(n.size() << " widths from " << n[0] << ", accelerate " << accelerate
                                      << ", decay " << decay << ", band " << band_changes << ": passes "
                                      << found.pass_bytes / sizeof(T) << " of " << formula.pass_entries
                                      << ", products " << found.products << " of " << formula.products) {
            BOOST_TEST(meets<T>(found, formula));
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pdadmm_meets_its_formulas, T, Precisions) {
  for (const Widths& n : shapes) {
    for (const double mu : {0.0, 0.1}) {
      PdadmmParameters p;
      p.rho = 0.5;
      p.nu = 0.3;
      p.mu = mu;
      Pdadmm<T> solver(p);
      BOOST_TEST(meets<T>(cost(solver, problem_of<T>(n, true), 6),
                          iteration_cost("pdadmm", cost_shape<T>(n), with_decay(mu > 0))));
    }
  }
}

/// The released continuation evaluates the training cost every iteration, from the cached W_1 x on.
BOOST_AUTO_TEST_CASE_TEMPLATE(pdadmm_g_meets_its_formulas, T, Precisions) {
  for (const Widths& n : shapes) {
    const auto solver =
        testing::configured(find_solver("pdadmm_g"),
                            {{"rho", "0.5"}, {"nu", "0.3"}, {"continuation.kind", "released"}})
            ->template make<T>();
    const CostShape shape = cost_shape<T>(n);
    BOOST_TEST(meets<T>(
        cost(*solver, problem_of<T>(n, true), 6),
        iteration_cost("pdadmm_g", shape) + upper_products(shape, 1, 0) + layer_passes(shape, 4, 4, 4)));
  }
}

/// pdadmm_gq: what is sent are codes of one byte here. The trials of its p-step depend on the data.
BOOST_AUTO_TEST_CASE_TEMPLATE(pdadmm_gq_meets_its_formulas, T, Precisions) {
  for (const Widths& n : shapes) {
    for (const std::string quantize : {"p", "pq", "q"}) {
      const auto solver = testing::configured(find_solver("pdadmm_gq"), {{"rho", "0.5"},
                                                                         {"nu", "0.3"},
                                                                         {"quantize", quantize},
                                                                         {"delta.low", "-2"},
                                                                         {"delta.high", "2"},
                                                                         {"delta.levels", "200"}})
                              ->template make<T>();
      CostOptions options;
      options.quantize_p = quantize != "q";
      options.quantize_q = quantize != "p";
      BOOST_TEST(meets<T>(cost(*solver, problem_of<T>(n, true), 6),
                          iteration_cost("pdadmm_gq", cost_shape<T>(n), options)));
    }
  }
}

/// Full batch, and batches of 16: three, of which the last is smaller.
BOOST_AUTO_TEST_CASE_TEMPLATE(gradient_methods_meet_their_formulas, T, Precisions) {
  for (const std::string name :
       {"sgd", "momentum", "adam", "adagrad", "adadelta", "rmsprop", "mono_forward", "proxprop", "am_adam"}) {
    for (const Widths& n : shapes) {
      for (const bool full : {true, false}) {
        std::map<std::string, std::string> settings{{"batch_size", full ? "full" : "16"}};
        if (name != "proxprop" && name != "am_adam") settings["mu"] = "0.1";
        if (name == "momentum") settings["momentum"] = "0.9";
        const std::string method = name == "momentum" ? "sgd" : name;
        const auto solver = testing::configured(find_solver(method), settings)->template make<T>();
        CostOptions options = with_decay(true);
        options.momentum = name == "momentum";
        const IterationCost formula = iteration_cost(method, cost_shape<T>(n, full ? 0 : 16), options);
        BOOST_TEST(meets<T>(cost(*solver, problem_of<T>(n, true), 1), formula));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(admm_taylor_meets_its_formulas, T, Precisions) {
  for (const Widths& n : std::vector<Widths>{{7, 11, 5, 3}, {9, 7, 6, 5, 4}, {60, 50, 45, 3}}) {
    auto problem = testing::small_problem<T>(n, N, Loss::cross_entropy, Activation::leaky_relu);
    const auto solver =
        testing::configured(find_solver("admm_taylor"), {{"warm_up", "0"}})->template make<T>();
    const Counters found = cost(*solver, problem);
    BOOST_TEST_REQUIRE(found.iterative_flops == 0U, "a Gram matrix was singular: choose another problem");
    BOOST_TEST(meets<T>(found, iteration_cost("admm_taylor", cost_shape<T>(n))));
  }
}

/// Methods with exact least-squares fits; mac without its further trials of a step, which depend on the data.
BOOST_AUTO_TEST_CASE_TEMPLATE(exact_fits_meet_their_formulas, T, Precisions) {
  for (const std::string name : {"bcd", "sigmoid_admm", "mac"}) {
    for (const Widths& n : std::vector<Widths>{{7, 3}, {7, 11, 5, 3}, {9, 6, 8, 10, 4}, {90, 12, 6, 3}}) {
      const auto problem = testing::small_problem<T>(n, N, Loss::cross_entropy, Activation::tanh);
      const IterationCost formula = iteration_cost(name, cost_shape<T>(n));
      const Counters found = cost<T>(name, problem);
      BOOST_TEST_CONTEXT(name << ", " << n.size() << " widths from " << n[0] << ": passes "
                              << found.pass_bytes / sizeof(T) << " of " << formula.pass_entries
                              << ", products " << found.products << " of " << formula.products << ", entries "
                              << found.product_bytes / sizeof(T) << " of " << formula.product_entries
                              << ", solves " << found.solve_flops << " of " << formula.solve_flops) {
        BOOST_TEST(meets<T>(found, formula));
        BOOST_TEST(!meets<T>(found, formula + entry_passes(static_cast<double>(M(n, L(n))))));
      }
    }
  }
}

/// gram_tp without what depends on the data: the safeguard keeps the best weights when they are. Gram matrices, step lengths and
/// factorisations in every batch of three, the last smaller; in one of two batches; and with one batch of everything. The widths
/// have layers of more and of fewer outputs than a batch has samples, and of so few that they are factorised in every batch.
BOOST_AUTO_TEST_CASE_TEMPLATE(gram_tp_meets_its_formulas, T, Precisions) {
  struct Batching {
    const char* size;
    double batch;
    double observe;
  };
  for (const Widths& n : std::vector<Widths>{{7, 11, 5, 3}, {9, 6, 8, 10, 4}, {90, 25, 30, 3}}) {
    for (const Batching& batching : {Batching{"16", 16, 1}, Batching{"20", 20, 2}, Batching{"full", 0, 1}}) {
      const std::string every = std::to_string(static_cast<int>(batching.observe));
      const auto solver = testing::configured(find_solver("gram_tp"), {{"batch_size", batching.size},
                                                                       {"observe", every},
                                                                       {"refresh", every},
                                                                       {"safeguard.on", "false"}})
                              ->template make<T>();
      CostOptions options;
      options.observe = options.refresh = batching.observe;
      const IterationCost formula = iteration_cost("gram_tp", cost_shape<T>(n, batching.batch), options);
      const Counters found = cost(*solver, problem_of<T>(n, true));
      BOOST_TEST_CONTEXT(n[0] << " features, batches of " << batching.size << ": passes "
                              << found.pass_bytes / sizeof(T) << " of " << formula.pass_entries
                              << ", products " << found.products << " of " << formula.products << ", entries "
                              << found.product_bytes / sizeof(T) << " of " << formula.product_entries
                              << ", solves " << found.solve_flops << " of " << formula.solve_flops) {
        BOOST_TEST(meets<T>(found, formula));
      }
    }
  }
}

/// gorth the same way, after the first steps, which have more second moments and roots; layer 1 with more samples than inputs, and
/// fewer. The control: every second batch is not every batch.
BOOST_AUTO_TEST_CASE_TEMPLATE(gorth_meets_its_formulas, T, Precisions) {
  struct Batching {
    const char* size;
    double batch;
    double every;
  };
  for (const Widths& n : std::vector<Widths>{{7, 11, 5, 3}, {9, 6, 8, 10, 4}, {90, 25, 30, 3}}) {
    for (const Batching& batching : {Batching{"16", 16, 1}, Batching{"20", 20, 2}, Batching{"full", 0, 1}}) {
      const std::string every = std::to_string(static_cast<int>(batching.every));
      const auto solver = testing::configured(find_solver("gorth"), {{"batch_size", batching.size},
                                                                     {"observe", every},
                                                                     {"refresh", every},
                                                                     {"target_refresh", every},
                                                                     {"output_root.every", every},
                                                                     {"output_root.refresh", every},
                                                                     {"safeguard.on", "false"}})
                              ->template make<T>();
      CostOptions options;
      options.observe = options.refresh = batching.every;
      options.target_refresh = options.root_every = options.root_refresh = batching.every;
      const CostShape shape = cost_shape<T>(n, batching.batch);
      const IterationCost formula = iteration_cost("gorth", shape, options);
      const Counters found = cost(*solver, problem_of<T>(n, true), 10);
      BOOST_TEST_CONTEXT(n[0] << " features, batches of " << batching.size << ": passes "
                              << found.pass_bytes / sizeof(T) << " of " << formula.pass_entries
                              << ", products " << found.products << " of " << formula.products << ", entries "
                              << found.product_bytes / sizeof(T) << " of " << formula.product_entries
                              << ", solves " << found.solve_flops << " of " << formula.solve_flops) {
        BOOST_TEST(meets<T>(found, formula));
        options.root_every *= 2;
        BOOST_TEST(!meets<T>(found, iteration_cost("gorth", shape, options)));
      }
    }
  }
}

/// A Gram matrix that is singular to rounding costs an eigendecomposition, which depends on the data.
BOOST_AUTO_TEST_CASE(admm_taylors_fallback_is_counted_apart) {
  arma::mat A(5, N, arma::fill::randn);
  A.row(3).zeros();  // a dead unit
  const arma::mat Z(2, N, arma::fill::randn);
  arma::mat W(2, 5);
  PseudoInverse<double> inverse;
  inverse.reserve(5, N, 2);
  Counters found;
  {
    const Counting counting(found);
    inverse.factorize(A);
    inverse.apply(Z, A, W);
  }
  BOOST_TEST(found.product_flops == 2U * 5 * 5 * N + 2U * 5 * 2 * N);  // A A^T, A Z^T
  // The Gram matrix again, its eigenvectors, and twice their product with the right-hand sides.
  BOOST_TEST(found.iterative_flops == 2U * 5 * 5 * N + 9U * 5 * 5 * 5 + 2 * 2U * 5 * 5 * 2);
}

/// AA around dlam: its iteration (with step rule lipschitz an a-step has one product before its trial), then what the
/// history of k differences and the verdict cost.
BOOST_AUTO_TEST_CASE_TEMPLATE(aa_dladmm_meets_its_formulas, T, Precisions) {
  constexpr Count memory = 3;
  for (const Widths& n : shapes) {
    const auto solver = testing::configured(find_solver("aa_dladmm"), {{"m", "3"},
                                                                       {"base_params.rho", "0.8"},
                                                                       {"base_params.eps.initial", "1"},
                                                                       {"base_params.eps.factor", "0.6"},
                                                                       {"base_params.eps.floor", "0.01"}})
                            ->template make<T>();
    const auto problem = problem_of<T>(n, true);
    solver->initialize(problem, gaussian_network<T>(n, 3), 1);
    const auto refused = [&] {
      for (const auto& [name, value] : solver->diagnostics().named)
        if (name == "aa_rejected") return value;
      return -1.0;
    };
    constexpr int shrinking = 10;  // eps is 0.01 after as many iterations
    Count pairs = 0;
    Count accelerated = 0;
    for (int i = 0; i < 30; ++i) {
      const double before = refused();
      Counters found;
      {
        const Counting counting(found);
        solver->step();
      }
      if (i < shrinking) continue;
      ++pairs;
      const Count k = std::min(pairs - 1, memory);
      CostOptions options;
      options.differences = static_cast<double>(k);
      if (k > 0) ++accelerated;
      if (refused() != before) {
        options.new_points = 2;
        pairs = 0;
      }
      BOOST_TEST_CONTEXT("iteration " << i << ", k = " << k << ", width " << n[0]) {
        BOOST_TEST(meets<T>(found, iteration_cost("aa_dladmm", cost_shape<T>(n), options)));
        BOOST_TEST(found.iterative_flops > 0U);  // Lanczos, trials
      }
    }
    BOOST_TEST(accelerated > 5U);
  }
}

/// Any number of threads counts the same, and lists the same products.
BOOST_AUTO_TEST_CASE(threads_do_not_change_counts) {
  const auto problem = problem_of<double>(shapes[1], true);
  const auto counts_with = [&](long threads, std::vector<Product>& log) {
    PdadmmParameters p;
    p.rho = 0.5;
    p.nu = 0.3;
    p.step = {StepRule::Kind::lipschitz, 1, 2};  // Lanczos on the workers, too
    p.threads = threads;
    Pdadmm<double> solver(p);
    solver.initialize(problem, gaussian_network<double>(problem.widths, 3), 1);
    Counters counters;
    counters.log = &log;
    const Counting counting(counters);
    for (int k = 0; k < 5; ++k) solver.step();
    return counters;
  };
  std::vector<Product> serial_log;
  std::vector<Product> threaded_log;
  const Counters serial = counts_with(1, serial_log);
  const Counters threaded = counts_with(3, threaded_log);
  BOOST_TEST(serial.products == threaded.products);
  BOOST_TEST(serial.product_flops == threaded.product_flops);
  BOOST_TEST(serial.product_bytes == threaded.product_bytes);
  BOOST_TEST(serial.passes == threaded.passes);
  BOOST_TEST(serial.pass_bytes == threaded.pass_bytes);
  BOOST_TEST(serial.iterative_flops == threaded.iterative_flops);
  BOOST_TEST(serial.iterative_flops > 0U);
  BOOST_TEST(serial_log.size() == serial.products);
  BOOST_TEST(
      std::is_permutation(serial_log.begin(), serial_log.end(), threaded_log.begin(), threaded_log.end()));
}

/// Counters go on where they were, one iteration after the other; a copy of their own hides the outer ones.
BOOST_AUTO_TEST_CASE(counts_add_up) {
  const auto problem = problem_of<float>(shapes[0], false);
  Dladmm<float> solver{DladmmParameters{}};
  const Counters once = cost(solver, problem);
  Counters thrice;
  {
    const Counting counting(thrice);
    solver.step();
    solver.step();
    Counters other;
    {
      const Counting hidden(other);
      solver.step();
    }
    BOOST_TEST(other.product_flops == once.product_flops);
    solver.step();
  }
  BOOST_TEST(thrice.product_flops == 3 * once.product_flops);
  BOOST_TEST(thrice.pass_bytes == 3 * once.pass_bytes);
  BOOST_TEST(thrice.passes == 3 * once.passes);
}

/// Counting looks and does not touch: the same bits with and without.
BOOST_AUTO_TEST_CASE(counting_changes_no_iterate) {
  const auto problem = problem_of<float>(shapes[0], false);
  for (const SolverInfo& info : registered_solvers()) {
    const auto counted = by_name<float>(info.name);
    const auto plain = by_name<float>(info.name);
    Counters counters;
    for (auto* solver : {counted.get(), plain.get()}) {
      solver->initialize(problem, gaussian_network<float>(problem.widths, 3), 1);
    }
    for (int k = 0; k < 15; ++k) {
      const Counting counting(counters);
      counted->step();
    }
    for (int k = 0; k < 15; ++k) plain->step();
    BOOST_TEST_CONTEXT(info.name) {
      BOOST_TEST(counters.products > 0U);
      for (arma::uword l = 0; l < L(shapes[0]); ++l) {
        const arma::fmat& a = counted->network().W[l];
        const arma::fmat& b = plain->network().W[l];
        BOOST_TEST(std::memcmp(a.memptr(), b.memptr(), a.n_elem * sizeof(float)) == 0);
      }
    }
  }
}

/// Whoever works for the caller counts for the caller.
BOOST_AUTO_TEST_CASE(workers_count_for_their_caller) {
  WorkerPool pool(4);
  Counters counters;
  const Counting counting(counters);
  for (int phase = 0; phase < 50; ++phase) {
    pool.for_each(9, [](std::size_t index, std::size_t) {
      count_product({false, false, index + 1, 1, 1, false}, 8);
      count_pass(10);
    });
  }
  BOOST_TEST(counters.products == 50U * 9);
  BOOST_TEST(counters.product_flops == 50U * 2 * 45);
  BOOST_TEST(counters.pass_bytes == 50U * 90);
}

BOOST_AUTO_TEST_SUITE_END()
