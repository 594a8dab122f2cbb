#pragma once
/// The metric of a layer's inputs for prox-linear W-steps (docs/methods/gram_tp.md). With At = [a_{l-1}; 1] the inputs of a
/// layer and their row of ones, the step in the metric G + delta I is
///   D = (1/B) e_l At^T P,   P = (G + eps g I)^{-1},   g = mean of diag G,
/// where G is a running mean of At At^T / B. P is found by Cholesky and kept for a number of batches.

#include <armadillo>

#include "core/parallel/sample_sum.hpp"

namespace admmbench {

template <class T>
class GramPreconditioner {
 public:
  /// Sizes everything for inputs with `rows` rows, the row of ones included.
  void reserve(arma::uword rows);

  /// G <- k G + (1 - k) At At^T / B, k = min(keep, share of the batches seen before): a mean that forgets. At is rows x B.
  /// Where processes share the samples At are the columns here of `samples` in the batch, and `sum` adds At At^T up.
  void observe(const arma::Mat<T>& At, double keep, const SampleSum& sum, arma::uword samples);
  void observe(const arma::Mat<T>& At, double keep) { observe(At, keep, {}, At.n_cols); }

  /// P <- (G + eps g I)^{-1}. P is NaN if G is not finite. eps > 0.
  void invert(double eps);

  /// out <- P At, rows x B.
  void apply(const arma::Mat<T>& At, arma::Mat<T>& out) const;
  /// out <- S P + beta out, S m x rows: for m < B cheaper than apply() and the product with its result.
  void apply_right(const arma::Mat<T>& S, T beta, arma::Mat<T>& out) const;

  /// P <- that of process `rank`, which alone has inverted.
  void take_inverse(const SampleSum& sum, int rank) { sum.from(rank, P_.memptr(), P_.n_elem); }

  const arma::Mat<T>& gram() const { return G_; }     ///< G, rows x rows
  const arma::Mat<T>& inverse() const { return P_; }  ///< P, rows x rows

  template <class Archive>
  void archive(Archive& a) {
    a(G_, P_, seen_);
  }

 private:
  arma::Mat<T> G_;
  arma::Mat<T> P_;
  double seen_ = 0;  ///< batches
};

/// [x; 1]^T-sided metric of fixed inputs, once for all: P [x; 1] with P = ([x; 1] [x; 1]^T / N + eps g I)^{-1}, through the
/// smaller side of x: for N < n_0 + 1 it is [x; 1] ([x; 1]^T [x; 1] / N + eps g I)^{-1}. (n_0 + 1) x N, a column per sample.
/// `out` has that shape on entry. `gram`, if given, <- [x; 1] [x; 1]^T / N, unless N < n_0 + 1. Returns g.
/// Where processes share the N = `samples` samples x are this one's, and it is the side of the rows always, with a sum.
template <class T>
double precondition_inputs(const arma::Mat<T>& x, double eps, arma::Mat<T>& out, arma::Mat<T>* gram,
                           const SampleSum& sum, arma::uword samples);
template <class T>
double precondition_inputs(const arma::Mat<T>& x, double eps, arma::Mat<T>& out,
                           arma::Mat<T>* gram = nullptr) {
  return precondition_inputs(x, eps, out, gram, {}, x.n_cols);
}

/// A <- A^{-1} for a symmetric positive definite matrix, by Cholesky; NaN if it is not that.
template <class T>
void invert_positive_definite(arma::Mat<T>& A);

}  // namespace admmbench
