/// Networks of one layer: softmax or least-squares regression with every method for which that makes sense. The others say why not.

#include <boost/test/unit_test.hpp>
#include <set>

#include "solvers/solver.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(one_layer_test)

namespace {

/// Mean training loss before and after `iterations`.
template <class T>
std::pair<double, double> losses(const SolverInfo& info, const Problem<T>& problem, int iterations) {
  const auto solver = info.make_default()->template make<T>();
  solver->initialize(problem, solver->initial_network(problem, 1), 1);
  ForwardWorkspace<T> workspace;
  const auto loss = [&] { return evaluate(solver->network(), problem, *problem.train, workspace).mean_loss; };
  const double before = loss();
  for (int k = 0; k < iterations; ++k) solver->step();
  solver->diagnostics();
  return {before, loss()};
}

/// N > n_0, and N < n_0/2 with W_1 in the span of x.
template <class T>
std::vector<Problem<T>> problems() {
  std::vector<Problem<T>> result;
  for (const Loss loss : {Loss::cross_entropy, Loss::squared}) {
    for (const auto& [features, samples] : {std::pair{6U, 90U}, std::pair{50U, 20U}}) {
      result.push_back(testing::small_problem<T>({features, 3}, samples, loss));
      result.back().gram = input_gram(result.back());
      result.back().iterations = 30;
    }
  }
  return result;
}

/// What makes no sense without a hidden layer.
const std::set<std::string> refusing{"am_adam", "gorth", "mono_forward", "muon", "pdadmm_gq", "proxprop"};

template <class T>
void check() {
  for (const SolverInfo& info : registered_solvers()) {
    if (info.name == "forgetful") continue;  // checkpoint_test's own
    for (const Problem<T>& problem : problems<T>()) {
      BOOST_TEST_CONTEXT(info.name << ", " << problem.widths.front() << " features, "
                                   << to_string(problem.loss)) {
        if (refusing.contains(info.name)) {
          BOOST_CHECK_EXCEPTION(losses(info, problem, 1), std::invalid_argument, [](const std::exception& e) {
            return std::string(e.what()).find("one layer") != std::string::npos;
          });
          continue;
        }
        const auto [before, after] = losses(info, problem, 30);
        BOOST_TEST(std::isfinite(after));
        BOOST_TEST(after < before);
      }
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_method_trains_it_or_says_why_not_in_float64) { check<double>(); }
BOOST_AUTO_TEST_CASE(every_method_trains_it_or_says_why_not_in_float32) { check<float>(); }

/// Of gram_tp's controls that which trains the hidden layers alone would train nothing; that of the output layer trains all.
BOOST_AUTO_TEST_CASE(a_control_without_anything_to_train_refuses) {
  const auto problem = testing::small_problem<double>({6, 3}, 40, Loss::squared);
  const auto start = [&](const std::string& train) {
    const auto solver = testing::configured(find_solver("gram_tp"), {{"train", train}})->make_float64();
    solver->initialize(problem, solver->initial_network(problem, 1), 1);
  };
  BOOST_CHECK_THROW(start("hidden"), std::invalid_argument);
  BOOST_CHECK_NO_THROW(start("last_layer"));
}

BOOST_AUTO_TEST_SUITE_END()
