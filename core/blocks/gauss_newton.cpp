#include "core/blocks/gauss_newton.hpp"

#include <algorithm>
#include <limits>

#include "core/compute/cholesky.hpp"
#include "core/compute/linalg.hpp"
#include "core/compute/parallel_pass.hpp"

namespace admmbench {

double slope_bound(Activation f) {
  constexpr double of_sigmoid = 0.25;
  return f == Activation::sigmoid ? of_sigmoid : 1;
}

template <class T>
void GaussNewtonWorkspace<T>::reserve(const std::vector<arma::uword>& widths, arma::uword N,
                                      bool samples_move) {
  const arma::uword widest = *std::max_element(widths.begin() + 1, widths.end());
  S.reserve(widest * N);
  D.reserve(widest * N);
  units.reserve(widest);
  if (!samples_move) return;
  if (widths.size() > 2) delta.reserve(*std::max_element(widths.begin() + 1, widths.end() - 1) * N);
  if (widths.size() > 3) {
    samples.reserve(N);
    own.assign(3 * N, 0);
  }
}

template <class T>
double GaussNewtonWorkspace<T>::entries(const CostShape& shape) {
  double hidden = 0;
  for (std::size_t l = 1; l < shape.layers(); ++l) hidden = std::max(hidden, shape.n(l));
  return (2 * shape.widest() + hidden) * shape.samples;
}

template <class T>
double GaussNewtonWorkspace<T>::bytes(const CostShape& shape) {
  return shape.layers() > 2 ? shape.samples * (shape.entry_bytes + 5 * sizeof(double)) : 0;
}

template <class T>
void bordered_product(const arma::Mat<T>& R, const arma::Mat<T>& A, arma::Mat<T>& D) {
  T* memory = const_cast<T*>(R.memptr());
  const arma::Mat<T> weights(memory, R.n_rows, A.n_rows, false, true);
  const arma::Col<T> bias(memory + weights.n_elem, R.n_rows, false, true);
  gemm(Op::none, Op::none, T(1), weights, A, T(0), D);
  add_column(D, bias);
}

namespace {

/// S <- f'(T) o (a - f(T)).
template <class T>
void weighted_gap(Activation kind, const arma::Mat<T>& a, const arma::Mat<T>& at, arma::Mat<T>& S) {
  with_activation<T>(kind, [&](auto f) {
    for_entries(reads(a, at), writes(S), [f, a = a.memptr(), z = at.memptr(), s = S.memptr()](std::size_t i) {
      s[i] = f.derivative(z[i]) * (a[i] - f(z[i]));
    });
  });
}

/// A <- A + diag(t) X.
template <class T>
void add_rows(const std::vector<T>& t, const T* X, arma::Mat<T>& A) {
  for_entries_by_row(
      reads(A, X), writes(A),
      [t = t.data(), x = X, a = A.memptr()](std::size_t i, std::size_t row) { a[i] += t[row] * x[i]; });
}

/// A <- A + X diag(t).
template <class T>
void add_columns(const std::vector<T>& t, const arma::Mat<T>& X, arma::Mat<T>& A) {
  for_panels(
      reads(A, X), writes(A),
      [rows = A.n_rows, t = t.data(), x = X.memptr(), a = A.memptr()](std::size_t first, std::size_t last) {
        for (std::size_t n = first; n < last; ++n) {
#pragma omp simd
          for (std::size_t i = n * rows; i < (n + 1) * rows; ++i) a[i] += t[n] * x[i];
        }
      });
}

/// Of r = a - f(T), for every sample: r^T r, r^T delta, delta^T delta, of which ||r + t delta||^2 is made.
template <class T>
void own_gap(Activation kind, const arma::Mat<T>& a, const arma::Mat<T>& at, const arma::Mat<T>& delta,
             std::vector<double>& own) {
  with_activation<T>(kind, [&](auto f) {
    for_panels(reads(a, at, delta), {},
               [f, rows = delta.n_rows, a = a.memptr(), z = at.memptr(), d = delta.memptr(),
                out = own.data()](std::size_t first, std::size_t last) {
                 for (std::size_t n = first; n < last; ++n) {
                   const auto gap = [=](std::size_t i) { return static_cast<double>(a[i] - f(z[i])); };
                   const auto step = [=](std::size_t i) { return static_cast<double>(d[i]); };
                   // One after the other: the lanes of all three would not fit into registers.
                   const auto sum = [=](auto term) {
                     LaneSum lanes;
                     lanes.add(n * rows, (n + 1) * rows, term);
                     return lanes.total();
                   };
                   out[3 * n] = sum([=](std::size_t i) { return gap(i) * gap(i); });
                   out[3 * n + 1] = sum([=](std::size_t i) { return gap(i) * step(i); });
                   out[3 * n + 2] = sum([=](std::size_t i) { return step(i) * step(i); });
                 }
               });
  });
}

}  // namespace

template <class T>
void unit_step(Activation f, double s, long halvings, BorderedRidge<T>& ridge, const arma::Mat<T>& A,
               const arma::Mat<T>& a, arma::Mat<T>& W, arma::Col<T>& b, arma::Mat<T>& at,
               GaussNewtonWorkspace<T>& workspace) {
  arma::Mat<T> S = workspace.S.view(a.n_rows, a.n_cols);
  arma::Mat<T> D = workspace.D.view(a.n_rows, a.n_cols);
  weighted_gap(f, a, at, S);
  const arma::Mat<T>& delta = ridge.apply(s, S, A);
  bordered_product(delta, A, D);
  const std::vector<T>& t = workspace.units.search(
      a.n_rows, halvings, [&](const std::vector<T>& lengths, std::vector<double>& errors) {
        row_errors(f, a, at, D, lengths, errors);
        workspace.sum.entries(errors.data(), a.n_rows);
      });
  add_rows(t, delta.memptr(), W);
  add_rows(t, D.memptr(), at);
  for (arma::uword i = 0; i < b.n_elem; ++i) b[i] += t[i] * delta(i, A.n_rows);
}

template <class T>
void input_direction(Activation kind, double w, double h, const arma::Mat<T>& W, const arma::Mat<T>& S,
                     const arma::Mat<T>& a, const arma::Mat<T>& at, arma::Mat<T>& gram, arma::Mat<T>& delta) {
  gemm(Op::transpose, Op::none, T(1), W, S, T(0), delta);
  with_activation<T>(kind, [&](auto f) {
    for_entries(reads(a, at, delta), writes(delta),
                [f, weight = static_cast<T>(w), a = a.memptr(), z = at.memptr(),
                 d = delta.memptr()](std::size_t i) { d[i] += weight * (f(z[i]) - a[i]); });
  });
  gemm(Op::transpose, Op::none, static_cast<T>(h), W, W, T(0), gram);
  for (arma::uword i = 0; i < gram.n_rows; ++i) gram(i, i) += static_cast<T>(w);
  if (cholesky(gram)) {
    cholesky_solve(gram, delta);
  } else {
    delta.fill(std::numeric_limits<T>::quiet_NaN());
  }
}

template <class T>
void sample_step(Activation f, long halvings, const arma::Mat<T>& W, const arma::Mat<T>& a_above,
                 arma::Mat<T>& at_above, const arma::Mat<T>& at, arma::Mat<T>& gram, arma::Mat<T>& a,
                 GaussNewtonWorkspace<T>& workspace) {
  arma::Mat<T> S = workspace.S.view(a_above.n_rows, a_above.n_cols);
  arma::Mat<T> D = workspace.D.view(a_above.n_rows, a_above.n_cols);
  arma::Mat<T> delta = workspace.delta.view(a.n_rows, a.n_cols);
  std::vector<double>& own = workspace.own;
  weighted_gap(f, a_above, at_above, S);
  const double c = slope_bound(f);
  input_direction(f, 1, c * c, W, S, a, at, gram, delta);
  gemm(Op::none, Op::none, T(1), W, delta, T(0), D);
  own_gap(f, a, at, delta, own);
  const std::vector<T>& t = workspace.samples.search(
      a.n_cols, halvings, [&](const std::vector<T>& lengths, std::vector<double>& errors) {
        column_errors(f, a_above, at_above, D, lengths, errors);
        for (arma::uword n = 0; n < a.n_cols; ++n) {
          const double length = static_cast<double>(lengths[n]);
          errors[n] += own[3 * n] + length * (2 * own[3 * n + 1] + length * own[3 * n + 2]);
        }
      });
  add_columns(t, delta, a);
  add_columns(t, D, at_above);
}

template <class T>
void full_step(const arma::Mat<T>& W, const arma::Mat<T>& delta, arma::Mat<T>& a, arma::Mat<T>& at_above,
               arma::Mat<T>& D) {
  gemm(Op::none, Op::none, T(1), W, delta, T(0), D);
  axpy(T(1), delta, a);
  axpy(T(1), D, at_above);
}

IterationCost unit_step_cost(const CostShape& s, std::size_t l) {
  // S 3, D 2, two errors 3 each, T 3; the weights 3.
  return bordered_apply_cost(s.n(l - 1), s.samples, s.n(l)) + layer_products(s, l, 1) +
         entry_passes(14 * s.M(l) + 3 * s.w(l));
}

IterationCost full_step_cost(const CostShape& s, std::size_t l) {
  const double m = s.n(l);
  // W^T S and W delta; the right side 4, a 3; T above 3.
  IterationCost cost = matrix_product(m, m, s.n(l + 1)) + layer_products(s, l + 1, 2) +
                       entry_passes(7 * s.M(l) + 3 * s.M(l + 1));
  cost.solve_flops = whole_third(m * m * m) + 2 * m * m * s.samples;
  return cost;
}

IterationCost sample_step_cost(const CostShape& s, std::size_t l) {
  // r 3; above S 3 and two errors 3 each.
  return full_step_cost(s, l) + entry_passes(3 * s.M(l) + 9 * s.M(l + 1));
}

#define ADMMBENCH_INSTANTIATE(T)                                                                          \
  template struct GaussNewtonWorkspace<T>;                                                                \
  template void bordered_product(const arma::Mat<T>&, const arma::Mat<T>&, arma::Mat<T>&);                \
  template void unit_step(Activation, double, long, BorderedRidge<T>&, const arma::Mat<T>&,               \
                          const arma::Mat<T>&, arma::Mat<T>&, arma::Col<T>&, arma::Mat<T>&,               \
                          GaussNewtonWorkspace<T>&);                                                      \
  template void input_direction(Activation, double, double, const arma::Mat<T>&, const arma::Mat<T>&,     \
                                const arma::Mat<T>&, const arma::Mat<T>&, arma::Mat<T>&, arma::Mat<T>&);  \
  template void sample_step(Activation, long, const arma::Mat<T>&, const arma::Mat<T>&, arma::Mat<T>&,    \
                            const arma::Mat<T>&, arma::Mat<T>&, arma::Mat<T>&, GaussNewtonWorkspace<T>&); \
  template void full_step(const arma::Mat<T>&, const arma::Mat<T>&, arma::Mat<T>&, arma::Mat<T>&,         \
                          arma::Mat<T>&);
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
