/// A solver that goes on from a checkpoint has the bits of one that nobody disturbed: every registered method, its presets and what
/// changes its state, from random iterations, in both precisions.

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <map>
#include <random>

#include "solvers/solver.hpp"
#include "tests/support/forgetful_solver.hpp"
#include "tests/support/memory_archive.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;
using namespace admmbench::testing;

BOOST_AUTO_TEST_SUITE(checkpoint_test)

namespace {

struct Setting {
  std::string preset;
  std::map<std::string, std::string> params;
};

/// All presets (of the released schedules, which differ in numbers, one), and what else brings state into being. Those that a method
/// does not have are left out by configured_as().
std::vector<Setting> settings_of(const SolverInfo& info) {
  std::vector<Setting> settings{{}};
  for (const Preset& preset : info.presets) {
    if (!preset.name.starts_with("released-") || preset.name == "released-cora")
      settings.push_back({preset.name, {}});
  }
  const std::vector<std::map<std::string, std::string>> changes{
      {{"step.rule", "lipschitz"}},
      {{"step.rule", "backtracking"}},
      {{"batch_size", "7"}},
      {{"batch_size", "7"}, {"momentum", "0.9"}},
      {{"rho_rule.kind", "released"}, {"rho_rule.patience", "1"}},
      {{"decay", "gradient"}, {"mu", "0.01"}, {"step.rule", "lipschitz"}},
      {{"regularizer.kind", "l1"}},
      {{"regularizer.kind", "sparse"}, {"batch_size", "7"}},
      {{"sweep", "forward"}},
      {{"quantize", "pq"}},
      {{"threads", "2"}},
      {{"base", "dladmm"}},
      {{"base", "pdadmm"}},
      {{"variables", "weights"}},
      {{"safeguard.merit", "residual"}},
      {{"safeguard.merit", "residual"}, {"base", "pdadmm"}, {"type", "1"}},
      {{"growth", "1.05"}},
      {{"splitting", "two"}},
      {{"average.decay", "0.9"}}};
  for (const auto& change : changes) settings.push_back({"", change});
  return settings;
}

/// Empty if the method has no such parameters.
std::unique_ptr<ConfiguredSolver> configured_as(const SolverInfo& info, const Setting& setting) {
  std::unique_ptr<ConfiguredSolver> method = info.make_default();
  if (!setting.preset.empty()) method->apply_preset(setting.preset);
  SetParameters setter(setting.params);
  try {
    method->visit(setter);
    setter.finish();
  } catch (const std::invalid_argument&) {
    return nullptr;
  } catch (const std::out_of_range&) {  // another word for the same key
    return nullptr;
  }
  return method;
}

/// Everything that can be seen of a solver, as bytes.
template <class T>
class Seen final : public StateVisitor<T> {
 public:
  explicit Seen(const Solver<T>& solver) {
    solver.visit_state(*this);
    for (const auto& W : solver.network().W) matrix("network", W);
    for (const auto& b : solver.network().b) vector("network", b);
    const Diagnostics now = solver.diagnostics();
    add(now.objective.value_or(0));
    add(now.residual.value_or(0));
    for (const auto& [name, value] : now.named) add(value);
  }
  void matrix(std::string_view name, const arma::Mat<T>& value) override {
    bytes += std::string(name) + std::to_string(value.n_rows);
    bytes.append(reinterpret_cast<const char*>(value.memptr()), value.n_elem * sizeof(T));
  }
  void vector(std::string_view name, const arma::Col<T>& value) override {
    bytes += std::string(name);
    bytes.append(reinterpret_cast<const char*>(value.memptr()), value.n_elem * sizeof(T));
  }
  std::string bytes;

 private:
  void add(double value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }
};

/// The first iteration after `saved_at` at which a restored solver differs from an undisturbed one; 0: none up to `last`.
template <class T>
long first_difference(const ConfiguredSolver& method, const Problem<T>& problem, long saved_at, long last) {
  const auto started = [&] {
    std::unique_ptr<Solver<T>> solver = method.make<T>();
    solver->initialize(problem, solver->initial_network(problem, 3), 3);
    return solver;
  };
  const auto undisturbed = started();
  for (long k = 1; k <= saved_at; ++k) undisturbed->step();
  SavedInMemory archive;
  undisturbed->archive(archive);
  const auto resumed = started();
  RestoredFromMemory from(archive.saved);
  resumed->archive(from);
  BOOST_TEST(from.at_end());
  if (Seen<T>(*undisturbed).bytes != Seen<T>(*resumed).bytes) return saved_at;
  for (long k = saved_at + 1; k <= last; ++k) {
    undisturbed->step();
    resumed->step();
    if (Seen<T>(*undisturbed).bytes != Seen<T>(*resumed).bytes) return k;
  }
  return 0;
}

/// Wide and low: W_1 is held in the span of the inputs.
template <class T>
Problem<T> graph_like() {
  Problem<T> problem = small_problem<T>({30, 6, 5, 3}, 12, Loss::cross_entropy);
  problem.gram = input_gram(problem);
  return problem;
}

template <class T>
void check_all(const std::string& only = {}) {
  std::mt19937 moments(1);
  long checked = 0;
  for (const SolverInfo& info : registered_solvers()) {
    if (info.name == "forgetful" || (!only.empty() && info.name != only)) continue;
    for (const Setting& setting : settings_of(info)) {
      const auto method = configured_as(info, setting);
      if (!method) continue;
      const bool staged = setting.preset == "released-cora";  // 2, 5 and 10 layers, 200 iterations each
      std::vector<Problem<T>> problems;
      if (staged) {
        problems.push_back(small_problem<T>({8, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3}, 15, Loss::cross_entropy));
      } else {
        problems.push_back(small_problem<T>({6, 5, 4, 3}, 40, Loss::cross_entropy));
        problems.push_back(graph_like<T>());
        problems.push_back(small_problem<T>({6, 5, 2}, 30, Loss::squared, Activation::tanh));
      }
      for (Problem<T>& problem : problems) {
        problem.iterations = staged ? 600 : 40;
        const std::vector<long> at = staged ? std::vector<long>{150, 260, 430}
                                            : std::vector<long>{1 + static_cast<long>(moments() % 20)};
        for (const long k : at) {
          const long difference = first_difference(*method, problem, k, k + 12);
          std::string shown = setting.preset;
          for (const auto& [key, value] : setting.params) shown += fmt::format(" {}={}", key, value);
          BOOST_TEST(difference == 0, info.name << " " << shown << ", saved after iteration " << k
                                                << ", differs in iteration " << difference);
          ++checked;
        }
      }
    }
  }
  BOOST_TEST_MESSAGE("resumed trajectories compared: " << checked);
  BOOST_TEST(checked > (only.empty() ? 200 : 10));
}

const RegisterSolver<NoParameters, Forgetful> registered("forgetful", "hides its velocity", "a test", {}, {});

}  // namespace

BOOST_AUTO_TEST_CASE(resumed_float64_trajectories_are_undisturbed) { check_all<double>(); }

BOOST_AUTO_TEST_CASE(resumed_float32_trajectories_are_undisturbed) { check_all<float>(); }

BOOST_AUTO_TEST_CASE(forgotten_state_is_noticed_in_the_next_iteration) {
  const auto method = find_solver("forgetful")->make_default();
  const Problem<double> problem = small_problem<double>({6, 5, 3}, 40, Loss::cross_entropy);
  BOOST_TEST(first_difference(*method, problem, 5, 10) == 6);
}

BOOST_AUTO_TEST_CASE(a_cut_archive_is_refused) {
  const Problem<double> problem = small_problem<double>({6, 5, 3}, 40, Loss::cross_entropy);
  const auto method = find_solver("adam")->make_default();
  const auto solver = method->make<double>();
  solver->initialize(problem, solver->initial_network(problem, 3), 3);
  SavedInMemory archive;
  solver->archive(archive);
  RestoredFromMemory cut(archive.saved.substr(0, archive.saved.size() - 8));
  BOOST_CHECK_THROW(solver->archive(cut), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
