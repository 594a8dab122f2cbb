/// Methods whose training samples several processes share, against the same methods in one process.

#include "tests/distributed/shared_samples.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>

#include "tests/distributed/world.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;
using namespace admmbench::testing;

namespace {

struct Case {
  std::string solver;
  std::map<std::string, std::string> parameters;
  Loss loss = Loss::cross_entropy;
  std::vector<arma::uword> widths = {6, 7, 5, 3};
  arma::uword samples = 41;  ///< no multiple of 2, 3 or 4
  long iterations = 6;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) {
    out << c.solver << " " << (c.loss == Loss::squared ? "squared" : "cross_entropy") << " N " << c.samples;
    for (const auto& [name, value] : c.parameters) out << " " << name << "=" << value;
    return out;
  }
};

std::vector<Case> all_cases() {
  const Loss squared = Loss::squared;
  std::vector<Case> cases;
  const auto add = [&](std::string solver, std::map<std::string, std::string> parameters = {},
                       Loss loss = Loss::cross_entropy) {
    cases.push_back({std::move(solver), std::move(parameters), loss});
  };
  for (const char* name :
       {"sgd", "adam", "adagrad", "adadelta", "rmsprop", "nadamw", "muon", "schedule_free"}) {
    add(name, {{"mu", "0.01"}});
    // Of three samples in a batch some processes have none.
    add(name, {{"batch_size", "3"}});
    add(name, {{"batch_size", "10"}}, squared);
  }
  // Square layers, so that the first Gram matrices have full rank: in what they do not reach SOAP's first basis is any.
  cases.push_back({"soap", {{"mu", "0.01"}}, squared, {4, 4, 4, 4}});
  cases.push_back({"soap", {{"batch_size", "16"}, {"refresh", "2"}}, squared, {4, 4, 4, 4}});
  add("lbfgs", {{"mu", "0.01"}});
  add("lbfgs", {{"line_search", "none"}, {"learning_rate", "0.2"}, {"history", "3"}}, squared);
  add("sgd", {{"momentum", "0.9"}, {"average.decay", "0.5"}, {"batch_size", "16"}});
  add("sgd", {{"batch_size", "16"}, {"regularizer.kind", "sparse"}, {"regularizer.share", "0.5"}});
  add("adam", {{"batch_size", "16"}, {"regularizer.kind", "l1"}, {"regularizer.weight", "0.01"}});
  add("dladmm", {{"rho", "1"}, {"nu", "0.5"}, {"mu", "0.01"}});
  add("dladmm", {{"rho", "1"}, {"nu", "0.5"}}, squared);
  add("dladmm", {{"rho", "1"}, {"nu", "0.5"}, {"step.rule", "backtracking"}, {"sweep", "forward"}});
  add("dladmm", {{"rho", "1"}, {"nu", "0.5"}, {"step.rule", "lipschitz"}});
  add("dladmm", {{"rho", "1"}, {"nu", "0.5"}, {"regularizer.kind", "l1"}, {"regularizer.weight", "0.01"}});
  add("dladmm", {{"rho", "1"}, {"nu", "0.5"}, {"zL.method", "fista"}});
  add("dladmm", {{"rho", "1e-3"}, {"nu", "1e-3"}, {"rho_rule.kind", "released"}, {"rho_rule.patience", "1"}});
  add("last_layer", {{"rho", "1"}, {"nu", "0.5"}});
  add("mdlam", {{"rho", "0.5"}, {"mu", "0.01"}});
  add("mdlam", {{"rho", "0.5"}, {"decay", "gradient"}, {"mu", "0.01"}}, squared);
  add("mdlam", {{"rho", "0.5"}, {"step.rule", "backtracking"}, {"eps.initial", "0.5"}});
  add("mdlam", {{"rho", "0.5"}, {"step.rule", "lipschitz"}, {"eps.initial", "0.5"}}, squared);
  add("mdlam", {{"rho", "0.5"}, {"regularizer.kind", "l1"}, {"regularizer.weight", "0.01"}});
  add("dlam", {{"rho", "0.5"}, {"eps.initial", "0.1"}});
  add("bcd");
  add("bcd", {}, squared);
  add("bcd", {{"splitting", "two"}});
  add("bcd", {{"splitting", "two"}}, squared);
  add("admm_taylor", {{"warm_up", "2"}});
  add("admm_taylor", {{"multiplier", "false"}, {"growth", "1.5"}}, squared);
  add("aa_dladmm", {{"base", "dlam"}, {"m", "3"}});
  add("aa_dladmm", {{"base", "dladmm"}, {"m", "3"}, {"base_params.rho", "1"}, {"base_params.nu", "0.5"}});
  add("aa_dladmm", {{"base", "dladmm"}, {"variables", "weights"}, {"type", "1"}, {"base_params.rho", "1"}});
  add("aa_dladmm", {{"base", "dlam"}, {"safeguard.merit", "residual"}, {"m", "2"}}, squared);
  const std::map<std::string, std::string> penalties{{"rho", "0.5"}, {"nu", "0.3"}};
  const auto add_pdadmm = [&](const char* name, std::map<std::string, std::string> parameters, Loss loss) {
    parameters.insert(penalties.begin(), penalties.end());
    add(name, std::move(parameters), loss);
  };
  add_pdadmm("pdadmm", {{"mu", "0.01"}}, Loss::cross_entropy);
  add_pdadmm("pdadmm", {{"step.rule", "backtracking"}, {"threads", "2"}}, squared);
  add_pdadmm("pdadmm", {{"step.rule", "lipschitz"}, {"zL.method", "fista"}}, Loss::cross_entropy);
  add_pdadmm("pdadmm", {{"regularizer.kind", "l1"}, {"regularizer.weight", "0.01"}}, Loss::cross_entropy);
  add_pdadmm("pdadmm_g", {{"continuation.kind", "released"}}, Loss::cross_entropy);
  for (const char* quantize : {"p", "pq", "q"}) {
    add_pdadmm("pdadmm_gq", {{"quantize", quantize}, {"delta.high", "2"}, {"delta.levels", "40"}},
               Loss::cross_entropy);
  }
  add("aa_dladmm", {{"base", "pdadmm"}, {"m", "2"}, {"base_params.rho", "0.5"}, {"base_params.nu", "0.3"}});
  add("aa_dladmm", {{"base", "pdadmm"}, {"m", "3"}});
  add("gram_tp", {{"batch_size", "10"}});
  add("gram_tp", {{"batch_size", "full"}, {"momentum", "0"}, {"mu", "0.01"}}, squared);
  add("gram_tp", {{"batch_size", "3"}, {"observe", "2"}, {"refresh", "4"}});
  add("gram_tp", {{"batch_size", "10"}, {"step.rule", "majorised"}});
  add("gorth", {{"batch_size", "10"}});
  add("gorth", {{"batch_size", "full"}, {"signal", "gradient"}, {"momentum", "0"}}, squared);
  add("gorth", {{"batch_size", "3"}, {"observe", "2"}, {"refresh", "4"}, {"output_root.every", "2"}});
  add("gorth", {{"batch_size", "10"}, {"step.rule", "majorised"}});
  add("gorth", {{"batch_size", "10"}, {"head.rule", "whitened"}, {"head.length", "0.05"}});
  // Losses that rise: the weights go back, and majorised batches follow.
  for (const char* name : {"gram_tp", "gorth"})
    add(name, {{"batch_size", "10"}, {"step.length", "9"}, {"safeguard.window", "4"}});
  // Fewer samples than inputs, and as few as there are processes.
  for (const char* name : {"dladmm", "mdlam", "bcd", "adam", "gram_tp", "gorth"})
    cases.push_back({name, {}, Loss::cross_entropy, {9, 6, 3}, 4, 4});
  return cases;
}

template <class T>
struct Serial {
  std::unique_ptr<Solver<T>> solver;
  Serial(const ConfiguredSolver& configured, const Problem<T>& problem, std::uint64_t seed)
      : solver(configured.make<T>()) {
    solver->initialize(problem, solver->initial_network(problem, seed), seed);
  }
};

template <class T>
Problem<T> problem_of(const Case& c) {
  return small_problem<T>(c.widths, c.samples, c.loss);
}

constexpr std::uint64_t seed = 3;

/// The largest difference of a shared run's state from that of a run of one process. An eigenvector's sign is any: of SOAP the weights.
template <class T>
double largest_difference(const Case& c, const std::map<std::string, arma::Mat<T>>& found,
                          const Solver<T>& serial) {
  const SolverState<T> expected(serial);
  double largest = found.size() == expected.variables.size() ? 0 : std::numeric_limits<double>::infinity();
  for (const auto& [name, value] : expected.variables) {
    if (c.solver == "soap" && name.front() != 'W' && name.front() != 'b') continue;
    const auto there = found.find(name);
    if (there == found.end()) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, difference<T>(there->second, value));
  }
  return largest;
}

void check_close(std::optional<double> found, std::optional<double> expected, double tolerance) {
  BOOST_REQUIRE(found.has_value() == expected.has_value());
  if (found) BOOST_TEST(std::abs(*found - *expected) <= tolerance * (1 + std::abs(*expected)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shared_samples_test)

BOOST_DATA_TEST_CASE(equal_to_one_process, boost::unit_test::data::make(all_cases()), c) {
  const auto configuration = configured(find_solver(c.solver), c.parameters);
  const Problem<double> problem = problem_of<double>(c);
  Serial<double> serial(*configuration, problem, seed);
  SharedRun<double> shared(*configuration, problem, world(), seed);
  BOOST_TEST(shared.solver().shares_samples());
  for (long k = 1; k <= c.iterations; ++k) {
    serial.solver->step();
    shared.solver().step();
    const auto state = shared.state();
    if (world().leads()) BOOST_TEST(largest_difference(c, state, *serial.solver) <= 1e-10, "iteration " << k);
  }
  BOOST_TEST(shared.same_weights());
  const Diagnostics expected = serial.solver->diagnostics();
  const Diagnostics found = shared.solver().diagnostics();
  check_close(found.objective, expected.objective, 1e-10);
  check_close(found.residual, expected.residual, 1e-10);
  BOOST_REQUIRE(found.named.size() == expected.named.size());
  for (std::size_t i = 0; i < found.named.size(); ++i) {
    BOOST_TEST(found.named[i].first == expected.named[i].first);
    check_close(found.named[i].second, expected.named[i].second, 1e-9);
  }
}

BOOST_DATA_TEST_CASE(checkpoint_for_any_number_of_processes, boost::unit_test::data::make(all_cases()), c) {
  const auto configuration = configured(find_solver(c.solver), c.parameters);
  const Problem<double> problem = problem_of<double>(c);
  SharedRun<double> shared(*configuration, problem, world(), seed);
  for (int k = 0; k < 3; ++k) shared.solver().step();
  const std::string saved = shared.save();
  if (world().leads()) BOOST_TEST(saved.size() > 0U);
  for (int k = 0; k < 2; ++k) shared.solver().step();
  const auto expected = shared.state();

  // As many processes: the same bits.
  SharedRun<double> again(*configuration, problem, world(), seed);
  again.restore(saved);
  for (int k = 0; k < 2; ++k) again.solver().step();
  const auto found = again.state();
  BOOST_TEST(again.same_weights());
  for (const auto& [name, value] : expected) {
    BOOST_TEST(difference<double>(found.at(name), value) == 0, name);
  }

  // One process, and one less: it goes on to rounding.
  const bool last = world().rank() == world().size() - 1;
  const auto fewer = world().split(last ? 1 : 0, world().rank());
  if (world().leads()) {
    Serial<double> serial(*configuration, problem, seed);
    RestoredFromMemory archive(saved);
    serial.solver->archive(archive);
    BOOST_TEST(archive.at_end());
    for (int k = 0; k < 2; ++k) serial.solver->step();
    BOOST_TEST(largest_difference(c, expected, *serial.solver) <= 1e-10);
  }
  if (!last) {
    SharedRun<double> smaller(*configuration, problem, *fewer, seed);
    smaller.restore(saved);
    for (int k = 0; k < 2; ++k) smaller.solver().step();
    const auto state = smaller.state();
    for (const auto& [name, value] : expected)
      BOOST_TEST(difference<double>(state.at(name), value) <= 1e-10, name);
  }

  // And the other way round: what one process saves.
  Serial<double> serial(*configuration, problem, seed);
  for (int k = 0; k < 3; ++k) serial.solver->step();
  SavedInMemory of_one;
  serial.solver->archive(of_one);
  SharedRun<double> taken_over(*configuration, problem, world(), seed);
  taken_over.restore(of_one.saved);
  for (int k = 0; k < 2; ++k) {
    serial.solver->step();
    taken_over.solver().step();
  }
  const auto state = taken_over.state();
  if (world().leads()) BOOST_TEST(largest_difference(c, state, *serial.solver) <= 1e-10);
}

/// The same sums in another order differ by a multiple of eps that does not depend on the precision: what is 1e-10 in float64, with a
/// margin for what a problem amplifies, is 1e-10 eps32/eps64 = 0.05 in float32; of one iteration, so that no error has grown.
BOOST_DATA_TEST_CASE(float32_to_its_rounding, boost::unit_test::data::make(all_cases()), c) {
  const auto configuration = configured(find_solver(c.solver), c.parameters);
  const Problem<float> problem = problem_of<float>(c);
  Serial<float> serial(*configuration, problem, seed);
  SharedRun<float> shared(*configuration, problem, world(), seed);
  serial.solver->step();
  shared.solver().step();
  BOOST_TEST(shared.same_weights());
  const auto state = shared.state();
  constexpr double ratio =
      static_cast<double>(std::numeric_limits<float>::epsilon()) / std::numeric_limits<double>::epsilon();
  if (world().leads()) BOOST_TEST(largest_difference(c, state, *serial.solver) <= 1e-10 * ratio);
}

BOOST_AUTO_TEST_CASE(a_damaged_checkpoint_ends_nowhere_in_a_wait) {
  const auto configuration = configured(find_solver("dladmm"), {});
  const auto problem = small_problem<double>({6, 5, 3}, 17, Loss::cross_entropy);
  SharedRun<double> run(*configuration, problem, world(), seed);
  run.solver().step();
  const std::string saved = run.save();
  for (std::size_t part = 0; part < 4; ++part) {
    SharedRun<double> other(*configuration, problem, world(), seed);
    BOOST_CHECK_THROW(other.restore(saved.substr(0, part * saved.size() / 4)), std::runtime_error);
  }
}

BOOST_AUTO_TEST_CASE(too_few_samples_are_refused) {
  const int processes = world().size();
  if (processes == 1) return;
  const auto configuration = configured(find_solver("dladmm"), {});
  const auto few = small_problem<double>({4, 3, 2}, static_cast<arma::uword>(processes - 1), Loss::squared);
  Problem<double> mine = few;
  mine.samples_of_all = few.samples();
  const auto solver = configuration->make<double>();
  const auto alone = world().split(world().rank(), 0);
  ParallelRun team;
  team.all = team.samples = &world();
  team.layers = alone.get();
  solver->share(team);
  BOOST_CHECK_EXCEPTION(solver->initialize(mine, solver->initial_network(few, 1), 1), std::invalid_argument,
                        [&](const std::exception& e) {
                          const std::string text = e.what();
                          return text.find("cannot be split over " + std::to_string(processes)) != text.npos;
                        });
}

BOOST_AUTO_TEST_CASE(methods_that_cannot_say_so) {
  for (const char* name :
       {"kfac", "mac", "sisa", "badm", "nsisa", "mono_forward", "proxprop", "am_adam", "sigmoid_admm"}) {
    const auto solver = configured(find_solver(name), {})->make<double>();
    BOOST_TEST(!solver->shares_samples(), name);
  }
  const auto over_pdadmm = configured(find_solver("aa_dladmm"), {{"base", "pdadmm"}})->make<double>();
  BOOST_TEST(over_pdadmm->shares_samples() ==
             configured(find_solver("pdadmm"), {})->make<double>()->shares_samples());
  if (world().size() == 1) return;
  const auto problem = small_problem<double>({4, 3, 2}, 12, Loss::cross_entropy);
  BOOST_CHECK_THROW(SharedRun<double>(*configured(find_solver("kfac"), {}), problem, world(), 1),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
