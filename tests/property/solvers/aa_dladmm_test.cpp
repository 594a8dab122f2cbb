/// What Anderson acceleration around a base map must keep: the map itself for m = 0, and its merit.

#include "solvers/aa_dladmm/aa_dladmm.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"
#include "tests/support/teacher_student.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(aa_dladmm_test)
using admmbench::testing::configured;
using admmbench::testing::named;
using admmbench::testing::SolverState;
using admmbench::testing::teacher_student;

namespace {

using Values = std::map<std::string, std::string>;

const std::vector<std::string> bases{"dlam", "dladmm", "pdadmm"};

/// A regime in which the base's objective descends: dladmm rho > 2.6 H, pdadmm rho > 4 nu, dlam with fixed eps.
Values descending(const std::string& base) {
  Values values{{"rho", "5"}, {"mu", "0.01"}};
  if (base == "dlam") {
    values["eps.initial"] = values["eps.floor"] = "0.1";
    values["eps.factor"] = "1";
  } else {
    values["nu"] = "1";
  }
  return values;
}

template <class T>
std::unique_ptr<Solver<T>> accelerated(const std::string& base, const Values& base_values, Values values,
                                       const Problem<T>& problem, std::uint64_t seed = 1) {
  values["base"] = base;
  for (const auto& [name, value] : base_values) values["base_params." + name] = value;
  auto solver = configured(find_solver("aa_dladmm"), values)->template make<T>();
  solver->initialize(problem, gaussian_network<T>(problem.widths, seed), seed);
  return solver;
}

template <class T>
std::unique_ptr<Solver<T>> plain(const std::string& base, Values base_values, const Problem<T>& problem,
                                 std::uint64_t seed = 1) {
  base_values.try_emplace("step.rule", "lipschitz");
  auto solver = configured(find_solver(base), base_values)->template make<T>();
  solver->initialize(problem, gaussian_network<T>(problem.widths, seed), seed);
  return solver;
}

template <class T>
bool same_state(const Solver<T>& one, const Solver<T>& other) {
  const SolverState<T> left(one);
  const SolverState<T> right(other);
  if (left.variables.size() != right.variables.size()) return false;
  for (const auto& [name, value] : left.variables) {
    const auto& matching = right.variables.at(name);
    if (arma::size(value) != arma::size(matching) || !arma::all(arma::vectorise(value == matching)))
      return false;
  }
  return true;
}

/// More features than samples, so that the bases hold W_1 implicitly.
template <class T>
Problem<T> wide_problem() {
  auto problem = testing::small_problem<T>({60, 7, 6, 3}, 20, Loss::cross_entropy);
  problem.gram = input_gram(problem);
  return problem;
}

template <class T>
void check_memory_zero() {
  for (const std::string& base : bases) {
    for (const Problem<T>& problem : {teacher_student<T>(3), wide_problem<T>()}) {
      const auto wrapped = accelerated<T>(base, descending(base), {{"m", "0"}}, problem);
      const auto bare = plain<T>(base, descending(base), problem);
      for (int k = 0; k < 12; ++k) {
        BOOST_TEST_CONTEXT(base << ", iteration " << k) {
          BOOST_TEST(same_state(*wrapped, *bare));
          BOOST_TEST(wrapped->diagnostics().objective.value() == bare->diagnostics().objective.value());
        }
        wrapped->step();
        bare->step();
      }
      // Negative control: the acceleration does change the iterates.
      const auto real = accelerated<T>(base, descending(base), {}, problem);
      for (int k = 0; k < 12; ++k) real->step();
      BOOST_TEST(!same_state(*real, *bare));
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(memory_zero_is_bit_identical_to_the_base_map_float64) { check_memory_zero<double>(); }
BOOST_AUTO_TEST_CASE(memory_zero_is_bit_identical_to_the_base_map_float32) { check_memory_zero<float>(); }

/// Writing its own values back into a base map changes nothing but the rounding of the cached products.
BOOST_AUTO_TEST_CASE(blocks_are_the_whole_state) {
  const auto problem = teacher_student<double>(2);
  for (const std::string& base : bases) {
    const auto one = plain<double>(base, descending(base), problem, 1);
    const auto other = plain<double>(base, descending(base), problem, 2);
    auto& from = dynamic_cast<FixedPointSolver<double>&>(*one);
    auto& to = dynamic_cast<FixedPointSolver<double>&>(*other);
    for (int k = 0; k < 5; ++k) one->step();
    auto source = from.blocks();
    auto target = to.blocks();
    BOOST_REQUIRE(source.size() == target.size());
    for (std::size_t b = 0; b < source.size(); ++b) {
      BOOST_TEST(source[b].name == target[b].name);
      std::copy(source[b].values.begin(), source[b].values.end(), target[b].values.begin());
    }
    to.variables_changed();
    for (int k = 0; k < 3; ++k) {
      one->step();
      other->step();
    }
    const SolverState<double> left(*one);
    const SolverState<double> right(*other);
    for (const auto& [name, value] : left.variables) {
      BOOST_TEST_CONTEXT(base << " " << name) {
        BOOST_TEST(arma::norm(value - right.variables.at(name), "fro") <=
                   1e-9 * (1 + arma::norm(value, "fro")));
      }
    }
  }
}

/// Where the base's objective descends, so does the accelerated one's: a point is accepted only if its merit does not
/// exceed that of the last accepted one. The safeguard is needed for that: it refuses points here.
BOOST_AUTO_TEST_CASE(the_merit_never_rises_under_the_monotone_safeguard) {
  for (const std::string& base : bases) {
    for (const char* variables : {"state", "weights"}) {
      double refused = 0;
      double accepted = 0;
      for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const auto problem = teacher_student<double>(seed);
        const auto solver =
            accelerated<double>(base, descending(base), {{"variables", variables}}, problem, seed);
        double last = solver->diagnostics().objective.value();
        for (int k = 0; k < 150; ++k) {
          solver->step();
          const double merit = solver->diagnostics().objective.value();
          BOOST_TEST_CONTEXT(base << " " << variables << ", iteration " << k + 1) {
            BOOST_TEST(merit <= last + 1e-12 * std::abs(last));
          }
          last = merit;
        }
        refused += named(solver->diagnostics(), "aa_rejected_safeguard");
        accepted += named(solver->diagnostics(), "aa_accepted");
      }
      BOOST_TEST_CONTEXT(base << " " << variables) {
        BOOST_TEST(refused > 0);
        BOOST_TEST(accepted > 0);
      }
    }
  }
}

/// Negative control of the previous case: the same acceleration without a safeguard lets the merit rise.
BOOST_AUTO_TEST_CASE(without_the_safeguard_the_merit_rises) {
  const auto problem = teacher_student<double>(1);
  for (const std::string& base : bases) {
    const auto solver = plain<double>(base, descending(base), problem);
    auto& map = dynamic_cast<FixedPointSolver<double>&>(*solver);
    const auto blocks = map.blocks();
    const auto gather = [&] {
      std::vector<double> all;
      for (const auto& block : blocks) all.insert(all.end(), block.values.begin(), block.values.end());
      return all;
    };
    std::vector<double> x = gather();
    std::vector<double> candidate(x.size());
    Anderson<double> anderson;
    anderson.initialize({}, x.size());
    int rises = 0;
    double last = map.objective();
    for (int k = 0; k < 150; ++k) {
      x = gather();
      map.step();
      const std::vector<double> g = gather();
      if (anderson.apply(x, g, candidate)) {
        anderson.safeguard(true);
        auto in = candidate.begin();
        for (const auto& block : blocks) {
          for (double& value : block.values) value = *in++;
        }
        map.variables_changed();
      }
      const double merit = map.objective();
      if (merit > last + 1e-6 * std::abs(last)) ++rises;
      last = merit;
    }
    BOOST_TEST_CONTEXT(base) { BOOST_TEST(rises > 0); }
  }
}

/// Merit residual: a refused iteration leaves the state as it was, a served one shows G at an accepted point, whose
/// residual did not exceed the last accepted one where the point was accelerated.
BOOST_AUTO_TEST_CASE(a_refusal_by_residual_goes_back_to_the_last_accepted_state) {
  for (const std::string& base : bases) {
    const auto problem = teacher_student<double>(4);
    const auto solver =
        accelerated<double>(base, descending(base), {{"safeguard.merit", "residual"}}, problem);
    int refusals = 0;
    for (int k = 0; k < 80; ++k) {
      const SolverState<double> before(*solver);
      const double refused = named(solver->diagnostics(), "aa_rejected_safeguard");
      solver->step();
      if (named(solver->diagnostics(), "aa_rejected_safeguard") == refused) continue;
      ++refusals;
      const SolverState<double> after(*solver);
      for (const auto& [name, value] : before.variables) {
        BOOST_TEST_CONTEXT(base << " " << name) {
          BOOST_TEST(arma::all(arma::vectorise(value == after.variables.at(name))));
        }
      }
    }
    BOOST_TEST_CONTEXT(base) {
      BOOST_TEST(refusals > 0);
      BOOST_TEST(named(solver->diagnostics(), "aa_accepted") > 0);
    }
  }
}

/// A history of one map says nothing about another one: while eps shrinks no point is accelerated.
BOOST_AUTO_TEST_CASE(a_change_of_the_map_clears_the_history) {
  const auto problem = teacher_student<double>(5);
  const auto solver = accelerated<double>(
      "dlam", {{"rho", "5"}, {"eps.initial", "1"}, {"eps.factor", "0.5"}, {"eps.floor", "0.03125"}}, {},
      problem);
  for (int k = 1; k <= 12; ++k) {
    solver->step();
    const auto diagnostics = solver->diagnostics();
    const double attempts = named(diagnostics, "aa_accepted") + named(diagnostics, "aa_rejected");
    // eps changes in iterations 1 to 5; 6 and 7 give the first two pairs of the map that stays.
    BOOST_TEST((attempts > 0) == (k >= 7));
  }
}

/// dlam: the accelerated a_l lies in its band after the projection.
BOOST_AUTO_TEST_CASE(accelerated_points_are_projected_onto_the_band) {
  const auto problem = teacher_student<double>(6);
  const auto solver = accelerated<double>("dlam", descending("dlam"), {}, problem);
  for (int k = 0; k < 60; ++k) {
    solver->step();
    const SolverState<double> state(*solver);
    for (const arma::uword l : {1U, 2U}) {
      const arma::mat gap = state("a", l) - arma::clamp(state("z", l), 0.0, arma::datum::inf);
      BOOST_TEST(arma::abs(gap).max() <= 0.1 + 1e-12);
    }
  }
  BOOST_TEST(named(solver->diagnostics(), "aa_accepted") > 0);
}

BOOST_AUTO_TEST_CASE(the_base_steps_by_lipschitz_unless_told_otherwise) {
  const auto problem = teacher_student<double>(7);
  for (const std::string& base : bases) {
    const auto usual = accelerated<double>(base, descending(base), {{"m", "0"}}, problem);
    Values exact = descending(base);
    exact["step.rule"] = "exact";
    const auto other = accelerated<double>(base, exact, {{"m", "0"}}, problem);
    const auto exact_base = plain<double>(base, exact, problem);
    for (int k = 0; k < 3; ++k) {
      usual->step();
      other->step();
      exact_base->step();
    }
    BOOST_TEST(!same_state(*usual, *other));
    BOOST_TEST(same_state(*other, *exact_base));
  }
}

BOOST_AUTO_TEST_SUITE_END()
