#include "core/problem/backprop.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "solvers/solver.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(backprop_test)

BOOST_DATA_TEST_CASE(gradient_is_the_limit_of_differences,
                     std::vector<int>({0, 1, 2, 3, 4}) * std::vector<int>({0, 1}), activation, loss) {
  const auto problem = testing::small_problem<double>({4, 5, 6, 3}, 11, static_cast<Loss>(loss),
                                                      static_cast<Activation>(activation));
  constexpr double mu = 0.1;
  auto network = gaussian_network<double>(problem.widths, 5);
  for (auto& W : network.W) W *= 5;
  auto gradient = network;
  Backprop<double> backprop;
  backprop.reserve(problem.widths, 11);
  backprop(network, problem.activation, problem.loss, mu, problem.x(), problem.targets(), gradient);

  ForwardWorkspace<double> workspace;
  const auto value = [&] {
    double decay = 0;
    for (const auto& W : network.W) decay += 0.5 * mu * arma::accu(W % W);
    return evaluate(network, problem, *problem.train, workspace).mean_loss + decay;
  };
  constexpr double h = 1e-6;
  const auto check = [&](double& parameter, double derivative) {
    const double at = parameter;
    parameter = at + h;
    const double ahead = value();
    parameter = at - h;
    const double behind = value();
    parameter = at;
    BOOST_TEST(std::abs((ahead - behind) / (2 * h) - derivative) < 1e-7);
  };
  for (std::size_t l = 0; l < 3; ++l) {
    for (arma::uword i = 0; i < network.W[l].n_elem; ++i) check(network.W[l][i], gradient.W[l][i]);
    for (arma::uword i = 0; i < network.b[l].n_elem; ++i) check(network.b[l][i], gradient.b[l][i]);
  }
}

/// With a batch as large as the set, a mini-batch pass is a full-batch step, up to the order of summation.
BOOST_AUTO_TEST_CASE(a_pass_uses_every_sample_once) {
  const auto problem = testing::small_problem<double>({4, 3}, 10, Loss::squared);
  const SolverInfo* sgd = find_solver("sgd");
  BOOST_REQUIRE(sgd != nullptr);

  /// Sets batch_size and a learning rate so small that a pass is, to first order, the sum of its batches.
  class Set final : public ParameterVisitor {
   public:
    explicit Set(std::optional<long> batch) : batch_(batch) {}
    void member(const Member& member) override {
      if (const auto* batch = std::get_if<kind::IntegerOrWord>(&member.kind)) batch->value = batch_;
      if (member.name == "learning_rate") std::get<kind::Real>(member.kind).value = batch_ ? 1e-7 : 5e-7;
    }

   private:
    std::optional<long> batch_;
  };
  const auto start = gaussian_network<double>(problem.widths, 2);
  const auto after = [&](std::optional<long> batch) {
    const auto configured = sgd->make_default();
    Set set(batch);
    configured->visit(set);
    const auto solver = configured->make<double>();
    solver->initialize(problem, start, 1);
    solver->step();
    return arma::mat(solver->network().W[0] - start.W[0]);
  };
  // Five batches of 2 (means over 2 samples) at rate r equal one batch of 10 (mean over 10) at rate 5 r, up
  // to O(r^2).
  const arma::mat full = after(std::nullopt);
  const arma::mat batches = after(2);
  BOOST_TEST(arma::abs(full - batches).max() < 1e-5 * arma::abs(full).max());
}

BOOST_AUTO_TEST_SUITE_END()
