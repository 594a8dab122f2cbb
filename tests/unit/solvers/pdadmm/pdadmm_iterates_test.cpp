/// pdadmm and pdadmm_gq against docs/methods/pdadmm.md#iteration written out with dense expressions:
/// every product recomputed, curvatures as <g, H g> resp. by an eigenvalue solve, z_L by a dense Newton
/// method.

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "solvers/pdadmm/pdadmm_gq.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/solver_state.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(pdadmm_iterates_test)

namespace {

using arma::mat;
using arma::uword;

double square(double x) { return x * x; }

class Reference {
 public:
  Reference(const Problem<double>& problem, const PdadmmParameters& settings_used,
            const Network<double>& start)
      : problem_(problem),
        s_(settings_used),
        L_(problem.layers()),
        W(L_ + 1),
        b(L_ + 1),
        z(L_ + 1),
        p(L_ + 1),
        q(L_ + 1),
        u(L_ + 1) {
    for (uword l = 1; l <= L_; ++l) {
      W[l] = start.W[l - 1];
      b[l] = start.b[l - 1];
      p[l] = l == 1 ? problem.x() : q[l - 1];
      z[l] = linear(l);
      if (l == L_) break;
      q[l] = arma::clamp(z[l], 0, arma::datum::inf);
      u[l] = arma::zeros(arma::size(q[l]));
    }
    if (problem.loss == Loss::cross_entropy) z[L_] = 2 * problem.targets() - 1;
  }

  void iterate() {
    for (uword l = 2; l <= L_; ++l) {
      const mat g = -s_.nu * W[l].t() * (z[l] - linear(l)) + u[l - 1] + s_.rho * (p[l] - q[l - 1]);
      const mat Hg = s_.nu * W[l].t() * W[l] * g + s_.rho * g;
      const mat gram = W[l].t() * W[l];
      p[l] -= g / tau(g, Hg, s_.nu * arma::eig_sym(gram).max() + s_.rho);
    }
    for (uword l = 1; l <= L_; ++l) {
      const mat g = -s_.nu * (z[l] - linear(l)) * p[l].t() + s_.mu * W[l];
      const mat Hg = s_.nu * g * p[l] * p[l].t() + s_.mu * g;
      const mat gram = p[l] * p[l].t();
      W[l] -= g / tau(g, Hg, s_.nu * arma::eig_sym(gram).max() + s_.mu);
    }
    for (uword l = 1; l <= L_; ++l) b[l] = arma::mean(z[l] - W[l] * p[l], 1);
    for (uword l = 1; l < L_; ++l) {
      const mat m = linear(l);
      for (uword i = 0; i < m.n_elem; ++i) {
        const double old = z[l][i];
        const double minus = std::min((m[i] + old) / 2, 0.0);
        const double plus = std::max((m[i] + q[l][i] + old) / 3, 0.0);
        const auto value = [&](double x) {
          return square(x - m[i]) + square(q[l][i] - std::max(x, 0.0)) + square(x - old);
        };
        z[l][i] = value(minus) > value(plus) ? plus : minus;
      }
    }
    output_step();
    for (uword l = 1; l < L_; ++l) {
      q[l] = (s_.rho * p[l + 1] + u[l] + s_.nu * arma::clamp(z[l], 0, arma::datum::inf)) / (s_.rho + s_.nu);
    }
    for (uword l = 1; l < L_; ++l) u[l] += s_.rho * (p[l + 1] - q[l]);
  }

  double objective() const {
    double value = 0;
    const mat& out = z[L_];
    if (problem_.loss == Loss::squared) {
      value = 0.5 * arma::accu(arma::square(out - problem_.targets()));
    } else {
      for (uword n = 0; n < out.n_cols; ++n) {
        value +=
            std::log(arma::accu(arma::exp(out.col(n)))) - arma::dot(out.col(n), problem_.targets().col(n));
      }
    }
    for (uword l = 1; l <= L_; ++l) {
      value +=
          s_.nu / 2 * arma::accu(arma::square(z[l] - linear(l))) + s_.mu / 2 * arma::accu(arma::square(W[l]));
      if (l == L_) break;
      const mat r = p[l + 1] - q[l];
      value += s_.nu / 2 * arma::accu(arma::square(q[l] - arma::clamp(z[l], 0, arma::datum::inf))) +
               arma::accu(u[l] % r) + s_.rho / 2 * arma::accu(arma::square(r));
    }
    return value;
  }

 private:
  mat linear(uword l) const { return W[l] * p[l] + arma::repmat(b[l], 1, problem_.samples()); }

  double tau(const mat& g, const mat& Hg, double lambda_max) const {
    if (arma::accu(g % g) == 0) return 1;  // the block is left as it is
    const double kappa = arma::accu(g % Hg) / arma::accu(g % g);
    if (s_.step.kind == StepRule::Kind::exact) return kappa;
    if (s_.step.kind == StepRule::Kind::lipschitz) return lambda_max;
    double t = s_.step.initial;
    while (t < kappa) t *= s_.step.growth;
    return t;
  }

  void output_step() {
    const mat m = linear(L_);
    if (problem_.loss == Loss::squared) {
      z[L_] = (problem_.targets() + s_.nu * m) / (1 + s_.nu);
      return;
    }
    for (uword n = 0; n < m.n_cols; ++n) {
      const arma::vec y = problem_.targets().col(n);
      const auto value = [&](const arma::vec& x) {
        return std::log(arma::accu(arma::exp(x - x.max()))) + x.max() - arma::dot(x, y) +
               s_.nu / 2 * arma::accu(arma::square(x - m.col(n)));
      };
      arma::vec x = m.col(n);
      for (int k = 0; k < 500; ++k) {
        const arma::vec s = arma::exp(x - x.max()) / arma::accu(arma::exp(x - x.max()));
        const arma::vec g = s - y + s_.nu * (x - m.col(n));
        if (arma::abs(g).max() < 1e-13) break;
        const mat H = arma::diagmat(s) - s * s.t() + s_.nu * arma::eye(x.n_elem, x.n_elem);
        const arma::vec d = arma::solve(H, g);
        double t = 1;
        while (t > 1e-9 && value(x - t * d) > value(x) + 1e-15) t /= 2;
        x -= t * d;
      }
      z[L_].col(n) = x;
    }
  }

  const Problem<double>& problem_;
  PdadmmParameters s_;
  uword L_;

 public:
  std::vector<mat> W, b, z, p, q, u;  ///< index l
};

const std::vector<uword>& widths_of(uword layers) {
  static const std::vector<std::vector<uword>> all = {{5, 8, 3}, {5, 8, 6, 3}, {5, 8, 6, 7, 3}};
  return all[layers - 2];
}

double relative_gap(const mat& ours, const mat& reference) {
  return arma::norm(ours - reference, "fro") / std::max(1e-12, arma::norm(reference, "fro"));
}

struct Setting {
  double rho, nu, mu;
};
const std::vector<Setting> settings = {{1, 0.1, 0}, {0.3, 0.3, 0.05}, {1e-2, 1e-2, 0}, {0.05, 2, 0.5}};

}  // namespace

/// Both losses, three step rules, 2 to 4 layers, four settings; all variables after 1, 2 and 5 iterations.
BOOST_DATA_TEST_CASE(agrees_with_the_documented_iteration,
                     std::vector<int>({0, 1}) * std::vector<int>({0, 1, 2}) * std::vector<int>({2, 3, 4}),
                     loss, rule, layers) {
  const auto problem =
      testing::small_problem<double>(widths_of(static_cast<uword>(layers)), 30, static_cast<Loss>(loss));
  const auto start = gaussian_network<double>(problem.widths, 3);
  for (const Setting& setting : settings) {
    PdadmmParameters parameters;
    parameters.rho = setting.rho;
    parameters.nu = setting.nu;
    parameters.mu = setting.mu;
    parameters.step = {static_cast<StepRule::Kind>(rule), 0.5, 2};
    Pdadmm<double> solver(parameters);
    solver.initialize(problem, start, 3);
    Reference reference(problem, parameters, start);
    BOOST_TEST(std::abs(solver.diagnostics().objective.value() - reference.objective()) <
               1e-12 * std::abs(reference.objective()));
    for (int k = 1; k <= 5; ++k) {
      solver.step();
      reference.iterate();
      const testing::SolverState<double> state(solver);
      // z_L is solved to a gradient of 1e-10, hence to 1e-10/nu, and one iteration magnifies that little.
      const double tolerance = loss == 0 ? 1e-9 / std::min(1.0, setting.nu) : 1e-10;
      for (uword l = 1; l <= problem.layers(); ++l) {
        BOOST_TEST(relative_gap(state("W", l), reference.W[l]) < tolerance);
        BOOST_TEST(relative_gap(state("b", l), reference.b[l]) < tolerance);
        BOOST_TEST(relative_gap(state("z", l), reference.z[l]) < tolerance);
        if (l > 1) BOOST_TEST(relative_gap(state("p", l), reference.p[l]) < tolerance);
        if (l < problem.layers()) {
          BOOST_TEST(relative_gap(state("q", l), reference.q[l]) < tolerance);
          // u = nu (q - f(z)) cancels: before a layer has felt the loss it is rounding of nu q.
          BOOST_TEST(arma::norm(state("u", l) - reference.u[l], "fro") <
                     10 * tolerance * arma::norm(reference.u[l], "fro") +
                         1e-13 * (setting.rho + setting.nu) * arma::norm(reference.q[l], "fro"));
        }
      }
      BOOST_TEST(std::abs(solver.diagnostics().objective.value() - reference.objective()) <
                 10 * tolerance * (1 + std::abs(reference.objective())));
    }
  }
}

/// pdadmm_g without its options is pdadmm, bit by bit.
BOOST_AUTO_TEST_CASE(pdadmm_g_without_options_is_pdadmm) {
  const auto problem = testing::small_problem<double>({5, 8, 6, 3}, 30, Loss::cross_entropy);
  const auto start = gaussian_network<double>(problem.widths, 3);
  Pdadmm<double> plain(PdadmmParameters{});
  PdadmmG<double> graph(PdadmmGParameters{});
  plain.initialize(problem, start, 3);
  graph.initialize(problem, start, 3);
  for (int k = 0; k < 10; ++k) {
    plain.step();
    graph.step();
  }
  const testing::SolverState<double> a(plain);
  const testing::SolverState<double> b(graph);
  for (const auto& [name, value] : a.variables)
    BOOST_TEST(arma::approx_equal(value, b.variables.at(name), "absdiff", 0));
}

/// With ever finer levels pdadmm_gq tends to pdadmm: the gap after five iterations is of the order of the
/// spacing.
BOOST_AUTO_TEST_CASE(fine_levels_approach_the_unquantised_iteration) {
  const auto problem = testing::small_problem<double>({5, 8, 6, 3}, 30, Loss::cross_entropy);
  const auto start = gaussian_network<double>(problem.widths, 3);
  PdadmmGqParameters parameters;
  parameters.rho = 1;
  parameters.nu = 0.1;
  Pdadmm<double> plain(parameters);
  plain.initialize(problem, start, 3);
  for (int k = 0; k < 5; ++k) plain.step();
  const testing::SolverState<double> exact(plain);
  double last = arma::datum::inf;
  for (const long bits : {6L, 9L, 12L, 16L}) {
    parameters.delta = {LevelSet::Kind::bits, -4, 4, 2, bits, {}};
    PdadmmGq<double> solver(parameters);
    solver.initialize(problem, start, 3);
    for (int k = 0; k < 5; ++k) solver.step();
    const double gap = relative_gap(testing::SolverState<double>(solver)("W", 2), exact("W", 2));
    BOOST_TEST(gap < last);
    last = gap;
  }
  BOOST_TEST(last < 1e-3);
}

/// The blocks of the fixed-point interface are the variables themselves, and writing them back changes
/// nothing.
BOOST_AUTO_TEST_CASE(fixed_point_blocks_alias_the_state) {
  const auto problem = testing::small_problem<double>({5, 8, 6, 3}, 30, Loss::cross_entropy);
  const auto start = gaussian_network<double>(problem.widths, 3);
  Pdadmm<double> solver(PdadmmParameters{});
  Pdadmm<double> other(PdadmmParameters{});
  solver.initialize(problem, start, 3);
  other.initialize(problem, gaussian_network<double>(problem.widths, 4), 4);
  solver.step();
  const auto from = solver.blocks();
  const auto to = other.blocks();
  BOOST_TEST(from.size() == 3 * 3 + 3 * 2);
  for (std::size_t i = 0; i < from.size(); ++i) {
    BOOST_TEST(from[i].name == to[i].name);
    std::copy(from[i].values.begin(), from[i].values.end(), to[i].values.begin());
  }
  other.variables_changed();
  BOOST_TEST(std::abs(solver.diagnostics().objective.value() - other.diagnostics().objective.value()) <
             1e-12 * std::abs(solver.diagnostics().objective.value()));
  solver.step();
  other.step();
  BOOST_TEST(relative_gap(testing::SolverState<double>(other)("W", 2),
                          testing::SolverState<double>(solver)("W", 2)) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
