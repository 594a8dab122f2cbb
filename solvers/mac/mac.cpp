/// The method of auxiliary coordinates: Carreira-Perpinan, Wang: Distributed optimization of deeply nested systems, AISTATS 2014, arXiv
/// 1212.5921. The layers' outputs a_l are variables of their own, tied to the network by a quadratic penalty that is raised on the way:
///
///   E_Q(W, a; mu) = R(T_L; Y) + (mu/2) sum_{l<L} ||a_l - f(T_l)||^2,   T_l = W_l a_{l-1} + b_l,  a_0 = x
///
/// One iteration: the weights of all layers, which do not depend on each other, then the coordinates a_{L-1}, ..., a_1 (or those of a
/// sample together), then perhaps mu. Hidden units and samples are nonlinear least-squares problems: a Gauss-Newton step each, with a
/// curvature c >= |f'| in place of f', so that one factorisation serves all units of a layer or all samples, and backtracking for each
/// alone. E_Q never rises while mu stays.

#include <algorithm>
#include <limits>

#include "core/blocks/gauss_newton.hpp"
#include "core/blocks/layer_variables.hpp"
#include "core/blocks/linear_residual.hpp"
#include "core/compute/cholesky.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "solvers/mac/joint_step.hpp"
#include "solvers/mac/output_fit.hpp"
#include "solvers/mac/penalty_continuation.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

struct MacParameters {
  enum class CoordinateStep { gauss_seidel, joint };

  CoordinateStep a_step = CoordinateStep::gauss_seidel;
  PenaltyContinuation penalty;
  double lam = 1;
  long output_steps = 3;
  long halvings = 8;
  bool refit = true;
  InitialWeights weights = InitialWeights::gaussian;

  void visit(ParameterVisitor& v) {
    v.choice(
        "a_step", a_step, {"gauss_seidel", "joint"},
        "coordinates: layer by layer from the output down, or all of a sample together (O(N (sum n_l)^3))");
    v.group("penalty", penalty, "mu of (mu/2) sum ||a_l - f(W_l a_{l-1} + b_l)||^2, and how it is raised");
    v.real("lam", lam, positive, "damping of the weight steps, (c^2 At At^T + lam I)^{-1}");
    v.integer("output_steps", output_steps, at_least_one,
              "steps on (W_L, b_L) an iteration; the first is exact for the squared loss and lam -> 0");
    v.integer("halvings", halvings, non_negative,
              "shortest step tried is 2^-halvings; a unit or sample whose error falls at none stays");
    v.boolean("refit", refit,
              "columns refit_loss, refit_train_accuracy, refit_test_accuracy: the post-processed network's");
    visit_initial_weights(v, weights);
  }
};

namespace {

/// Refits of W_L at the end of a run; cross entropy needs some.
constexpr long refit_steps = 20;

}  // namespace

template <class T>
class Mac final : public Solver<T> {
 public:
  explicit Mac(const MacParameters& p) : p_(p) {}

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override {
    return initial_weights<T>(p_.weights, given.widths, seed);
  }

  void step() override {
    const double before = penalised();
    for (arma::uword l = 1; l < L(); ++l) update_W(l);
    update_W_L();
    if (p_.a_step == MacParameters::CoordinateStep::joint) {
      if (L() > 1) joint_(problem(), network_, mu_, p_.halvings, a_, T_);
    } else {
      if (L() > 1) update_a_below_output();
      for (arma::uword l = L() - 1; l-- > 1;) update_a(l);
    }
    raise_mu(before);
  }

  const Network<T>& network() const override { return network_; }

  /// objective: E_Q at the mu of the next iteration; residual: sum_{l<L} ||a_l - f(T_l)||^2. Columns mu and, with `refit`, what the
  /// network does once its output layer has been fitted to its own hidden outputs.
  Diagnostics diagnostics() const override {
    Diagnostics result;
    result.residual = gaps();
    result.objective =
        loss_value(problem().loss, T_(L()), problem().targets()) + 0.5 * mu_ * *result.residual;
    result.named = {{"mu", mu_}};
    if (p_.refit) add_refit(result);
    return result;
  }

  void visit_state(StateVisitor<T>& visitor) const override {
    Solver<T>::visit_state(visitor);
    for (arma::uword l = 1; l < L(); ++l) visitor.matrix(layer_name("a", l), a_(l));
  }

  void archive(StateArchive& archive) override { archive(network_, a_, T_, mu_, k_, loss_, gaps_); }

 protected:
  using Solver<T>::problem;

  /// a_l and T_l by forward pass.
  void start(Network<T> initial, std::uint64_t /*seed*/) override {
    require_derivative(problem().activation, "mac");
    LayerVariables<T> forward = forward_state(problem(), std::move(initial));
    network_ = std::move(forward.network);
    a_ = std::move(forward.a);
    T_ = std::move(forward.z);
    affine(forward.WA(L()), network_.b[L() - 1], T_(L()));  // the forward value for either loss
    mu_ = p_.penalty.initial;
    k_ = 0;
    size_buffers();
    ridge_(1).factorize(curvature(1), p_.lam, problem().x());  // x never changes
    loss_ = loss_value(problem().loss, T_(L()), problem().targets());
    gaps_ = gaps();
  }

 private:
  arma::uword L() const { return problem().layers(); }
  const arma::Mat<T>& a(arma::uword l) const { return layer_input(problem(), a_, l + 1); }  ///< a_0 = x

  /// Bound of the curvature, in T_l, of what W_l and a_{l-1} are fitted to.
  double curvature(arma::uword l) const {
    const double c = slope_bound(problem().activation);
    return l == L() ? output_curvature(problem().loss) : c * c;
  }

  void size_buffers() {
    const auto& n = problem().widths;
    const arma::uword N = problem().samples();
    ridge_.assign(L(), {});
    gram_.clear();
    for (arma::uword l = 1; l <= L(); ++l) ridge_(l).reserve(n[l - 1], n[l]);
    const bool joint = p_.a_step == MacParameters::CoordinateStep::joint;
    workspace_.reserve(n, N, !joint);
    if (L() == 1) return;
    if (joint) {
      joint_.reserve(problem());
      return;
    }
    for (arma::uword l = 1; l < L(); ++l) gram_.emplace_back(n[l], n[l], arma::fill::zeros);
  }

  /// Hidden layer l, every unit a problem of its own, min_w sum_n (a_hn - f(w^T At_n))^2.
  void update_W(arma::uword l) {
    const arma::Mat<T>& input = a(l - 1);
    if (l > 1) ridge_(l).factorize(curvature(l), p_.lam, input);
    unit_step(problem().activation, 1, p_.halvings, ridge_(l), input, a_(l), network_.W[l - 1],
              network_.b[l - 1], T_(l), workspace_);
  }

  /// min R(W_L At; Y), some damped steps.
  void update_W_L() {
    const arma::Mat<T>& input = a(L() - 1);
    arma::Mat<T> S = workspace_.S.view(problem().widths[L()], problem().samples());
    arma::Mat<T> D = workspace_.D.view(S.n_rows, S.n_cols);
    if (L() > 1) ridge_(L()).factorize(curvature(L()), p_.lam, input);
    fit_output(problem().loss, problem().targets(), input, ridge_(L()), p_.output_steps, network_.W[L() - 1],
               network_.b[L() - 1], T_(L()), loss_, S, D);
  }

  /// a_{L-1}: a step from it to the minimum of R(W_L a + b_L; Y) + (mu/2)||a - f(T_{L-1})||^2 for the squared loss, of a bound of that
  /// for cross entropy:
  ///   a <- a + (mu I + h W_L^T W_L)^{-1} [mu (f(T_{L-1}) - a) - W_L^T dR/dT_L]
  void update_a_below_output() {
    const arma::uword l = L() - 1;
    arma::Mat<T> S = workspace_.S.view(problem().widths[L()], problem().samples());
    loss_gradient(problem().loss, T_(L()), problem().targets(), T(-1), S);
    arma::Mat<T> delta = workspace_.delta.view(problem().widths[l], problem().samples());
    input_direction(problem().activation, mu_, curvature(L()), network_.W[l], S, a_(l), T_(l), gram_(l),
                    delta);
    arma::Mat<T> D = workspace_.D.view(S.n_rows, S.n_cols);
    full_step(network_.W[l], delta, a_(l), T_(L()), D);
  }

  /// a_l, l < L-1, every sample a problem of its own, min ||a_l - f(T_l)||^2 + ||a_{l+1} - f(W_{l+1} a_l + b_{l+1})||^2.
  void update_a(arma::uword l) {
    sample_step(problem().activation, p_.halvings, network_.W[l], a_(l + 1), T_(l + 1), T_(l), gram_(l),
                a_(l), workspace_);
  }

  double gaps() const {
    double sum = 0;
    for (arma::uword l = 1; l < L(); ++l)
      sum += activation_residual_norm2(problem().activation, T_(l), a_(l));
    return sum;
  }

  /// E_Q of loss_ and gaps_.
  double penalised() const { return loss_ + 0.5 * mu_ * gaps_; }

  /// `before`: E_Q before the iteration.
  void raise_mu(double before) {
    loss_ = loss_value(problem().loss, T_(L()), problem().targets());
    if (p_.penalty.watches()) gaps_ = gaps();
    mu_ = p_.penalty.next(mu_, ++k_, before, penalised());
  }

  /// The post-processing: a_l = f(W_l a_{l-1} + b_l), and (W_L, b_L) fitted to that. The loss of the network can only fall.
  void add_refit(Diagnostics& result) const {
    Network<T> refitted = network_;
    arma::Mat<T> below;  // a_{L-1} of the forward pass
    for (arma::uword l = 1; l < L(); ++l) {
      arma::Mat<T> above = uninitialized<T>(problem().widths[l], problem().samples());
      gemm(Op::none, Op::none, T(1), refitted.W[l - 1], l == 1 ? problem().x() : below, T(0), above);
      add_column(above, refitted.b[l - 1]);
      activate(problem().activation, above, above);
      below = std::move(above);
    }
    const arma::Mat<T>& input = L() == 1 ? problem().x() : below;
    arma::Mat<T> z(problem().widths[L()], problem().samples());
    gemm(Op::none, Op::none, T(1), refitted.W[L() - 1], input, T(0), z);
    add_column(z, refitted.b[L() - 1]);
    BorderedRidge<T> ridge;
    ridge.reserve(input.n_rows, z.n_rows);
    ridge.factorize(curvature(L()), p_.lam, input);
    double loss = loss_value(problem().loss, z, problem().targets());
    arma::Mat<T> S(arma::size(z));
    arma::Mat<T> D(arma::size(z));
    fit_output(problem().loss, problem().targets(), input, ridge, refit_steps, refitted.W[L() - 1],
               refitted.b[L() - 1], z, loss, S, D);
    const auto add = [&](const char* name, const Evaluation& found) {
      if (found.accuracy) result.named.emplace_back(name, *found.accuracy);
    };
    const Evaluation train = evaluate_outputs(z, problem().loss, *problem().train);
    result.named.emplace_back("refit_loss", train.mean_loss);
    add("refit_train_accuracy", train);
    if (problem().test == nullptr) return;
    ForwardWorkspace<T> workspace;
    add("refit_test_accuracy", evaluate(refitted, problem(), *problem().test, workspace));
  }

  MacParameters p_;
  Network<T> network_;
  PerLayer<arma::Mat<T>> a_;  ///< l < L
  PerLayer<arma::Mat<T>> T_;  ///< W_l a_{l-1} + b_l, l = 1..L; moves with W_l and a_{l-1}
  double mu_ = 1;
  long k_ = 0;       ///< iterations
  double loss_ = 0;  ///< R(T_L) at the end of the last iteration
  double gaps_ = 0;  ///< sum_{l<L} ||a_l - f(T_l)||^2 there, where the continuation asks for it
  PerLayer<BorderedRidge<T>> ridge_;
  PerLayer<arma::Mat<T>> gram_;  ///< n_l x n_l, l < L
  GaussNewtonWorkspace<T> workspace_;
  JointStep<T> joint_;
};

namespace {

/// Of cross entropy, Gauss-Seidel and the tolerance.
MethodCost cost(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  constexpr double output_steps = 3;
  // R at the end, and the gaps of the hidden layers.
  IterationCost cost = entry_passes(2 * s.M(L) + 2 * s.hidden_outputs());
  double state = s.parameters() + s.outputs() + s.hidden_outputs();
  double scratch = GaussNewtonWorkspace<float>::entries(s);
  for (std::size_t l = 1; l <= L; ++l) {
    const double n = s.n(l - 1);
    scratch += bordered_entries(n, s.n(l));
    if (l > 1) cost += bordered_factor_cost(n, s.samples);
    if (l == L) break;
    cost += unit_step_cost(s, l);
    if (l + 1 < L) cost += sample_step_cost(s, l);
    scratch += s.n(l) * s.n(l);
  }
  if (L > 1) cost += full_step_cost(s, L - 1) + entry_passes(3 * s.M(L));  // and dR/dT_L
  // W_L: gradient 3, D 2, z + D 3, its loss 2, z 2; the weights 3.
  cost += output_steps * (bordered_apply_cost(s.n(L - 1), s.samples, s.n(L)) + layer_products(s, L, 1) +
                          entry_passes(12 * s.M(L) + 3 * s.w(L)));
  const double grams = sum_layers(1, L, [&](auto l) { return s.n(l - 1) * s.n(l - 1); });
  MemoryCost memory = held_memory(s, o, state, scratch, GaussNewtonWorkspace<float>::bytes(s));
  // The refitted network: weights, the outputs of two layers at a time, three matrices of the last one's shape, its ridge. At the start:
  // W a of all layers.
  double pair = 0;
  for (std::size_t l = 1; l < L; ++l) pair = std::max(pair, s.M(l) + (l > 1 ? s.M(l - 1) : 0));
  const double refit = s.parameters() + pair + 3 * s.M(L) + bordered_entries(s.n(L - 1), s.n(L));
  memory.passing = s.entry_bytes * std::max(refit, s.outputs()) + packed_by_solve(s.samples, s.entry_bytes);
  return {cost, memory, {s.weights() + grams, static_cast<double>(2 * L)}, {}};
}

const RegisterSolver<MacParameters, Mac> registered(
    "mac", "method of auxiliary coordinates: a penalty on a_l = f(W_l a_{l-1} + b_l) that is raised",
    "Carreira-Perpinan, Wang: Distributed optimization of deeply nested systems, AISTATS 2014, arXiv "
    "1212.5921",
    {{"joint", "the coordinates of a sample together, as in the paper; for small networks",
      [](MacParameters& p) { p.a_step = MacParameters::CoordinateStep::joint; }}},
    {cost});

}  // namespace

}  // namespace admmbench
