/// Greedy stages: shapes, hand-over values, penalties per stage, impossible plans.

#include "solvers/pdadmm/greedy_stages.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "solvers/pdadmm/pdadmm_g.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(greedy_stages_test)
using arma::uword;
using testing::SolverState;

namespace {

const std::vector<uword> widths = {6, 9, 9, 9, 9, 3};  // five layers

PdadmmGParameters staged() {
  PdadmmGParameters p;
  p.rho = p.nu = 0.3;
  p.mu = 0.7;
  p.stages.layers = {2, 4, 5};
  p.stages.iterations = {3, 2, 1};
  p.stages.rho = {0.1, 0.2, 0.4};
  p.stages.mu = {0.5, 0.25, 0};
  return p;
}

bool equal(const arma::mat& a, const arma::mat& b) { return arma::approx_equal(a, b, "absdiff", 0); }

}  // namespace

BOOST_AUTO_TEST_CASE(depth_follows_the_plan) {
  const auto problem = testing::small_problem<double>(widths, 30, Loss::cross_entropy);
  PdadmmG<double> solver(staged());
  solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
  const std::vector<uword> expected = {2, 2, 2, 2, 4, 4, 5, 5, 5};
  for (std::size_t k = 0; k < expected.size(); ++k) {
    if (k > 0) solver.step();
    BOOST_TEST(solver.network().layers() == expected[k]);
    BOOST_TEST(testing::named(solver.diagnostics(), "layers") == static_cast<double>(expected[k]));
    const double rho = expected[k] == 2 ? 0.1 : expected[k] == 4 ? 0.2 : 0.4;
    BOOST_TEST(testing::named(solver.diagnostics(), "rho") == rho);
    // The net of every stage can be evaluated as it is.
    ForwardWorkspace<double> workspace;
    const Evaluation evaluation = evaluate(solver.network(), problem, *problem.train, workspace);
    BOOST_TEST(std::isfinite(evaluation.mean_loss));
  }
}

/// The first stage starts from the prefix of the given net and its output layer.
BOOST_AUTO_TEST_CASE(first_stage_is_the_prefix) {
  const auto problem = testing::small_problem<double>(widths, 30, Loss::cross_entropy);
  const auto full = gaussian_network<double>(widths, 1);
  PdadmmG<double> solver(staged());
  solver.initialize(problem, full, 1);
  BOOST_TEST(equal(solver.network().W[0], full.W[0]));
  BOOST_TEST(equal(solver.network().b[0], full.b[0]));
  BOOST_TEST(equal(solver.network().W[1], full.W[4]));
  const SolverState<double> state(solver);
  BOOST_TEST(equal(state("p", 2), state("q", 1)));
  BOOST_TEST(arma::abs(state("z", 2)).max() == 0);  // while layers are still to come
}

/// Growing keeps the trained layers and adds the identity, whatever the widths; outputs are drawn or the identity.
BOOST_AUTO_TEST_CASE(growing_keeps_and_adds) {
  const std::vector<uword> uneven = {6, 9, 7, 8, 4, 3};
  const auto full = gaussian_network<double>(uneven, 1);
  const auto two = first_stage(full, uneven, 2, 1, Start::independent);
  BOOST_TEST(two.layers() == 2);
  BOOST_TEST(two.W[1].n_rows == 3);
  BOOST_TEST(two.W[1].n_cols == 9);
  BOOST_TEST(two.b[1].n_elem == 3);
  const auto four = grow(two, uneven, 4, 1, false, 1, Start::independent);
  BOOST_TEST(four.layers() == 4);
  BOOST_TEST(equal(four.W[0], two.W[0]));
  BOOST_TEST(equal(four.W[1], arma::eye(7, 9)));
  BOOST_TEST(equal(four.W[2], arma::eye(8, 7)));
  BOOST_TEST(arma::abs(four.b[2]).max() == 0);
  BOOST_TEST(four.W[3].n_cols == 8);
  BOOST_TEST(arma::stddev(arma::vectorise(four.W[3])) > 0.03);
  const auto five = grow(four, uneven, 5, 2, true, 1, Start::independent);
  BOOST_TEST(equal(five.W[2], four.W[2]));
  BOOST_TEST(equal(five.W[4], arma::eye(3, 4)));
  BOOST_TEST(arma::abs(five.b[4]).max() == 0);
}

/// At a hand-over layers below the old output keep W, b, z, q, p; u restarts at zero; the new net computes, before its
/// first step, what the kept layers computed: identity layers pass non-negative activations on.
BOOST_AUTO_TEST_CASE(added_layers_pass_activations_on) {
  const auto problem = testing::small_problem<double>(widths, 30, Loss::cross_entropy);
  PdadmmGParameters p = staged();
  p.stages.iterations = {3, 1, 1};
  PdadmmG<double> short_stage(p);
  p.stages.layers = {2, 5};
  p.stages.iterations = {4};
  p.stages.rho = {0.1};
  p.stages.mu = {0.5};
  PdadmmG<double> long_stage(p);
  short_stage.initialize(problem, gaussian_network<double>(widths, 1), 1);
  long_stage.initialize(problem, gaussian_network<double>(widths, 1), 1);
  for (int k = 0; k < 3; ++k) {
    short_stage.step();
    long_stage.step();
  }
  // The same 2-layer stage so far, then one net grows and the other does not.
  BOOST_TEST(equal(short_stage.network().W[0], long_stage.network().W[0]));
  const long before = short_stage.map_version();
  short_stage.step();
  BOOST_TEST(short_stage.map_version() > before);
  BOOST_TEST(short_stage.network().layers() == 4);
  BOOST_TEST(long_stage.network().layers() == 2);
}

/// Control: staged training is another method than training all layers at once.
BOOST_AUTO_TEST_CASE(stages_change_the_result) {
  const auto problem = testing::small_problem<double>(widths, 30, Loss::cross_entropy);
  PdadmmGParameters p = staged();
  PdadmmG<double> in_stages(p);
  p.stages = {};
  PdadmmG<double> at_once(p);
  in_stages.initialize(problem, gaussian_network<double>(widths, 1), 1);
  at_once.initialize(problem, gaussian_network<double>(widths, 1), 1);
  for (int k = 0; k < 10; ++k) {
    in_stages.step();
    at_once.step();
  }
  BOOST_TEST(in_stages.network().layers() == at_once.network().layers());
  BOOST_TEST(!arma::approx_equal(in_stages.network().W[1], at_once.network().W[1], "absdiff", 1e-3));
}

/// The released continuation multiplies rho by 10 up to the cap, not before the fourth iteration of a
/// stage, and starts anew at the next stage.
BOOST_AUTO_TEST_CASE(released_continuation_raises_rho) {
  const auto problem = testing::small_problem<double>(widths, 30, Loss::cross_entropy);
  PdadmmGParameters p;
  p.stages.layers = {2, 5};
  p.stages.iterations = {30};
  p.stages.rho = {1e-5};
  p.continuation.kind = RhoContinuation::Kind::released;
  p.continuation.drop = {1e3};  // no drop is ever large enough
  PdadmmG<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
  const auto rho = [&] { return testing::named(solver.diagnostics(), "rho"); };
  for (int stage = 0; stage < 2; ++stage) {
    for (int k = 1; k <= 30; ++k) {
      solver.step();
      const double expected = k < 4 ? 1e-5 : std::min(1.0, 1e-5 * std::pow(10, k - 3));
      BOOST_TEST(std::abs(rho() - expected) < 1e-12 * expected);
    }
  }
  p.continuation.drop = {-1e3};  // any cost passes for a drop
  PdadmmG<double> content(p);
  content.initialize(problem, gaussian_network<double>(widths, 1), 1);
  for (int k = 0; k < 30; ++k) content.step();
  BOOST_TEST(testing::named(content.diagnostics(), "rho") == 1e-5);
}

/// drop, after and cap of each stage: a stage that is always content keeps rho, the others raise it once a step after so many
/// of their own iterations, each up to its own cap.
BOOST_AUTO_TEST_CASE(every_stage_has_its_own_continuation) {
  const auto problem = testing::small_problem<double>(widths, 30, Loss::cross_entropy);
  PdadmmGParameters p;
  p.stages.layers = {2, 4, 5};
  p.stages.iterations = {12};
  p.stages.rho = {1e-5, 1e-4, 1e-3};
  p.continuation.kind = RhoContinuation::Kind::released;
  p.continuation.drop = {1e3, -1e3, 1e3};
  p.continuation.after = {2, 1, 7};
  p.continuation.cap = {1e-2, 1, 1e-1};
  PdadmmG<double> solver(p);
  solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
  for (std::size_t stage = 0; stage < 3; ++stage) {
    for (int k = 1; k <= 12; ++k) {
      solver.step();
      const long raises = stage == 1 ? 0 : std::max(0L, k - p.continuation.after[stage]);
      const double raised = p.stages.rho[stage] * std::pow(10, raises);
      const double expected = stage == 1 ? 1e-4 : std::min(p.continuation.cap[stage], raised);
      BOOST_TEST(std::abs(testing::named(solver.diagnostics(), "rho") - expected) < 1e-12 * expected);
    }
  }
}

/// The released presets of -Q: in the last stage rho stays for 21 iterations and never exceeds 1e-3, in the one before it
/// rises to 1 (the code's cap there; 0.01 is its drop).
BOOST_AUTO_TEST_CASE(released_presets_of_q) {
  const auto solver = find_solver("pdadmm_gq")->make_default();
  BOOST_REQUIRE(solver->apply_preset("released-cora"));
  struct : ParameterVisitor {
    std::map<std::string, std::vector<double>> lists;
    std::string quantize;
    void member(const Member& member) override {
      if (const auto* group = std::get_if<kind::Group>(&member.kind)) group->visit(*this);
      if (const auto* reals = std::get_if<kind::Reals>(&member.kind))
        lists[std::string(member.name)] = reals->values;
      if (const auto* longs = std::get_if<kind::Integers>(&member.kind))
        lists[std::string(member.name)] = {longs->values.begin(), longs->values.end()};
      if (const auto* word = std::get_if<kind::Word>(&member.kind);
          word != nullptr && member.name == "quantize")
        quantize = word->words.at(static_cast<std::size_t>(word->index));
    }
  } found;
  solver->visit(found);
  BOOST_TEST(found.lists.at("drop") == std::vector<double>({1e-3, 1e-2, 1e-3}),
             boost::test_tools::per_element());
  BOOST_TEST(found.lists.at("after") == std::vector<double>({3, 3, 21}), boost::test_tools::per_element());
  BOOST_TEST(found.lists.at("cap") == std::vector<double>({1, 1, 1e-3}), boost::test_tools::per_element());
  BOOST_TEST(found.quantize == "q");
  BOOST_REQUIRE(solver->apply_preset("paper"));
  solver->visit(found);
  BOOST_TEST(found.quantize == "p");
}

BOOST_AUTO_TEST_CASE(lists_that_do_not_fit_the_stages_are_refused) {
  const auto problem = testing::small_problem<double>(widths, 30, Loss::cross_entropy);
  const auto message = [&](auto change) -> std::string {
    PdadmmGParameters p;
    p.stages.layers = {2, 4, 5};
    p.continuation.kind = RhoContinuation::Kind::released;
    change(p.continuation);
    PdadmmG<double> solver(p);
    try {
      solver.initialize(problem, gaussian_network<double>(widths, 1), 1);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return {};
  };
  BOOST_TEST(message([](RhoContinuation& c) { c.drop = {1, 2, 3}; }).empty());
  const std::string wrong = ": has 2 values for 3 stages; needs one value, or one per stage";
  BOOST_TEST(message([](RhoContinuation& c) { c.drop = {1, 2}; }) == "continuation.drop" + wrong);
  BOOST_TEST(message([](RhoContinuation& c) { c.after = {1, 2}; }) == "continuation.after" + wrong);
  BOOST_TEST(message([](RhoContinuation& c) { c.cap = {1, 2}; }) == "continuation.cap" + wrong);
}

BOOST_AUTO_TEST_CASE(impossible_plans_are_refused) {
  const auto refused = [](auto change) {
    StagePlan plan;
    plan.layers = {2, 5};
    change(plan);
    BOOST_CHECK_THROW(plan.check(5), std::invalid_argument);
  };
  StagePlan good;
  good.layers = {2, 5};
  BOOST_CHECK_NO_THROW(good.check(5));
  BOOST_CHECK_NO_THROW(StagePlan{}.check(5));
  refused([](StagePlan& p) { p.layers = {2, 4}; });
  refused([](StagePlan& p) { p.layers = {5, 2}; });
  refused([](StagePlan& p) { p.layers = {1, 5}; });
  refused([](StagePlan& p) { p.layers = {2.5, 5}; });
  refused([](StagePlan& p) { p.iterations = {}; });
  refused([](StagePlan& p) { p.iterations = {1, 2, 3}; });
  refused([](StagePlan& p) { p.iterations = {0}; });
  refused([](StagePlan& p) { p.rho = {1, 2, 3}; });
  refused([](StagePlan& p) { p.rho = {-1}; });
  refused([](StagePlan& p) { p.mu = {-1}; });
}

BOOST_AUTO_TEST_SUITE_END()
