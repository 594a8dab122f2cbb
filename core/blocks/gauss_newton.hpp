#pragma once
/// The least-squares problems of a layer whose activation stands inside the square, ||a - f(W A + b 1^T)||^2: a Gauss-Newton step for
/// the weights of its units, or for the samples of its input, in which a bound c^2 of f'^2 takes the place of f'^2. One Cholesky factor
/// serves all units, or all samples, and each has a step length of its own (core/blocks/backtracking.hpp), so that its error never rises.
/// T = W A + b 1^T moves along.

#include "core/blocks/backtracking.hpp"
#include "core/blocks/bordered_ridge.hpp"
#include "core/compute/buffer.hpp"

namespace admmbench {

/// c = sup |f'|.
double slope_bound(Activation f);

/// Scratch for a network's layers.
template <class T>
struct GaussNewtonWorkspace {
  Buffer<T> S, D;   ///< the widest layer, N samples
  Buffer<T> delta;  ///< the widest hidden one
  Backtracking<T> units, samples;
  std::vector<double> own;  ///< sample_step(): three numbers a sample
  SampleSum sum;            ///< of a unit's errors; a sample's are here

  /// widths: n_0..n_L. Without `samples_move` what only sample_step() and input_direction() need is left out.
  void reserve(const std::vector<arma::uword>& widths, arma::uword N, bool samples_move = true);
  /// Entries of its buffers, and bytes besides, with `samples_move`; entries of `entry_bytes`.
  static double entries(const CostShape& shape);
  static double bytes(const CostShape& shape);
};

/// D <- R At (m x N), At = [A; 1]: what weights R = [R_W r] (m x (n + 1)) make of A (n x N).
template <class T>
void bordered_product(const arma::Mat<T>& R, const arma::Mat<T>& A, arma::Mat<T>& D);

/// The units of a layer, min_w ||a_h - f(w^T At)||^2 each:
///   delta = s (f'(T) o (a - f(T))) At^T (s c^2 At At^T + lam I)^{-1};   w_h <- w_h + t_h delta_h
/// `ridge` is factorised for s c^2, lam and A (n x N); a, T m x N, W m x n, b m. t = 1, 1/2, ..., 2^-halvings or 0. Where processes share
/// the samples, a sum of m errors for t = 0 and for each trial, beside the ridge's.
template <class T>
void unit_step(Activation f, double s, long halvings, BorderedRidge<T>& ridge, const arma::Mat<T>& A,
               const arma::Mat<T>& a, arma::Mat<T>& W, arma::Col<T>& b, arma::Mat<T>& at,
               GaussNewtonWorkspace<T>& workspace);

/// delta (n x N) <- (w I + h W^T W)^{-1} [w (f(T) - a) + W^T S]: from a (n x N), whose own layer has T, towards the minimum of
/// (w/2)||a - f(T)||^2, f the activation of that kind, plus a function of W a with gradient -S (m x N) and curvature at most h.
/// `gram`: scratch, n x n. NaN if W is not finite.
template <class T>
void input_direction(Activation kind, double w, double h, const arma::Mat<T>& W, const arma::Mat<T>& S,
                     const arma::Mat<T>& a, const arma::Mat<T>& at, arma::Mat<T>& gram, arma::Mat<T>& delta);

/// The samples of a hidden layer, min ||a - f(T)||^2 + ||a' - f(T')||^2, T' = W a + b 1^T, each:
///   delta = (I + c^2 W^T W)^{-1} [f(T) - a + W^T (f'(T') o (a' - f(T')))];   a_n <- a_n + t_n delta_n
/// a, T n x N; a', T' m x N, of the layer above with W m x n. t as above. T' moves along.
template <class T>
void sample_step(Activation f, long halvings, const arma::Mat<T>& W, const arma::Mat<T>& a_above,
                 arma::Mat<T>& at_above, const arma::Mat<T>& at, arma::Mat<T>& gram, arma::Mat<T>& a,
                 GaussNewtonWorkspace<T>& workspace);

/// a <- a + delta and T' <- T' + W delta for delta of input_direction(), the full step; D: scratch of the shape of T'.
template <class T>
void full_step(const arma::Mat<T>& W, const arma::Mat<T>& delta, arma::Mat<T>& a, arma::Mat<T>& at_above,
               arma::Mat<T>& D);

/// Costs of unit_step() without its factor, for layer l of `shape`, and of a step on the input of layer l + 1: with backtracking,
/// without what makes S in place of it.
IterationCost unit_step_cost(const CostShape& shape, std::size_t l);
IterationCost sample_step_cost(const CostShape& shape, std::size_t l);
IterationCost full_step_cost(const CostShape& shape, std::size_t l);

}  // namespace admmbench
