#include "solvers/bcd/bcd.hpp"

#include <algorithm>
#include <cmath>

#include "baselines/least_squares.hpp"
#include "core/blocks/linear_residual.hpp"
#include "core/blocks/preactivation_step.hpp"
#include "core/compute/cholesky.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

void BcdParameters::visit(ParameterVisitor& v) {
  v.stored_if(splitting != Splitting::three || v.wants_all())
      .choice("splitting", splitting, {"three", "two"},
              "three: U_l and V_l; two: V_l alone, the activation stands inside the square");
  v.real("gamma", gamma, positive,
         "penalty of every activation, (gamma/2)||V_l - f(U_l)||^2, and of V_L = U_L");
  if (splitting == Splitting::three || v.wants_all())
    v.real("rho", rho, positive, "penalty of every linear relation, (rho/2)||U_l - W_l V_{l-1} - b_l||^2");
  v.real("alpha", alpha, positive, "proximal weight of V_L, U_l (l < L), W_l and b_l");
  if (splitting == Splitting::two || v.wants_all())
    v.integer(
        "halvings", halvings, non_negative,
        "two only: shortest step tried is 2^-halvings; a unit or sample whose error falls at none stays");
  v.choice("start", start, {"suite", "released"},
           "initial point: the suite's, or W ~ N(0, 0.01^2), b = 0.1 of the released code");
  if (start == Start::suite || v.wants_all()) visit_initial_weights(v, weights);
  v.group("zL", zL, "solver of the V_L-update");
}

template <class T>
Network<T> Bcd<T>::initial_network(const Problem<T>& given, std::uint64_t seed) const {
  if (p_.start == BcdParameters::Start::suite) return initial_weights<T>(p_.weights, given.widths, seed);
  Network<T> network = initial_weights<T>(InitialWeights::small, given.widths, seed);
  for (arma::Col<T>& b : network.b) b.fill(static_cast<T>(0.1));
  return network;
}

/// U and V by forward pass, V_L = U_L.
template <class T>
void Bcd<T>::start(Network<T> initial, std::uint64_t /*seed*/) {
  two_.reset();
  sum_ = this->sample_sum();
  if (p_.splitting == BcdParameters::Splitting::two) {
    two_ = std::make_unique<TwoSplitting<T>>(p_, problem(), std::move(initial), sum_);
    return;
  }
  s_ = forward_state(problem(), std::move(initial));
  affine(s_.WA(L()), s_.b(L()), s_.z(L()));  // the forward value for either loss
  s_.a.push_back(s_.z(L()));
  fit_.assign(L(), {});
  gram_.clear();
  sums_.clear();
  arma::uword largest = 0;
  const arma::uword N = problem().samples();
  for (arma::uword l = 1; l <= L(); ++l) {
    fit_(l).reserve(problem().widths[l - 1], N, problem().widths[l], sum_);
    sums_.emplace_back(problem().widths[l - 1], arma::fill::zeros);
    largest = std::max(largest, problem().widths[l] * N);
    if (l < L()) gram_.emplace_back(problem().widths[l], problem().widths[l], arma::fill::zeros);
  }
  rows_.assign(*std::max_element(problem().widths.begin(), problem().widths.end()), 0);
  E_.reserve(largest);
  hidden_.reserve(largest);
  fit_(1).factorize(p_.alpha, p_.rho, problem().x());
  sums_(1) = arma::sum(problem().x(), 1);
  prox_.reserve(problem().widths.back(), N, p_.zL);
  prox_.sum = sum_;
}

template <class T>
void Bcd<T>::step() {
  if (two_) {
    two_->step();
    return;
  }
  update_V_L();
  update_U_L();
  for (arma::uword l = L(); l >= 2; --l) {
    update_W(l);
    update_b(l);
    update_V(l - 1);
    update_U(l - 1);
  }
  update_W(1);
  update_b(1);
  gemm(Op::none, Op::none, T(1), s_.W(1), problem().x(), T(0), s_.WA(1));
}

/// V_L <- argmin R(V) + (gamma/2)||V - U_L||^2 + (alpha/2)||V - V_L||^2.
template <class T>
void Bcd<T>::update_V_L() {
  arma::Mat<T>& V_L = s_.a(L());
  const arma::Mat<T>& U_L = s_.z(L());
  arma::Mat<T> m = E_.view(V_L.n_rows, V_L.n_cols);
  const double c = p_.gamma + p_.alpha;
  for_entries(reads(U_L, V_L), writes(m),
              [gamma = T(p_.gamma / c), alpha = T(p_.alpha / c), m = m.memptr(), u = U_L.memptr(),
               v = V_L.memptr()](std::size_t i) { m[i] = gamma * u[i] + alpha * v[i]; });
  output_prox(p_.zL, problem().loss, problem().targets(), c, m, V_L, prox_);
}

/// U_L <- (gamma V_L + rho (W_L V_{L-1} + b_L)) / (gamma + rho).
template <class T>
void Bcd<T>::update_U_L() {
  arma::Mat<T>& U_L = s_.z(L());
  const arma::Mat<T>& V_L = s_.a(L());
  const arma::Mat<T>& WV = s_.WA(L());
  const double c = p_.gamma + p_.rho;
  for_entries_by_row(reads(V_L, WV), writes(U_L),
                     [gamma = T(p_.gamma / c), rho = T(p_.rho / c), u = U_L.memptr(), v = V_L.memptr(),
                      wv = WV.memptr(), b = s_.b(L()).memptr()](std::size_t i, std::size_t row) {
                       u[i] = gamma * v[i] + rho * (wv[i] + b[row]);
                     });
}

/// W_l <- (alpha W_l + rho (U_l - b_l) V_{l-1}^T)(alpha I + rho V_{l-1} V_{l-1}^T)^{-1}, the old b_l; as a step from W_l. The
/// product W_l V_{l-1} is stale until V_{l-1} has moved, too.
template <class T>
void Bcd<T>::update_W(arma::uword l) {
  arma::Mat<T> E = E_.view(problem().widths[l], problem().samples());
  const arma::Mat<T>& U = s_.z(l);
  const arma::Mat<T>& WV = s_.WA(l);
  for_entries_by_row(reads(U, WV), writes(E),
                     [e = E.memptr(), u = U.memptr(), wv = WV.memptr(), b = s_.b(l).memptr()](
                         std::size_t i, std::size_t row) { e[i] = u[i] - wv[i] - b[row]; });
  if (l > 1) {
    fit_(l).fit(p_.alpha, p_.rho, E, V(l - 1), s_.W(l));
  } else {
    fit_(l).apply(E, V(0), s_.W(1));
  }
}

/// b_l <- (alpha b_l + rho sum_n (U_l - W_l V_{l-1})_n) / (alpha + rho N), the new W_l; the sum over the samples goes through W_l.
template <class T>
void Bcd<T>::update_b(arma::uword l) {
  const arma::uword rows = problem().widths[l];
  const arma::uword N = problem().samples();
  const arma::Mat<T>& U = s_.z(l);
  const arma::Mat<T>& W = s_.W(l);
  if (l > 1) row_sums(V(l - 1), sums_(l));
  arma::Col<T>& b = s_.b(l);
  arma::Mat<double> total(rows_.data(), rows, 1, false, true);
  total.zeros();
  count_pass(reads(U));
  for (arma::uword n = 0; n < N; ++n) {
    for (arma::uword i = 0; i < rows; ++i) total[i] += static_cast<double>(U(i, n));
  }
  count_pass(reads(W));
  for (arma::uword j = 0; j < W.n_cols; ++j) {
    for (arma::uword i = 0; i < rows; ++i)
      total[i] -= static_cast<double>(W(i, j)) * static_cast<double>(sums_(l)[j]);
  }
  sum_.entries(total.memptr(), rows);
  const double weight = p_.alpha + p_.rho * static_cast<double>(problem().total_samples());
  for (arma::uword i = 0; i < rows; ++i)
    b[i] = static_cast<T>((p_.alpha * static_cast<double>(b[i]) + p_.rho * total[i]) / weight);
}

/// V_l <- (rho W_{l+1}^T W_{l+1} + gamma I)^{-1} (rho W_{l+1}^T (U_{l+1} - b_{l+1}) + gamma f(U_l)), and W_{l+1} V_l.
template <class T>
void Bcd<T>::update_V(arma::uword l) {
  const arma::uword N = problem().samples();
  const arma::Mat<T>& U = s_.z(l + 1);
  arma::Mat<T> S = E_.view(problem().widths[l + 1], N);
  for_entries_by_row(reads(U), writes(S),
                     [s = S.memptr(), u = U.memptr(), b = s_.b(l + 1).memptr()](
                         std::size_t i, std::size_t row) { s[i] = u[i] - b[row]; });
  arma::Mat<T> f_U = hidden_.view(problem().widths[l], N);
  activate(problem().activation, s_.z(l), f_U);
  ridge_output_step(p_.rho, p_.gamma, s_.W(l + 1), S, f_U, gram_(l), s_.a(l));
  gemm(Op::none, Op::none, T(1), s_.W(l + 1), s_.a(l), T(0), s_.WA(l + 1));
}

/// U_l, l < L: argmin (gamma/2)(f(u) - V_l)^2 + (rho/2)(u - (W_l V_{l-1} + b_l))^2 + (alpha/2)(u - U_l)^2, entry by entry.
template <class T>
void Bcd<T>::update_U(arma::uword l) {
  arma::Mat<T>& U = s_.z(l);
  const arma::Mat<T>& WV = s_.WA(l);
  arma::Mat<T> m = hidden_.view(U.n_rows, U.n_cols);
  const double c = p_.rho + p_.alpha;
  for_entries_by_row(reads(WV, U), writes(m),
                     [rho = T(p_.rho / c), alpha = T(p_.alpha / c), m = m.memptr(), wv = WV.memptr(),
                      u = U.memptr(), b = s_.b(l).memptr()](std::size_t i, std::size_t row) {
                       m[i] = rho * (wv[i] + b[row]) + alpha * u[i];
                     });
  weighted_preactivation_step(problem().activation, static_cast<T>(c / p_.gamma), m, s_.a(l), U);
}

template <class T>
Diagnostics Bcd<T>::diagnostics() const {
  if (two_) {
    Diagnostics result;
    double residual = 0;
    result.objective = two_->objective(residual);
    result.residual = residual;
    return result;
  }
  double linear = 0;
  double activation = 0;
  for (arma::uword l = 1; l <= L(); ++l) {
    linear += linear_residual_norm2(s_.WA(l), s_.b(l), s_.z(l));
    activation += l < L() ? activation_residual_norm2(problem().activation, s_.z(l), s_.a(l))
                          : activation_residual_norm2(Activation::identity, s_.z(l), s_.a(l));
  }
  double loss = loss_value(problem().loss, s_.a(L()), problem().targets());
  sum_.scalars(linear, activation, loss);
  Diagnostics result;
  result.objective = loss + 0.5 * p_.rho * linear + 0.5 * p_.gamma * activation;
  result.residual = linear;
  result.named = {{"loss_terms", loss + 0.5 * p_.rho * linear}};
  return result;
}

template class Bcd<float>;
template class Bcd<double>;

namespace {

MethodCost cost(const CostShape& s, const CostOptions& o) {
  const std::size_t L = s.layers();
  // V_L: its centre 3, the prox 4; U_L: 3.
  IterationCost cost = entry_passes(10 * s.M(L)) + newton_steps(s, 1);
  double state = s.parameters() + 3 * s.outputs();
  double scratch = 2 * s.widest() * s.samples;
  for (std::size_t l = 1; l <= L; ++l) {
    const double k = std::min(s.n(l - 1), s.samples);
    const double K = std::max(s.n(l - 1), s.samples);
    const bool wide = s.n(l - 1) <= s.samples;
    // W_l: E 3, the product, the solve, W; b_l: U and W once, V_{l-1} once.
    cost += entry_passes(3 * s.M(l) + s.M(l) + s.w(l));
    if (l > 1) cost += entry_passes(s.M(l - 1)) + matrix_product(k, k, K);
    if (l > 1) cost.solve_flops += whole_third(k * k * k);
    if (wide) {
      cost += layer_products(s, l, 1) + entry_passes(3 * s.w(l));
    } else {
      cost += entry_passes(2 * s.M(l)) + matrix_product(s.n(l), s.n(l - 1), s.samples, true);
    }
    cost.solve_flops += 2 * k * k * s.n(l);
    cost += layer_products(s, l, 1);  // W_l V_{l-1}
    state += k * k;
    scratch += k * s.n(l);
    if (l == L) break;
    const double m = s.n(l);
    // V_l: U - b 2, f 2, the sum 3; U_l: the centre 3, the step 3.
    cost += matrix_product(m, m, s.n(l + 1)) + layer_products(s, l + 1, 1) +
            entry_passes(2 * s.M(l + 1) + (2 + 3 + 3 + 3) * s.M(l));
    cost.solve_flops += whole_third(m * m * m) + 2 * m * m * s.samples;
    scratch += m * m;
  }
  const double grams = sum_layers(2, L, [&](auto l) { return s.n(l - 1) * s.n(l - 1); });
  MemoryCost memory = held_memory(s, o, state, scratch);
  memory.passing = packed_by_solve(s.samples, s.entry_bytes);
  return {cost, memory, {s.weights() + grams, static_cast<double>(2 * L)}, {}};
}

const RegisterSolver<BcdParameters, Bcd> registered(
    "bcd", "block coordinate descent with three splittings, every block minimised exactly, or two",
    "Zeng, Lau, Lin, Yao: Global Convergence of Block Coordinate Descent in Deep Learning, ICML 2019, arXiv "
    "1803.00225",
    {{"released",
      "github.com/timlautk/BCD-for-DNNs-PyTorch, 1b9023e: gamma = rho = 1, alpha = 5, W ~ N(0, 0.01^2), b = "
      "0.1",
      [](BcdParameters& p) {
        p.gamma = p.rho = 1;
        p.alpha = 5;
        p.start = BcdParameters::Start::released;
      }},
     {"released-deep", "its ten-layer experiment: alpha = 1",
      [](BcdParameters& p) {
        p.gamma = p.rho = p.alpha = 1;
        p.start = BcdParameters::Start::released;
      }}},
    {cost});

}  // namespace

}  // namespace admmbench
