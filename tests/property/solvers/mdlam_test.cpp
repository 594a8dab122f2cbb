/// mDLAM's theory (docs/methods/mdlam.md#theory-and-where-it-holds), each property with its negative control.

#include "solvers/mdlam/mdlam.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/small_problem.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(mdlam_test)

namespace {

/// The solver with its block updates open.
template <class T>
struct OpenMdlam : Mdlam<T> {
  using Mdlam<T>::Mdlam;
  using Mdlam<T>::update_W;
  using Mdlam<T>::update_b;
  using Mdlam<T>::update_z;
  using Mdlam<T>::update_a;
  using Mdlam<T>::update_z_L;
  using Mdlam<T>::set_omega;
  using Mdlam<T>::eps;
  using Mdlam<T>::state;
  double F() const { return this->diagnostics().objective.value(); }
};

using Open = OpenMdlam<double>;

MdlamParameters parameters_with(EpsSchedule eps, bool accelerate = true, double rho = 1) {
  MdlamParameters p;
  p.rho = rho;
  p.eps = eps;
  p.accelerate = accelerate;
  return p;
}

double named(const Diagnostics& diagnostics, std::string_view name) {
  for (const auto& [key, value] : diagnostics.named) {
    if (key == name) return value;
  }
  throw std::logic_error("no such diagnostic");
}

/// Runs one sweep with extrapolation weight `omega` (eps stays as it is) and returns how many block updates
/// raised F by more than rounding.
int rises_in_sweep(Open& solver, arma::uword layers, double omega) {
  solver.set_omega(omega);
  double last = solver.F();
  int rises = 0;
  const auto check = [&] {
    const double now = solver.F();
    if (now > last + 1e-12 * (1 + std::abs(last))) ++rises;
    last = now;
  };
  for (arma::uword l = 1; l <= layers; ++l) {
    solver.update_W(l);
    check();
    solver.update_b(l);
    check();
    if (l < layers) {
      solver.update_z(l);
      check();
      solver.update_a(l);
    } else {
      solver.update_z_L();
    }
    check();
  }
  return rises;
}

const std::vector<StepRule> rules{{StepRule::Kind::exact, 1, 2},
                                  {StepRule::Kind::backtracking, 1e-3, 2},
                                  {StepRule::Kind::lipschitz, 1, 2}};

/// Six iterations under the shrinking schedule move every layer off its forward value, then one sweep inside
/// the final band; from there on eps is fixed.
Open started(const Problem<double>& problem, MdlamParameters p) {
  p.eps = {1, 0.5, 0.05};
  Open solver(p);
  solver.initialize(problem, gaussian_network<double>(problem.widths, 4), 4);
  for (int k = 0; k < 7; ++k) solver.step();
  return solver;
}

double relative_change(const arma::mat& now, const arma::mat& before) {
  return arma::norm(now - before, "fro") / arma::norm(before, "fro");
}

}  // namespace

/// Lemma 1: for fixed eps no block update raises F. (mu = 0: the proximal form of mu keeps the
/// quadratic model's tau below the curvature of the shrunk direction; regularisers are majorised.)
BOOST_AUTO_TEST_CASE(F_does_not_rise_in_any_block_for_fixed_eps) {
  using Kind = Regularizer::Kind;
  for (const Loss loss : {Loss::cross_entropy, Loss::squared}) {
    for (const Activation f : {Activation::relu, Activation::leaky_relu, Activation::tanh,
                               Activation::sigmoid, Activation::identity}) {
      const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, loss, f);
      for (const StepRule& rule : rules) {
        for (const Kind kind : {Kind::none, Kind::l1, Kind::nonnegative, Kind::sparse, Kind::levels}) {
          MdlamParameters p = parameters_with({});
          p.step = rule;
          p.regularizer = {kind, 0.05};
          Open solver = started(problem, p);
          int rises = 0;
          for (int k = 0; k < 25; ++k) rises += rises_in_sweep(solver, 3, 0.9);
          BOOST_TEST(rises == 0, to_string(f) << ", rule " << static_cast<int>(rule.kind) << ", regulariser "
                                              << static_cast<int>(kind) << ": " << rises);
        }
      }
    }
  }
}

/// Negative control: while eps shrinks the assumption of Lemma 1 fails, and F does rise.
BOOST_AUTO_TEST_CASE(F_rises_while_eps_shrinks) {
  const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy);
  Open solver(parameters_with({100, 0.5, 0.001}));
  solver.initialize(problem, gaussian_network<double>(problem.widths, 4), 4);
  int rises = 0;
  double last = solver.F();
  for (int k = 0; k < 20; ++k) {
    solver.step();
    if (solver.F() > last * (1 + 1e-9)) ++rises;
    last = solver.F();
  }
  BOOST_TEST(rises > 0);
}

/// Without biases they are 0 from the start, whatever is given. Control: with them they move.
BOOST_AUTO_TEST_CASE(biases_can_be_left_out) {
  const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy);
  const auto largest = [&](bool bias) {
    MdlamParameters p = parameters_with({100, 0.5, 0.001});
    p.bias = bias;
    Open solver(p);
    solver.initialize(problem, gaussian_network<double>(problem.widths, 4), 4);
    for (int k = 0; k < 3; ++k) solver.step();
    double value = 0;
    for (const arma::vec& b : solver.network().b) value = std::max(value, arma::abs(b).max());
    return value;
  };
  BOOST_TEST(largest(false) == 0);
  BOOST_TEST(largest(true) > 0);
}

/// |a_l - f(z_l)| <= eps after every sweep, also where boxes were empty; before the sweep the shrunken band
/// is violated (negative control).
BOOST_AUTO_TEST_CASE(a_stays_in_its_band) {
  for (const Activation f : {Activation::relu, Activation::leaky_relu, Activation::tanh, Activation::sigmoid,
                             Activation::identity}) {
    const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy, f);
    Open solver(parameters_with({100, 0.5, 0.001}, true, 1e-2));
    solver.initialize(problem, gaussian_network<double>(problem.widths, 4), 4);
    const auto violation = [&](double eps) {
      double worst = 0;
      for (arma::uword l = 0; l < 2; ++l) {
        arma::mat fz;
        activate(f, solver.state().z(l + 1), fz);
        worst = std::max(worst, arma::abs(solver.state().a(l + 1) - fz).max() - eps);
      }
      return worst;
    };
    int violated = 0;
    for (int k = 0; k < 40; ++k) {
      const double eps = solver.eps();
      if (violation(eps) > 1e-6) ++violated;
      solver.step();
      BOOST_TEST(violation(eps) <= 1e-13 * (1 + eps));
      BOOST_TEST(named(solver.diagnostics(), "eps") == eps);
    }
    BOOST_TEST(violated > 0);
    if (f == Activation::relu) BOOST_TEST(named(solver.diagnostics(), "empty_boxes") > 0);
  }
}

/// The paper's z-step from an extrapolated point, clip(zbar - grad phi(zbar)/rho, B1, B2), does not depend on
/// zbar. Its a-step does depend on abar (negative control).
BOOST_AUTO_TEST_CASE(z_does_not_depend_on_extrapolation) {
  const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy);
  Open solver = started(problem, parameters_with({}));
  constexpr double rho = 1;
  solver.update_W(2);
  solver.update_b(2);
  const arma::mat z = solver.state().z(2);
  const arma::mat a = solver.state().a(2);
  arma::mat m = solver.state().network.W[1] * solver.state().a(1);
  m.each_col() += solver.state().network.b[1];
  solver.update_z(2);
  Rng rng(1);
  for (int trial = 0; trial < 5; ++trial) {
    arma::mat zbar(arma::size(z));
    fill_normal(rng, 3.0, zbar);
    const arma::mat point = zbar - rho * (zbar - m) / rho;
    for (arma::uword i = 0; i < z.n_elem; ++i) {
      const BandBox<double> box = band_box(Activation::relu, solver.eps(), a[i]);
      BOOST_REQUIRE_SMALL(std::min(std::max(point[i], box.low), box.high) - solver.state().z(2)[i], 1e-12);
    }
  }
  Open other = solver;
  solver.set_omega(0);
  solver.update_a(2);
  other.set_omega(0.3);
  other.update_a(2);
  BOOST_TEST(relative_change(other.state().a(2), solver.state().a(2)) > 1e-6);
}

/// With a fixed eps and a forward-pass start only the output layer is trained; the schedule is
/// what moves the hidden layers (negative control).
BOOST_AUTO_TEST_CASE(hidden_weights_move_only_under_the_schedule) {
  for (const bool accelerate : {false, true}) {
    const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy);
    const auto start = gaussian_network<double>(problem.widths, 4);
    const auto changes = [&](EpsSchedule eps) {
      Open solver(parameters_with(eps, accelerate));
      solver.initialize(problem, start, 4);
      for (int k = 0; k < 100; ++k) solver.step();
      std::vector<double> all;
      for (arma::uword l = 0; l < 3; ++l) all.push_back(relative_change(solver.network().W[l], start.W[l]));
      return all;
    };
    for (const double eps : {1.0, 0.01, 0.001}) {
      const auto fixed = changes({eps, 1, 0.001});
      BOOST_TEST(fixed[0] < 1e-12);
      BOOST_TEST(fixed[1] < 1e-12);
      BOOST_TEST(fixed[2] > 0.1);
    }
    const auto scheduled = changes({100, 0.5, 0.001});
    for (const double change : scheduled) BOOST_TEST(change > 0.05);
  }
}

/// The extrapolation is active: it changes the iterates and ends lower, for fixed eps and under the schedule.
BOOST_AUTO_TEST_CASE(acceleration_lowers_F) {
  for (const EpsSchedule eps : {EpsSchedule{0.1, 1, 0.001}, EpsSchedule{100, 0.5, 0.001}}) {
    double plain = 0;
    double accelerated = 0;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      const auto problem =
          testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy, Activation::relu, seed);
      for (const bool accelerate : {false, true}) {
        Open solver(parameters_with(eps, accelerate));
        solver.initialize(problem, gaussian_network<double>(problem.widths, seed), seed);
        for (int k = 0; k < 100; ++k) solver.step();
        (accelerate ? accelerated : plain) += solver.F();
      }
    }
    BOOST_TEST(accelerated < 0.98 * plain);
  }
}

/// A useless extrapolation is noticed, and the redone block is the plain one to the last bit.
BOOST_AUTO_TEST_CASE(a_redone_block_is_the_plain_block) {
  const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy);
  const Open origin = started(problem, parameters_with({}));
  const auto redos = [](const Open& solver) { return named(solver.diagnostics(), "safeguard_redos"); };
  Open far = origin;
  Open plain = origin;
  far.set_omega(1e4);
  plain.set_omega(0);
  for (const arma::uword l : {1U, 2U, 3U}) {
    far.update_W(l);
    plain.update_W(l);
    BOOST_TEST(arma::abs(far.state().network.W[l - 1] - plain.state().network.W[l - 1]).max() == 0.0);
    BOOST_TEST(arma::abs(far.state().WA(l) - plain.state().WA(l)).max() == 0.0);
  }
  BOOST_TEST(redos(far) - redos(origin) == 3);
  BOOST_TEST(redos(plain) - redos(origin) == 0);
  // Without the safeguard F would have risen: that is what it tests.
  Open near = origin;
  near.set_omega(0.3);
  near.update_W(3);
  BOOST_TEST(redos(near) - redos(origin) == 0);
  BOOST_TEST(relative_change(near.state().network.W[2], origin.state().network.W[2]) > 0);
}

/// The cached products stay what they stand for.
BOOST_AUTO_TEST_CASE(cached_products_are_current) {
  const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy);
  Open solver(parameters_with({100, 0.5, 0.001}, true, 1e-3));
  solver.initialize(problem, gaussian_network<double>(problem.widths, 4), 4);
  for (int k = 0; k < 60; ++k) solver.step();
  for (arma::uword l = 1; l <= 3; ++l) {
    const arma::mat product = solver.state().network.W[l - 1] * layer_input(problem, solver.state().a, l);
    BOOST_TEST(relative_change(solver.state().WA(l), product) < 1e-10);
  }
}

/// As a fixed-point map: blocks written back unchanged leave the iteration alone; disturbed ones are taken
/// into the band, products included; weights alone re-derive z and a.
BOOST_AUTO_TEST_CASE(blocks_can_be_written_from_outside) {
  const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy);
  Open solver = started(problem, parameters_with({}, false));
  Open same = solver;
  same.variables_changed();
  same.step();
  Open plain = solver;
  plain.step();
  for (arma::uword l = 0; l < 3; ++l) {
    BOOST_TEST(relative_change(same.state().network.W[l], plain.state().network.W[l]) < 1e-11);
  }

  std::vector<std::string> names;
  for (const auto& block : solver.blocks()) {
    names.push_back(block.name);
    BOOST_TEST(block.is_weight == (block.name[0] == 'W' || block.name[0] == 'b'));
    if (block.name[0] != 'b') {
      for (double& value : block.values) value *= 1.5;
    }
  }
  const std::vector<std::string> expected{"W1", "b1", "z1", "a1", "W2", "b2", "z2", "a2", "W3", "b3", "z3"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  const auto feasible = [&] {
    for (arma::uword l = 0; l < 2; ++l) {
      arma::mat fz;
      activate(problem.activation, solver.state().z(l + 1), fz);
      BOOST_TEST(arma::abs(solver.state().a(l + 1) - fz).max() <= solver.eps() + 1e-14);
    }
    for (arma::uword l = 1; l <= 3; ++l) {
      const arma::mat product = solver.state().network.W[l - 1] * layer_input(problem, solver.state().a, l);
      BOOST_TEST(relative_change(solver.state().WA(l), product) < 1e-13);
    }
  };
  solver.variables_changed();
  feasible();
  for (const auto& block : solver.blocks()) {
    if (!block.is_weight) continue;
    for (double& value : block.values) value /= 1.5;
  }
  solver.weights_changed();
  feasible();
  BOOST_TEST(solver.combined_residual() == *solver.diagnostics().residual);
}

BOOST_AUTO_TEST_CASE(map_version_counts_eps_changes) {
  const auto problem = testing::small_problem<double>({5, 8, 7, 3}, 40, Loss::cross_entropy);
  Open solver(parameters_with({1, 0.5, 0.2}));  // 1, 0.5, 0.25, 0.2, 0.2, ...
  solver.initialize(problem, gaussian_network<double>(problem.widths, 4), 4);
  std::vector<long> versions;
  for (int k = 0; k < 5; ++k) {
    versions.push_back(solver.map_version());
    solver.step();
  }
  const std::vector<long> expected{0, 1, 2, 3, 3};
  BOOST_TEST(versions == expected, boost::test_tools::per_element());
}

/// float32 follows float64 through the whole schedule, although a_l is large while the band is wide.
BOOST_AUTO_TEST_CASE(single_precision_follows_double) {
  const auto run = [](auto zero) {
    using T = decltype(zero);
    const auto problem = testing::small_problem<T>({5, 8, 7, 3}, 40, Loss::cross_entropy);
    OpenMdlam<T> solver(parameters_with({100, 0.5, 0.001}, false, 1e-2));
    solver.initialize(problem, gaussian_network<T>(problem.widths, 4), 4);
    for (int k = 0; k < 60; ++k) solver.step();
    return solver.F();
  };
  const double wide = run(0.0);
  BOOST_TEST(std::abs(run(0.0F) - wide) < 0.02 * wide);
}

BOOST_AUTO_TEST_SUITE_END()
