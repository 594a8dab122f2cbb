/// ADMM with over-relaxation: a constraint with a dual on the output layer, penalties in the hidden ones.
///
///     min   R(z_L) + (nu/2) sum_{l<L} (||z_l - W_l a_{l-1} - b_l||^2 + ||a_l - f(z_l)||^2)
///     s.t.  z_L = W_L a_{L-1} + b_L                               (penalty rho, scaled dual u)
///
/// One forward sweep over W_l, b_l, z_l, a_l as dlADMM's (Wang et al., KDD 2019), then, with 1 <= alpha < 2
/// (Eckstein, Bertsekas, Math. Program. 55, 1992),
///     m <- alpha (W_L a_{L-1} + b_L) + (1 - alpha) z_L - u,   z_L <- argmin_z R(z) + (rho/2)||z - m||^2,   u <- z_L - m

#include <admmbench/solver.hpp>

namespace my_methods {

using namespace admmbench;

struct RelaxedAdmmParameters {
  double rho = 1;
  double nu = 1;
  double alpha = 1.5;
  StepRule step;

  void visit(ParameterVisitor& v) {
    v.real("rho", rho, positive, "penalty of the output constraint");
    v.real("nu", nu, positive, "penalty of every hidden relation");
    v.real("alpha", alpha, Range{1, 2, false, true}, "over-relaxation; 1 is plain ADMM");
    v.group("step", step, "step rule of the W- and a-updates");
  }
};

template <class T>
class RelaxedAdmm final : public Solver<T> {
 public:
  explicit RelaxedAdmm(const RelaxedAdmmParameters& parameters) : p_(parameters) {}

  void step() override {
    for (arma::uword l = 1; l <= L(); ++l) {
      arma::Mat<T> E = residual(l);
      weight_step(p_.step, {}, c(l), 0.0, l, layer_input(problem(), s_.a, l), E, s_.W(l), s_.WA(l), steps_);
      bias_step(s_.WA(l), target(l), s_.b(l));
      if (l == L()) break;
      preactivation_step(problem().activation, s_.WA(l), s_.b(l), s_.a(l), s_.z(l));
      update_a(l);
    }
    update_z_L_and_u();
  }

  const Network<T>& network() const override { return s_.network; }

  /// Residual: ||z_L - W_L a_{L-1} - b_L||^2. The objective, left empty, is the training loss.
  Diagnostics diagnostics() const override {
    return {{}, linear_residual_norm2(s_.WA(L()), s_.b(L()), s_.z(L())), {{"dual", norm2(u_)}}};
  }

  void visit_state(StateVisitor<T>& visitor) const override { visit_layers(s_, visitor); }

 protected:
  using Solver<T>::problem;

  void start(Network<T> initial, std::uint64_t /*seed*/) override {
    s_ = forward_state(problem(), std::move(initial));
    target_ = s_.z(L());
    u_.zeros(arma::size(target_));
    const arma::uword entries = arma::max(arma::Col<arma::uword>(problem().widths)) * problem().samples();
    E_.reserve(entries);
    g_.reserve(entries);
    steps_.reserve(problem().widths);
    prox_.reserve(problem().widths.back(), problem().samples(), {});
  }

 private:
  arma::uword L() const { return problem().layers(); }
  double c(arma::uword l) const { return l == L() ? p_.rho : p_.nu; }
  /// What W_l a_{l-1} + b_l is drawn to: z_l, or z_L + u.
  const arma::Mat<T>& target(arma::uword l) const { return l == L() ? target_ : s_.z(l); }

  arma::Mat<T> residual(arma::uword l) {
    arma::Mat<T> E = E_.view(problem().widths[l], problem().samples());
    linear_residual(s_.WA(l), s_.b(l), target(l), E);
    return E;
  }

  /// A gradient step on (c_{l+1}/2)||W_{l+1} a + b_{l+1} - target||^2 + (nu/2)||a - f(z_l)||^2.
  void update_a(arma::uword l) {
    arma::Mat<T>& al = s_.a(l);
    arma::Mat<T> g = g_.view(al.n_rows, al.n_cols);
    activate(problem().activation, s_.z(l), g);
    for_entries(reads(al, g), writes(g), [nu = T(p_.nu), a = al.memptr(), g = g.memptr()](std::size_t i) {
      g[i] = nu * (a[i] - g[i]);
    });
    arma::Mat<T> E = residual(l + 1);
    input_step(p_.step, c(l + 1), p_.nu, l + 1, s_.W(l + 1), E, g, al, s_.WA(l + 1), steps_);
  }

  /// target_ is m on the way.
  void update_z_L_and_u() {
    arma::Mat<T>& z = s_.z(L());
    affine(s_.WA(L()), s_.b(L()), target_);
    T* const t = target_.memptr();
    T* const u = u_.memptr();
    for_entries(reads(target_, z, u_), writes(target_),
                [=, alpha = T(p_.alpha), z = z.memptr()](std::size_t i) {
                  t[i] = alpha * t[i] + (1 - alpha) * z[i] - u[i];
                });
    output_prox({}, problem().loss, problem().targets(), p_.rho, target_, z, prox_);
    for_entries(reads(z, target_), writes(u_, target_), [=, z = z.memptr()](std::size_t i) {
      u[i] = z[i] - t[i];
      t[i] = z[i] + u[i];
    });
  }

  RelaxedAdmmParameters p_;
  LayerVariables<T> s_;  ///< W, b, z, a, and the products W_l a_{l-1}, which every step keeps up to date
  arma::Mat<T> u_, target_;
  Buffer<T> E_, g_;  ///< memory of step(), which allocates nothing
  StepWorkspace<T> steps_;
  OutputProxWorkspace<T> prox_;
};

const RegisterSolver<RelaxedAdmmParameters, RelaxedAdmm> registered(
    "relaxed_admm", "ADMM with a forward sweep and over-relaxation of its output constraint",
    "Wang et al., KDD 2019; Eckstein, Bertsekas, Math. Program. 1992",
    {{"plain", "no over-relaxation", [](RelaxedAdmmParameters& p) { p.alpha = 1; }}});

}  // namespace my_methods
