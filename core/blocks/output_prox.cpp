#include "core/blocks/output_prox.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

void OutputProx::visit(ParameterVisitor& v) {
  v.choice("method", method, {"newton", "fista"}, "solver of the output block (cross entropy only)");
  if (method == Method::fista || v.wants_all()) {
    v.integer("max_iter", max_iter, at_least_one, "fista only: most inner iterations");
    v.real("tol", tol, positive, "fista only: stop when the summed objective changes by less");
    v.real("eta", eta, positive, "fista only: step length on the loss");
  }
}

template <class T>
void OutputProxWorkspace<T>::reserve(arma::uword outputs, arma::uword samples, const OutputProx& method) {
  column.assign(5 * outputs * Panels(outputs, samples).count, 0.0);
  if (method.method == OutputProx::Method::fista) {
    zeta.zeros(outputs, samples);
    gradient.zeros(outputs, samples);
  }
}

namespace {

/// One column of the cross-entropy problem, in double whatever T is: C is small and the exponentials dominate.
class ColumnNewton {
 public:
  ColumnNewton(double c, arma::uword classes, double* memory)
      : c_(c),
        classes_(classes),
        z_(memory),
        m_(z_ + classes),
        y_(m_ + classes),
        p_(y_ + classes),
        d_(p_ + classes) {}

  template <class T>
  void solve(const T* m, const T* y, T* z, double tolerance) {
    for (arma::uword j = 0; j < classes_; ++j) {
      z_[j] = static_cast<double>(z[j]);
      m_[j] = static_cast<double>(m[j]);
      y_[j] = static_cast<double>(y[j]);
    }
    double value = evaluate();
    double last_gradient = std::numeric_limits<double>::infinity();
    constexpr int iteration_limit = 500;
    for (int k = 0; k < iteration_limit; ++k) {
      const double gradient = newton_direction();
      // Below the tolerance the iteration goes on while it still gains: convergence is quadratic there, and
      // one or two more steps make z independent of the warm start even for tiny c.
      if (gradient == 0 || (gradient <= tolerance && gradient > 0.25 * last_gradient)) break;
      last_gradient = gradient;
      value = line_search(value);
    }
    for (arma::uword j = 0; j < classes_; ++j) z[j] = static_cast<T>(z_[j]);
  }

 private:
  /// Objective at z_; leaves the probabilities in p_.
  double evaluate() {
    const double peak = *std::max_element(z_, z_ + classes_);
    double sum = 0;
    double target = 0;
    double distance = 0;
    double weight = 0;
    for (arma::uword j = 0; j < classes_; ++j) {
      p_[j] = std::exp(z_[j] - peak);
      sum += p_[j];
      target += y_[j] * (z_[j] - peak);
      weight += y_[j];
      distance += (z_[j] - m_[j]) * (z_[j] - m_[j]);
    }
    for (arma::uword j = 0; j < classes_; ++j) p_[j] /= sum;
    return weight * std::log(sum) - target + 0.5 * c_ * distance;
  }

  /// d_ <- -H^{-1} g; returns the max-norm of g.
  double newton_direction() {
    // p_j - y_j for the label j is -(sum of the other probabilities): no cancellation when p_j is close to 1.
    double largest = 0;
    double p_dg = 0;     // p^T D^{-1} g with D = diag(p + c)
    double c_share = 0;  // 1 - p^T D^{-1} p = sum_j p_j c / (p_j + c), summed without cancellation
    for (arma::uword j = 0; j < classes_; ++j) {
      double surplus = p_[j] - y_[j];
      if (y_[j] == 1) {
        surplus = 0;
        for (arma::uword i = 0; i < classes_; ++i) {
          if (i != j) surplus -= p_[i];
        }
      }
      const double g = surplus + c_ * (z_[j] - m_[j]);
      largest = std::max(largest, std::abs(g));
      d_[j] = g;
      p_dg += p_[j] * g / (p_[j] + c_);
      c_share += p_[j] * c_ / (p_[j] + c_);
    }
    const double correction = p_dg / c_share;
    for (arma::uword j = 0; j < classes_; ++j) d_[j] = -(d_[j] + p_[j] * correction) / (p_[j] + c_);
    return largest;
  }

  /// Moves z_ along d_: at most `longest` between entries (where the softmax is saturated H is nearly flat and the full
  /// step would overshoot by orders of magnitude), halved until the objective does not grow beyond rounding.
  double line_search(double value) {
    constexpr double longest = 8;
    // A common shift of all entries leaves the softmax alone and must not be cut: only differences saturate it.
    double mean = 0;
    for (arma::uword j = 0; j < classes_; ++j) mean += d_[j];
    mean /= static_cast<double>(classes_);
    double spread = 0;
    for (arma::uword j = 0; j < classes_; ++j) spread = std::max(spread, std::abs(d_[j] - mean));
    double t = spread > longest ? longest / spread : 1.0;
    double moved = 0;
    const double slack = 1e-14 * (1 + std::abs(value));
    constexpr int halvings = 60;
    double now = value;
    for (int i = 0; i < halvings; ++i) {
      for (arma::uword j = 0; j < classes_; ++j) z_[j] += (t - moved) * d_[j];
      moved = t;
      now = evaluate();
      if (now <= value + slack) break;
      t *= 0.5;
    }
    return now;
  }

  double c_;
  arma::uword classes_;
  double* z_;
  double* m_;
  double* y_;
  double* p_;
  double* d_;
};

template <class T>
void fista(const OutputProx& method, Loss loss, const arma::Mat<T>& targets, double c, const arma::Mat<T>& m,
           arma::Mat<T>& z, OutputProxWorkspace<T>& workspace) {
  arma::Mat<T>& zeta = workspace.zeta;
  arma::Mat<T>& gradient = workspace.gradient;
  copy(z, zeta);
  double lambda = 1;
  double last = std::numeric_limits<double>::infinity();
  const InnerIteration counting;
  for (long k = 0; k < method.max_iter; ++k) {
    const double distance = sum_entries(reads(z, m), [&](std::size_t i) {
      const double d = static_cast<double>(z[i]) - static_cast<double>(m[i]);
      return d * d;
    });
    const double objective = loss_value(loss, z, targets) + 0.5 * c * distance;
    if (std::abs(objective - last) < method.tol) break;
    last = objective;

    loss_gradient(loss, z, targets, T(1), gradient);
    const double next_lambda = 0.5 * (1 + std::sqrt(1 + 4 * lambda * lambda));
    const T gamma = static_cast<T>((1 - lambda) / next_lambda);
    const T inverse_eta = static_cast<T>(1 / method.eta);
    const T weight = static_cast<T>(c);
    for_entries(reads(z, zeta, m, gradient), writes(z, zeta), [&](std::size_t i) {
      const T next = (weight * m[i] + z[i] * inverse_eta - gradient[i]) / (weight + inverse_eta);
      z[i] = (T(1) - gamma) * next + gamma * zeta[i];
      zeta[i] = next;
    });
    lambda = next_lambda;
  }
}

}  // namespace

template <class T>
void output_prox(const OutputProx& method, Loss loss, const arma::Mat<T>& targets, double c,
                 const arma::Mat<T>& m, arma::Mat<T>& z, OutputProxWorkspace<T>& workspace) {
  if (loss == Loss::squared) {
    const T weight = static_cast<T>(c);
    for_entries(reads(targets, m), writes(z),
                [&](std::size_t i) { z[i] = (targets[i] + weight * m[i]) / (T(1) + weight); });
    return;
  }
  if (method.method == OutputProx::Method::fista) {
    fista(method, loss, targets, c, m, z, workspace);
    return;
  }
  constexpr double base = std::is_same_v<T, float> ? 1e-5 : 1e-10;
  const double tolerance = base * std::max(1.0, c);
  const Panels panels(z.n_rows, z.n_cols);
  for_panels(reads(m, targets, z), writes(z), [&](std::size_t first, std::size_t last) {
    ColumnNewton newton(c, z.n_rows, workspace.column.data() + 5 * z.n_rows * (first / panels.width));
    for (std::size_t n = first; n < last; ++n) {
      newton.solve(m.colptr(n), targets.colptr(n), z.colptr(n), tolerance);
    }
  });
}

template struct OutputProxWorkspace<float>;
template struct OutputProxWorkspace<double>;
template void output_prox(const OutputProx&, Loss, const arma::Mat<float>&, double, const arma::Mat<float>&,
                          arma::Mat<float>&, OutputProxWorkspace<float>&);
template void output_prox(const OutputProx&, Loss, const arma::Mat<double>&, double, const arma::Mat<double>&,
                          arma::Mat<double>&, OutputProxWorkspace<double>&);

}  // namespace admmbench
