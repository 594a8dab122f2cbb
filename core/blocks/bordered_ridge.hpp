#pragma once
/// Ridge solves with the inputs of a layer and their row of ones, At = [A; 1], without forming At:
///   R = scale S At^T (lam I + c At At^T)^{-1},   A n x N, S rows x N, R rows x (n + 1), the last column being the bias's.
/// Where processes share the samples, two sums: of At At^T, in factorize(), and of S At^T, in apply().

#include <armadillo>

#include "core/compute/cost.hpp"
#include "core/parallel/sample_sum.hpp"

namespace admmbench {

template <class T>
class BorderedRidge {
 public:
  /// Sizes everything for A of n x N and S of at most `rows` rows.
  void reserve(arma::uword n, arma::uword rows);
  /// A and S are the columns of this process of `samples` in all.
  void share(const SampleSum& sum, arma::uword samples) {
    sum_ = sum;
    samples_ = samples;
  }

  /// c >= 0, lam > 0. Where rounding has made the matrix indefinite (float32 and a small lam) the ridge is raised until it is not: from
  /// the rounding of its largest entry, tenfold each time.
  void factorize(double c, double lam, const arma::Mat<T>& A);

  /// `A`: of the last factorize(). The result, rows x (n + 1), stays valid until the next call; NaN if there is no factor.
  const arma::Mat<T>& apply(double scale, const arma::Mat<T>& S, const arma::Mat<T>& A);

 private:
  bool good_ = false;
  void fill(double c, double lam, arma::uword samples);
  arma::Mat<T> block() { return arma::Mat<T>(joint_.memptr(), joint_.n_rows, joint_.n_rows, false, true); }

  SampleSum sum_;
  arma::uword samples_ = 0;
  arma::Mat<T> joint_;  ///< n x (n + 1): c A A^T, and c A 1
  arma::Mat<T> gram_;   ///< (n + 1) x (n + 1), then its Cholesky factor
  arma::Mat<T> R_;      ///< rows x (n + 1)
  arma::Mat<T> X_;      ///< its transpose
};

/// [W b] <- [W b] + R, R rows x (n + 1) of apply().
template <class T>
void add_bordered(const arma::Mat<T>& R, arma::Mat<T>& W, arma::Col<T>& b);

/// Costs for an n x N input and `rows` rows; and entries kept.
IterationCost bordered_factor_cost(double n, double samples);
IterationCost bordered_apply_cost(double n, double samples, double rows);
inline double bordered_entries(double n, double rows) {
  return n * n + (n + 1) * (n + 1) + 2 * rows * (n + 1);
}

}  // namespace admmbench
