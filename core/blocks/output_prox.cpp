#include "core/blocks/output_prox.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/compute/elementary.hpp"
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
  column.resize(5 * outputs * Panels(outputs, samples).count);
  if (method.method == OutputProx::Method::fista) {
    zeta.zeros(outputs, samples);
    gradient.zeros(outputs, samples);
  }
}

namespace {

/// Columns of the cross-entropy problem that are solved side by side, each in a lane of its own: the columns are too short
/// to be vectorised one by one.
constexpr std::size_t lanes = 8;
using Lanes = std::array<double, lanes>;

/// Newton's method in double whatever T is: C is small and the exponentials dominate. A lane that has converged keeps its
/// z, so that what comes out does not depend on its neighbours.
class ColumnNewton {
 public:
  /// `memory`: 5 C lanes.
  ColumnNewton(double c, std::size_t classes, Lanes* memory)
      : c_(c),
        classes_(classes),
        z_(memory),
        m_(z_ + classes),
        y_(m_ + classes),
        p_(y_ + classes),
        d_(p_ + classes) {}

  /// Columns 0..columns-1 (at most 16) of matrices with `classes` rows.
  template <class T>
  void solve(const T* m, const T* y, T* z, std::size_t columns, double tolerance) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const std::size_t from = std::min(l, columns - 1) * classes_;  // lanes to spare repeat the last column
      for (std::size_t j = 0; j < classes_; ++j) {
        not_vectorized();
        z_[j][l] = static_cast<double>(z[from + j]);
        m_[j][l] = static_cast<double>(m[from + j]);
        y_[j][l] = static_cast<double>(y[from + j]);
      }
    }
    weight_ = {};
    for (std::size_t j = 0; j < classes_; ++j) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) weight_[l] += y_[j][l];
    }
    iterate(tolerance);
    for (std::size_t l = 0; l < columns; ++l) {
      for (std::size_t j = 0; j < classes_; ++j) {
        not_vectorized();
        z[l * classes_ + j] = static_cast<T>(z_[j][l]);
      }
    }
  }

 private:
  void iterate(double tolerance) {
    Lanes last_gradient;
    last_gradient.fill(std::numeric_limits<double>::infinity());
    Lanes active;  // 1 or 0
    active.fill(1);
    evaluate();
    constexpr int iteration_limit = 500;
    for (int k = 0; k < iteration_limit; ++k) {
      newton_direction();
      double any = 0;
#pragma omp simd reduction(+ : any)
      for (std::size_t l = 0; l < lanes; ++l) {
        // Below the tolerance the iteration goes on while it still gains: convergence is quadratic there, and
        // one or two more steps make z independent of the warm start even for tiny c. NaN ends it.
        const double gains = gradient_[l] > tolerance || gradient_[l] <= 0.25 * last_gradient[l] ? 1.0 : 0.0;
        active[l] = gradient_[l] > 0 ? active[l] * gains : 0.0;
        last_gradient[l] = gradient_[l];
        any += active[l];
      }
      if (any == 0) return;
      line_search(active);
    }
  }

  /// Objective at z_ into value_; leaves the probabilities in p_.
  void evaluate() {
    Lanes peak = z_[0];
    for (std::size_t j = 1; j < classes_; ++j) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) peak[l] = elementary::larger(peak[l], z_[j][l]);
    }
    Lanes sum{};
    Lanes target{};
    Lanes distance{};
    for (std::size_t j = 0; j < classes_; ++j) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) {
        const double below = z_[j][l] - peak[l];
        const double off = z_[j][l] - m_[j][l];
        p_[j][l] = elementary::exp(below);
        sum[l] += p_[j][l];
        target[l] += y_[j][l] * below;
        distance[l] += off * off;
      }
    }
#pragma omp simd
    for (std::size_t l = 0; l < lanes; ++l) {
      value_[l] = weight_[l] * elementary::log(sum[l]) - target[l] + 0.5 * c_ * distance[l];
    }
    for (std::size_t j = 0; j < classes_; ++j) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) p_[j][l] /= sum[l];
    }
  }

  /// d_ <- -H^{-1} g; the max-norm of g into gradient_.
  void newton_direction() {
    Lanes labels{};  // probability of the entries with y = 1, and of the others
    Lanes others{};
    for (std::size_t j = 0; j < classes_; ++j) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) {
        const bool label = y_[j][l] == 1;
        labels[l] += label ? p_[j][l] : 0.0;
        others[l] += label ? 0.0 : p_[j][l];
      }
    }
    Lanes largest{};
    Lanes p_dg{};     // p^T D^{-1} g with D = diag(p + c)
    Lanes c_share{};  // 1 - p^T D^{-1} p = sum_j p_j c / (p_j + c), summed without cancellation
    for (std::size_t j = 0; j < classes_; ++j) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) {
        // p_j - y_j for the label j is -(sum of the other probabilities): no cancellation when p_j is close to 1.
        const double p = p_[j][l];
        const double without_label = -(others[l] + (labels[l] - p));
        const double surplus = y_[j][l] == 1 ? without_label : p - y_[j][l];
        const double g = surplus + c_ * (z_[j][l] - m_[j][l]);
        const double share = p / (p + c_);
        largest[l] = elementary::larger(largest[l], std::abs(g));
        d_[j][l] = g;
        p_dg[l] += share * g;
        c_share[l] += share * c_;
      }
    }
    for (std::size_t j = 0; j < classes_; ++j) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) {
        d_[j][l] = -(d_[j][l] + p_[j][l] * (p_dg[l] / c_share[l])) / (p_[j][l] + c_);
      }
    }
    gradient_ = largest;
  }

  /// Moves z_ along d_ where `active`: at most `longest` between entries (where the softmax is saturated H is nearly flat
  /// and the full step would overshoot by orders of magnitude), halved until the objective does not grow beyond rounding.
  void line_search(const Lanes& active) {
    constexpr double longest = 8;
    // A common shift of all entries leaves the softmax alone and must not be cut: only differences saturate it.
    Lanes mean{};
    for (std::size_t j = 0; j < classes_; ++j) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) mean[l] += d_[j][l];
    }
    Lanes spread{};
    for (std::size_t j = 0; j < classes_; ++j) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) {
        const double off = d_[j][l] - mean[l] / static_cast<double>(classes_);
        spread[l] = elementary::larger(spread[l], std::abs(off));
      }
    }
    Lanes t;
    Lanes limit;
    Lanes moved{};
    Lanes searching = active;
#pragma omp simd
    for (std::size_t l = 0; l < lanes; ++l) {
      t[l] = spread[l] > longest ? longest / spread[l] : 1.0;
      limit[l] = value_[l] + 1e-14 * (1 + std::abs(value_[l]));
    }
    constexpr int halvings = 60;
    for (int i = 0; i < halvings; ++i) {
      for (std::size_t j = 0; j < classes_; ++j) {
#pragma omp simd
        for (std::size_t l = 0; l < lanes; ++l) {
          const double to = z_[j][l] + (t[l] - moved[l]) * d_[j][l];
          z_[j][l] = searching[l] != 0 ? to : z_[j][l];
        }
      }
      evaluate();
      double any = 0;
#pragma omp simd reduction(+ : any)
      for (std::size_t l = 0; l < lanes; ++l) {
        moved[l] = t[l];
        t[l] *= 0.5;
        searching[l] = value_[l] <= limit[l] ? 0.0 : searching[l];
        any += searching[l];
      }
      if (any == 0) return;
    }
  }

  double c_;
  std::size_t classes_;
  Lanes* z_;
  Lanes* m_;
  Lanes* y_;
  Lanes* p_;
  Lanes* d_;
  Lanes weight_{};  ///< sum of y
  Lanes value_{};
  Lanes gradient_{};
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
    const double distance = sum_entries(reads(z, m), [z = z.memptr(), m = m.memptr()](std::size_t i) {
      const double d = static_cast<double>(z[i]) - static_cast<double>(m[i]);
      return d * d;
    });
    const double objective = workspace.sum.total(loss_value(loss, z, targets) + 0.5 * c * distance);
    if (std::abs(objective - last) < method.tol) break;
    last = objective;

    loss_gradient(loss, z, targets, T(1), gradient);
    const double next_lambda = 0.5 * (1 + std::sqrt(1 + 4 * lambda * lambda));
    const T gamma = static_cast<T>((1 - lambda) / next_lambda);
    const T inverse_eta = static_cast<T>(1 / method.eta);
    const T weight = static_cast<T>(c);
    for_entries(
        reads(z, zeta, m, gradient), writes(z, zeta),
        [=, z = z.memptr(), zeta = zeta.memptr(), m = m.memptr(), g = gradient.memptr()](std::size_t i) {
          const T next = (weight * m[i] + z[i] * inverse_eta - g[i]) / (weight + inverse_eta);
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
                [=, y = targets.memptr(), m = m.memptr(), z = z.memptr()](std::size_t i) {
                  z[i] = (y[i] + weight * m[i]) / (T(1) + weight);
                });
    return;
  }
  if (method.method == OutputProx::Method::fista) {
    fista(method, loss, targets, c, m, z, workspace);
    return;
  }
  constexpr double base = std::is_same_v<T, float> ? 1e-5 : 1e-10;
  const double tolerance = base * std::max(1.0, c);
  const Panels panels(z.n_rows, z.n_cols);
  for_panels(reads(m, targets, z), writes(z),
             [=, classes = z.n_rows, width = panels.width, m = m.memptr(), y = targets.memptr(),
              z = z.memptr(), memory = workspace.column.data()](std::size_t first, std::size_t last) {
               ColumnNewton newton(c, classes, memory + 5 * classes * (first / width));
               for (std::size_t n = first; n < last; n += lanes) {
                 const std::size_t begin = n * classes;
                 newton.solve(m + begin, y + begin, z + begin, std::min(lanes, last - n), tolerance);
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
