/// mdlam and dlam against docs/methods/mdlam.md#iteration written out with dense expressions: every
/// product recomputed, F evaluated in full, curvatures by an eigenvalue solve, z_L by a dense Newton method.

#include <boost/test/unit_test.hpp>
#include <map>

#include "solvers/mdlam/mdlam.hpp"
#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(mdlam_iterates_test)

namespace {

class Reference {
 public:
  Reference(const Problem<double>& problem, const MdlamParameters& p, const Network<double>& start)
      : problem_(problem), p_(p), L_(problem.layers()), W_(L_ + 1), b_(L_ + 1), z_(L_ + 1), a_(L_ + 1) {
    a_[0] = problem.x();
    for (arma::uword l = 1; l <= L_; ++l) {
      W_[l] = start.W[l - 1];
      b_[l] = start.b[l - 1];
      z_[l] = linear(l);
      a_[l] = f(z_[l]);
    }
    if (problem.loss == Loss::cross_entropy) z_[L_] = 2 * problem.targets() - 1;
    W_old_ = W_;
    a_old_ = a_;
    eps_ = p.eps.initial;
  }

  void iterate() {
    const double s_next = (1 + std::sqrt(1 + 4 * s_ * s_)) / 2;
    const double omega = (k_ == 0 || !p_.accelerate) ? 0 : (s_ - 1) / s_next;
    for (arma::uword l = 1; l <= L_; ++l) {
      guarded(W_[l], W_old_[l], omega, [&](const arma::mat& Wbar) { return weight_step(l, Wbar); });
      b_[l] = arma::mean(z_[l] - W_[l] * a_[l - 1], 1);
      if (l == L_) {
        output_step();
      } else {
        const arma::mat m = linear(l);
        for (arma::uword i = 0; i < m.n_elem; ++i) {
          const double a = a_[l][i];
          z_[l][i] = std::min(m[i], a + eps_);  // also the rule of an empty box, a < -eps
          if (a - eps_ > 0) z_[l][i] = std::max(z_[l][i], a - eps_);
        }
        guarded(a_[l], a_old_[l], omega, [&](const arma::mat& abar) { return input_step(l, abar); });
      }
    }
    s_ = s_next;
    ++k_;
    eps_ = std::max(p_.eps.factor * eps_, p_.eps.floor);
  }

  std::map<std::string, arma::mat> variables() const {
    std::map<std::string, arma::mat> all;
    for (arma::uword l = 1; l <= L_; ++l) {
      const std::string suffix = std::to_string(l);
      all["W" + suffix] = W_[l];
      all["b" + suffix] = b_[l];
      all["z" + suffix] = z_[l];
      if (l < L_) all["a" + suffix] = a_[l];
    }
    return all;
  }

  double F() const {
    double value = 0;
    for (arma::uword l = 1; l <= L_; ++l) {
      value += p_.rho / 2 * arma::accu(arma::square(linear(l) - z_[l])) +
               p_.mu / 2 * arma::accu(arma::square(W_[l]));
    }
    const arma::mat& z = z_[L_];
    if (problem_.loss == Loss::squared) {
      return value + 0.5 * arma::accu(arma::square(z - problem_.targets()));
    }
    for (arma::uword n = 0; n < z.n_cols; ++n) {
      value += std::log(arma::accu(arma::exp(z.col(n)))) - arma::dot(z.col(n), problem_.targets().col(n));
    }
    return value;
  }

  long redos = 0;

 private:
  static arma::mat f(const arma::mat& z) { return arma::clamp(z, 0, arma::datum::inf); }
  arma::mat linear(arma::uword l) const {
    arma::mat m = W_[l] * a_[l - 1];
    m.each_col() += b_[l];
    return m;
  }

  template <class Step>
  void guarded(arma::mat& v, arma::mat& v_old, double omega, Step step) {
    const arma::mat plain = v;
    const arma::mat bar = v + omega * (v - v_old);
    const double before = F();
    v = step(bar);
    if (F() > before && omega != 0) {
      v = step(plain);
      ++redos;
    }
    v_old = plain;
  }

  double tau(const arma::mat& H, double rayleigh) const {
    if (p_.step.kind == StepRule::Kind::lipschitz) return arma::max(arma::eig_sym(H));
    if (p_.step.kind == StepRule::Kind::exact) return rayleigh;
    double trial = p_.step.initial;
    while (trial < rayleigh) trial *= p_.step.growth;
    return trial;
  }

  arma::mat weight_step(arma::uword l, const arma::mat& Wbar) const {
    const arma::mat& A = a_[l - 1];
    arma::mat E = Wbar * A;
    E.each_col() += b_[l];
    E -= z_[l];  // last, so that E is exactly zero where z is the forward value
    if (p_.decay == Decay::gradient) {
      const arma::mat g = p_.rho * E * A.t() + p_.mu * Wbar;
      const arma::mat H = p_.rho * A * A.t() + p_.mu * arma::eye(A.n_rows, A.n_rows);
      return Wbar - g / tau(H, arma::accu((g * H) % g) / arma::accu(arma::square(g)));
    }
    const arma::mat g = p_.rho * E * A.t();
    if (arma::accu(arma::abs(g)) == 0) return Wbar;
    const arma::mat H = p_.rho * A * A.t();
    const double theta = tau(H, arma::accu((g * H) % g) / arma::accu(arma::square(g)));
    return (theta * Wbar - g) / (theta + p_.mu);
  }

  arma::mat input_step(arma::uword l, const arma::mat& abar) const {
    const arma::mat& W = W_[l + 1];
    arma::mat E = W * abar;
    E.each_col() += b_[l + 1];
    E -= z_[l + 1];
    const arma::mat g = p_.rho * W.t() * E;
    const arma::mat H = p_.rho * W.t() * W;
    const arma::mat low = f(z_[l]) - eps_;
    const arma::mat high = f(z_[l]) + eps_;
    if (arma::accu(arma::abs(g)) == 0) return arma::min(arma::max(abar, low), high);
    double t = tau(H, arma::accu((H * g) % g) / arma::accu(arma::square(g)));
    while (true) {
      const arma::mat candidate = arma::min(arma::max(abar - g / t, low), high);
      const arma::mat D = candidate - abar;
      if (arma::accu((H * D) % D) <= t * arma::accu(arma::square(D)) * (1 + 1e-12)) return candidate;
      t *= 2;
    }
  }

  void output_step() {
    const arma::mat m = linear(L_);
    const arma::mat& y = problem_.targets();
    if (problem_.loss == Loss::squared) {
      z_[L_] = (y + p_.rho * m) / (1 + p_.rho);
      return;
    }
    for (arma::uword n = 0; n < m.n_cols; ++n) {
      arma::vec z = z_[L_].col(n);
      const auto value = [&](const arma::vec& v) {
        const double peak = v.max();
        return peak + std::log(arma::accu(arma::exp(v - peak))) - arma::dot(v, y.col(n)) +
               p_.rho / 2 * arma::accu(arma::square(v - m.col(n)));
      };
      for (int i = 0; i < 200; ++i) {
        const arma::vec q = arma::exp(z - z.max());
        const arma::vec prob = q / arma::accu(q);
        const arma::vec g = prob - y.col(n) + p_.rho * (z - m.col(n));
        if (arma::abs(g).max() < 1e-15) break;
        const arma::mat H = arma::diagmat(prob + p_.rho) - prob * prob.t();
        const arma::vec d = arma::solve(H, g);
        double t = 1;
        while (value(z - t * d) > value(z) + 1e-15 && t > 1e-10) t /= 2;
        z -= t * d;
      }
      z_[L_].col(n) = z;
    }
  }

  const Problem<double>& problem_;
  MdlamParameters p_;
  arma::uword L_;
  std::vector<arma::mat> W_;
  std::vector<arma::vec> b_;
  std::vector<arma::mat> z_;
  std::vector<arma::mat> a_;
  std::vector<arma::mat> W_old_;
  std::vector<arma::mat> a_old_;
  double eps_ = 0;
  double s_ = 0;
  int k_ = 0;
};

class Collector : public StateVisitor<double> {
 public:
  void matrix(std::string_view name, const arma::mat& value) override { all[std::string(name)] = value; }
  void vector(std::string_view name, const arma::vec& value) override { all[std::string(name)] = value; }
  std::map<std::string, arma::mat> all;
};

/// Largest relative difference over all variables.
double distance(const Mdlam<double>& solver, const Reference& reference) {
  Collector ours;
  solver.visit_state(ours);
  const auto theirs = reference.variables();
  BOOST_REQUIRE_EQUAL(ours.all.size(), theirs.size());
  double worst = 0;
  for (const auto& [name, value] : theirs) {
    BOOST_REQUIRE(ours.all.count(name) == 1);
    const double gap = arma::norm(ours.all[name] - value, "fro") / (1e-300 + arma::norm(value, "fro"));
    worst = std::max(worst, gap);
  }
  return worst;
}

const std::vector<std::vector<arma::uword>> shapes{{4, 6, 3}, {4, 6, 5, 3}, {4, 5, 7, 5, 3}};
const std::vector<StepRule> rules{{StepRule::Kind::exact, 1, 2},
                                  {StepRule::Kind::backtracking, 1e-3, 2},
                                  {StepRule::Kind::backtracking, 1, 3},
                                  {StepRule::Kind::lipschitz, 1, 2}};
struct Setting {
  double rho;
  double mu;
  EpsSchedule eps;
};
const std::vector<Setting> settings{{0.5, 0, {1, 0.5, 0.01}},
                                    {2, 0.1, {0.3, 0.5, 0.001}},
                                    {1e-3, 0.05, {100, 0.5, 0.001}},
                                    {1, 0, {0.2, 1, 0.001}}};

void compare(Loss loss, bool accelerate, Decay decay = Decay::proximal) {
  long redos = 0;
  for (const auto& widths : shapes) {
    const auto problem = testing::small_problem<double>(widths, 12, loss);
    for (const StepRule& rule : rules) {
      for (const Setting& setting : settings) {
        MdlamParameters p;
        p.rho = setting.rho;
        if (decay == Decay::gradient && setting.mu == 0) continue;  // no decay, nothing to compare
        p.mu = setting.mu;
        p.decay = decay;
        p.eps = setting.eps;
        p.step = rule;
        p.accelerate = accelerate;
        const auto start = gaussian_network<double>(widths, 7);
        Mdlam<double> solver(p);
        solver.initialize(problem, start, 7);
        Reference reference(problem, p, start);
        for (int k = 1; k <= 8; ++k) {
          solver.step();
          reference.iterate();
          if (k != 1 && k != 2 && k != 5 && k != 8) continue;
          BOOST_TEST_CONTEXT("L = " << widths.size() - 1 << ", rule " << static_cast<int>(rule.kind)
                                    << " from " << rule.initial << ", rho " << p.rho << ", mu " << p.mu
                                    << ", eps " << p.eps.initial << ", iteration " << k) {
            BOOST_TEST(distance(solver, reference) < 1e-10);
            BOOST_TEST(std::abs(solver.diagnostics().objective.value() - reference.F()) <
                       1e-9 * (1 + std::abs(reference.F())));
          }
        }
        redos += reference.redos;
      }
    }
  }
  if (accelerate) BOOST_TEST(redos > 0);  // else the safeguard's path would not have been compared
}

}  // namespace

BOOST_AUTO_TEST_CASE(mdlam_cross_entropy) { compare(Loss::cross_entropy, true); }
BOOST_AUTO_TEST_CASE(mdlam_squared) { compare(Loss::squared, true); }
BOOST_AUTO_TEST_CASE(dlam_cross_entropy) { compare(Loss::cross_entropy, false); }
BOOST_AUTO_TEST_CASE(dlam_squared) { compare(Loss::squared, false); }

BOOST_AUTO_TEST_CASE(decay_in_the_gradient) {
  compare(Loss::cross_entropy, false, Decay::gradient);
  compare(Loss::squared, true, Decay::gradient);
}

BOOST_AUTO_TEST_CASE(the_comparison_notices_a_difference) {
  const auto problem = testing::small_problem<double>({4, 6, 5, 3}, 12, Loss::squared);
  MdlamParameters p;
  p.eps = {1, 0.5, 0.01};
  const auto start = gaussian_network<double>(problem.widths, 7);
  Mdlam<double> solver(p);
  solver.initialize(problem, start, 7);
  p.accelerate = false;
  Reference reference(problem, p, start);
  for (int k = 0; k < 5; ++k) {
    solver.step();
    reference.iterate();
  }
  BOOST_TEST(distance(solver, reference) > 1e-4);
}

BOOST_AUTO_TEST_SUITE_END()
