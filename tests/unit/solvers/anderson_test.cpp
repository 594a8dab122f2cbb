/// The acceleration core on linear maps, whose fixed points are known.

#include "solvers/anderson.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <limits>

#include "core/compute/rng.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(anderson_test)

namespace {

using Map = std::function<arma::vec(const arma::vec&)>;

AndersonOptions options(long memory, AndersonOptions::Type type = AndersonOptions::Type::two,
                        double value = 1e-10) {
  AndersonOptions result;
  result.memory = memory;
  result.type = type;
  result.value = value;
  return result;
}

template <class T>
bool apply(Anderson<T>& anderson, const arma::Col<T>& x, const arma::Col<T>& g, arma::Col<T>& candidate) {
  candidate.set_size(x.n_elem);
  return anderson.apply({x.memptr(), x.n_elem}, {g.memptr(), g.n_elem}, {candidate.memptr(), x.n_elem});
}

/// One accelerated iteration without a safeguard.
arma::vec next(Anderson<double>& anderson, const Map& map, const arma::vec& x) {
  const arma::vec g = map(x);
  arma::vec candidate;
  if (!apply(anderson, x, g, candidate)) return g;
  anderson.safeguard(true);
  return candidate;
}

/// Iterations until ||G(x) - x|| <= tolerance; `limit` if that takes longer.
long iterations_to(const Map& map, arma::vec x, Anderson<double>* anderson, double tolerance, long limit) {
  for (long k = 0; k < limit; ++k) {
    if (arma::norm(map(x) - x) <= tolerance) return k;
    x = anderson == nullptr ? map(x) : next(*anderson, map, x);
  }
  return limit;
}

/// Gradient descent with step 1/lambda_max on 1/2 <x, H x> - <c, x>, eigenvalues of H log-spaced in [1/kappa, 1].
Map descent(arma::uword n, double kappa, const arma::vec& solution) {
  const arma::vec eigenvalues = arma::logspace<arma::vec>(-std::log10(kappa), 0, n);
  return [=](const arma::vec& x) -> arma::vec { return x - eigenvalues % (x - solution); };
}

/// x -> M x + c, ||M|| < 1, M not symmetric, with fixed point `solution`.
Map shrinking_map(arma::uword n, const arma::vec& solution, std::uint64_t seed) {
  Rng rng(seed);
  arma::mat M(n, n);
  fill_normal(rng, 1.0, M);
  M *= 0.9 / arma::norm(M, 2);
  return [=](const arma::vec& x) -> arma::vec { return solution + M * (x - solution); };
}

constexpr auto types = {AndersonOptions::Type::one, AndersonOptions::Type::two};

}  // namespace

BOOST_AUTO_TEST_CASE(beats_the_plain_iteration_tenfold_at_condition_1e4) {
  const arma::uword n = 30;
  const arma::vec solution = arma::linspace<arma::vec>(-1, 2, n);
  const Map map = descent(n, 1e4, solution);
  const double tolerance = 1e-7;
  const long plain = iterations_to(map, arma::vec(n, arma::fill::zeros), nullptr, tolerance, 200000);
  BOOST_TEST(plain < 200000);
  for (const auto type : types) {
    Anderson<double> anderson;
    anderson.initialize(options(10, type), n);
    const long accelerated = iterations_to(map, arma::vec(n, arma::fill::zeros), &anderson, tolerance, plain);
    BOOST_TEST(10 * accelerated < plain);
  }
}

/// With memory n and no regularisation, acceleration of an affine map is a Krylov method: n + 1 evaluations suffice.
BOOST_AUTO_TEST_CASE(solves_an_affine_map_of_dimension_n_in_n_plus_1_steps) {
  for (const arma::uword n : {1U, 2U, 5U, 8U}) {
    const arma::vec solution = arma::linspace<arma::vec>(1, 3, n);
    const Map map = shrinking_map(n, solution, n);
    for (const auto type : types) {
      Anderson<double> anderson;
      anderson.initialize(options(static_cast<long>(n), type, 0), n);
      arma::vec x(n, arma::fill::zeros);
      for (arma::uword k = 0; k <= n; ++k) x = next(anderson, map, x);
      BOOST_TEST_CONTEXT("n " << n << ", type " << static_cast<int>(type) + 1) {
        BOOST_TEST(arma::norm(x - solution) < 1e-9 * arma::norm(solution));
      }
      // Negative control: one evaluation less does not.
      Anderson<double> shorter;
      shorter.initialize(options(static_cast<long>(n), type, 0), n);
      x.zeros();
      for (arma::uword k = 0; k < n; ++k) x = next(shorter, map, x);
      BOOST_TEST(arma::norm(x - solution) > 1e-6 * arma::norm(solution));
    }
  }
}

BOOST_AUTO_TEST_CASE(memory_zero_never_makes_a_point) {
  Anderson<double> anderson;
  anderson.initialize(options(0), 3);
  const arma::vec x{1, 2, 3};
  const arma::vec g{0, 1, 1};
  arma::vec candidate;
  for (int k = 0; k < 5; ++k) BOOST_TEST(!apply(anderson, x, g, candidate));
  BOOST_TEST(anderson.statistics().rejected() == 0);
}

BOOST_AUTO_TEST_CASE(memory_beyond_the_dimension_is_clamped) {
  const arma::vec solution{1, -2, 3};
  const Map map = shrinking_map(3, solution, 4);
  for (const auto type : types) {
    Anderson<double> anderson;
    anderson.initialize(options(50, type), 3);
    arma::vec x(3, arma::fill::zeros);
    for (int k = 0; k < 8; ++k) x = next(anderson, map, x);
    BOOST_TEST(anderson.length() <= 3);
    BOOST_TEST(arma::norm(x - solution) < 1e-8);
  }
}

BOOST_AUTO_TEST_CASE(a_pair_that_is_not_finite_is_refused_and_forgotten) {
  const arma::vec solution{1, -2, 3, 4};
  const Map map = shrinking_map(4, solution, 5);
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Anderson<double> anderson;
    Anderson<double> fresh;
    anderson.initialize(options(3), 4);
    fresh.initialize(options(3), 4);
    arma::vec x(4, arma::fill::zeros);
    for (int k = 0; k < 3; ++k) x = next(anderson, map, x);
    arma::vec broken = map(x);
    broken[2] = bad;
    arma::vec candidate;
    BOOST_TEST(!apply(anderson, x, broken, candidate));
    BOOST_TEST(anderson.statistics().rejected_nonfinite == 1);
    BOOST_TEST(anderson.statistics().rejected() == 1);
    arma::vec y = x;
    for (int k = 0; k < 6; ++k) {
      x = next(anderson, map, x);
      y = next(fresh, map, y);
      BOOST_TEST(arma::all(x == y));
    }
  }
}

BOOST_AUTO_TEST_CASE(after_reset_the_trajectory_is_that_of_a_fresh_object) {
  const arma::uword n = 6;
  const Map map = shrinking_map(n, arma::linspace<arma::vec>(0, 1, n), 6);
  for (const long interval : {1L, 3L}) {
    AndersonOptions setting = options(4);
    setting.interval = interval;
    Anderson<double> used;
    Anderson<double> fresh;
    used.initialize(setting, n);
    fresh.initialize(setting, n);
    arma::vec x(n, arma::fill::ones);
    for (int k = 0; k < 7; ++k) x = next(used, map, x);
    used.reset();
    arma::vec y(n, arma::fill::ones);
    x = y;
    for (int k = 0; k < 10; ++k) {
      x = next(used, map, x);
      y = next(fresh, map, y);
      BOOST_TEST(arma::all(x == y));
    }
  }
}

/// F has condition 1e10: QR keeps 5 digits of the weights, normal equations (condition 1e20) keep none.
BOOST_AUTO_TEST_CASE(condition_1e10_is_solved_where_normal_equations_fail) {
  const arma::uword n = 6;
  Rng rng(7);
  arma::mat F(n, 2);
  fill_normal(rng, 1.0, F);
  F.col(0) /= arma::norm(F.col(0));
  F.col(1) -= F.col(0) * arma::dot(F.col(0), F.col(1));
  F.col(1) = F.col(0) + 1e-10 * F.col(1);
  // Residuals f_0, f_1, f_2 with these differences, f_2 = F (3, 2)^T, at the points x_k = f_k, so that G_k = 2 f_k.
  const arma::vec f2 = F * arma::vec{3, 2};
  const arma::vec f1 = f2 - F.col(1);
  const arma::vec f0 = f1 - F.col(0);
  arma::vec candidate;
  for (const auto type : types) {
    Anderson<double> anderson;
    anderson.initialize(options(2, type, 0), n);
    BOOST_TEST(!apply(anderson, f0, arma::vec(2 * f0), candidate));
    BOOST_TEST(apply(anderson, f1, arma::vec(2 * f1), candidate));
    anderson.safeguard(true);
    BOOST_TEST(apply(anderson, f2, arma::vec(2 * f2), candidate));
    anderson.safeguard(true);
    BOOST_TEST(anderson.statistics().last_rank == 2);
    // G = 2 f makes the new point twice the residual of the least-squares problem, which is 0; the weights are (3, 2).
    BOOST_TEST(arma::norm(candidate) < 1e-12);
    BOOST_TEST(anderson.statistics().last_weight_norm == std::sqrt(13.0), boost::test_tools::tolerance(1e-4));
  }
  const arma::mat gram = F.t() * F;
  const double determinant = gram(0, 0) * gram(1, 1) - gram(0, 1) * gram(1, 0);
  BOOST_TEST(std::abs(determinant) < 1e-15);  // its true value, 1e-20 times O(1), is lost in rounding
}

/// The default regularisation keeps a map of condition 1e10 in hand: never worse than the plain iteration, no blow-up.
BOOST_AUTO_TEST_CASE(a_map_of_condition_1e10_does_not_blow_up) {
  const arma::uword n = 40;
  const arma::vec solution(n, arma::fill::ones);
  const Map map = descent(n, 1e10, solution);
  for (const auto type : types) {
    Anderson<double> anderson;
    anderson.initialize(options(10, type), n);
    arma::vec x(n, arma::fill::zeros);
    arma::vec plain = x;
    for (int k = 0; k < 300; ++k) {
      x = next(anderson, map, x);
      plain = map(plain);
    }
    BOOST_TEST(arma::norm(map(x) - x) < 0.1 * arma::norm(map(plain) - plain));
    BOOST_TEST(arma::norm(x) < 10 * arma::norm(solution));
  }
}

BOOST_AUTO_TEST_CASE(every_refusal_is_counted_under_its_cause_and_clears_the_history) {
  const arma::vec x{1, 2};
  const arma::vec g{0.5, 1};
  arma::vec candidate;
  for (const auto type : types) {
    Anderson<double> rank;
    rank.initialize(options(2, type), 2);
    BOOST_TEST(!apply(rank, x, g, candidate));
    BOOST_TEST(!apply(rank, x, g, candidate));  // the same pair again: F = 0
    BOOST_TEST(rank.statistics().rejected_rank == 1);
    BOOST_TEST(rank.statistics().rejected() == 1);
    BOOST_TEST(rank.length() == 0);
  }

  AndersonOptions capped = options(2);
  capped.weight_cap = 1e-3;
  Anderson<double> cap;
  cap.initialize(capped, 2);
  BOOST_TEST(!apply(cap, x, g, candidate));
  BOOST_TEST(!apply(cap, g, arma::vec(0.4 * g), candidate));
  BOOST_TEST(cap.statistics().rejected_weight_cap == 1);
  BOOST_TEST(cap.length() == 0);

  Anderson<double> guarded;
  guarded.initialize(options(2), 2);
  BOOST_TEST(!apply(guarded, x, g, candidate));
  BOOST_TEST(apply(guarded, g, arma::vec(0.4 * g), candidate));
  BOOST_TEST(guarded.length() == 1);
  guarded.safeguard(false);
  BOOST_TEST(guarded.statistics().rejected_safeguard == 1);
  BOOST_TEST(guarded.statistics().accepted == 0);
  BOOST_TEST(guarded.length() == 0);
}

BOOST_AUTO_TEST_CASE(interval_and_min_length_delay_the_first_point) {
  const arma::uword n = 8;
  const Map map = shrinking_map(n, arma::vec(n, arma::fill::ones), 9);
  for (const long interval : {1L, 2L, 5L}) {
    for (const long min_length : {1L, 3L}) {
      AndersonOptions setting = options(4);
      setting.interval = interval;
      setting.min_length = min_length;
      Anderson<double> anderson;
      anderson.initialize(setting, n);
      arma::vec x(n, arma::fill::zeros);
      long first = 0;
      for (long k = 1; k <= 20 && first == 0; ++k) {
        x = next(anderson, map, x);
        if (anderson.statistics().accepted == 1) first = k;
      }
      BOOST_TEST(first == interval * min_length + 1);
    }
  }
}

/// Every scaling of the regularisation solves the same well-conditioned problem.
BOOST_AUTO_TEST_CASE(all_regularisation_scales_accelerate) {
  using Scale = AndersonOptions::Scale;
  const arma::uword n = 12;
  const Map map = descent(n, 1e3, arma::vec(n, arma::fill::ones));
  const long plain = iterations_to(map, arma::vec(n, arma::fill::zeros), nullptr, 1e-8, 100000);
  for (const auto type : types) {
    for (const Scale scale : {Scale::square, Scale::product, Scale::absolute, Scale::adaptive}) {
      AndersonOptions setting = options(6, type);
      setting.scale = scale;
      if (scale == Scale::absolute) setting.value = 1e-20;
      Anderson<double> anderson;
      anderson.initialize(setting, n);
      BOOST_TEST(10 * iterations_to(map, arma::vec(n, arma::fill::zeros), &anderson, 1e-8, plain) < plain);
    }
  }
}

BOOST_AUTO_TEST_CASE(rows_beyond_one_block_of_the_reduction_count) {
  const arma::uword n = 3000;
  const arma::vec solution = arma::linspace<arma::vec>(-1, 1, n);
  const arma::vec rates = arma::linspace<arma::vec>(0.1, 0.9, 4);
  // Four distinct rates: the minimal polynomial has degree 4, so 5 evaluations suffice in any dimension.
  const Map map = [&](const arma::vec& x) -> arma::vec {
    arma::vec g = x;
    for (arma::uword i = 0; i < n; ++i) g[i] = solution[i] + rates[i * 4 / n] * (x[i] - solution[i]);
    return g;
  };
  for (const auto type : types) {
    Anderson<double> anderson;
    anderson.initialize(options(4, type, 0), n);
    arma::vec x(n, arma::fill::zeros);
    for (int k = 0; k < 5; ++k) x = next(anderson, map, x);
    BOOST_TEST(arma::norm(x - solution) < 1e-9 * arma::norm(solution));
  }
}

BOOST_AUTO_TEST_CASE(float32_accelerates) {
  const arma::uword n = 10;
  const arma::fvec solution = arma::linspace<arma::fvec>(1, 2, n);
  const arma::fvec rates = arma::linspace<arma::fvec>(0.01F, 1, n);
  Anderson<float> anderson;
  anderson.initialize(options(6), n);
  arma::fvec x(n, arma::fill::zeros);
  arma::fvec plain = x;
  arma::fvec candidate;
  for (int k = 0; k < 40; ++k) {
    const arma::fvec g = x - rates % (x - solution);
    if (apply(anderson, x, g, candidate)) {
      anderson.safeguard(true);
      x = candidate;
    } else {
      x = g;
    }
    plain -= rates % (plain - solution);
  }
  BOOST_TEST(arma::norm(x - solution) < 1e-3F * arma::norm(plain - solution));
}

BOOST_AUTO_TEST_SUITE_END()
