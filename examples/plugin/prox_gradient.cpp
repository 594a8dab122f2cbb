/// Accelerated proximal gradient descent with sparse weights, full batch:
///   min  F(W, b) = (1/N) R(z_L) + l1 sum_l ||W_l||_1
///   y = w + beta_k (w - w_old),  beta_k = (s_{k-1} - 1)/s_k,  s_k = (1 + sqrt(1 + 4 s_{k-1}^2))/2,  s_0 = 1
///   w_new = prox(y - h grad R(y)/N),  prox(v) = sign(v) max(|v| - h l1, 0) for weights, v for biases
/// and s_k = 1 where <y - w_new, w_new - w> > 0: the momentum points uphill.
/// Beck, Teboulle, SIAM J. Imaging Sci. 2(1), 2009; restart: O'Donoghue, Candes, Found. Comput. Math. 15, 2015.

#include <cmath>

#include "core/compute/parallel_pass.hpp"
#include "core/problem/backprop.hpp"
#include "solvers/solver.hpp"

namespace my_methods {

using namespace admmbench;

struct ProxGradientParameters {
  double learning_rate = 0.1;
  double l1 = 1e-4;
  bool momentum = true;

  void visit(ParameterVisitor& v) {
    v.real("learning_rate", learning_rate, positive, "step length h");
    v.real("l1", l1, non_negative, "weight of the L1 norm of the weights");
    v.boolean("momentum", momentum, "extrapolate; without it every step starts from w itself");
  }
};

template <class T>
class ProxGradient final : public Solver<T> {
 public:
  explicit ProxGradient(const ProxGradientParameters& p) : p_(p) {}

  void initialize(const Problem<T>& problem, Network<T> initial, std::uint64_t /*seed*/) override {
    problem_ = &problem;
    w_ = std::move(initial);
    y_ = old_ = gradient_ = w_;
    backprop_.reserve(problem.widths, problem.samples());
  }

  void step() override {
    const double s_new = (1 + std::sqrt(1 + 4 * s_ * s_)) / 2;
    extrapolate(p_.momentum ? T((s_ - 1) / s_new) : T(0));
    backprop_(y_, problem_->activation, problem_->loss, 0.0, problem_->x(), problem_->targets(), gradient_);
    uphill_ = moved_ = 0;
    for (std::size_t l = 0; l < w_.W.size(); ++l) {
      prox_step(w_.W[l], y_.W[l], gradient_.W[l], old_.W[l], T(p_.learning_rate * p_.l1));
      prox_step(w_.b[l], y_.b[l], gradient_.b[l], old_.b[l], T(0));
    }
    const bool restart = uphill_ > 0;
    restarts_ += restart ? 1 : 0;
    s_ = restart ? 1 : s_new;
  }

  const Network<T>& network() const override { return w_; }

  /// Objective: F. Residual: ||(y - w_new)/h||^2 of the last step, zero at a critical point.
  Diagnostics diagnostics() const override {
    ForwardWorkspace<T> workspace;
    double objective = evaluate(w_, *problem_, *problem_->train, workspace).mean_loss;
    double zeros = 0, weights = 0;
    for (const arma::Mat<T>& W : w_.W) {
      objective += p_.l1 * static_cast<double>(arma::accu(arma::abs(W)));
      zeros += static_cast<double>(arma::accu(W == T(0)));
      weights += static_cast<double>(W.n_elem);
    }
    return {objective,
            moved_ / (p_.learning_rate * p_.learning_rate),
            {{"zero_weights", zeros / weights}, {"restarts", static_cast<double>(restarts_)}}};
  }

  void visit_state(StateVisitor<T>& visitor) const override {
    for (std::size_t l = 0; l < w_.W.size(); ++l) {
      visitor.matrix("W" + std::to_string(l + 1), w_.W[l]);
      visitor.vector("b" + std::to_string(l + 1), w_.b[l]);
    }
  }

 private:
  /// y <- w + beta (w - old), then old <- w, for all arrays.
  void extrapolate(T beta) {
    const auto one = [beta](const arma::Mat<T>& w, arma::Mat<T>& y, arma::Mat<T>& old) {
      for_entries(traffic<T>(2, 2), w, [&, beta](std::size_t i) {
        y[i] = w[i] + beta * (w[i] - old[i]);
        old[i] = w[i];
      });
    };
    for (std::size_t l = 0; l < w_.W.size(); ++l) {
      one(w_.W[l], y_.W[l], old_.W[l]);
      one(w_.b[l], y_.b[l], old_.b[l]);
    }
  }

  /// w <- prox(y - h g), and this array's share of ||y - w||^2 and <y - w, w - old>.
  void prox_step(arma::Mat<T>& w, const arma::Mat<T>& y, const arma::Mat<T>& g, const arma::Mat<T>& old,
                 T threshold) {
    const T h = T(p_.learning_rate);
    moved_ += sum_entries(traffic<T>(2, 1), w, [&, h, threshold](std::size_t i) {
      const T v = y[i] - h * g[i];
      w[i] = std::copysign(std::max(std::abs(v) - threshold, T(0)), v);
      const double change = static_cast<double>(y[i] - w[i]);
      return change * change;
    });
    uphill_ += sum_entries(traffic<T>(3, 0), w, [&](std::size_t i) {
      return static_cast<double>(y[i] - w[i]) * static_cast<double>(w[i] - old[i]);
    });
  }

  ProxGradientParameters p_;
  const Problem<T>* problem_ = nullptr;
  Network<T> w_, old_, y_, gradient_;
  Backprop<T> backprop_;
  double s_ = 1;
  double moved_ = 0;   ///< ||y - w_new||^2 of the last step
  double uphill_ = 0;  ///< <y - w_new, w_new - w> of the last step
  long restarts_ = 0;
};

namespace {
const RegisterSolver<ProxGradientParameters, ProxGradient> registered(
    "prox_gradient", "accelerated proximal gradient descent with sparse weights and restarts",
    "Beck, Teboulle, SIAM J. Imaging Sci. 2009; O'Donoghue, Candes, Found. Comput. Math. 2015",
    {{"dense", "no L1 norm: Nesterov's method with restarts", [](ProxGradientParameters& p) { p.l1 = 0; }}});
}  // namespace

}  // namespace my_methods
