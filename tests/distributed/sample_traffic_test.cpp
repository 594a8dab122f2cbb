/// How often methods that share samples communicate, and that each of these sums matters.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/distributed/shared_samples.hpp"
#include "tests/distributed/world.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;
using namespace admmbench::testing;

namespace {

constexpr std::uint64_t seed = 5;
constexpr arma::uword samples = 41;
const std::vector<arma::uword> widths = {6, 7, 5, 3};
constexpr double layers = 3;

struct Counted {
  double collectives = 0;
  double bytes = 0;
};

/// Of one iteration, after `before` others.
Counted counted(const char* solver, const std::map<std::string, std::string>& parameters, int before = 1) {
  const auto problem = small_problem<double>(widths, samples, Loss::cross_entropy);
  SharedRun<double> run(*configured(find_solver(solver), parameters), problem, world(), seed);
  for (int k = 0; k < before; ++k) run.solver().step();
  const Traffic start = world().traffic();
  run.solver().step();
  const Traffic end = world().traffic();
  BOOST_TEST(end.messages == start.messages);
  return {end.collectives - start.collectives, end.reduced - start.reduced};
}

/// Entries of all W_l and b_l.
double parameters() {
  double entries = 0;
  for (std::size_t l = 1; l < widths.size(); ++l)
    entries += static_cast<double>(widths[l] * (widths[l - 1] + 1));
  return entries;
}

/// Forgets what the last process adds to sum number `forgotten`.
class Forgetful final : public Communicator {
 public:
  Forgetful(Communicator& real, int forgotten) : real_(real), forgotten_(forgotten) {}

  int sums() const { return sums_; }
  int rank() const override { return real_.rank(); }
  int size() const override { return real_.size(); }
  void barrier() override { real_.barrier(); }
  void broadcast(std::span<std::byte> bytes, int root) override { real_.broadcast(bytes, root); }
  void sum(std::span<float> values) override { forget(values); }
  void sum(std::span<double> values) override { forget(values); }
  void max(std::span<double> values) override { real_.max(values); }
  std::unique_ptr<Message> send(std::span<const std::byte> bytes, int to, int tag) override {
    return real_.send(bytes, to, tag);
  }
  std::unique_ptr<Message> receive(std::span<std::byte> bytes, int from, int tag) override {
    return real_.receive(bytes, from, tag);
  }
  std::unique_ptr<Communicator> split(int color, int key) override { return real_.split(color, key); }
  Traffic traffic() const override { return real_.traffic(); }

 private:
  template <class Value>
  void forget(std::span<Value> values) {
    if (sums_++ == forgotten_ && rank() == size() - 1) std::fill(values.begin(), values.end(), Value(0));
    real_.sum(values);
  }

  Communicator& real_;
  int forgotten_;
  int sums_ = 0;
};

struct Outcome {
  double apart = 0;  ///< from one process, in the state or in what diagnostics() says
  int sums = 0;
};

/// Two iterations, one sum being forgotten.
Outcome after_forgetting(const char* solver, const std::map<std::string, std::string>& values,
                         int forgotten) {
  const auto problem = small_problem<double>(widths, samples, Loss::cross_entropy);
  const auto configuration = configured(find_solver(solver), values);
  const auto serial = configuration->make<double>();
  serial->initialize(problem, serial->initial_network(problem, seed), seed);
  Forgetful forgetful(world(), forgotten);
  SharedRun<double> run(*configuration, problem, forgetful, seed);
  for (int k = 0; k < 2; ++k) {
    serial->step();
    run.solver().step();
  }
  Outcome outcome;
  const Diagnostics expected = serial->diagnostics();
  const Diagnostics found = run.solver().diagnostics();
  if (expected.objective)
    outcome.apart = std::abs(*found.objective - *expected.objective) / (1 + std::abs(*expected.objective));
  outcome.sums = forgetful.sums();
  const SolverState<double> whole(*serial);
  for (const auto& [name, value] : run.state()) {
    const double apart = difference<double>(value, whole.variables.at(name));
    outcome.apart = std::max(outcome.apart, apart);
  }
  std::array<double, 1> largest{outcome.apart};
  world().max(largest);
  outcome.apart = largest[0];
  return outcome;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sample_traffic_test)

/// The table of docs/distributed.md, section Samples.
BOOST_AUTO_TEST_CASE(sums_of_an_iteration) {
  const double L = layers;
  const double together = world().size() > 1 ? 1 : 0;
  const auto sums = [&](const char* solver, std::map<std::string, std::string> values, int before = 1) {
    return counted(solver, values, before).collectives;
  };
  BOOST_TEST(sums("sgd", {}) == together);
  BOOST_TEST(sums("adam", {{"batch_size", "10"}}) == 5 * together);
  BOOST_TEST(sums("lbfgs", {{"line_search", "none"}, {"learning_rate", "0.1"}}) ==
             2 * together);  // an evaluation
  BOOST_TEST(sums("dladmm", {{"rho", "1"}, {"nu", "0.5"}}) == (8 * L - 5) * together);
  BOOST_TEST(sums("last_layer", {{"rho", "1"}}) == 6 * together);
  // A band that clips nothing: hidden layers fit exactly, and a gradient that is zero has no curvature.
  const std::map<std::string, std::string> wide{{"eps.initial", "1e6"}, {"eps.factor", "1"}};
  BOOST_TEST(sums("dlam", wide) == (5 * L - 2 - (L - 1)) * together);
  BOOST_TEST(sums("mdlam", wide, 0) == (5 * L - 2 - (L - 1)) * together);
  BOOST_TEST(sums("bcd", {}) == 2 * L * together);
  BOOST_TEST(sums("admm_taylor", {}) == L * together);
  // The metrics of the hidden layers were taken in the first batches; their sums come every `observe` batches.
  const std::map<std::string, std::string> batches{
      {"batch_size", "10"}, {"observe", "5"}, {"refresh", "1000"}};
  BOOST_TEST(sums("gram_tp", batches, 4) == (5 * (2 + L) + L - 1) * together);
  BOOST_TEST(sums("gorth", batches, 4) == (5 * (2 + L) + L - 2) * together);
}

BOOST_AUTO_TEST_CASE(bytes_of_an_iteration) {
  const double together = world().size() > 1 ? 1 : 0;
  BOOST_TEST(counted("sgd", {}).bytes == together * sizeof(double) * parameters());
  // E x^T once for both steps on W_1, gradients of the other W_l in both sweeps, their curvatures; b_l twice; two norms per a-step.
  double entries = static_cast<double>(widths[1] * widths[0]);
  for (std::size_t l = 1; l < widths.size(); ++l) {
    entries += 2 * static_cast<double>(widths[l]);
    if (l > 1) entries += 2 * static_cast<double>(widths[l] * widths[l - 1] + 1) + 2 * 2;
  }
  BOOST_TEST(counted("dladmm", {{"rho", "1"}, {"nu", "0.5"}}).bytes == together * sizeof(double) * entries);
}

/// A control of equal_to_one_process: every sum of these methods is noticed when one process's part of it is left out.
BOOST_AUTO_TEST_CASE(a_forgotten_term_is_found) {
  if (world().size() == 1) return;
  struct Method {
    const char* solver;
    std::map<std::string, std::string> values;
    int without_effect;  ///< a sum that changes nothing; -1: none
  };
  const std::vector<Method> methods = {
      {"sgd", {{"batch_size", "21"}}, -1},
      {"dladmm", {{"rho", "1"}, {"nu", "0.5"}}, -1},
      {"last_layer", {{"rho", "1"}}, 0},  // x x^T, which only W_1's steps need
      {"bcd", {}, -1},
      {"admm_taylor", {}, 2},  // W_2 fits its start exactly, with any of the samples
  };
  for (const Method& method : methods) {
    const Outcome complete = after_forgetting(method.solver, method.values, -1);
    BOOST_TEST(complete.apart <= 1e-10, method.solver);
    BOOST_TEST(complete.sums > 0, method.solver);
    for (int k = 0; k < complete.sums; ++k) {
      if (k == method.without_effect) continue;
      BOOST_TEST(after_forgetting(method.solver, method.values, k).apart > 1e-9,
                 method.solver << ", sum " << k);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
