#pragma once
/// W_1 without forming it. x never changes and every gradient step on W_1 adds a matrix of the form E x^T
/// (and, with weight decay, a multiple of W_1), so that
///     W_1 = s W^0 + C x^T,   W_1 x = s W^0 x + C K,   K = x^T x  (N x N).
/// When N < n_0 (graphs: 140 training nodes, 7,165 features) a step then costs one product E K of n_1 N^2
/// instead of two of n_1 n_0 N, and W_1 is formed only when somebody asks for it.

#include <map>

#include "core/blocks/weight_step.hpp"
#include "core/problem/problem.hpp"

namespace admmbench {

/// Where W_1 is: s and C of W_1 = s W^0 + C x^T.
template <class T>
struct SpanPoint {
  double s = 1;
  arma::Mat<T> C;  ///< n_1 x N

  template <class Archive>
  void archive(Archive& a) {
    a(s, C);
  }
};

template <class T>
class InputSpan {
 public:
  /// True once initialize() has been given a problem with a Gram matrix.
  bool active() const { return problem_ != nullptr; }

  /// Starts from W^0 (n_1 x n_0) with WA = W^0 x (n_1 x N); does nothing if the problem has no Gram matrix.
  void initialize(const Problem<T>& problem, const arma::Mat<T>& W0, const arma::Mat<T>& WA);

  /// weight_step() of layer 1, on the same terms: `E` is the residual on entry and scratch on return; WA follows.
  StepReport step(const StepRule& rule, double c, double mu, arma::Mat<T>& E, arma::Mat<T>& WA);

  /// proximal_weight_step() of layer 1 without regulariser: G = c E x^T, W <- (theta W - G)/(theta + mu).
  void proximal_step(const StepRule& rule, double c, double mu, arma::Mat<T>& E, arma::Mat<T>& WA);

  /// lambda_max(x x^T), computed when first asked for: by steps of the rule lipschitz, or before them by whoever must not
  /// allocate in a step.
  double lambda_max();

  /// The current point, to be kept and returned to; W_1 x has to go with it.
  const SpanPoint<T>& point() const { return point_; }
  void set_point(const SpanPoint<T>& point);

  /// W <- W + omega (W - `previous`); the caller does the same to W_1 x.
  void extrapolate(double omega, const SpanPoint<T>& previous);

  /// WA <- W_1 x from s and C.
  void recompute(arma::Mat<T>& WA) const;

  /// W <- s W^0 + C x^T (n_1 x n_0), if it changed since the last call with this W.
  void form(arma::Mat<T>& W) const;

  /// out <- W_1 x_split (n_1 x N_split) for a split of the problem. The products W^0 x_split are kept.
  void product(const Samples<T>& split, arma::Mat<T>& out) const;

  /// ||W_1 - W^0||_F / ||W^0||_F from `WA` = W_1 x, without forming W_1.
  double relative_change(const arma::Mat<T>& WA) const;

  /// ||W_1||_F^2 from `WA` = W_1 x, without forming W_1.
  double norm2(const arma::Mat<T>& WA) const;

  /// Of an object that initialize() has been called on as before.
  template <class Archive>
  void archive(Archive& a) {
    a(point_);
    if (a.restores()) formed_ = false;
  }

 private:
  const Problem<T>* problem_ = nullptr;
  arma::Mat<T> W0_;   ///< n_1 x n_0
  arma::Mat<T> W0x_;  ///< n_1 x N
  double W0_norm2_ = 0;
  SpanPoint<T> point_;
  arma::Mat<T> EK_;    ///< n_1 x N, scratch
  double lambda_ = 0;  ///< lambda_max(K), computed when first asked for
  mutable bool formed_ = true;
  mutable std::map<const Samples<T>*, arma::Mat<T>> W0_split_;
};

}  // namespace admmbench
