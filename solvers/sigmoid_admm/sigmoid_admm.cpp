/// ADMM with one multiplier per layer for networks with smooth activations: Zeng, Lin, Yao, Zhou: On ADMM in Deep Learning: Convergence
/// and Saturation-Avoidance, JMLR 22(199), 2021, arXiv 1902.02060, as in its code (github.com/JinshanZeng/ADMM-DeepLearning, 1f65b73).
/// V_l = a_l are the layers' outputs, V_L the network's, Vt = [V; 1], W_l with the bias as its last column, f_L the identity.
///
///   L = R(V_L) + (lam/2) sum_l ||W_l||^2 + sum_l [ <Lam_l, f_l(W_l Vt_{l-1}) - V_l> + (beta/2)||f_l(W_l Vt_{l-1}) - V_l||^2 ]
///
/// One iteration: W_L, ..., W_1, then V_1, ..., V_L, then all Lam_l. Where an activation is inside a square it is replaced by its
/// quadratic model at the current point with the curvature h/2, h = max|B|, B what f is drawn to: closed forms throughout.

#include <algorithm>
#include <cmath>

#include "baselines/least_squares.hpp"
#include "core/blocks/bordered_ridge.hpp"
#include "core/blocks/layer_variables.hpp"
#include "core/blocks/linear_residual.hpp"
#include "core/blocks/output_prox.hpp"
#include "core/compute/buffer.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"
#include "solvers/solver.hpp"

namespace admmbench {

struct SigmoidAdmmParameters {
  enum class Start { suite, released };

  double beta = 1;
  double lam = 1e-6;
  Start start = Start::suite;
  InitialWeights weights = InitialWeights::gaussian;
  OutputProx zL;

  void visit(ParameterVisitor& v) {
    v.real("beta", beta, positive, "penalty of every constraint V_l = f_l(W_l V_{l-1} + b_l)");
    v.real("lam", lam, positive, "weight decay (lam/2)||W_l||^2, of biases, too");
    v.choice(
        "start", start, {"suite", "released"},
        "initial weights: the suite's, or N(0, (8 sqrt(2/n_l))^2) with zero biases of the released code");
    if (start == Start::suite || v.wants_all()) visit_initial_weights(v, weights);
    v.group("zL", zL, "solver of the V_L-update");
  }
};

template <class T>
class SigmoidAdmm final : public Solver<T> {
 public:
  explicit SigmoidAdmm(const SigmoidAdmmParameters& p) : p_(p) {}

  Network<T> initial_network(const Problem<T>& given, std::uint64_t seed) const override {
    if (p_.start == SigmoidAdmmParameters::Start::suite)
      return initial_weights<T>(p_.weights, given.widths, seed);
    Network<T> network = gaussian_network<T>(given.widths, seed);
    for (arma::uword l = 0; l < network.layers(); ++l) {
      constexpr double suite = 0.1;
      const double deviation = 8 * std::sqrt(2.0 / static_cast<double>(given.widths[l + 1]));
      network.W[l] *= static_cast<T>(deviation / suite);
      network.b[l].zeros();
    }
    return network;
  }

  void step() override {
    for (arma::uword l = L(); l >= 1; --l) update_W(l);
    for (arma::uword l = 1; l <= L(); ++l) update_V(l);
    for (arma::uword l = 1; l <= L(); ++l) update_Lam(l);
  }

  const Network<T>& network() const override { return network_; }

  /// objective: the augmented Lagrangian L; residual: sum_l ||f_l(W_l Vt_{l-1}) - V_l||^2.
  Diagnostics diagnostics() const override {
    double residual = 0;
    double multipliers = 0;
    double decay = 0;
    for (arma::uword l = 1; l <= L(); ++l) {
      const arma::Mat<T>& F = F_(l);
      const arma::Mat<T>& V_l = V_(l);
      residual += activation_residual_norm2(Activation::identity, F, V_l);
      multipliers += inner(Lam_(l), F) - inner(Lam_(l), V_l);
      decay += norm2(network_.W[l - 1]) + norm2<T>(network_.b[l - 1]);
    }
    Diagnostics result;
    result.objective = loss_value(problem().loss, V_(L()), problem().targets()) + multipliers +
                       0.5 * p_.beta * residual + 0.5 * p_.lam * decay;
    result.residual = residual;
    return result;
  }

  void visit_state(StateVisitor<T>& visitor) const override {
    Solver<T>::visit_state(visitor);
    for (arma::uword l = 1; l <= L(); ++l) {
      visitor.matrix(layer_name("a", l), V_(l));
      visitor.matrix(layer_name("u", l), Lam_(l));
    }
  }

  void archive(StateArchive& archive) override { archive(network_, z_, V_, F_, Lam_); }

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t /*seed*/) override {
    require_derivative(problem().activation, "sigmoid_admm");
    LayerVariables<T> forward = forward_state(problem(), std::move(initial));
    forward.z.clear();  // f(z) is all that is needed of it
    network_ = std::move(forward.network);
    z_ = std::move(forward.WA);
    const arma::uword N = problem().samples();
    V_ = std::move(forward.a);
    V_.push_back(z_(L()));
    affine(z_(L()), network_.b[L() - 1], V_(L()));
    F_ = V_;
    Lam_.clear();
    ridge_.assign(L(), {});
    gram_.clear();
    arma::uword largest = 0;
    for (arma::uword l = 1; l <= L(); ++l) {
      arma::Mat<T>& z = z_(l);
      add_column(z, network_.b[l - 1]);
      Lam_.emplace_back(arma::size(V_(l)), arma::fill::zeros);
      ridge_(l).reserve(problem().widths[l - 1], problem().widths[l]);
      if (l < L()) gram_.emplace_back(problem().widths[l], problem().widths[l], arma::fill::zeros);
      largest = std::max(largest, problem().widths[l] * N);
    }
    B_.reserve(largest);
    centre_.reserve(largest);
    prox_.reserve(problem().widths.back(), N, p_.zL);
  }

 private:
  arma::uword L() const { return problem().layers(); }
  const arma::Mat<T>& V(arma::uword l) const { return layer_input(problem(), V_, l + 1); }  ///< V_0 = x

  /// W_L <- (beta V_L - Lam_L) Vt^T (lam I + beta Vt Vt^T)^{-1};
  /// W_l <- beta (h T/2 - G) Vt^T (lam I + beta (h/2) Vt Vt^T)^{-1},  T = W_l Vt, G = (f(T) - B) o f'(T), B = V_l - Lam_l/beta.
  void update_W(arma::uword l) {
    const arma::Mat<T>& input = V(l - 1);
    arma::Mat<T> S = B_.view(problem().widths[l], problem().samples());
    const double h = drawn_to(l, S);
    if (l < L()) {
      model(z_(l), S, h, S);
      ridge_(l).factorize(p_.beta * h / 2, p_.lam, input);
    } else {
      ridge_(l).factorize(p_.beta, p_.lam, input);
    }
    const arma::Mat<T>& joint = ridge_(l).apply(p_.beta, S, input);
    std::copy_n(joint.memptr(), network_.W[l - 1].n_elem, network_.W[l - 1].memptr());
    std::copy_n(joint.colptr(joint.n_cols - 1), network_.b[l - 1].n_elem, network_.b[l - 1].memptr());
  }

  /// B <- V_l - Lam_l / beta; returns max|B|.
  double drawn_to(arma::uword l, arma::Mat<T>& B) {
    const T inverse = static_cast<T>(1 / p_.beta);
    for_entries(reads(V_(l), Lam_(l)), writes(B),
                [inverse, b = B.memptr(), v = V_(l).memptr(), u = Lam_(l).memptr()](std::size_t i) {
                  b[i] = v[i] - inverse * u[i];
                });
    if (l == L()) return 0;
    count_pass(reads(B));
    double h = 0;
    for (const T value : B) h = std::max(h, std::abs(static_cast<double>(value)));
    return h;
  }

  /// out <- h T/2 - (f(T) - B) o f'(T), entry by entry; out may be B.
  void model(const arma::Mat<T>& at, const arma::Mat<T>& B, double h, arma::Mat<T>& out) {
    with_activation<T>(problem().activation, [&](auto f) {
      for_entries(reads(at, B), writes(out),
                  [f, half = static_cast<T>(h / 2), t = at.memptr(), b = B.memptr(), o = out.memptr()](
                      std::size_t i) { o[i] = half * t[i] - (f(t[i]) - b[i]) * f.derivative(t[i]); });
    });
  }

  /// V_l; F_l = f(W_l Vt_{l-1}) is up to date after it.
  ///   l < L-1: (beta I + beta (h/2) W^T W)^{-1} (beta C + beta W^T (h T/2 - G)),  C = F_l + Lam_l/beta, W = W_{l+1}, T = W V_l,
  ///            G = (f(T + b) - B) o f'(T + b), B = V_{l+1} - Lam_{l+1}/beta
  ///   l = L-1: (beta I + beta W^T W)^{-1} (beta C + beta W^T (V_L - b - Lam_L/beta))
  ///   l = L:   argmin R(V) + (beta/2)||V - C||^2
  void update_V(arma::uword l) {
    refresh(l);
    arma::Mat<T> C = centre_.view(problem().widths[l], problem().samples());
    const T inverse = static_cast<T>(1 / p_.beta);
    for_entries(reads(F_(l), Lam_(l)), writes(C),
                [inverse, c = C.memptr(), f = F_(l).memptr(), u = Lam_(l).memptr()](std::size_t i) {
                  c[i] = f[i] + inverse * u[i];
                });
    if (l == L()) {
      output_prox(p_.zL, problem().loss, problem().targets(), p_.beta, C, V_(l), prox_);
      return;
    }
    const arma::Mat<T>& W = network_.W[l];
    arma::Mat<T>& above = z_(l + 1);
    arma::Mat<T> S = B_.view(problem().widths[l + 1], problem().samples());
    const double h = drawn_to(l + 1, S);
    double weight = p_.beta;
    if (l + 1 < L()) {
      gemm(Op::none, Op::none, T(1), W, V_(l), T(0), above);
      add_column(above, network_.b[l]);
      model(above, S, h, S);
      weight *= h / 2;
      // h (T + b)/2 - G holds h b/2 too many; ridge_output_step() multiplies by the weight.
      for_entries_by_row(reads(S), writes(S),
                         [scale = static_cast<T>(2 / h), s = S.memptr(), b = network_.b[l].memptr()](
                             std::size_t i, std::size_t row) { s[i] = scale * s[i] - b[row]; });
    } else {
      for_entries_by_row(
          reads(S), writes(S),
          [s = S.memptr(), b = network_.b[l].memptr()](std::size_t i, std::size_t row) { s[i] -= b[row]; });
    }
    ridge_output_step(weight, p_.beta, W, S, C, gram_(l), V_(l));
  }

  /// z_l = W_l Vt_{l-1} and F_l = f_l(z_l).
  void refresh(arma::uword l) {
    gemm(Op::none, Op::none, T(1), network_.W[l - 1], V(l - 1), T(0), z_(l));
    add_column(z_(l), network_.b[l - 1]);
    if (l < L()) {
      activate(problem().activation, z_(l), F_(l));
    } else {
      copy(z_(l), F_(l));
    }
  }

  /// Lam_l <- Lam_l + beta (F_l - V_l).
  void update_Lam(arma::uword l) {
    const T beta = static_cast<T>(p_.beta);
    for_entries(reads(F_(l), V_(l), Lam_(l)), writes(Lam_(l)),
                [beta, u = Lam_(l).memptr(), f = F_(l).memptr(), v = V_(l).memptr()](std::size_t i) {
                  u[i] += beta * (f[i] - v[i]);
                });
  }

  SigmoidAdmmParameters p_;
  Network<T> network_;
  PerLayer<arma::Mat<T>> z_;    ///< W_l V_{l-1} + b_l
  PerLayer<arma::Mat<T>> V_;    ///< l = 1..L
  PerLayer<arma::Mat<T>> F_;    ///< f_l(z_l)
  PerLayer<arma::Mat<T>> Lam_;  ///< l = 1..L
  PerLayer<BorderedRidge<T>> ridge_;
  PerLayer<arma::Mat<T>> gram_;  ///< n_l x n_l, l < L
  Buffer<T> B_, centre_;
  OutputProxWorkspace<T> prox_;
};

namespace {

MethodCost cost(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  IterationCost cost = newton_steps(s, 1) + entry_passes(s.M(L));
  double state = s.parameters() + 4 * s.outputs();
  double scratch = 2 * s.widest() * s.samples;
  for (std::size_t l = 1; l <= L; ++l) {
    const double n = s.n(l - 1);
    cost += bordered_factor_cost(n, s.samples) + bordered_apply_cost(n, s.samples, s.n(l));
    // W: B 3, and for l < L its largest 1, the model 3. V: z 2, F 2, C 3; Lam 4.
    cost += layer_products(s, l, 1) + entry_passes((3 + 2 + 2 + 3 + 4) * s.M(l) + (l < L ? 4 : 3) * s.M(l));
    scratch += bordered_entries(n, s.n(l));
    if (l == L) break;
    const double m = s.n(l);
    cost += matrix_product(m, m, s.n(l + 1)) + layer_products(s, l + 1, 1) + entry_passes(3 * s.M(l));
    cost.solve_flops += whole_third(m * m * m) + 2 * m * m * s.samples;
    // B 3; l < L-1: its largest 1, z 2 with a product, the model 3, the shift 2; l = L-1: the shift 2.
    cost += entry_passes((3 + 2) * s.M(l + 1));
    if (l + 1 < L) cost += layer_products(s, l + 1, 1) + entry_passes((1 + 2 + 3) * s.M(l + 1));
    scratch += m * m;
  }
  const double grams = sum_layers(1, L, [&](auto l) { return s.n(l - 1) * s.n(l - 1); });
  return {cost, held_memory(s, o, state, scratch), {s.weights() + grams, static_cast<double>(2 * L)}, {}};
}

const RegisterSolver<SigmoidAdmmParameters, SigmoidAdmm> registered(
    "sigmoid_admm", "ADMM with one multiplier per layer, for smooth activations",
    "Zeng, Lin, Yao, Zhou: On ADMM in Deep Learning: Convergence and Saturation-Avoidance, JMLR 22(199), "
    "2021, arXiv 1902.02060",
    {{"released",
      "github.com/JinshanZeng/ADMM-DeepLearning, 1f65b73: beta = 1, lam = 1e-6, its eightfold MSRA start",
      [](SigmoidAdmmParameters& p) {
        p.beta = 1;
        p.lam = 1e-6;
        p.start = SigmoidAdmmParameters::Start::released;
      }}},
    {cost});

}  // namespace

}  // namespace admmbench
