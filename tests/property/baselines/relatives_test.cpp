/// What the theory of the further methods says, each with a control that fails it.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "baselines/newton_schulz.hpp"
#include "baselines/strong_wolfe.hpp"
#include "core/blocks/preactivation_step.hpp"
#include "core/compute/rng.hpp"
#include "core/problem/backprop.hpp"
#include "solvers/solver.hpp"
#include "tests/support/descent.hpp"
#include "tests/support/set_parameters.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;
using testing::largest_rise;
using testing::started;
using testing::Values;

BOOST_AUTO_TEST_SUITE(relatives_test)

/// BCD: every block is an exact minimiser or, with two splittings, a step that lowers its error, so that F never rises, whatever the
/// activation, loss and weights.
BOOST_AUTO_TEST_CASE(bcd_descends) {
  for (const Activation f :
       {Activation::relu, Activation::leaky_relu, Activation::tanh, Activation::sigmoid}) {
    for (const Loss loss : {Loss::cross_entropy, Loss::squared}) {
      for (const Values& values :
           {Values{}, Values{{"gamma", "0.3"}, {"rho", "2"}, {"alpha", "0.01"}}, Values{{"splitting", "two"}},
            Values{{"splitting", "two"}, {"gamma", "0.3"}, {"alpha", "0.01"}}}) {
        const auto problem = testing::small_problem<double>({9, 12, 7, 3}, 60, loss, f);
        const auto bcd = started("bcd", values, problem);
        BOOST_TEST(largest_rise(*bcd, problem, 40) <= 1e-9);
      }
    }
  }
  const auto problem = testing::small_problem<double>({9, 12, 7, 3}, 60, Loss::squared);
  const auto control = started("sgd", {{"learning_rate", "3"}}, problem);
  BOOST_TEST(!(largest_rise(*control, problem, 40) <= 1e-9));
}

/// The released code's closed form of the U-step: argmin (f(u) - v)^2/2 + g (u - m)^2/2 for relu, on which the suite's solver agrees,
/// and which no point of a fine grid beats.
BOOST_AUTO_TEST_CASE(bcd_closed_form_of_relu_is_the_minimum) {
  Rng rng(7);
  const auto closed = [](double v, double m, double g) {
    if (v + g * m < 0) return std::min(m, 0.0);
    if (-v <= g * m && g * m <= v * (g - std::sqrt(g * (g + 1)))) return m;
    return (v + g * m) / (1 + g);
  };
  const auto h = [](double u, double v, double m, double g) {
    const double r = std::max(u, 0.0) - v;
    return r * r + g * (u - m) * (u - m);
  };
  int beaten = 0;
  for (int k = 0; k < 20000; ++k) {
    const double v = 2 * rng.normal();
    const double m = 2 * rng.normal();
    const double g = std::exp(rng.normal());
    const double best = h(closed(v, m, g), v, m, g);
    BOOST_TEST(h(preactivation_minimizer(Activation::relu, g, m, v), v, m, g) <= best + 1e-12);
    for (int i = -40; i <= 40; ++i) BOOST_TEST(best <= h(m + 0.1 * i * (1 + std::abs(v)), v, m, g) + 1e-12);
    if (h(m, v, m, g) > best + 1e-6) ++beaten;  // the control: leaving u at m is no minimiser
  }
  BOOST_TEST(beaten > 1000);
}

/// BADM with one worker is momentum gradient descent with extrapolation: with m = -pi and s = sigma/(sigma + rho),
///   m+ = (1 - s) m + s g,   w+ = w - (2 m+ - m)/sigma.
BOOST_AUTO_TEST_CASE(consensus_with_one_worker_is_extrapolated_momentum) {
  constexpr double sigma = 12;
  constexpr double rho = 30;
  constexpr double s = sigma / (sigma + rho);
  const auto problem = testing::small_problem<double>({6, 8, 3}, 40, Loss::cross_entropy, Activation::tanh);
  const auto distance = [&](double extrapolation) {
    const auto badm = started("badm", {{"workers", "1"}, {"sigma", "12"}, {"rho", "30"}}, problem);
    Network<double> w = gaussian_network<double>(problem.widths, 3);
    Network<double> g = w;
    Network<double> m = w;
    for (auto& M : m.W) M.zeros();
    for (auto& M : m.b) M.zeros();
    Backprop<double> backprop;
    backprop.reserve(problem.widths, problem.samples());
    double largest = 0;
    for (int k = 0; k < 20; ++k) {
      badm->step();
      backprop(w, problem.activation, problem.loss, 0, problem.x(), problem.targets(), g);
      for (arma::uword l = 0; l < w.layers(); ++l) {
        const arma::mat before = m.W[l];
        m.W[l] = (1 - s) * m.W[l] + s * g.W[l];
        w.W[l] -= ((1 + extrapolation) * m.W[l] - extrapolation * before) / sigma;
        const arma::vec before_b = m.b[l];
        m.b[l] = (1 - s) * m.b[l] + s * g.b[l];
        w.b[l] -= ((1 + extrapolation) * m.b[l] - extrapolation * before_b) / sigma;
        largest = std::max(largest, arma::abs(w.W[l] - badm->network().W[l]).max());
      }
    }
    return largest;
  };
  BOOST_TEST(distance(1) < 1e-12);
  BOOST_TEST(distance(0) > 1e-4);  // momentum without extrapolation is another method
}

/// Five steps bring singular values from [0.02, 1] into [0.6, 1.3] and leave the singular vectors.
BOOST_AUTO_TEST_CASE(newton_schulz_orthogonalises) {
  NewtonSchulz<double> orthogonalise;
  orthogonalise.reserve(30, 20);
  for (const arma::uword rows : {30U, 12U}) {
    arma::mat U(rows, 20);
    Rng rng(rows);
    fill_normal(rng, 1.0, U);
    arma::mat left, right;
    arma::vec values;
    arma::svd_econ(left, values, right, U);
    arma::mat X = U;
    orthogonalise(X);
    const arma::mat seen = left.t() * X * right;
    BOOST_TEST(arma::abs(seen - arma::diagmat(seen.diag())).max() < 1e-10);
    BOOST_TEST(seen.diag().min() > 0.6);
    BOOST_TEST(seen.diag().max() < 1.3);
    values /= arma::norm(U, "fro");
    BOOST_TEST(values.max() < 0.6);  // the control: the input's were not there
  }
}

/// Both conditions hold where the search ends before its evaluations do; the first trial alone need not meet them.
BOOST_AUTO_TEST_CASE(line_search_meets_the_strong_wolfe_conditions) {
  Rng rng(11);
  int first_trial_fails = 0;
  for (int k = 0; k < 300; ++k) {
    const double a = 0.2 + rng.uniform();
    const double c = 3 * rng.uniform();
    const double w = 1 + 4 * rng.uniform();
    const auto f = [&](double t) { return a * t * t - c * t - std::sin(w * t); };
    const auto slope = [&](double t) { return 2 * a * t - c - w * std::cos(w * t); };
    const LinePoint start{0, f(0), slope(0), 3};
    const double first = std::exp(3 * rng.normal());
    int evaluations = 0;
    const auto evaluate = [&](double t, int slot) {
      ++evaluations;
      return LinePoint{t, f(t), slope(t), slot};
    };
    const LinePoint found = strong_wolfe(start, first, 1, {}, evaluate);
    const auto meets = [&](double t) {
      return f(t) <= f(0) + 1e-4 * t * slope(0) && std::abs(slope(t)) <= 0.9 * std::abs(slope(0));
    };
    BOOST_TEST((meets(found.t) || evaluations > 25));
    if (!meets(first)) ++first_trial_fails;
  }
  BOOST_TEST(first_trial_fails > 50);
}

/// `average`: the evaluated weights are d Wbar + (1 - d) W of the method's own, one step an iteration or a batch.
BOOST_AUTO_TEST_CASE(averages_are_of_the_methods_own_weights) {
  const auto problem = testing::small_problem<double>({6, 8, 3}, 40, Loss::cross_entropy);
  const std::vector<std::pair<std::string, Values>> cases{
      {"adam", {}}, {"adam", {{"batch_size", "16"}}},
      {"bcd", {}},  {"schedule_free", {{"batch_size", "16"}}},
      {"sisa", {}}, {"sigmoid_admm", {}},
      {"lbfgs", {}}};
  for (const auto& [name, values] : cases) {
    BOOST_TEST_CONTEXT(name) {
      Values with = values;
      with["average.decay"] = "0.7";
      const auto averaged = started(name, with, problem);
      const auto plain = started(name, values, problem);
      arma::mat mean = plain->network().W[1];
      int updates = 0;
      const auto take = [&](const Network<double>& now) {
        ++updates;
        mean = 0.7 * mean + 0.3 * now.W[1];
      };
      plain->watch_updates(take);
      for (int k = 0; k < 4; ++k) {
        const int before = updates;
        averaged->step();
        plain->step();
        if (updates == before) take(plain->network());
      }
      BOOST_TEST(updates == (values.contains("batch_size") ? 12 : 4));
      BOOST_TEST(arma::abs(averaged->network().W[1] - mean).max() < 1e-14);
      BOOST_TEST(arma::abs(plain->network().W[1] - mean).max() > 1e-9);
    }
  }
}

/// The two function-approximation problems of the method's code, in small: x^2 and x_1 x_2.
BOOST_AUTO_TEST_CASE(sigmoid_admm_approximates_functions) {
  for (const arma::uword inputs : {1U, 2U}) {
    Problem<double> problem =
        testing::small_problem<double>({inputs, 30, 30, 1}, 200, Loss::squared, Activation::sigmoid);
    auto samples = std::make_shared<Samples<double>>();
    samples->x.set_size(inputs, 200);
    Rng rng(5);
    for (double& x : samples->x) x = 2 * rng.uniform() - 1;
    samples->targets =
        inputs == 1 ? arma::mat(arma::square(samples->x)) : arma::mat(arma::prod(samples->x, 0));
    problem.train = samples;
    const auto configured = find_solver("sigmoid_admm")->make_default();
    configured->apply_preset("released");
    const auto solver = configured->make_float64();
    solver->initialize(problem, solver->initial_network(problem, 1), 1);
    ForwardWorkspace<double> workspace;
    for (int k = 0; k < 50; ++k) solver->step();
    const double loss = evaluate(solver->network(), problem, *problem.train, workspace).mean_loss;
    const double constant = 0.5 * arma::var(samples->targets.row(0), 1);
    BOOST_TEST(loss < 0.1 * constant, inputs << " inputs: " << loss << " of " << constant);
    // The control: as many steps of gradient descent from there explain less.
    const auto control = testing::configured(find_solver("sgd"), {{"learning_rate", "0.1"}})->make_float64();
    control->initialize(problem, gaussian_network<double>(problem.widths, 1), 1);
    for (int k = 0; k < 50; ++k) control->step();
    BOOST_TEST(evaluate(control->network(), problem, *problem.train, workspace).mean_loss > 0.5 * constant);
  }
}

BOOST_AUTO_TEST_SUITE_END()
