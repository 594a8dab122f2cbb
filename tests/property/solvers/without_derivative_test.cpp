/// sign and step, whose derivative is 0: what needs it leaves hidden layers alone or refuses, what minimises over z trains them.

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/descent.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(without_derivative_test)
using testing::Values;

namespace {

struct Method {
  std::string name;
  Values values;
  friend std::ostream& operator<<(std::ostream& out, const Method& m) { return out << m.name; }
};

const std::vector<Activation> jumps{Activation::sign, Activation::step};

/// Largest change of a hidden layer's weights in five iterations.
double hidden_change(const Method& method, Activation activation) {
  const auto problem = testing::small_problem<double>({6, 8, 7, 3}, 60, Loss::cross_entropy, activation);
  const auto solver = testing::started(method.name, method.values, problem);
  const Network<double> before = solver->network();
  for (int k = 0; k < 5; ++k) solver->step();
  double change = 0;
  for (std::size_t l = 0; l < 2; ++l)
    change = std::max(change, arma::abs(solver->network().W[l] - before.W[l]).max());
  BOOST_TEST(arma::abs(solver->network().W[2] - before.W[2]).max() > 0);
  return change;
}

/// A small gamma lets a_l leave f(z_l) far enough for a jump to pay. BCD's blocks, each minimised exactly, find none here.
const std::vector<Method> by_blocks{{"admm_taylor", {{"gamma", "0.01"}}},
                                    {"dladmm", {}},
                                    {"dlam", {}},
                                    {"mdlam", {}},
                                    {"pdadmm", {}},
                                    {"pdadmm_g", {}},
                                    {"pdadmm_gq", {{"quantize", "q"}}}};
const std::vector<Method> by_derivatives{
    {"sgd", {}},   {"adam", {}},    {"nadamw", {{"mu", "0"}}},          {"soap", {{"mu", "0"}}},
    {"lbfgs", {}}, {"gram_tp", {}}, {"gorth", {{"signal", "gradient"}}}};
const std::vector<Method> refusing{{"mac", {}}, {"sigmoid_admm", {}}, {"bcd", {{"splitting", "two"}}}};

}  // namespace

BOOST_DATA_TEST_CASE(blocks_train_hidden_layers, by_blocks, method) {
  for (const Activation jump : jumps) BOOST_TEST(hidden_change(method, jump) > 1e-8);
}

/// With tanh the same methods do.
BOOST_DATA_TEST_CASE(derivatives_leave_them_where_they_are, by_derivatives, method) {
  for (const Activation jump : jumps) BOOST_TEST(hidden_change(method, jump) == 0);
  BOOST_TEST(hidden_change(method, Activation::tanh) > 1e-8);
}

BOOST_DATA_TEST_CASE(what_cannot_do_without_says_so, refusing, method) {
  for (const Activation jump : jumps)
    BOOST_CHECK_EXCEPTION(
        hidden_change(method, jump), std::invalid_argument, [&](const std::exception& error) {
          return std::string(error.what()).find(std::string(to_string(jump)) + " is 0") != std::string::npos;
        });
  BOOST_CHECK_NO_THROW(hidden_change(method, Activation::sigmoid));
}

/// Every block of BCD is minimised exactly, also over a z whose activation jumps.
BOOST_AUTO_TEST_CASE(bcd_descends_over_jumps) {
  for (const Activation jump : jumps) {
    const auto problem = testing::small_problem<double>({6, 8, 7, 3}, 60, Loss::cross_entropy, jump);
    const auto solver = testing::started("bcd", {}, problem);
    BOOST_TEST(testing::largest_rise(*solver, problem, 30) < 1e-12);
  }
}

BOOST_AUTO_TEST_SUITE_END()
