#pragma once
/// my-name: ADMM for networks of relu, to start from. It is dlADMM (Wang et al., KDD 2019) with one forward sweep, and with one thing
/// changed, to be replaced by what is yours: the z-step of the hidden layers is damped.
///
///     min   R(z_L) + (nu/2) sum_{l<L} (||z_l - W_l a_{l-1} - b_l||^2 + ||a_l - relu(z_l)||^2)
///     s.t.  z_L = W_L a_{L-1} + b_L                                   (penalty rho, scaled dual u)
///
/// An iteration, each line with the newest values of all others:
///     for l = 1..L-1   W_l    a gradient step
///                      b_l    the minimiser
///                      z_l    the minimiser of its terms and (nu/2) theta ||z - z_l^old||^2     <- yours
///                      a_l    a gradient step
///     then             W_L, b_L, z_L = argmin_z R(z) + (rho/2)||z - W_L a_{L-1} - b_L + u||^2
///                      u <- u + z_L - W_L a_{L-1} - b_L
///
/// z_l and a_l are n_l x N: a column is a sample. With theta = 0 this is `dladmm` with `sweep: forward`.

#include <admmbench/solver.hpp>
#include <algorithm>
#include <stdexcept>

namespace mine {

using namespace admmbench;

/// argmin_z (z - m)^2 + (a - relu(z))^2 + theta (z - before)^2. On either side of relu's kink this is a parabola, so the minimiser is
/// the better one of two: each side's own, moved to the kink if it lies beyond. A free function, so that a test can call it.
template <class T>
T damped_relu_minimizer(T m, T a, T before, T theta) {
  const T below = std::min((m + theta * before) / (1 + theta), T(0));
  const T above = std::max((m + a + theta * before) / (2 + theta), T(0));
  const auto cost = [=](T z, T relu_of_z) {
    return (z - m) * (z - m) + (a - relu_of_z) * (a - relu_of_z) + theta * (z - before) * (z - before);
  };
  return cost(below, T(0)) > cost(above, above) ? above : below;
}

/// What may stand in `params:` of an experiment file: name, default, range and meaning. Nothing else needs to know them.
struct MyNameParameters {
  double rho = 1;
  double nu = 1;
  double theta = 0.1;
  StepRule step;

  void visit(ParameterVisitor& v) {
    v.real("rho", rho, positive, "penalty of the output constraint");
    v.real("nu", nu, positive, "penalty of every hidden relation");
    v.real("theta", theta, non_negative, "damping of the hidden z-step; 0: none");
    v.group("step", step, "step rule of the W- and a-updates");
  }
};

template <class T>  // float or double: `precision` of the experiment
class MyNameMethod final : public Solver<T> {
 public:
  explicit MyNameMethod(const MyNameParameters& parameters) : p_(parameters) {}

  /// One iteration: what is timed. It allocates nothing, writes no files and reads no clock.
  void step() override {
    for (arma::uword l = 1; l <= L(); ++l) {
      update_W(l);
      update_b(l);
      if (l == L()) break;
      update_z(l);
      update_a(l);
    }
    update_z_L();
    update_u();
  }

  /// What is evaluated: W and b.
  const Network<T>& network() const override { return s_.network; }

  /// Columns of the result, computed outside the clock. The objective, left empty here, is the training loss then.
  Diagnostics diagnostics() const override {
    return {{}, linear_residual_norm2(s_.WA(L()), s_.b(L()), s_.z(L())), {{"dual", norm2(u_)}}};
  }

  /// Every variable by its name, for `record: {iterates: ...}`.
  void visit_state(StateVisitor<T>& visitor) const override {
    visit_layers(s_, visitor);
    visitor.matrix("u", u_);
  }

  /// All that the next step() depends on: checkpoints.
  void archive(StateArchive& archive) override { archive(s_, u_, target_, steps_); }

 protected:
  using Solver<T>::problem;

  /// Builds the state from the initial W and b, and takes all memory that step() will need.
  void start(Network<T> initial, std::uint64_t /*seed*/) override {
    if (problem().activation != Activation::relu)
      throw std::invalid_argument("its z-step is that of relu; allowed: network.activation: relu");
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
  double penalty(arma::uword l) const { return l == L() ? p_.rho : p_.nu; }
  /// What W_l a_{l-1} + b_l is drawn to: z_l, or z_L + u.
  const arma::Mat<T>& target(arma::uword l) const { return l == L() ? target_ : s_.z(l); }

  /// E <- W_l a_{l-1} + b_l - target.
  arma::Mat<T> residual(arma::uword l) {
    arma::Mat<T> E = E_.view(problem().widths[l], problem().samples());
    linear_residual(s_.WA(l), s_.b(l), target(l), E);
    return E;
  }

  /// W_l <- W_l - G/tau, G = c E a_{l-1}^T. The step keeps the product W_l a_{l-1} up to date, which everybody needs.
  void update_W(arma::uword l) {
    arma::Mat<T> E = residual(l);
    weight_step(p_.step, {}, penalty(l), 0.0, l, layer_input(problem(), s_.a, l), E, s_.W(l), s_.WA(l),
                steps_);
  }

  /// b_l <- b_l - mean of E over the samples.
  void update_b(arma::uword l) { bias_step(s_.WA(l), target(l), s_.b(l)); }

  /// z_l, entry by entry. A pass over big matrices: it captures by value, matrices as pointers, and gets the run's threads.
  void update_z(arma::uword l) {
    arma::Mat<T>& z = s_.z(l);
    for_entries_by_row(reads(s_.WA(l), s_.a(l), z), writes(z),
                       [theta = T(p_.theta), wa = s_.WA(l).memptr(), b = s_.b(l).memptr(),
                        a = s_.a(l).memptr(), z = z.memptr()](std::size_t i, std::size_t row) {
                         z[i] = damped_relu_minimizer(wa[i] + b[row], a[i], z[i], theta);
                       });
  }

  /// a_l <- a_l - g/tau, g = c W_{l+1}^T E_{l+1} + nu (a_l - relu(z_l)).
  void update_a(arma::uword l) {
    arma::Mat<T>& al = s_.a(l);
    arma::Mat<T> g = g_.view(al.n_rows, al.n_cols);
    activate(problem().activation, s_.z(l), g);
    for_entries(reads(al, g), writes(g), [nu = T(p_.nu), a = al.memptr(), g = g.memptr()](std::size_t i) {
      g[i] = nu * (a[i] - g[i]);
    });
    arma::Mat<T> E = residual(l + 1);
    input_step(p_.step, penalty(l + 1), p_.nu, l + 1, s_.W(l + 1), E, g, al, s_.WA(l + 1), steps_);
  }

  /// z_L <- argmin_z R(z) + (rho/2)||z - m||^2, m = W_L a_{L-1} + b_L - u, which target_ holds meanwhile.
  void update_z_L() {
    affine(s_.WA(L()), s_.b(L()), T(1), u_, target_);
    output_prox({}, problem().loss, problem().targets(), p_.rho, target_, s_.z(L()), prox_);
  }

  /// u <- u + z_L - W_L a_{L-1} - b_L = z_L - m.
  void update_u() {
    const arma::Mat<T>& z = s_.z(L());
    for_entries(reads(z, target_), writes(u_, target_),
                [z = z.memptr(), u = u_.memptr(), t = target_.memptr()](std::size_t i) {
                  u[i] = z[i] - t[i];
                  t[i] = z[i] + u[i];
                });
  }

  MyNameParameters p_;
  LayerVariables<T> s_;      ///< W, b, z, a, and the products W_l a_{l-1}
  arma::Mat<T> u_, target_;  ///< n_L x N: the scaled dual; z_L + u
  Buffer<T> E_, g_;          ///< memory of step()
  StepWorkspace<T> steps_;
  OutputProxWorkspace<T> prox_;
};

}  // namespace mine
