/// The block steps of target propagation against dense algebra, and the passes over mini-batches.

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/problem/batches.hpp"
#include "core/problem/step_schedule.hpp"
#include "solvers/gram_tp/damped_least_squares.hpp"
#include "solvers/gram_tp/gram_preconditioner.hpp"
#include "solvers/gram_tp/target_propagation.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(target_blocks_test)

namespace {

constexpr double rounding = 1e-10;  ///< systems of condition < 1e4 in float64

arma::mat normal(arma::uword rows, arma::uword columns, std::uint64_t stream) {
  arma::mat A(rows, columns);
  Rng rng(7, stream);
  fill_normal(rng, 1.0, A);
  return A;
}

double distance(const arma::mat& A, const arma::mat& B) { return arma::abs(A - B).max(); }

}  // namespace

/// K^T e minimises ||W d - e||^2 + lam t ||d||^2, whichever side of W is the smaller.
BOOST_DATA_TEST_CASE(levenberg_step_solves_the_damped_normal_equations,
                     std::vector<arma::uword>({3, 8, 8}) ^ std::vector<arma::uword>({8, 8, 3}), rows,
                     columns) {
  const arma::mat W = normal(rows, columns, 1);
  const arma::mat e = normal(rows, 5, 2);
  const double lam = 0.3;
  const double t = arma::mean(arma::diagvec(arma::mat(W * W.t())));
  DampedLeastSquares<double> K;
  K.reserve(rows, columns);
  K.factorize(W, lam);
  arma::mat da(columns, 5);
  K.apply(e, da);
  BOOST_TEST(K.damping() == lam * t, boost::test_tools::tolerance(rounding));
  const arma::mat damped = W.t() * W + lam * t * arma::eye(columns, columns);
  BOOST_TEST(distance(damped * da, W.t() * e) < rounding * 100);
}

BOOST_AUTO_TEST_CASE(gram_metric_is_the_damped_inverse_of_a_forgetting_mean) {
  GramPreconditioner<double> metric;
  metric.reserve(6);
  const double keep = 0.9;
  arma::mat G(6, 6, arma::fill::zeros);
  for (std::uint64_t k = 0; k < 4; ++k) {
    const arma::mat At = normal(6, 11, k);
    const double old = std::min(keep, double(k) / double(k + 1));
    G = old * G + (1 - old) / 11 * At * At.t();
    metric.observe(At, keep);
  }
  BOOST_TEST(distance(metric.gram(), G) < rounding);
  metric.invert(2);
  const arma::mat expected = arma::inv(G + 2 * arma::mean(arma::diagvec(G)) * arma::eye(6, 6));
  BOOST_TEST(distance(metric.inverse(), expected) < rounding);
  const arma::mat At = normal(6, 4, 9);
  arma::mat PAt(6, 4);
  metric.apply(At, PAt);
  BOOST_TEST(distance(PAt, expected * At) < rounding);
  const arma::mat S = normal(2, 6, 10);
  arma::mat D = normal(2, 6, 11);
  const arma::mat sum = S * expected + 0.5 * D;
  metric.apply_right(S, 0.5, D);
  BOOST_TEST(distance(D, sum) < rounding);
}

/// Fewer samples than features and the other way round: both sides of the push-through identity.
BOOST_DATA_TEST_CASE(inputs_are_preconditioned_on_either_side, std::vector<arma::uword>({4, 40}), samples) {
  const arma::mat x = normal(9, samples, 3);
  const arma::mat inputs = arma::join_cols(x, arma::ones(1, samples));
  arma::mat out(10, samples);
  precondition_inputs(x, 0.7, out);
  arma::mat G = inputs * inputs.t() / double(samples);
  G += 0.7 * arma::mean(arma::diagvec(G)) * arma::eye(10, 10);
  BOOST_TEST(distance(out, arma::solve(G, inputs)) < rounding);
}

/// What keep_descending() keeps is never worse than staying, entry by entry; what it drops would have been.
BOOST_DATA_TEST_CASE(z_steps_that_are_kept_lower_their_objective, std::vector<int>({0, 1, 2, 3, 4}), kind) {
  const auto f = static_cast<Activation>(kind);
  const arma::mat m = normal(20, 30, 4);
  const arma::mat da = normal(20, 30, 5);
  arma::mat proposed(20, 30);
  region_displacement(f, m, da, proposed);
  arma::mat kept = proposed;
  const double mismatch = keep_descending(f, m, da, kept);
  double expected = 0;
  int dropped = 0;
  with_activation<double>(f, [&](auto activation) {
    for (arma::uword i = 0; i < m.n_elem; ++i) {
      const double a = activation(m[i]) + da[i];
      const auto h = [&](double dz) { return dz * dz + std::pow(a - activation(m[i] + dz), 2); };
      BOOST_TEST(h(kept[i]) <= h(0) * (1 + rounding));
      if (kept[i] != proposed[i]) {
        ++dropped;
        BOOST_TEST(kept[i] == 0);
        BOOST_TEST(h(proposed[i]) > h(0) * (1 - rounding));
      }
      expected += std::pow(a - activation(m[i] + kept[i]), 2);
    }
  });
  BOOST_TEST(mismatch == expected, boost::test_tools::tolerance(rounding));
  if (f == Activation::relu) BOOST_TEST(dropped > 0);  // steps across 0 are among the proposals
}

/// Inside a linear region of a piecewise-linear activation the displacement is the a-step's, or nothing.
BOOST_AUTO_TEST_CASE(the_displacement_stays_in_the_linear_region) {
  const arma::mat m = normal(10, 10, 6);
  const arma::mat da = normal(10, 10, 8);
  arma::mat dz(10, 10);
  region_displacement(Activation::relu, m, da, dz);
  for (arma::uword i = 0; i < m.n_elem; ++i) BOOST_TEST(dz[i] == (m[i] > 0 ? da[i] : 0.0));
  region_displacement(Activation::identity, m, da, dz);
  BOOST_TEST(distance(dz, da) == 0);
}

/// The output's target is sought from the output itself: one FISTA step leads from m_L to
/// (c m_L + m_L / eta - grad R(m_L)) / (c + 1 / eta).
BOOST_AUTO_TEST_CASE(output_target_starts_at_the_output) {
  const auto problem = testing::small_problem<double>({4, 5, 3}, 12, Loss::cross_entropy);
  const double c = 0.3;
  const double eta = 4;
  const OutputProx one_step{OutputProx::Method::fista, 1, 1e-3, eta};
  TargetPropagation<double> propagation;
  propagation.reserve(problem.widths, 12, one_step);
  propagation.At(0).head_rows(4) = problem.x();
  propagation.forward({normal(5, 5, 20), normal(3, 6, 21)}, problem.activation);
  propagation.output_target(one_step, problem.loss, problem.targets(), c);
  const arma::mat m_L = propagation.m(2);
  arma::mat gradient;
  loss_gradient(problem.loss, m_L, problem.targets(), 1.0, gradient);
  BOOST_TEST(arma::abs(gradient).max() > 0.1);
  BOOST_TEST(distance(propagation.e(2), -gradient / (c + 1 / eta)) < rounding);
}

BOOST_AUTO_TEST_CASE(a_pass_takes_every_sample_once_and_the_last_batch_is_the_rest) {
  const auto problem = testing::small_problem<double>({3, 4, 2}, 23, Loss::cross_entropy);
  Batches<double> batches;
  batches.initialize(problem, 5, 42);
  Batches<double> same;
  same.initialize(problem, 5, 42);
  std::vector<arma::uword> first_order;
  for (int pass = 0; pass < 3; ++pass) {
    batches.shuffle();
    same.shuffle();
    std::vector<int> seen(23, 0);
    std::vector<arma::uword> order;
    for (arma::uword k = 0; k < batches.count(); ++k) {
      arma::mat x(4, batches.columns(k), arma::fill::value(-1));  // one row more than the problem has
      gather(batches, k, problem.x(), x);
      for (arma::uword j = 0; j < x.n_cols; ++j) {
        const arma::uword sample = batches.sample(batches.first(k) + j);
        BOOST_TEST(sample == same.sample(same.first(k) + j));
        BOOST_TEST(distance(x.col(j).head(3), problem.x().col(sample)) == 0);
        BOOST_TEST(x(3, j) == -1);
        ++seen[sample];
        order.push_back(sample);
      }
    }
    BOOST_TEST(batches.columns(batches.count() - 1) == 3);
    BOOST_TEST((std::count(seen.begin(), seen.end(), 1) == 23));
    if (pass == 0) first_order = order;
    if (pass > 0) BOOST_TEST((order != first_order));
  }
  Batches<double> whole;
  whole.initialize(problem, std::nullopt, 42);
  BOOST_TEST(whole.whole());
  BOOST_TEST(whole.count() == 1);
}

BOOST_AUTO_TEST_CASE(schedules_end_with_the_run_or_with_their_own_epochs) {
  using Shape = Schedule::Shape;
  for (const Shape shape : {Shape::linear, Shape::half, Shape::cosine}) {
    const Schedule by_run{shape, std::nullopt};
    const Schedule by_epochs{shape, 8};
    BOOST_TEST(by_run.factor(0, 8) == 1);
    BOOST_TEST(std::abs(by_run.factor(8, 8)) < 1e-15);
    for (double t = 0; t < 8; t += 0.5) {
      BOOST_TEST(by_run.factor(t, 8) == by_epochs.factor(t, 100));
      BOOST_TEST(by_run.factor(t + 0.5, 8) <= by_run.factor(t, 8));
    }
    BOOST_CHECK_THROW(by_run.factor(1, 0), std::logic_error);
  }
  BOOST_TEST((Schedule{Shape::linear, 8}.factor(2, 0) == 0.75));
  BOOST_TEST((Schedule{Shape::half, 8}.factor(4, 0) == 1));
  BOOST_TEST((Schedule{Shape::half, 8}.factor(6, 0) == 0.5));
  BOOST_TEST((Schedule{Shape::cosine, 8}.factor(4, 0) == 0.5), boost::test_tools::tolerance(1e-15));
  BOOST_TEST((Schedule{Shape::constant, std::nullopt}.factor(4, 0) == 1));
}

BOOST_AUTO_TEST_SUITE_END()
